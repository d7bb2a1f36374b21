"""The exact bounds between an action that is the result of a request, and one that is not."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from samples import NOON, action

from gradient_async.http.request import Timestamp
from gradient_async.models.page import Links, Meta, PageLinks
from gradient_async.waiting.reconciliation import (
    Reading,
    Sending,
    Skew,
    Verdict,
    announces_more,
    may_become_clear,
    reaches_back,
    reading_of,
    seconds_until_best_reading,
    sending_of,
    stamp_may_become_clear,
    verdict_on,
)

if TYPE_CHECKING:
    from gradient_async.http.list_answer import ListAnswer
    from gradient_async.models.action import Action

SENT = 1_795_435_200.0
RESULT, BEFORE, UNCLEAR = Verdict.RESULT, Verdict.BEFORE, Verdict.UNCLEAR


def at(after: float, *, wall_set_by: float = 0.0) -> Timestamp:
    """So many seconds after the sending."""
    return Timestamp(wall=SENT + after + wall_set_by, monotonic=50.0 + after)


def reading(second: float, after: float, before: float, *, wall_set_by: float = 0.0) -> Reading:
    return Reading(SENT + second, at(after, wall_set_by=wall_set_by), at(before, wall_set_by=wall_set_by))


def stamp(after: float) -> datetime:
    return datetime.fromtimestamp(SENT + after, UTC)


def test_reading_is_that_of_a_date_header() -> None:
    date = format_datetime(stamp(7), usegmt=True)
    assert reading_of({"date": date}, at(1), at(2)) == reading(7, 1, 2)
    assert reading_of({"date": "yesterday"}, at(1), at(2)) is None
    assert reading_of({}, at(1), at(2)) is None


def two_readings(wall_set_by: float = 0.0) -> list[Reading]:
    """Return two readings: by them the request was sent at -1 or later, and at 0 or later."""
    return [reading(0, 0, 1, wall_set_by=wall_set_by), reading(2, 1, 2, wall_set_by=wall_set_by)]


@pytest.mark.parametrize(("wall_set_by", "now"), [(0.0, 1.0), (5.0, 1.0), (-4.0, -2.0)])
def test_time_of_the_list_is_that_of_the_earlier_clock(wall_set_by: float, now: float) -> None:
    sent_at, received_at = at(0, wall_set_by=wall_set_by), at(2, wall_set_by=wall_set_by)
    sending = sending_of(sent_at, received_at, two_readings(wall_set_by))
    assert sending.now == SENT + now


def test_earliest_time_is_of_all_lists_when_a_clock_is_wrong() -> None:
    assert sending_of(at(0), at(2), two_readings(), clock_error=3.0).earliest == SENT - 1 - 3
    contradictory = [reading(0, 0, 1), reading(9, 1, 2)]
    assert sending_of(at(0), at(2), contradictory).earliest == SENT - 1
    assert sending_of(at(0), at(2), two_readings()).earliest == SENT


@pytest.mark.parametrize(("second", "is_consistent"), [(4, True), (5, False)])
def test_lists_agree_when_they_are_one_second_apart(second: float, is_consistent: bool) -> None:
    readings = [reading(0, 1, 1), reading(second, 3, 3)]  # the first: sent at 0 at the latest
    assert sending_of(at(0), at(3), readings).is_consistent is is_consistent


@pytest.mark.parametrize(("newest", "is_adopted"), [(3.0, True), (3.5, False)])
def test_stamp_may_be_one_second_ahead_of_the_date(newest: float, is_adopted: bool) -> None:
    sending = sending_of(at(0), at(2), [reading(1, 2, 2)], newest_stamp=SENT + newest)
    assert (sending.latest is not None) is is_adopted


def test_this_machines_clock_counts_when_no_list_has_a_date() -> None:
    assert sending_of(at(0), at(2), []).latest == SENT
    assert sending_of(at(0), at(2), [reading(1, 2, 2)]).latest == pytest.approx(SENT - 0.1)


def sent(**changes: Any) -> Sending:
    values = {"horizon": SENT - 100, "earliest": SENT + 0.5, "latest": SENT + 1.5, "elapsed": 3.0, "now": SENT + 60}
    return Sending(**{**values, **changes})


def ran(start: float, end: float | None) -> Action:
    """Return an action that began and ended so many seconds after the sending; ``None`` for no end."""
    if end is None:
        return action(started_at=stamp(start))
    return action(started_at=stamp(start), status="completed", completed_at=stamp(end))


@pytest.mark.parametrize(
    ("one", "sending", "verdict"),
    [
        (ran(-101, None), sent(), BEFORE),
        (ran(-100, None), sent(), UNCLEAR),
        # Its duration was longer than the time since the sending: by more than the second that stamps are cut by.
        (ran(-9, -4), sent(), BEFORE),
        (ran(-9, -5), sent(), UNCLEAR),
        (ran(-9, -6), sent(), UNCLEAR),
        # It ended one second after the time of the list at most.
        (ran(-9, 61), sent(), BEFORE),
        (ran(-9, 62), sent(), UNCLEAR),
        # It began in the first second that counts, or later.
        (ran(0, 5), sent(), UNCLEAR),
        (ran(1, 6), sent(), RESULT),
        (ran(-1, 5), sent(), BEFORE),
        (ran(-1, 5), sent(latest=None), BEFORE),
        (action(started_at=stamp(-9), status="in-progress", completed_at=stamp(0)), sent(), UNCLEAR),
        (action(started_at=stamp(-9), status="completed", completed_at=None), sent(), UNCLEAR),
        (ran(0, None), sent(latest=None), UNCLEAR),
        (ran(0, None), sent(latest=SENT + 0.9), RESULT),
    ],
)
def test_action_is_judged_by_its_times(one: Action, sending: Sending, verdict: Verdict) -> None:
    assert verdict_on(one, sending) is verdict


@pytest.mark.parametrize(
    ("start", "sending", "may"),
    [
        (-1.0, sent(), False),
        (0.0, sent(), True),
        (0.5, sent(), True),
        (1.0, sent(), False),
        (1.5, sent(), False),
        (0.0, sent(latest=None), False),
        (None, sent(), False),
        (None, sent(latest=None), False),
    ],
)
def test_time_may_become_clear_between_the_two_seconds(start: float | None, sending: Sending, may: bool) -> None:
    found = None if start is None else stamp(start)
    assert stamp_may_become_clear(found, sending) is may
    assert may_become_clear(action(started_at=found), sending) is may


@pytest.mark.parametrize(("passed", "pause"), [(0.0, 0.91), (0.5, 0.41), (0.91, 0.0), (0.95, 0.96), (3.25, 0.66)])
def test_best_reading_comes_just_before_a_whole_second(passed: float, pause: float) -> None:
    assert seconds_until_best_reading(at(0), at(passed)) == pytest.approx(pause, abs=1e-6)


def listing(total: int | None = None, **pages: str) -> ListAnswer:
    page = SimpleNamespace(links=Links(pages=PageLinks(**pages)), meta=Meta(total=total))
    return cast("ListAnswer", page)


@pytest.mark.parametrize(
    ("page", "is_more_announced"),
    [
        (listing(), False),
        (listing(total=20), False),
        (listing(total=21), True),
        (listing(total=19), False),
        (listing(total=21, prev="p"), False),
        (listing(total=21, first="f"), False),
        (listing(total=21, prev="p", first="f"), False),
        (listing(next="n"), True),
        (listing(total=20, next="n", prev="p"), True),
    ],
)
def test_page_announces_more_by_its_links_or_its_total(page: ListAnswer, is_more_announced: bool) -> None:
    assert announces_more(page, 20) is is_more_announced


@pytest.mark.parametrize(("earliest", "is_enough"), [(-1.0, False), (0.0, False), (0.5, True)])
def test_page_reaches_back_only_when_its_last_action_is_older(earliest: float, is_enough: bool) -> None:
    assert reaches_back([action(started_at=NOON)], NOON.timestamp() + earliest) is is_enough


@pytest.mark.parametrize(
    ("ahead", "took", "age", "is_adopted"),
    [
        (1, 0.0, 20, True),
        (2, 0.0, 20, False),
        (1.4, 0.0, 20, True),
        (1.5, 0.0, 20, True),
        (-1.5, 0.0, 20, True),
        (1.6, 0.0, 20, False),
        (-1, 0.0, 20, True),
        (-2, 0.0, 20, False),
        (-1.4, 0.0, 20, True),
        (-1.6, 0.0, 20, False),
        (-2, 0.75, 20, True),
        (-3, 0.75, 20, False),
        # An answer counts for ten minutes.
        (2, 0.0, 600, False),
        (2, 0.0, 601, True),
    ],
)
def test_answer_shows_whether_its_clocks_agree(ahead: float, took: float, age: float, is_adopted: bool) -> None:
    date = format_datetime(stamp(-age), usegmt=True)
    skew = Skew(stamp(ahead - age), date, at(-age - took), at(-age))
    sending = sending_of(at(-1), at(0), [reading(0, 0, 0)], skews=[skew])
    assert (sending.latest is not None) is is_adopted


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_answer_without_a_readable_date_shows_nothing(date: str | None) -> None:
    skew = Skew(stamp(99), date, at(-1), at(0))
    assert sending_of(at(-1), at(0), [reading(0, 0, 0)], skews=[skew]).latest is not None


def test_horizon_is_two_hours_before_the_earlier_clock() -> None:
    for second, wall in ((10.0, 0.0), (-10.0, -10.0)):
        assert sending_of(at(0), at(0), [reading(second, 0, 0)]).horizon == SENT + wall - 7200
