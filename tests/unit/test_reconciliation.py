from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import NOON, action

from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.request import Timestamp
from gradient_async.models.responses import (
    ActionBulkInitiateResponse,
    ActionInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
    actions_in,
)
from gradient_async.waiting.claims import ActionClaims
from gradient_async.waiting.reconciliation import (
    Reading,
    Sending,
    Skew,
    Verdict,
    newest_stamp_in,
    reaches_back,
    seconds_until_best_reading,
    sending_of,
    verdict_on,
)

if TYPE_CHECKING:
    from gradient_async.models.action import Action

DAY = 86_400.0
SENT = 1_795_435_200.0

skews = st.floats(-DAY, DAY)
spans = st.floats(0, 300)
paths = st.floats(0, 30)


def timestamp(after: float, *, wall_set_by: float = 0.0) -> Timestamp:
    """So many seconds after the sending."""
    return Timestamp(wall=SENT + after + wall_set_by, monotonic=50.0 + after)


def reading(server_time: float, *, sent: float, received: float, wall_set_by: float = 0.0) -> Reading:
    """Return a list's Date, as servers make it: in whole seconds, cut off."""
    return Reading(
        math.floor(server_time), timestamp(sent, wall_set_by=wall_set_by), timestamp(received, wall_set_by=wall_set_by)
    )


def started(at: float, **changes: Any) -> Action:
    """Return an action that was started at this time of the server's clock; stamps are whole seconds, cut off."""
    return action(started_at=datetime.fromtimestamp(math.floor(at), UTC), **changes)


def sending(
    *, skew: float = 0.0, sent: float = 0.0, way: float = 0.0, way_back: float = 0.0, wall_set_by: float = 0.0
) -> Sending:
    """Return what a list shows, read some seconds after the request, from a server whose clock is ahead."""
    received = sent + way + way_back
    read = reading(SENT + skew + sent + way, sent=sent, received=received, wall_set_by=wall_set_by)
    return sending_of(timestamp(0), read.before, [read])


@given(skew=skews, sent=spans, way=paths, way_back=paths, after=st.floats(0, 300), wall_set_by=st.floats(-DAY, DAY))
@example(skew=0.0, sent=0.0, way=0.0, way_back=0.0, after=0.0, wall_set_by=0.0)
@example(skew=0.999, sent=0.001, way=0.0, way_back=0.0, after=0.0, wall_set_by=0.0)
def test_own_action_never_counts_as_earlier_with_any_clocks(
    skew: float, sent: float, way: float, way_back: float, after: float, wall_set_by: float
) -> None:
    estimate = sending(skew=skew, sent=sent, way=way, way_back=way_back, wall_set_by=wall_set_by)
    own = started(SENT + skew + min(after, sent))
    assert verdict_on(own, estimate) is not Verdict.BEFORE
    assert own.started_at is not None
    assert own.started_at.timestamp() >= estimate.first_second


@given(skew=skews, sent=spans, way=paths, way_back=paths, off=st.floats(-7198, 7198), took=st.floats(0, 300))
def test_own_action_never_counts_as_earlier_when_stamps_are_off(
    skew: float, sent: float, way: float, way_back: float, off: float, took: float
) -> None:
    estimate = sending(skew=skew, sent=sent, way=way, way_back=way_back)
    start = SENT + skew + off
    end = start + min(took, sent)
    own = started(start, status="completed", completed_at=datetime.fromtimestamp(math.floor(end), UTC))
    assert verdict_on(own, estimate) is not Verdict.BEFORE


@given(skew=skews, sent=spans)
def test_own_action_is_never_before_when_only_the_date_is_wrong(skew: float, sent: float) -> None:
    estimate = sending(skew=skew, sent=sent)
    assert verdict_on(started(SENT), estimate) is not Verdict.BEFORE


@given(skew=skews, sent=spans, way=st.floats(0, 0.2), way_back=st.floats(0, 0.2), before=st.floats(1.101, 7000))
def test_action_of_an_earlier_second_is_not_adopted(
    skew: float, sent: float, way: float, way_back: float, before: float
) -> None:
    """The slack is a tenth of a second."""
    estimate = sending(skew=skew, sent=sent, way=way, way_back=way_back)
    assert verdict_on(started(SENT + skew - before), estimate) is Verdict.UNCLEAR


@given(skew=skews, whole=st.integers(1, 60), late=st.floats(0, 0.05), way=st.floats(0, 0.03), way_back=paths)
def test_own_action_is_the_result_when_a_list_came_in_time(
    skew: float, whole: int, late: float, way: float, way_back: float
) -> None:
    """Whatever part of a second the action began in."""
    sent = timestamp(whole - 0.5)
    pause = seconds_until_best_reading(timestamp(0), sent)
    estimate = sending(skew=skew, sent=whole - 0.5 + pause + late, way=way, way_back=way_back)
    assert verdict_on(started(SENT + skew), estimate) is Verdict.RESULT


@given(phase=st.floats(0, 0.999))
def test_best_reading_is_less_than_a_second_away(phase: float) -> None:
    pause = seconds_until_best_reading(timestamp(0), timestamp(3 + phase))
    assert 0 <= pause <= 1
    passed = 3 + phase + pause + 0.09
    assert passed == pytest.approx(round(passed), abs=1e-5)


def test_second_list_shows_what_one_could_not() -> None:
    first = reading(SENT + 0.97, sent=0.2, received=0.21)
    nearly = sending_of(timestamp(0), first.before, [first])
    own = started(SENT + 0.78 - 1)
    assert verdict_on(own, nearly) is Verdict.UNCLEAR
    early = reading(SENT + 0.9, sent=0.0, received=0.21)
    late = reading(SENT + 1.85, sent=1.0, received=1.003)
    estimate = sending_of(timestamp(0), late.before, [early, late])
    assert verdict_on(started(SENT + 0.85), estimate) is Verdict.RESULT


def test_nothing_is_adopted_when_stamps_are_ahead_of_the_date() -> None:
    read = reading(SENT, sent=0.0, received=0.01)
    estimate = sending_of(timestamp(0), read.before, [read], newest_stamp=SENT + 3)
    assert estimate.latest is None
    assert verdict_on(started(SENT + 3), estimate) is Verdict.UNCLEAR
    assert sending_of(timestamp(0), read.before, [read], newest_stamp=SENT + 1).latest is not None


def test_newest_stamp_is_that_of_a_start_or_an_end() -> None:
    old, new = started(SENT - 100), started(SENT - 60, completed_at=datetime.fromtimestamp(SENT - 50, UTC))
    assert newest_stamp_in([old, new]) == newest_stamp_in([new, old]) == SENT - 50
    assert newest_stamp_in([old, action(started_at=None)]) == SENT - 100
    assert newest_stamp_in([action(started_at=None)]) == newest_stamp_in([]) == -math.inf


def test_action_begun_since_the_sending_shows_no_second_clock() -> None:
    """A list that is read late may show actions that were started meanwhile."""
    read = reading(SENT + 30, sent=30.0, received=30.01)
    estimate = sending_of(timestamp(0), read.before, [read], newest_stamp=SENT + 30)
    assert estimate.latest is not None
    assert sending_of(timestamp(0), read.before, [read], newest_stamp=SENT + 33).latest is None


def test_nothing_is_adopted_when_an_answer_shows_two_clocks() -> None:
    read = reading(SENT, sent=0.0, received=0.01)

    def estimate(ahead: float, age: float = 20.0) -> Sending:
        date = format_datetime(datetime.fromtimestamp(SENT - age, UTC), usegmt=True)
        stamp = datetime.fromtimestamp(SENT - age + ahead, UTC)
        skew = Skew(stamp, date, timestamp(-age), timestamp(-age + 0.01))
        return sending_of(timestamp(0), read.before, [read], skews=[skew])

    assert estimate(2).latest is None
    assert estimate(-2).latest is None
    assert estimate(2, age=700).latest is not None
    assert estimate(1).latest is not None
    assert estimate(-1).latest is not None
    undated = Skew(datetime.fromtimestamp(SENT + 99, UTC), None, timestamp(-1), timestamp(-1))
    assert sending_of(timestamp(0), read.before, [read], skews=[undated]).latest is not None


def test_lists_are_not_steady_when_their_date_stands_still() -> None:
    """They come from a cache, and may be older than the request."""
    first, second = reading(SENT, sent=0.0, received=0.01), reading(SENT, sent=3.0, received=3.01)
    estimate = sending_of(timestamp(0), second.before, [first, second])
    assert not estimate.is_consistent
    assert verdict_on(started(SENT), estimate) is Verdict.UNCLEAR
    assert sending_of(timestamp(0), first.before, [first]).is_consistent


@pytest.mark.parametrize(
    ("took", "age", "elapsed", "verdict"),
    [
        (20, 60, 3.0, Verdict.BEFORE),
        (20, 60, 18.5, Verdict.BEFORE),
        (20, 60, 19.5, Verdict.UNCLEAR),
        (3, 60, 3.0, Verdict.UNCLEAR),
        (90, 60, 3.0, Verdict.UNCLEAR),  # it ended in the future
    ],
)
def test_action_began_before_when_it_took_longer_than_has_passed(
    took: float, age: float, elapsed: float, verdict: Verdict
) -> None:
    estimate = sending(sent=elapsed)
    end = datetime.fromtimestamp(SENT - age + took, UTC)
    assert verdict_on(started(SENT - age, status="completed", completed_at=end), estimate) is verdict
    assert verdict_on(started(SENT - age, status="in-progress", completed_at=None), estimate) is Verdict.UNCLEAR


def test_this_machines_clock_decides_when_the_list_has_no_date() -> None:
    estimate = sending_of(timestamp(0), timestamp(5), [])
    assert verdict_on(started(SENT), estimate) is Verdict.RESULT
    assert verdict_on(started(SENT - 1), estimate) is Verdict.UNCLEAR
    assert verdict_on(started(SENT - 7202), estimate) is Verdict.BEFORE


@given(until_listed=st.floats(0, DAY))
def test_own_action_is_not_before_when_the_machine_slept_between(until_listed: float) -> None:
    """Then the monotonic clock stood still."""
    received_at = Timestamp(wall=SENT + until_listed, monotonic=50.0)
    read = Reading(math.floor(SENT + until_listed), received_at, received_at)
    assert verdict_on(started(SENT), sending_of(timestamp(0), received_at, [read])) is not Verdict.BEFORE


@pytest.mark.parametrize("error", [5.0, 700.0])
def test_span_of_the_sending_is_widened_by_the_clocks_error(error: float) -> None:
    readings = [reading(SENT + 3, sent=2, received=3)]
    exact = sending_of(timestamp(0), timestamp(3), readings)
    wide = sending_of(timestamp(0), timestamp(3), readings, clock_error=error)
    assert (exact.horizon - wide.horizon, exact.first_second - wide.first_second) == (error, error)
    assert (wide.elapsed - exact.elapsed, wide.sure_second, wide.now) == (error, None, exact.now)


def test_action_without_a_stamp_is_unclear() -> None:
    assert verdict_on(action(started_at=None), sending()) is Verdict.UNCLEAR


def test_page_reaches_back_when_it_ends_before_the_sending() -> None:
    new, old = action(started_at=NOON), action(started_at=NOON - timedelta(seconds=9))
    earliest = NOON.timestamp() - 1
    assert reaches_back([new, old], earliest)
    assert reaches_back([], earliest)
    assert not reaches_back([new, new], earliest)


def test_page_does_not_reach_back_when_it_is_not_ordered() -> None:
    new, old = action(started_at=NOON), action(started_at=NOON - timedelta(seconds=9))
    oldest = action(started_at=NOON - timedelta(seconds=99))
    earliest = NOON.timestamp() - 1
    assert not reaches_back([old, new, oldest], earliest)
    assert not reaches_back([old, new], earliest)
    assert not reaches_back([new, action(started_at=None)], earliest)


def test_page_does_not_reach_back_when_it_ends_too_early() -> None:
    assert not reaches_back([action(started_at=NOON)], NOON.timestamp())


def test_ids_are_those_of_the_actions_that_an_answer_names() -> None:
    assert actions_in(ActionInitiateResponse(action=action(id=7))) == (action(id=7),)
    both = (action(id=7), action(id=8))
    assert actions_in(ActionBulkInitiateResponse(actions=both)) == both
    assert actions_in(ActionBulkInitiateResponse(actions=())) == ()


@pytest.mark.parametrize(
    "answer", [ActionRetrieveResponse(action=action()), ActionListResponse(actions=(action(),)), None, "x"]
)
def test_nothing_is_claimed_when_an_answer_started_nothing(answer: object) -> None:
    assert actions_in(answer) == ()


TRACE = trace_of(3164444, "reboot")


def test_oldest_claims_are_forgotten_when_there_are_thousands() -> None:
    claims = ActionClaims()
    for action_id in range(20_000):
        claims.add(action_id, TRACE)
    assert 0 not in claims
    assert 19_999 in claims
    assert sum(action_id in claims for action_id in range(20_000)) == 16_384


def test_claim_is_counted_once_when_it_is_made_twice() -> None:
    claims = ActionClaims()
    for _ in range(20_000):
        claims.add(1, TRACE)
    claims.add(2, TRACE)
    assert 1 in claims
    assert 2 in claims


def test_action_is_known_to_later_requests_only_when_it_was_seen() -> None:
    claims = ActionClaims()
    claims.note_existing([7], timestamp(5))
    claims.note_existing([7], timestamp(9))
    assert claims.was_seen_before(7, timestamp(6))
    assert not claims.was_seen_before(7, timestamp(5))
    assert not claims.was_seen_before(8, timestamp(6))
    # The clocks of another process may not be comparable.
    assert not claims.was_seen_before(7, Timestamp(SENT, math.inf))


def test_action_is_contested_after_a_request_was_abandoned() -> None:
    claims, since = ActionClaims(), Timestamp.now()
    claims.abandon("call", TRACE, since, 5)
    later = Timestamp(since.wall + 4, since.monotonic + 4)
    assert claims.is_contested(TRACE, later)
    assert claims.is_contested(TRACE, since)
    assert not claims.is_contested(TRACE._replace(type="shutdown"), later)
    assert not claims.is_contested(TRACE._replace(resource_id=5), later)
    assert not claims.is_contested(TRACE, Timestamp(since.wall + 9, since.monotonic + 9))
    # A journal's request may be the abandoned one itself.
    assert not claims.is_contested(TRACE, since, is_of_another_process=True)
    assert claims.is_contested(TRACE, later, is_of_another_process=True)


def test_action_is_contested_when_a_request_by_tag_was_abandoned() -> None:
    claims, since = ActionClaims(), Timestamp.now()
    claims.abandon("call", TRACE._replace(resource_id=None), since, 5)
    assert claims.is_contested(TRACE, since)


def test_abandoned_requests_are_forgotten_after_their_time() -> None:
    claims, since = ActionClaims(), Timestamp.now()
    for number in range(100):
        claims.abandon(number, TRACE, since, -601)
    assert len(claims._abandoned) == 1
