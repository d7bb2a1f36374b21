"""What the report of a creation run says: what is delivered, what it costs, and what may be left and billed."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest
from samples import NOON, droplet

from gradient_async import (
    CreationCancelled,
    CreationEvent,
    CreationOutcome,
    CreationReport,
    CreationTry,
    NotEnoughDropletsError,
    OfferAnswers,
)
from gradient_async.models.droplet import Networks, NetworkV4


def outcome(number: int | None, status: Any = "delivered", **facts: Any) -> CreationOutcome:
    usual = {"name": f"t-{number}", "droplet_id": number, "status": status, "size": "a", "region": "tor1"}
    return CreationOutcome(**{**usual, "price_hourly": 3.0, **facts})


def delivered(number: int, *addresses: tuple[str, str]) -> Any:
    v4 = tuple(NetworkV4(ip_address=address, type=kind) for address, kind in addresses)
    return droplet(id=number, name=f"t-{number}", networks=Networks(v4=v4))


def report(*outcomes: CreationOutcome, **facts: Any) -> CreationReport:
    droplets = tuple(delivered(one.droplet_id or 0) for one in outcomes if one.status == "delivered")
    usual = {"count": 2, "min_count": 2, "began_at": NOON, "duration": 12.04, "requests": 1234}
    return CreationReport(**{**usual, "droplets": droplets, "outcomes": outcomes, **facts})


def test_text_names_what_is_delivered_left_and_refused() -> None:
    offers = (
        OfferAnswers(size="a", region="tor1", posts=3, accepted=2, refusals={"CapacityError": 2, "unknown": 1}),
        OfferAnswers(size="b", region="tor1", posts=1, accepted=1),
    )
    found = report(
        outcome(1),
        outcome(2, "lost", reason="no\nplace"),
        outcome(3, "left", reason="refused"),
        outcome(None, "unknown", name="t-9"),
        outcome(4, "destroyed", reason="not needed"),
        droplets=(delivered(1, ("10.0.0.1", "private")),),
        offers=offers,
        stopped_by="the deadline is over",
    )
    assert str(found).splitlines() == [
        "create: 1 of 2 Droplets for $3.00 an hour, 1 destroyed, 1 lost, 1 left, 1 unknown (1,234 requests, 12.0 s)",
        "  stopped: the deadline is over",
        "  delivered  1 (t-1)  10.0.0.1",
        "  left  3 (t-3)  refused",
        "  unknown  t-9  ",
        "  lost  2 (t-2)  no place",
        "  destroyed  4 (t-4)  not needed",
        "  a in tor1: 2 accepted, 2 CapacityError, 1 unknown",
    ]
    assert repr(found) == f"<CreationReport {found.headline}>"
    assert [one.status for one in found.left] == ["left", "unknown"]


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (60, "1 min 0 s"), (3725.9, "62 min 5 s")])
def test_headline_says_what_it_took_and_costs(seconds: float, text: str) -> None:
    assert report(duration=seconds).headline == f"create: 0 of 2 Droplets (1,234 requests, {text})"
    one = report(outcome(1, price_hourly=None), outcome(2), duration=seconds)
    assert one.headline == f"create: 2 of 2 Droplets for an unknown price an hour (1,234 requests, {text})"
    assert (one.hourly, report(outcome(1), outcome(2, "lost")).hourly) == (None, 3.0)
    assert str(report(outcome(1))).splitlines()[1] == "  delivered  1 (t-1)  no address yet"


@pytest.mark.parametrize(("count", "more"), [(20, 0), (21, 1)])
@pytest.mark.parametrize("status", ["delivered", "left"])
def test_long_text_is_cut(status: str, count: int, more: int) -> None:
    lines = str(report(*(outcome(number, status) for number in range(1, count + 1)))).splitlines()[1:]
    assert len(lines) == 20 + more
    assert [line for line in lines if " more" in line] == [f"  {status}  and 1 more"] * more


def test_price_of_all_has_no_faults_of_binary() -> None:
    prices = 0.1, 0.2  # their sum as floats is 0.30000000000000004
    assert report(*(outcome(1, price_hourly=one) for one in prices)).hourly == 0.3


def test_shortage_is_raised_with_its_cause() -> None:
    cause = ValueError("no")
    short = report(outcome(1), outcome(2, "left"), stopped_by="it was full", error=cause)
    assert (short.is_enough, short.is_complete) == (False, False)
    with pytest.raises(NotEnoughDropletsError) as caught:
        short.raise_for_shortage()
    text = "1 of at least 2 Droplets were created: it was full. 1 may be left, and billed: see .report.left."
    assert (str(caught.value), caught.value.report, caught.value.__cause__) == (text, short, cause)
    assert caught.value.message == text
    with pytest.raises(NotEnoughDropletsError, match=r"^0 of at least 1 Droplets were created\.$"):
        report(min_count=1).raise_for_shortage()
    enough = report(outcome(1), min_count=1)
    assert (enough.is_enough, enough.is_complete, report(outcome(1), outcome(2)).is_complete) == (True, False, True)
    enough.raise_for_shortage()


def test_rows_and_json_are_whole() -> None:
    times = {"sent_at": NOON, "ready_at": NOON + timedelta(seconds=1), "ended_at": None}
    tries = (CreationTry(at=NOON, size="a", region="tor1", count=2, status="refused", message="full"),)
    made = report(
        outcome(1, **times),
        outcome(2, "destroyed", price_hourly=None),
        droplets=(delivered(1, ("10.0.0.1", "private"), ("198.18.0.1", "public")),),
        offers=(OfferAnswers(size="a", region="tor1", refusals={"CapacityError": 2}),),
        tries=tries,
        error=ValueError("no"),
    )
    first, second = made.to_rows()
    ready_at = (NOON + timedelta(seconds=1)).isoformat()
    assert (first["sent_at"], first["ready_at"], first["ended_at"]) == (NOON.isoformat(), ready_at, None)
    assert (first["public_ip"], first["private_ip"]) == ("198.18.0.1", "10.0.0.1")
    assert (second["public_ip"], second["private_ip"], second["status"]) == (None, None, "destroyed")
    told = json.loads(made.to_json())
    assert (told["error"], told["stopped_by"], told["duration"], told["hourly"]) == ("ValueError", None, 12.04, 3.0)
    assert told["offers"][0]["refusals"] == "2 CapacityError"
    assert told["tries"] == [
        {"at": NOON.isoformat(), "size": "a", "region": "tor1", "count": 2, "status": "refused", "message": "full"}
    ]
    assert json.loads(report().to_json())["error"] is None


def test_seconds_are_rounded_to_milliseconds_in_json() -> None:
    made = report(duration=12.34567, events=(CreationEvent(seconds=0.12345, text="round 1 is over"),))
    written = json.loads(made.to_json())
    assert (written["duration"], written["events"]) == (12.346, [{"seconds": 0.123, "text": "round 1 is over"}])


def test_cancelled_run_is_pickled_with_its_report() -> None:
    error = CreationCancelled(report(outcome(1, "destroyed"), outcome(2, "left")))
    assert str(error) == "cancelled: 1 destroyed, 1 left; .report has each"
    assert pickle.loads(pickle.dumps(error)).report == error.report
    assert str(CreationCancelled(report())) == "cancelled: no Droplets; .report has each"


def test_table_begins_with_what_may_be_billed() -> None:
    made = report(outcome(11), outcome(12, "destroyed"), outcome(13, "lost"), outcome(14, "left"))
    table = made._repr_html_()
    assert sorted(range(11, 15), key=lambda number: table.index(f">{number}<")) == [14, 13, 12, 11]
