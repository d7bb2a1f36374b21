"""What the report of a restore says of each Droplet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from samples import NOON, droplet

from gradient_async import HibernatedDroplet, RestoreOutcome, RestoreReport


def outcome(number: int, status: Any = "restored", **facts: Any) -> RestoreOutcome:
    source = HibernatedDroplet(name=f"train-{number}", snapshot_id=number, size="s", region="tor1", price_hourly=3.39)
    return RestoreOutcome(**{"source": source, "status": status, **facts})


def report(*outcomes: RestoreOutcome, duration: float = 2.0) -> RestoreReport:
    return RestoreReport(outcomes=outcomes, began_at=NOON, duration=duration)


def test_only_restored_droplets_are_given() -> None:
    made = droplet(id=1)
    found = report(outcome(1, droplet=made), outcome(2, "failed", droplet=droplet(id=2)), outcome(3))
    assert found.droplets == (made,)
    assert not found.is_complete
    assert report(outcome(1, droplet=made), outcome(3)).is_complete
    assert found.counts == {"restored": 2, "skipped": 0, "failed": 1, "unknown": 0}


def test_text_has_each_droplet_that_is_not_restored() -> None:
    found = report(outcome(1), outcome(2, "failed", reason="no\ncapacity"), outcome(3, "skipped", reason="it exists"))
    assert str(found).splitlines() == [
        "restore of 3 Droplets: 1 restored, 1 skipped, 1 failed",
        "  failed  train-2  no capacity",
        "  skipped  train-3  it exists",
    ]
    assert repr(found) == "<RestoreReport restore of 3 Droplets: 1 restored, 1 skipped, 1 failed>"
    assert report(outcome(1, "unknown")).headline == "restore of 1 Droplet: 0 restored, 1 unknown"
    assert str(report(outcome(1))) == "restore of 1 Droplet: 1 restored"


@pytest.mark.parametrize(("count", "more"), [(19, []), (20, []), (21, ["  and 1 more"]), (1021, ["  and 1,001 more"])])
def test_long_text_is_cut(count: int, more: list[str]) -> None:
    lines = str(report(*(outcome(number, "failed") for number in range(count)))).splitlines()
    assert len(lines) == 1 + min(count, 20) + len(more)
    assert lines[21:] == more


def test_rows_and_json_are_whole() -> None:
    found = report(outcome(1, droplet=droplet(id=11), error=ValueError("no")), outcome(2, "failed"), duration=1.23456)
    first, second = found.to_rows()
    assert first == {
        "name": "train-1",
        "status": "restored",
        "droplet_id": 11,
        "snapshot_id": 1,
        "size": "s",
        "region": "tor1",
        "price_hourly": 3.39,
        "reason": "",
        "error": "ValueError",
    }
    assert (second["droplet_id"], second["error"]) == (None, None)
    document = json.loads(found.to_json())
    assert (document["duration"], document["began_at"]) == (1.235, NOON.isoformat())
    assert document["outcomes"] == found.to_rows()
