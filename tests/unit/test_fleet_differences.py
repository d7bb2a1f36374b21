"""The texts for the difference between a run and a journal's run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gradient_async.fleet import plan as plans
from gradient_async.fleet.differences import action_in_words, difference_of
from gradient_async.fleet.journal_format import RunRecord
from gradient_async.models.action_requests import EnableBackups, Resize, Snapshot
from gradient_async.models.backup_policy import BackupPolicy

pytestmark = pytest.mark.once

LARGE, SMALL = "gpu-h100x8-640gb", "gpu-h100x1-80gb"


def run(plan: plans.Plan, **changes: Any) -> RunRecord:
    """Return a run as a journal has it, read from its line again."""
    usual: dict[str, Any] = {"wait": True, "until": "action", "tag": None, "droplets": (1, 2)}
    as_read = json.loads(json.dumps(plan.as_json()))
    return RunRecord(plan=as_read, began_at=datetime(2026, 11, 30, tzinfo=UTC), **(usual | changes))


def single(action: object) -> plans.Plan:
    return plans.plan_of(action, until_status=False)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (single("power_cycle"), "'power cycle'"),
        (single(Resize(size=LARGE)), f"'resize' (size {LARGE})"),
        (single(Resize(size=LARGE, disk=True)), f"'resize' (size {LARGE}, disk yes)"),
        (plans.resize_plan(LARGE, disk=False, grace=5), f"'resize' (size {LARGE})"),
        (plans.power_off_plan(graceful=True, grace=5), "'power off'"),
        (plans.snapshot_plan("{name}-{date}"), "'snapshot' (name {name}-{date})"),
        (
            single(EnableBackups(backup_policy=BackupPolicy(plan="weekly", weekday="SUN"))),
            "'enable backups' (backup_policy weekly SUN)",
        ),
    ],
)
def test_action_is_named_with_what_it_was_given(plan: plans.Plan, words: str) -> None:
    assert action_in_words(json.loads(json.dumps(plan.as_json()))) == words


def test_sizes_are_named_when_the_journal_is_of_another_resize() -> None:
    recorded = run(plans.resize_plan(LARGE, disk=False, grace=5))
    assert difference_of(recorded, run(plans.resize_plan(SMALL, disk=False, grace=5))) == (
        f"it is of the action 'resize' (size {LARGE}), and this run's action is 'resize' (size {SMALL})"
    )


@pytest.mark.parametrize(
    ("recorded", "wanted", "said"),
    [
        (
            plans.power_off_plan(graceful=True, grace=5),
            plans.power_off_plan(graceful=False, grace=5),
            "it is of a run that takes the steps shutdown, power off, and this run takes power off",
        ),
        (
            single("power_off"),
            plans.power_off_plan(graceful=False, grace=5),
            "it is of a run that takes the steps power off, and this run takes power off, or takes them under other",
        ),
        (single(Snapshot(name="x")), plans.snapshot_plan("x"), "the steps snapshot, and this run takes snapshot"),
    ],
)
def test_steps_are_named_when_they_alone_differ(recorded: plans.Plan, wanted: plans.Plan, said: str) -> None:
    difference = difference_of(run(recorded), run(wanted))
    assert difference is not None
    assert said in difference


@pytest.mark.parametrize("broken", [{}, {"name": 5}, {"name": "x", "steps": None}, {"name": "x", "steps": ()}])
def test_plan_is_named_somehow_when_it_is_none(broken: dict[str, Any]) -> None:
    assert action_in_words(broken).startswith("'")


REBOOT = single("reboot")
NAMED = "Droplets that were named"
STATUS_TOO, ACTIONS_ALONE = "waits for the Droplets' status too", "waits for the end of its actions alone"


@pytest.mark.parametrize(
    ("recorded", "wanted", "said"),
    [
        ({}, {}, None),
        ({"droplets": (1, 2)}, {"droplets": (2, 1)}, None),
        (
            {"wait": True},
            {"wait": False},
            "it is of a run that waits for the end of its actions, and this run only starts its actions",
        ),
        (
            {"wait": False},
            {"wait": True},
            "it is of a run that only starts its actions, and this run waits for the end of its actions",
        ),
        (
            {"until": "status"},
            {},
            f"it is of a run that {STATUS_TOO}, and this run {ACTIONS_ALONE}",
        ),
        ({"tag": "a"}, {"tag": "b"}, "it is of the tag 'a', and this run is of the tag 'b'"),
        ({"tag": "a"}, {}, f"it is of the tag 'a', and this run is of {NAMED}"),
        ({}, {"tag": "b"}, f"it is of {NAMED}, and this run is of the tag 'b'"),
        ({"tag": "a"}, {"tag": "a", "droplets": (5, 6)}, None),
        ({"tag": "a", "options": {"gpus_only": True}}, {"tag": "a", "options": {"gpus_only": True}}, None),
        ({"tag": "a"}, {"tag": "a", "options": {"gpus_only": False}}, None),
        (
            {"tag": "a", "options": {"gpus_only": True}},
            {"tag": "a"},
            "it is of a run with gpus_only, which decides what Droplets with the tag are acted on",
        ),
        (
            {"tag": "a"},
            {"tag": "a", "options": {"gpus_only": True}},
            "it is of a run without gpus_only, which decides what Droplets with the tag are acted on",
        ),
        (
            {"droplets": (1, 2)},
            {"droplets": (1, 2, 9, 8, 7)},
            "it is of 2 Droplets, and this run is of 5 Droplets: 3 (7, 8, 9) only in this run",
        ),
        (
            {"droplets": (1, 2, 3, 4, 5)},
            {"droplets": (1,)},
            "it is of 5 Droplets, and this run is of 1 Droplet: 4 (2, 3, 4, …) only in the journal",
        ),
        (
            {"droplets": (1, 2)},
            {"droplets": (1, 3)},
            "it is of 2 Droplets, and this run is of 2 Droplets: 1 (2) only in the journal, 1 (3) only in this run",
        ),
    ],
)
def test_first_difference_of_two_runs_is_named(
    recorded: dict[str, Any], wanted: dict[str, Any], said: str | None
) -> None:
    assert difference_of(run(REBOOT, **recorded), run(REBOOT, **wanted)) == said
