"""A Droplet that a test takes through the fleet's engine, event by event."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from samples import NOON, action, attempt, droplet

from gradient_async import ActionOutcomeUnknownError, BadRequestError
from gradient_async.fleet import plan as plans
from gradient_async.fleet.engine import commands, events, machine
from gradient_async.fleet.engine.state import Phase, RunRules
from gradient_async.fleet.journal_format import DropletRecord, StepRecord
from gradient_async.fleet.options import RunOptions
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from gradient_async.fleet.engine.state import DropletState, Ending

DROPLET = 3164444
SIZE = "gpu-h100x8-640gb"
REBOOT = plans.plan_of("reboot", until_status=False)
REBOOT_UNTIL_ACTIVE = plans.plan_of("reboot", until_status=True)
POWER_OFF = plans.power_off_plan(graceful=True, grace=120.0)
RESIZE = plans.resize_plan(SIZE, disk=False, grace=120.0)
SENT = Timestamp(wall=NOON.timestamp(), monotonic=math.inf)
RUNNING = action(id=7, type="reboot", status="in-progress")
DONE = action(id=7, type="reboot", status="completed")
ON, OFF = droplet(status="active"), droplet(status="off")


def rules(plan: plans.Plan = REBOOT, *, deadline: float = math.inf, **changes: Any) -> RunRules:
    options = {name: changes.pop(name) for name in list(changes) if hasattr(RunOptions, name)}
    return RunRules(plan=plan, options=RunOptions(**options), began_at=NOON, deadline=deadline, **changes)


def status_error(cls: type[Any] = BadRequestError, **changes: Any) -> Any:
    facts = {"method": "POST", "path": "/v2/droplets/3164444/actions", "status": 422}
    return cls("refused", **{**facts, **changes})


def unknown() -> ActionOutcomeUnknownError:
    return ActionOutcomeUnknownError("lost", method="POST", path="/", droplet_id=DROPLET, type="reboot")


class Track:
    """A Droplet that the engine takes from event to event, at a time that the test sets."""

    def __init__(self, given_rules: RunRules, record: DropletRecord | None = None) -> None:
        self.rules = given_rules
        state = machine.state_from(DROPLET, given_rules.plan, record or DropletRecord(), "trainer-01")
        self.at = 1000.0
        self.transition = machine.start(state, self.at, given_rules)

    @property
    def state(self) -> DropletState:
        return self.transition.state

    @property
    def phase(self) -> Phase:
        return self.state.phase

    @property
    def asked(self) -> Any:
        return self.transition.commands[-1]

    @property
    def notes(self) -> tuple[Any, ...]:
        return self.transition.commands[:-1]

    @property
    def ending(self) -> Ending:
        assert isinstance(self.asked, commands.Finish)
        return self.asked.ending

    def on(self, kind: type[Any], *values: Any, after: float = 0.0) -> Track:
        self.at += after
        self.transition = machine.advance(self.state, kind(self.at, *values), self.rules)
        return self

    def send(self, *attempts: Any) -> Track:
        """Let the request be sent, after the journal has recorded it."""
        return self.on(events.ReadyToSend, attempts).on(events.SendingRecorded, NOON)

    def accept(self, running: Any = RUNNING) -> Track:
        return self.send().on(events.Accepted, running, (attempt(),))

    def refuse(self, error: Any, *, after: float = 0.0) -> Track:
        return self.send().on(events.Refused, error, after=after)


def recorded(**steps: StepRecord) -> DropletRecord:
    return DropletRecord(steps={int(name[1:]): step for name, step in steps.items()})
