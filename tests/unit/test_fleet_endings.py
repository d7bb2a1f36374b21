"""How a Droplet's run ends: the outcome, its reason, and whether a later run has anything left to do."""

from __future__ import annotations

from typing import Any

import pytest
from engine_track import DONE, DROPLET, POWER_OFF, REBOOT, RESIZE, RUNNING, rules, status_error, unknown
from samples import droplet

from gradient_async import ActionFailedError, ActionTimeoutError, EarlierFailureError
from gradient_async.fleet.engine.endings import early_ending, is_final
from gradient_async.fleet.engine.state import DropletState, Ending, StepState
from gradient_async.fleet.size_fit import has_size, size_objection
from gradient_async.models.region import Region
from gradient_async.models.size import Size

pytestmark = pytest.mark.once

STARTED = "stop; action 7 was started and continues on the server; not awaited"
LOST = "stop; its action may or may not have been started"


@pytest.mark.parametrize(
    ("state", "plan", "status", "reason"),
    [
        ({"is_touched": False}, REBOOT, "skipped", "stop"),
        ({}, REBOOT, "unknown", LOST),
        ({"unresolved_type": "reboot"}, REBOOT, "unknown", "stop; its reboot may or may not have been started"),
        (
            {"action_id": 7, "unresolved_type": "power_off"},
            POWER_OFF,
            "unknown",
            "stop; its power_off may or may not have been started",
        ),
        ({"action_id": 7}, REBOOT, "started", STARTED),
        ({"action_id": 7, "action": RUNNING}, REBOOT, "started", STARTED),
        ({"action_id": 7, "action": DONE}, REBOOT, "unknown", "stop; action 7 was 'completed'"),
        (
            {"action_id": 7, "action_step": 1},
            RESIZE,
            "started",
            f"{STARTED}; not started after it: resize, power_on",
        ),
        (
            {"action_id": 7, "action_step": 2, "action": DONE},
            RESIZE,
            "unknown",
            "stop; action 7 was 'completed'; not started after it: power_on",
        ),
    ],
)
def test_early_end_says_what_was_started(state: dict[str, Any], plan: Any, status: str, reason: str) -> None:
    found = DropletState(DROPLET, (StepState(),) * len(plan.steps), **{"is_touched": True, **state})
    assert early_ending(found, "stop", rules(plan)) == Ending(status, reason)  # type: ignore[arg-type]  # a status


ACTED, NOTHING, OPEN = StepState(end="acted"), StepState(end="nothing"), StepState()
EARLIER = EarlierFailureError("no", droplet_id=DROPLET, error="APIError")


@pytest.mark.parametrize(
    ("steps", "status", "error", "expected"),
    [
        ((OPEN,), "completed", None, True),
        ((OPEN,), "failed", ActionFailedError("errored", action=DONE), True),
        ((OPEN, OPEN), "failed", status_error(), False),
        ((NOTHING, OPEN), "failed", status_error(), False),
        ((ACTED, OPEN), "failed", status_error(), True),
        ((NOTHING, ACTED, OPEN), "failed", EARLIER, True),
        ((ACTED,), "failed", ActionTimeoutError("late", action=RUNNING), False),
        ((ACTED,), "unknown", unknown(), False),
        ((ACTED, OPEN), "started", None, False),
        ((OPEN,), "skipped", None, False),
    ],
)
def test_droplet_is_final_when_no_later_run_may_act(
    steps: tuple[StepState, ...], status: Any, error: Exception | None, *, expected: bool
) -> None:
    assert is_final(DropletState(DROPLET, steps), Ending(status, "", error)) is expected


# --- whether a size fits ---

SIZE = Size(slug="gpu-h100x8-640gb", disk=2000, regions=("tor1", "nyc2"))


@pytest.mark.parametrize(
    ("size_slug", "disk", "listed_disk", "expected"),
    [
        ("gpu-h100x8-640gb", 2000, 2000, True),
        ("gpu-h100x8-640gb", 2001, 2000, True),
        ("gpu-h100x8-640gb", 1999, 2000, False),
        ("gpu-h100x1-80gb", 2000, 2000, False),
        ("gpu-h100x8-640gb", None, 2000, False),
        ("gpu-h100x8-640gb", 2000, None, False),
    ],
)
def test_size_is_had_with_its_disk(size_slug: str, disk: Any, listed_disk: Any, *, expected: bool) -> None:
    found = has_size(droplet(size_slug=size_slug, disk=disk), Size(slug="gpu-h100x8-640gb", disk=listed_disk))
    assert found is expected


@pytest.mark.parametrize(
    ("disk", "region", "size", "reason"),
    [
        (2000, "tor1", SIZE, None),
        (2001, "tor1", SIZE, "its disk of 2,000 GB is smaller than the Droplet's 2,001 GB"),
        (2001, "ams3", SIZE, "its disk of 2,000 GB is smaller than the Droplet's 2,001 GB"),
        (2000, "ams3", SIZE, "it is offered in tor1, nyc2, and the Droplet is in ams3"),
        (2000, None, SIZE, None),
        (None, "nyc2", SIZE, None),
        (2001, "tor1", Size(slug="gpu-h100x8-640gb", regions=("tor1",)), None),
        (2000, "tor1", Size(slug="gpu-h100x8-640gb", disk=2000), None),
    ],
)
def test_size_that_cannot_fit_is_refused(disk: Any, region: str | None, size: Size, reason: str | None) -> None:
    found = size_objection(droplet(disk=disk, region=region and Region(slug=region, name=region)), size)
    text = "size 'gpu-h100x8-640gb' does not fit: {}. Nothing was sent; pass check_first=False to leave out this check"
    assert found == (reason and text.format(reason))
