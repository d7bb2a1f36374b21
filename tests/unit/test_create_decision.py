from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gradient_async.http.request import Timestamp
from gradient_async.waiting.create_decision import PLAUSIBLE_SKEW_SECONDS, Ending, Reading, Signs, ending_of, verdict_on
from gradient_async.waiting.reconciliation import Reading as ClockReading
from gradient_async.waiting.reconciliation import Sending, Verdict, sending_of

NOW = 1_795_435_200.0
R, U = Verdict.RESULT, Verdict.UNCLEAR
SENT = Timestamp(NOW, 100.0)
LISTED = Timestamp(NOW + 0.2, 100.2)


def sent(date: float | None = 0.0, clock_error: float = 0.0) -> Sending:
    """Return a request sent at ``NOW``, whose list has a ``Date`` so many seconds ahead; ``None`` for none."""
    readings = [] if date is None else [ClockReading(NOW + date, SENT, LISTED)]
    return sending_of(SENT, LISTED, readings, clock_error=clock_error)


def signs(age: float | None = None, **facts: bool) -> Signs:
    created_at = None if age is None else datetime.fromtimestamp(NOW - age, UTC)
    return Signs(created_at=created_at, **facts)


@pytest.mark.parametrize(
    ("found", "sending", "verdict"),
    [
        # It shows when it was created.
        (signs(0), sent(), Verdict.RESULT),
        (signs(-1), sent(), Verdict.RESULT),
        (signs(0), sent(None), Verdict.RESULT),
        (signs(1), sent(), Verdict.UNCLEAR),
        (signs(60), sent(), Verdict.UNCLEAR),
        (signs(PLAUSIBLE_SKEW_SECONDS - 5), sent(), Verdict.UNCLEAR),
        (signs(PLAUSIBLE_SKEW_SECONDS + 5), sent(), Verdict.BEFORE),
        (signs(PLAUSIBLE_SKEW_SECONDS), sent(None), Verdict.UNCLEAR),
        (signs(PLAUSIBLE_SKEW_SECONDS + 1), sent(None), Verdict.BEFORE),
        # Neither clock alone makes a thing old.
        (signs(0), sent(date=3600), Verdict.UNCLEAR),
        (signs(3600), sent(date=-3600), Verdict.RESULT),
        (signs(0), sent(clock_error=2.0), Verdict.UNCLEAR),
        # It does not.
        (signs(), sent(), Verdict.UNCLEAR),
        (signs(was_absent=True), sent(), Verdict.RESULT),
        (signs(was_absent=True), sent(clock_error=2.0), Verdict.UNCLEAR),
        # Other signs.
        (signs(0, was_seen_before=True), sent(), Verdict.BEFORE),
        (signs(is_sole=True), sent(), Verdict.RESULT),
        (signs(60, is_sole=True), sent(), Verdict.RESULT),
        (signs(is_sole=True, was_seen_before=True), sent(), Verdict.BEFORE),
        (signs(0, is_shown=False), sent(), Verdict.UNCLEAR),
        (signs(is_sole=True, is_shown=False), sent(), Verdict.UNCLEAR),
    ],
)
def test_thing_is_the_result_only_if_it_was_not_there_before(found: Signs, sending: Sending, verdict: Verdict) -> None:
    assert verdict_on(found, sending) is verdict


@pytest.mark.parametrize(
    ("reading", "at_first", "at_last"),
    [
        (Reading([[R]]), Ending.ADOPT, Ending.ADOPT),
        (Reading([[R, U]]), Ending.ADOPT, Ending.ADOPT),
        (Reading([[R, R]]), Ending.SEVERAL, Ending.SEVERAL),
        (Reading([[U]]), Ending.WAIT, Ending.UNCLEAR),
        (Reading([[U, U]]), Ending.WAIT, Ending.UNCLEAR),
        (Reading([[]]), Ending.WAIT, Ending.SEND_AGAIN),
        (Reading([[R], [R]]), Ending.ADOPT, Ending.ADOPT),
        (Reading([[R], []]), Ending.WAIT, Ending.PART),
        (Reading([[R], [U]]), Ending.WAIT, Ending.PART),
        (Reading([[R], [R, R]]), Ending.SEVERAL, Ending.SEVERAL),
        (Reading([[], []]), Ending.WAIT, Ending.SEND_AGAIN),
        (Reading([[], [U]]), Ending.WAIT, Ending.UNCLEAR),
        (Reading([[R]], is_contested=True), Ending.WAIT, Ending.CONTESTED),
        (Reading([[]], is_contested=True), Ending.WAIT, Ending.SEND_AGAIN),
        (Reading([[]], is_consistent=False), Ending.WAIT, Ending.CONTRADICTORY),
        (Reading([[]], is_whole=False), Ending.WAIT, Ending.NOT_WHOLE),
        (Reading([[R]], is_whole=False), Ending.ADOPT, Ending.ADOPT),
    ],
)
def test_ending_says_what_the_lists_show(reading: Reading, at_first: Ending, at_last: Ending) -> None:
    assert ending_of(reading, is_last=False) is at_first
    assert ending_of(reading, is_last=True) is at_last


def test_nothing_is_sent_again_when_the_api_accepted_it() -> None:
    nothing = Reading([[]])
    assert ending_of(nothing, is_last=True, was_accepted=True) is Ending.MISSING
    assert ending_of(nothing, is_last=False, was_accepted=True) is Ending.WAIT


def test_several_results_are_adopted_when_the_oldest_is_chosen() -> None:
    for verdicts in ([[R, R]], [[R], [R, R]]):
        assert ending_of(Reading(verdicts), is_last=False, adopts_oldest=True) is Ending.ADOPT
    contested = Reading([[R, R]], is_contested=True)
    assert ending_of(contested, is_last=False, adopts_oldest=True) is Ending.WAIT
    assert ending_of(contested, is_last=True, adopts_oldest=True) is Ending.CONTESTED
