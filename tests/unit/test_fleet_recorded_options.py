"""The options and the plan in a journal: writing and reading them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import BackupPolicy, ChangeBackupPolicy, Rebuild, Rename, Resize, Restore, Snapshot
from gradient_async.fleet import plan as plans
from gradient_async.fleet.options import changed_options, recorded_options, resumed_options, run_options

pytestmark = pytest.mark.once

SIZE = "gpu-h100x8-640gb"
PLANS = [
    *(
        plans.plan_of(action, until_status=until_status)
        for until_status in (False, True)
        for action in (
            "reboot",
            "enable_backups",
            ChangeBackupPolicy(backup_policy=BackupPolicy(plan="weekly", weekday="SUN", hour=4)),
            Rebuild(image="gpu-h100x1-base"),
            Restore(image=7),
            Rename(name="trainer"),
            Resize(size=SIZE, disk=True),
            Snapshot(name="nightly"),
        )
    ),
    plans.power_on_plan(),
    plans.power_off_plan(graceful=True, grace=3.0),
    plans.power_off_plan(graceful=False, grace=3.0),
    plans.snapshot_plan("{name}-{date}"),
    plans.resize_plan(SIZE, disk=True, grace=3.0),
    plans.resize_plan(SIZE, disk=False, grace=3.0),
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: json.dumps(plan.as_json()))
def test_plan_is_made_again_from_what_a_journal_keeps(plan: plans.Plan) -> None:
    again = plans.recorded_plan(json.loads(json.dumps(plan.as_json())), 3.0)
    assert again == plan
    assert again.grace == plan.grace
    assert (again.is_needed is None) == (plan.is_needed is None)


limits = st.none() | st.integers(1, 10**6) | st.decimals("0.001", 100, places=3).map(lambda percent: f"{percent}%")


@given(
    max_concurrency=limits,
    max_errors=limits,
    batch_size=limits,
    on_busy=st.sampled_from(["wait", "fail", "skip"]),
    timeout=st.none() | st.floats(0.1, 1e6),
)
def test_options_are_made_again_from_what_a_journal_keeps(**options: Any) -> None:
    checked = run_options(options)  # type: ignore[arg-type]
    kept = json.loads(json.dumps(recorded_options(checked)))
    again = run_options(resumed_options(kept, {}, wait=True, until="action", journal="j"))
    for name in options:
        assert getattr(again, name) == getattr(checked, name)


RESUMED: Any = {"wait": True, "until": "action", "journal": "j"}


@pytest.mark.parametrize("stray", ["wait", "until", "journal", "by_tag", "gpus_only", "key_prefix", "key_ttl"])
def test_option_that_a_run_began_with_cannot_be_changed(stray: str) -> None:
    changes: Any = {stray: 1, "max_errors": 3}
    with pytest.raises(TypeError, match=f"^{stray}: cannot be changed when a run is resumed$"):
        resumed_options({}, changes, **RESUMED)


def is_well(_: object) -> bool:
    return True


def test_health_check_must_be_given_again() -> None:
    kept = recorded_options(run_options({"health_check": is_well}))
    with pytest.raises(TypeError, match=r"^health_check: the run had one, which a journal cannot keep"):
        resumed_options(kept, {}, **RESUMED)
    checks: list[Any] = [is_well, None]
    for check in checks:
        assert resumed_options(kept, {"health_check": check}, **RESUMED)["health_check"] is check
    assert "health_check" not in resumed_options(recorded_options(run_options({})), {}, **RESUMED)


def test_only_recorded_options_are_taken_from_a_journal() -> None:
    recorded: Any = {"max_errors": 3, "if_finished": "report", "grace": 7.0}
    assert resumed_options(recorded, {"batch_size": 2}, **RESUMED) == {"max_errors": 3, "batch_size": 2, **RESUMED}


def test_option_that_stays_unchanged_is_left_out() -> None:
    given: Any = {"if_finished": "report", "max_errors": "unchanged", "health_retries": 2, "path": "j"}
    assert changed_options(given) == {"if_finished": "report", "health_retries": 2}
