"""The keys of a run's steps, and what they say of earlier runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from engine_track import POWER_OFF, REBOOT, RESIZE
from samples import NOON, action

from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal_format import DropletRecord, StepRecord
from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.step_keys import StepKeys

pytestmark = pytest.mark.once


# The same in each version of the package: a store can be shared by several.
ASKED = "51456c8df950829c60ff9931c2eca91836059fd4de48129a73edb873664eadf1"


def keys(plan: plans.Plan) -> StepKeys:
    sender: Any = None
    return StepKeys(sender=sender, plan=plan, prefix="nightly", ttl=50.0)


def test_key_names_the_droplet_and_its_step() -> None:
    assert keys(REBOOT).of(7, 0)[:2] == ("nightly:7", 50.0)
    assert keys(POWER_OFF).of(7, 0)[:2] == ("nightly:7:1", 50.0)
    assert keys(RESIZE).of(8, 3)[:2] == ("nightly:8:4", 50.0)


def test_key_is_of_the_step_as_planned() -> None:
    first = keys(plans.snapshot_plan("{name}")).of(7, 0)
    assert first == keys(plans.snapshot_plan("{name}")).of(7, 0)
    assert first[2].hex() == ASKED
    others = [keys(plans.snapshot_plan("{id}")).of(7, 0), keys(plans.snapshot_plan("{name}")).of(8, 0)]
    assert all(one[2] != first[2] for one in others)


class Known(StepKeys):
    """Keys of which something is known."""

    states: ClassVar[dict[int, Any]] = {}

    def call(self, _: Any, step: int) -> Any:
        async def kept() -> Any:
            state = self.states.get(step)
            reply = SimpleNamespace(parse=lambda: SimpleNamespace(action=action(id=step + 1)))
            return state, reply if state == "done" else None

        return SimpleNamespace(kept=kept)


async def recalled(monkeypatch: Any, plan: plans.Plan, states: dict[int, Any], record: DropletRecord) -> DropletRecord:
    monkeypatch.setattr(Known, "states", states)
    sender: Any = None
    return await Known(sender=sender, plan=plan, prefix="nightly", ttl=50.0).recall(7, record)


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        ({}, {}),
        ({0: "done"}, {0: (1, None, False)}),
        ({0: "sending"}, {0: (None, None, True)}),
        ({0: "done", 1: "sending"}, {0: (1, "acted", False), 1: (None, None, True)}),
        ({0: "done", 1: "done"}, {0: (1, "acted", False), 1: (2, None, False)}),
        ({1: "done"}, {0: (None, "nothing", False), 1: (2, None, False)}),
        ({1: "sending"}, {0: (None, "nothing", False), 1: (None, None, True)}),
        ({0: "sending", 1: "done"}, {0: (None, None, True), 1: (2, None, False)}),
        ({0: "free"}, {}),
    ],
)
async def test_keys_tell_how_far_an_earlier_run_came(
    states: dict[int, str], ends: dict[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await recalled(monkeypatch, POWER_OFF, states, DropletRecord())
    assert {
        number: (step.action_id, step.end, step.first_sent is not None) for number, step in sorted(found.steps.items())
    } == ends


async def test_journal_counts_more_than_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome(droplet_id=7, status="failed", ended_at=NOON)
    record = DropletRecord(steps={1: StepRecord(end="failed")}, outcome=outcome)
    found = await recalled(monkeypatch, POWER_OFF, {1: "done"}, record)
    assert (found.steps[1], found.steps[0].end, found.outcome) == (StepRecord(end="failed"), "nothing", outcome)
    assert set(record.steps) == {1}, "the journal's own record is left alone"
