"""What the report of a destroy says: each Droplet once, and all that is still billed."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from samples import NOON

from gradient_async import (
    BillingResource,
    DestroyCancelled,
    DestroyOutcome,
    DestroyProgress,
    DestroyReport,
    DropletError,
    UnseenDroplet,
)

VOLUME = BillingResource(kind="volumes", id="v1", name="data\n1", cost="10.00")
FLOATING = BillingResource(kind="reserved_ips", id="198.18.0.1", name="198.18.0.1")


def outcome(number: int, status: Any = "destroyed", **facts: Any) -> DestroyOutcome:
    return DestroyOutcome(**{"droplet_id": number, "status": status, "ended_at": NOON, **facts})


def report(*outcomes: DestroyOutcome) -> DestroyReport:
    return DestroyReport(outcomes=outcomes, began_at=NOON, duration=2.0)


def test_text_names_what_is_still_there_and_billed() -> None:
    found = report(
        outcome(1, price_hourly=3.39, left=(VOLUME, FLOATING)),
        outcome(2, "kept", name="a\nb", reason="no\nsnapshot", price_hourly=1.0),
        outcome(3, "unknown", left=None),
        outcome(4, "not_found", price_hourly=9.0),
    )
    counts = "destroy of 4 Droplets: 1 destroyed, 1 not found, 1 kept, 1 unknown"
    assert found.headline == f"{counts}; $3.39 an hour less, $1.00 an hour may still be billed"
    assert str(found).splitlines() == [
        found.headline,
        "  not found  4  ",
        "  kept  2 (a b)  no snapshot",
        "  unknown  3  ",
        "  still billed  volume v1 (data 1), $10.00 a month",
        "  still billed  reserved IP 198.18.0.1",
        "  of 1 Droplets it is not known what is left and billed",
    ]
    assert repr(found) == f"<DestroyReport {found.headline}>"
    assert not found.is_complete
    assert [one.is_destroyed for one in found.outcomes] == [True, False, False, False]
    assert [one.is_absent for one in found.outcomes] == [True, False, False, True]
    assert report(*found.destroyed, *found.not_found).is_complete
    assert report(outcome(1, "kept")).headline == "destroy of 1 Droplet: 0 destroyed, 1 kept; $0.00 an hour less"


@pytest.mark.parametrize(("count", "shown", "more"), [(20, 20, []), (21, 20, ["  failed  and 1 more"])])
def test_long_text_is_cut(count: int, shown: int, more: list[str]) -> None:
    lines = str(report(*(outcome(number, "failed", left=(VOLUME,)) for number in range(count)))).splitlines()
    failed = [line for line in lines if line.startswith("  failed")]
    billed = [line for line in lines if line.startswith("  still billed")]
    assert (len(failed), failed[shown:]) == (shown + len(more), more)
    assert billed[shown:] == [line.replace("failed", "still billed") for line in more]


@pytest.mark.parametrize("count", [20, 21])
def test_droplets_that_may_exist_are_in_the_text(count: int) -> None:
    unseen = tuple(UnseenDroplet(name=f"late-{number}", price_hourly=2.0) for number in range(count))
    lost = evolve(report(outcome(1, price_hourly=3.0)), unseen=unseen)
    end = f"$3.00 an hour less, ${2 * count}.00 an hour may still be billed"
    assert lost.headline == f"destroy of 1 Droplet: 1 destroyed, {count} unseen; {end}"
    lines = str(lost).splitlines()[1:]
    assert lines[0] == "  unseen  late-0  its create may have been executed, and no list has shown it"
    assert lines[20:] == (["  unseen  and 1 more"] if count == 21 else [])
    assert json.loads(lost.to_json())["unseen"][-1] == {"name": f"late-{count - 1}", "price_hourly": 2.0}
    assert not lost.is_complete
    with pytest.raises(ExceptionGroup, match=rf"^{count} of {count + 1} Droplets are not destroyed$") as group:
        lost.raise_for_failures()
    assert str(group.value.exceptions[0]) == f"Droplet {lines[0].split()[1]}: {lines[0].partition('late-0  ')[2]}"


def test_lists_that_cannot_be_read_are_in_the_text() -> None:
    down = ValueError("down")
    unread = evolve(report(outcome(1)), search_error=down)
    assert unread.headline == "destroy of 1 Droplet: 1 destroyed, there may be more; $0.00 an hour less"
    assert str(unread).splitlines()[1:] == ["  there may be more: down"]
    assert json.loads(unread.to_json())["search_error"] == "down"
    assert json.loads(report().to_json())["search_error"] is None
    assert not unread.is_complete
    with pytest.raises(ExceptionGroup, match="0 of 1 Droplets are not destroyed, and there may be more") as group:
        unread.raise_for_failures()
    assert group.value.exceptions == (down,)


def test_rows_are_whole() -> None:
    began = NOON - timedelta(seconds=1.5)
    (row,) = report(outcome(1, error=ValueError("no"), started_at=began, destroyed_with=(VOLUME,), left=None)).to_rows()
    assert (row["error"], row["started_at"], row["seconds"]) == ("ValueError", began.isoformat(), 1.5)
    assert (row["destroyed_with"], row["left"]) == ("volume v1 (data 1), $10.00 a month", None)
    (row,) = report(outcome(1)).to_rows()
    assert (row["error"], row["started_at"], row["seconds"], row["left"]) == (None, None, None, "")
    document = json.loads(report(outcome(1, left=(VOLUME,))).to_json())
    assert document["left"] == [{"kind": "volumes", "id": "v1", "name": "data\n1", "cost": "10.00"}]
    assert document["counts"] == {"destroyed": 1, "not_found": 0, "kept": 0, "failed": 0, "unknown": 0}


def test_each_droplet_that_is_not_gone_is_an_error() -> None:
    refused = ValueError("no")
    gone = (outcome(1), outcome(2, "not_found"))
    report(*gone).raise_for_failures()
    with pytest.raises(ExceptionGroup, match="2 of 4 Droplets are not destroyed") as group:
        report(
            *gone, outcome(3, "failed", error=refused), outcome(4, "kept", reason="no snapshot")
        ).raise_for_failures()
    first, second = group.value.exceptions
    assert first is refused
    assert isinstance(second, DropletError)
    assert (str(second), second.droplet_id) == ("Droplet 4: no snapshot", 4)


def test_json_is_rounded_and_rows_are_in_milliseconds() -> None:
    began = NOON - timedelta(seconds=1.23456)
    outcomes = (outcome(1, price_hourly=1.00006, started_at=began), outcome(2, "kept", price_hourly=2.00006))
    document = json.loads(DestroyReport(outcomes=outcomes, began_at=NOON, duration=1.23456).to_json())
    assert (document["duration"], document["stopped_hourly"], document["still_hourly"]) == (1.235, 1.0001, 2.0001)
    assert document["outcomes"][0]["seconds"] == 1.235


def test_table_begins_with_what_failed() -> None:
    made = report(outcome(11), outcome(12, "not_found"), outcome(13, "kept"), outcome(14, "unknown"))
    table = DestroyReport(outcomes=(*made.outcomes, outcome(15, "failed")), began_at=NOON, duration=1.0)._repr_html_()
    assert sorted(range(11, 16), key=lambda number: table.index(f">{number}<")) == [15, 14, 13, 12, 11]


def test_cancelled_destroy_is_pickled_with_its_report() -> None:
    error = DestroyCancelled(report(outcome(1), outcome(2, "kept")))
    assert str(error) == "cancelled: 1 destroyed, 1 kept; .report has each"
    assert pickle.loads(pickle.dumps(error)).report == error.report
    assert str(DestroyCancelled(report())) == "cancelled: no Droplets; .report has each"


def test_progress_counts_each_droplet_that_has_an_outcome() -> None:
    counts = {"destroyed": 1, "not_found": 2, "kept": 4, "failed": 8, "unknown": 16}
    progress = DestroyProgress(total=40, elapsed=1.0, latest=outcome(11), **counts)
    assert progress.ended == 31
