"""The options and the plan in a journal: writing and reading them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import BackupPolicy, ChangeBackupPolicy, Rebuild, Rename, Resize, Restore, Snapshot
from gradient_async.fleet import plan as plans
from gradient_async.fleet.options import recorded_options, resumed_options, run_options

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
