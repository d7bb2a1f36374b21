from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from gradient_async import BackupPolicy, ChangeBackupPolicy, EnableBackups
from gradient_async.converter import action_body

WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
HOURS = (0, 4, 8, 12, 16, 20)


@pytest.mark.parametrize("hour", [*HOURS, None])
@pytest.mark.parametrize("weekday", [*WEEKDAYS, None])
def test_every_weekly_policy_of_the_documentation_can_be_made(weekday: Any, hour: Any) -> None:
    policy = BackupPolicy(plan="weekly", weekday=weekday, hour=hour)
    assert (policy.plan, policy.weekday, policy.hour) == ("weekly", weekday, hour)


@pytest.mark.parametrize("hour", [*HOURS, None])
@pytest.mark.parametrize("weekday", [*WEEKDAYS, None])
def test_every_daily_policy_of_the_documentation_can_be_made(weekday: Any, hour: Any) -> None:
    policy = BackupPolicy(plan="daily", weekday=weekday, hour=hour)
    assert (policy.plan, policy.weekday, policy.hour) == ("daily", weekday, hour)


@pytest.mark.parametrize("plan", ["monthly", "Daily", "", None, 1, ["daily"]])
def test_policy_is_refused_when_the_plan_is_unknown(plan: Any) -> None:
    expected = r"backup_policy\.plan: expected one of 'daily', 'weekly', got " + re.escape(repr(plan))
    with pytest.raises(ValueError, match=expected):
        BackupPolicy(plan=plan)


@pytest.mark.parametrize("weekday", ["MONDAY", "mon", "", 1, True])
def test_policy_is_refused_when_the_weekday_is_unknown(weekday: Any) -> None:
    with pytest.raises(ValueError, match=r"backup_policy\.weekday: expected one of 'SUN', .*'SAT', got "):
        BackupPolicy(plan="weekly", weekday=weekday)


@pytest.mark.parametrize("hour", [1, 3, 24, -4, 4.0, "4", True, False])
def test_policy_is_refused_when_no_window_starts_at_the_hour(hour: Any) -> None:
    with pytest.raises(ValueError, match=r"backup_policy\.hour: expected one of 0, 4, 8, 12, 16, 20, got "):
        BackupPolicy(plan="daily", hour=hour)


def test_policy_cannot_be_changed_when_it_has_been_checked() -> None:
    policy = BackupPolicy(plan="daily")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        policy.plan = "monthly"  # type: ignore[assignment,misc]


def test_body_holds_only_what_was_given() -> None:
    change = ChangeBackupPolicy(backup_policy=BackupPolicy(plan="weekly", weekday="SUN", hour=0))
    assert action_body(change) == {
        "type": "change_backup_policy",
        "backup_policy": {"plan": "weekly", "weekday": "SUN", "hour": 0},
    }
    assert action_body(EnableBackups()) == {"type": "enable_backups"}
    assert action_body(EnableBackups(backup_policy=BackupPolicy(plan="daily"))) == {
        "type": "enable_backups",
        "backup_policy": {"plan": "daily"},
    }
