"""The timestamps of an earlier run's request, with this machine's clocks."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import action

from gradient_async.fleet.journal_format import StepRecord
from gradient_async.fleet.sent_before import sent_before
from gradient_async.http.request import UNKNOWN_CLOCK_SECONDS, Timestamp
from gradient_async.waiting.reconciliation import Verdict, sending_of, verdict_on

NOW = Timestamp(wall=1_800_000_000.0, monotonic=5_000.0)


def test_nothing_is_unresolved_when_nothing_was_sent() -> None:
    assert sent_before(StepRecord(), NOW) is None
    assert sent_before(StepRecord(action_id=7), NOW) is None


@pytest.mark.parametrize("wall_step", [0.0, 20.0, -20.0, 86_400.0])
def test_monotonic_clock_counts_when_the_boot_is_the_same(wall_step: float) -> None:
    sent = Timestamp(wall=NOW.wall - 30 + wall_step, monotonic=NOW.monotonic - 30)
    found = sent_before(StepRecord(first_sent=sent, last_sent=sent), NOW)
    assert found is not None
    assert (found.since, found.clock_error) == (sent, 0.0)
    assert 0.0 <= found.waited <= 30.0


@pytest.mark.parametrize("age", [30.0, -20.0, 86_400.0])
def test_no_span_is_known_when_the_boot_is_another(age: float) -> None:
    sent = Timestamp(wall=NOW.wall - age, monotonic=math.inf)
    found = sent_before(StepRecord(first_sent=sent, last_sent=sent), NOW)
    assert found is not None
    assert (found.since, found.waited, found.clock_error) == (sent, 0.0, UNKNOWN_CLOCK_SECONDS)
    assert "cannot be compared" in found.detail


def test_longer_past_is_searched_for_a_lost_line_of_the_future() -> None:
    sent = Timestamp(wall=NOW.wall + 100, monotonic=math.inf)
    found = sent_before(StepRecord(first_sent=sent, last_sent=NOW, is_assumed=True), NOW)
    assert found is not None
    assert (found.since.wall, found.clock_error) == (NOW.wall, UNKNOWN_CLOCK_SECONDS + 100)


@given(
    st.floats(-UNKNOWN_CLOCK_SECONDS, UNKNOWN_CLOCK_SECONDS),
    st.floats(0, 1e6),
    st.floats(0, 2),
    st.one_of(st.none(), st.floats(0, 1e5)),
)
def test_own_action_is_never_taken_for_an_older_one(ahead: float, age: float, late: float, took: float | None) -> None:
    """The first run's clock was so far ahead, and its action began so late after the sending."""
    started = NOW.wall - age + late
    step = StepRecord(first_sent=Timestamp(wall=NOW.wall - age + ahead, monotonic=math.inf))
    before = sent_before(step, NOW)
    assert before is not None
    if before.since.wall > NOW.wall:
        return  # its age is negative, and its outcome unknown without any lookup
    own = action(
        started_at=datetime.fromtimestamp(math.floor(started), UTC),
        status="in-progress" if took is None else "completed",
        completed_at=None if took is None else datetime.fromtimestamp(math.floor(min(started + took, NOW.wall)), UTC),
    )
    sending = sending_of(before.since, NOW, [], clock_error=before.clock_error)
    assert verdict_on(own, sending) is Verdict.UNCLEAR


def test_wait_is_no_longer_than_since_the_sending() -> None:
    sent = Timestamp(wall=NOW.wall - 0.25, monotonic=NOW.monotonic - 0.25)
    found = sent_before(StepRecord(first_sent=sent, last_sent=sent), NOW)
    assert found is not None
    assert 0.0 <= found.waited <= 0.25


def test_lost_line_of_the_past_is_searched_from_its_own_time() -> None:
    sent = Timestamp(wall=NOW.wall - 100, monotonic=math.inf)
    found = sent_before(StepRecord(first_sent=sent, last_sent=NOW, is_assumed=True), NOW)
    assert found is not None
    assert (found.since, found.clock_error) == (sent, UNKNOWN_CLOCK_SECONDS)
