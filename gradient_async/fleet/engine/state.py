"""The state of one Droplet of a run, and the rules that apply to all of them. Frozen."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from attrs import frozen

from gradient_async.errors import Attempt
from gradient_async.fleet.options import RunOptions
from gradient_async.fleet.plan import Plan
from gradient_async.models.action import Action
from gradient_async.models.action_requests import ActionRequest
from gradient_async.models.droplet import Droplet
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from gradient_async.fleet.outcome import OutcomeStatus
    from gradient_async.fleet.plan import Step

# Type checkers take ``changed`` for attrs' own function, and look for it here.
__all__ = [
    "RATE_PATIENCE_SECONDS",
    "STARTING",
    "DropletState",
    "Ending",
    "Phase",
    "RunRules",
    "StepEnd",
    "StepState",
    "changed",
]

StepEnd: TypeAlias = "Literal['acted', 'nothing', 'failed']"
"""The end of a step: its action is done, there was nothing to do, or it failed."""

# The longest of the account's windows. A request that is rate-limited for longer will not succeed at all.
RATE_PATIENCE_SECONDS: Final = 3660.0


@frozen(kw_only=True)
class RunRules:
    """The rules of a run, the same for each Droplet.

    Attributes:
        plan: The steps for each Droplet.
        options: The run's options.
        began_at: The start of the run, or of the first run on its journal.
        deadline: The end of the run's timeout, on the event loop's clock.
        size: The size that the plan needs, as the API lists it; ``None`` if no size is checked.
        rate_patience: Seconds for which an action request is sent again after an answer of 429.
        state_decides: Whether the Droplet's state counts more than its actions. Then each step has one time limit for
            all of it. A Droplet that is busy, or in the wrong power state, is polled until that time is over, and the
            next step follows.
    """

    plan: Plan
    options: RunOptions
    began_at: datetime
    deadline: float
    size: Size | None = None
    rate_patience: float = RATE_PATIENCE_SECONDS
    state_decides: bool = False


class Phase(enum.StrEnum):
    """The phase of a Droplet: what it waits for. In ``NEXT`` the machine selects the next step at once.

    The members are strings, because a plain enumeration computes its hashes in Python, at each look-up.
    """

    NEXT = "next step"
    CHECK = "read the Droplet for the check of the whole plan"
    INSPECT = "read the Droplet for the check of a step"
    RESOLVE = "look up an earlier run's request"
    RESOLVE_UNNEEDED = "look up an earlier run's request of a step that has nothing left to do"
    SEND = "the request waits to be sent"
    RECORD = "the journal records the request"
    TRANSMIT = "the request is on the wire"
    LOOK_UP_EVENT = "look up the event that keeps the Droplet busy"
    AWAIT_EVENT = "wait for that event"
    RETRY_LATER = "pause before the request is sent again"
    POLL_LATER = "pause before the Droplet is read and the request sent again"
    NAME_STATE = "read the Droplet for the error message of a wrong power state"
    AWAIT_ACTION = "wait for the step's action"
    REACH = "read the Droplet for its expected state"
    REACH_LATER = "pause before the Droplet is read again"
    HEALTH = "the health check"
    ENDED = "nothing"


# Until the request is about to be sent, stopping the run ends the Droplet too.
STARTING: Final = frozenset(
    {
        Phase.CHECK,
        Phase.INSPECT,
        Phase.RESOLVE,
        Phase.SEND,
        Phase.LOOK_UP_EVENT,
        Phase.AWAIT_EVENT,
        Phase.RETRY_LATER,
        Phase.POLL_LATER,
        Phase.NAME_STATE,
    }
)


class StepState(NamedTuple):
    """The state of one step.

    Attributes:
        end: How it ended; ``None`` if it has not.
        action_id: The id of its action; ``None`` if no action is known.
        action: The same action, as last read in this run.
        is_unresolved: Whether an earlier run may have sent its request.
        error: The text of its error.
        failure: The error itself, if the step failed in this run.
    """

    end: StepEnd | None = None
    action_id: int | None = None
    action: Action | None = None
    is_unresolved: bool = False
    error: str = ""
    failure: Exception | None = None


class Ending(NamedTuple):
    """The ending of a Droplet's run. Its outcome has the same values."""

    status: OutcomeStatus
    reason: str
    error: Exception | None = None


@frozen(slots=False)
class DropletState:
    """The state of one Droplet. ``changed`` makes the next state from it.

    Attributes:
        droplet_id: The Droplet's id.
        steps: One for each step of the plan.
        is_recorded: Whether an earlier run acted on it.
        is_touched: Whether this run or an earlier one sent a request that may have been executed.
        name: The Droplet's name, if it is known.
        phase: What it waits for.
        number: The present step; -1 before the first.
        request: The action of that step, for this Droplet.
        polls: Number of polls since the phase's deadline was set.
        pause: Seconds of a pause other than a poll's.
        until: Deadline for the action and the expected state, on the event loop's clock.
        busy_until: Deadline of the wait for another event.
        rate_until: Deadline for sending a rate-limited request again.
        refusal: The last refusal of the request.
        event: The event that keeps the Droplet busy.
        action: The action that was started last, as last read.
        action_id: The same action's id.
        action_step: The step of that action.
        unresolved_type: The type of an action that was sent and not answered.
        droplet: The Droplet as last read.
        attempts: Every attempt to send one of its requests.
        started_at: The time of the first of them, UTC.
        failure: The error of an earlier step, if later ones run after it.
        ending: How the run of the Droplet ended; ``None`` while it has not.
    """

    droplet_id: int
    steps: tuple[StepState, ...]
    is_recorded: bool = False
    is_touched: bool = False
    name: str | None = None
    phase: Phase = Phase.NEXT
    number: int = -1
    request: ActionRequest | None = None
    polls: int = 0
    pause: float = 0.0
    until: float = 0.0
    busy_until: float = 0.0
    rate_until: float = 0.0
    refusal: Exception | None = None
    event: Action | None = None
    action: Action | None = None
    action_id: int | None = None
    action_step: int = 0
    unresolved_type: str | None = None
    droplet: Droplet | None = None
    attempts: tuple[Attempt, ...] = ()
    started_at: datetime | None = None
    failure: Exception | None = None
    ending: Ending | None = None

    @property
    def is_new(self) -> bool:
        """Whether no action was executed so far, by this run or, according to the journal, by an earlier one."""
        return not self.is_recorded and self.action_id is None

    @property
    def can_be_stopped(self) -> bool:
        """Whether stopping the run ends the Droplet: nothing was sent for it yet."""
        return not self.is_touched and self.phase in STARTING

    def step_of(self, rules: RunRules) -> Step:
        """Return the present step."""
        return rules.plan.steps[self.number]

    def steps_with(self, step: StepState) -> tuple[StepState, ...]:
        """Return the steps, with the present one replaced."""
        steps = list(self.steps)
        steps[self.number] = step
        return tuple(steps)

    def attempts_with(self, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        """Return the attempts with the new ones added, each once."""
        if not self.attempts:
            return tuple(attempts)
        return (*self.attempts, *(one for one in attempts if one not in self.attempts))


if TYPE_CHECKING:
    from attrs import evolve as changed
else:

    def changed(state: DropletState, **changes: object) -> DropletState:
        """Return the state with other values.

        This is ``attrs.evolve`` without the call of ``__init__``: a state has many fields, and is copied at each event.
        """
        other = object.__new__(DropletState)
        object.__setattr__(other, "__dict__", state.__dict__ | changes)
        return other
