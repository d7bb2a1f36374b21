"""Outcomes and reports that tests make up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gradient_async import FleetReport, Outcome

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def outcome(status: Any = "completed", droplet_id: int = 1, **changes: Any) -> Outcome:
    return Outcome(droplet_id=droplet_id, status=status, ended_at=NOON, **changes)


def report(*outcomes: Outcome, **changes: Any) -> FleetReport:
    values = {"action": "reboot", "began_at": NOON, "duration": 1.0, "requests": 2, "refused_for_rate": 0, **changes}
    return FleetReport(outcomes=outcomes, **values)
