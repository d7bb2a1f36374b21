"""The picture of a creation run: its tries over time, and a bar for each Droplet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from gradient_async import CreationOutcome, CreationReport, CreationTry

if TYPE_CHECKING:
    from gradient_async import CreationStatus

SVG = "{http://www.w3.org/2000/svg}"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SIZE = "gpu-h100x1-80gb"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def outcome(number: int, status: CreationStatus, sent: float | None, ready: float | None = None) -> CreationOutcome:
    return CreationOutcome(
        name=f"train-{number}",
        droplet_id=3164443 + number,
        status=status,
        size=SIZE,
        region="tor1",
        reason="<full>" if status == "lost" else "",
        sent_at=None if sent is None else at(sent),
        ready_at=None if ready is None else at(ready),
        ended_at=at(80) if status in ("lost", "destroyed") else None,
    )


def report(*outcomes: CreationOutcome, tries: tuple[CreationTry, ...] = ()) -> CreationReport:
    return CreationReport(
        count=3,
        min_count=1,
        droplets=(),
        outcomes=outcomes,
        began_at=NOON,
        duration=100.0,
        requests=4,
        tries=tries,
        request_times=tuple(at(second).timestamp() for second in (1, 2, 3, 50)),
        limit=(250, 60.0),
        stopped_by="the deadline is over",
    )


def titles(of: CreationReport) -> list[str]:
    return [title.text or "" for title in ET.fromstring(of.timeline()).iter(f"{SVG}title")]


def test_bars_have_the_words_of_the_outcomes() -> None:
    of = report(outcome(1, "delivered", 10, 40), outcome(2, "lost", 20), outcome(3, "destroying", 30))
    first, second, third = sorted(titles(of))
    assert first.startswith("Droplet 3164444 (train-1), delivered, 30.0 s")
    assert second.startswith("Droplet 3164445 (train-2), lost, 60.0 s")
    assert third.startswith("Droplet 3164446 (train-3), destroying, 70.0 s")
    assert f"{SIZE} in tor1; <full>" in second
    text = of.timeline()
    assert text.isascii()
    assert "unknown 0" not in text
    for part in ("delivered 1", "lost 1", "destroying 1", "limit 250", "stopped: the deadline is over"):
        assert part in text


def test_tries_are_marked_where_they_were() -> None:
    tries = (
        CreationTry(at=at(0), size=SIZE, region="tor1", count=2, status="refused", message="CapacityError: full"),
        CreationTry(at=at(50), size=SIZE, region="nyc2", count=1, status="accepted"),
    )
    of = report(tries=tries)
    assert titles(of) == [
        f"2 of {SIZE} in tor1, refused: CapacityError: full",
        f"1 of {SIZE} in nyc2, accepted",
    ]
    text = of.timeline()
    assert "Creates: 1 accepted, 1 refused" in text
    assert "Creates: 1 accepted, 3 refused" in report(tries=(*tries, tries[0], tries[0])).timeline()
    assert 'class="failed" fill="none" stroke="currentColor" stroke-width="2" d="M96 ' in text
    assert 'd="M606 ' in text
    assert "Creates" not in report().timeline()


def test_create_that_no_list_shows_has_no_id() -> None:
    lost = attrs.evolve(outcome(1, "unknown", 10), droplet_id=None)
    text = report(lost).timeline()
    assert "unknown 1" in text
    assert "delivered 0" in text
    assert titles(report(lost))[0].startswith("Droplet 0 (train-1), unknown, 90.0 s")


def test_earlier_droplets_have_no_beginning() -> None:
    (title,) = titles(report(outcome(1, "delivered", None, 5)))
    assert title.endswith("by an earlier run\n" + f"{SIZE} in tor1")
