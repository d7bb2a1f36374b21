"""What --dry-run shows."""

from __future__ import annotations

from typing import Any

import pytest

from gradient_async import (
    WindowUse,
)
from gradient_async.cli import estimate
from gradient_async.cli.dry_run import DryRun, few
from gradient_async.fleet import plan as plans

pytestmark = pytest.mark.once

MINUTE = WindowUse(limit=250, seconds=60.0, used=0, left=250)
HOUR = WindowUse(limit=5000, seconds=3600.0, used=0, left=5000)


def rehearsal(plan: plans.Plan, count: int = 3, **changes: Any) -> DryRun:
    windows = [MINUTE, HOUR]
    values = {
        "plan": plan,
        "ids": list(range(1, count + 1)),
        "done": 0,
        "tag": None,
        "by_tag": False,
        "batch_size": None,
        "windows": windows,
        "is_rate_known": True,
        "estimate": estimate.estimate_of(plan, count, windows, waits=True, by_tag=changes.get("by_tag", False)),
        "waits": True,
        **changes,
    }
    return DryRun(**values)


def test_dry_run_shows_requests_batches_and_time() -> None:
    text = rehearsal(plans.plan_of("reboot", until_status=False), 1000, batch_size=100, tag="training").as_text()
    assert "reboot of 1,000 Droplets with the tag 'training'; nothing is sent" in text
    assert "To 1, 2, 3, 4, 5 and 995 more:" in text
    assert '  POST /v2/droplets/ID/actions  {"type": "reboot"}' in text
    assert "batches    10 of 100, each after the one before" in text
    assert "time       3 min for the rate windows, plus the duration of the slowest action of each batch" in text
    assert "rate       0 of 250 in 60 s, 0 of 5,000 in 1 h used now; in the shorter window, only this" in text


def test_dry_run_names_unknown_use_when_nothing_was_sent() -> None:
    dry_run = rehearsal(plans.plan_of("reboot", until_status=False), 1000, is_rate_known=False)
    text = dry_run.as_text()
    assert "rate       250 in 60 s, 5,000 in 1 h; present use not known: no request was sent" in text
    assert "time       3 min for the rate windows if none of them is used, plus" in text
    assert dry_run.as_json()["windows"] == [
        {"limit": 250, "seconds": 60.0, "used": None, "left": None},
        {"limit": 5000, "seconds": 3600.0, "used": None, "left": None},
    ]


def test_dry_run_shows_on_what_each_step_depends() -> None:
    text = rehearsal(plans.resize_plan("s", disk=False, grace=90.0)).as_text()
    *_, first, second, third, fourth = [line for line in text.splitlines() if "POST" in line]
    assert first.endswith("if it is on, and 1 min 30 s to go off")
    assert second.endswith("if it is still on")
    assert third.endswith('"disk": false}  if it has another size')
    assert fourth.endswith("if it was on")


def test_dry_run_by_tag_is_one_request() -> None:
    shutdown = rehearsal(plans.plan_of("shutdown", until_status=False), 9, by_tag=True, tag="t")
    assert '  POST /v2/droplets/actions?tag_name=t  {"type": "shutdown"}' in shutdown.as_text()
    assert len(shutdown.as_json()["requests"]) == 1  # type: ignore[arg-type]


def test_dry_run_for_programs_lists_every_request() -> None:
    answer: Any = rehearsal(plans.power_off_plan(graceful=True, grace=9.0), 2).as_json()
    assert [one["path"] for one in answer["requests"]] == [
        "/v2/droplets/1/actions",
        "/v2/droplets/1/actions",
        "/v2/droplets/2/actions",
        "/v2/droplets/2/actions",
    ]
    assert (answer["least_actions"], answer["most_actions"]) == (0, 4)


def test_dry_run_skips_droplets_that_are_completed() -> None:
    text = rehearsal(plans.plan_of("reboot", until_status=False), 0, done=3).as_text()
    assert "There is nothing to do." in text
    assert "journal    3 completed already" in text


def test_only_a_few_ids_are_shown_when_there_are_many() -> None:
    assert few([1, 2]) == "1, 2"
    assert few([1, 2], {2: "b"}) == "1, 2 b"
    assert few(range(1, 8)) == "1, 2, 3, 4, 5 and 2 more"
    assert few([1, 2], {1: "a"}) == "1 a, 2"
