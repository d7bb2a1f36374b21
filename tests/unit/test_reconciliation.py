from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from samples import NOON, action

from gradient_async.http.reconciliation import (
    ActionClaims,
    candidates,
    earliest_start,
    ids_in,
    reaches_back,
)
from gradient_async.http.request import ActionTrace, Moment, Response
from gradient_async.models.responses import (
    ActionBulkInitiateResponse,
    ActionInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
)

TRACE = ActionTrace(droplet_id=3164444, type="reboot")
DAY = 86_400.0
SENT = 1_795_435_200.0

skews = st.floats(-DAY, DAY)
spans = st.floats(0, 300)


def page(*, date: float | None, received_at: Moment) -> Response:
    """A page of a list, dated as servers do it: in whole seconds, cut off."""
    headers = (
        {} if date is None else {"Date": format_datetime(datetime.fromtimestamp(math.floor(date), UTC), usegmt=True)}
    )
    return Response(status=200, headers=CIMultiDict(headers), body=b"", received_at=received_at)


def is_candidate(started: float, earliest: float) -> bool:
    """Whether an action shows as one, given when it was started; stamps are whole seconds, cut off."""
    stamped = action(started_at=datetime.fromtimestamp(math.floor(started), UTC))
    return candidates([stamped], TRACE, earliest, ActionClaims()) == (stamped,)


@given(
    skew=skews, until_listed=spans, way_back=st.floats(0, 30), after=st.floats(0, 300), wall_set_by=st.floats(-DAY, DAY)
)
@example(skew=0.0, until_listed=0.0, way_back=0.0, after=0.0, wall_set_by=0.0)
@example(skew=0.999, until_listed=0.001, way_back=0.0, after=0.0, wall_set_by=0.0)
def test_action_is_a_candidate_when_it_was_started_at_or_after_the_sending(
    skew: float, until_listed: float, way_back: float, after: float, wall_set_by: float
) -> None:
    """Whatever the server's clock says, however long the list took, even if this machine's clock was set meanwhile."""
    sent_at = Moment(wall=SENT, monotonic=50.0)
    passed = until_listed + way_back
    received_at = Moment(wall=SENT + passed + wall_set_by, monotonic=50.0 + passed)
    earliest = earliest_start(sent_at, page(date=SENT + skew + until_listed, received_at=received_at))
    assert is_candidate(SENT + skew + min(after, until_listed), earliest)


@given(skew=skews, until_listed=spans, way_back=st.floats(0, 30), before=st.floats(3.001, 2 * DAY))
@example(skew=0.0, until_listed=0.0, way_back=0.0, before=3.001)
def test_action_is_no_candidate_when_it_was_started_more_than_three_seconds_before_the_sending(
    skew: float, until_listed: float, way_back: float, before: float
) -> None:
    """The time that the list took on its way back cannot be told from that of the request, and comes on top."""
    sent_at = Moment(wall=SENT, monotonic=50.0)
    passed = until_listed + way_back
    received_at = Moment(wall=SENT + passed, monotonic=50.0 + passed)
    earliest = earliest_start(sent_at, page(date=SENT + skew + until_listed, received_at=received_at))
    assert not is_candidate(SENT + skew - way_back - before, earliest)


@given(until_listed=spans, after=st.floats(0, 300), before=st.floats(3.001, DAY))
def test_this_machines_clock_decides_when_the_list_has_no_date(
    until_listed: float, after: float, before: float
) -> None:
    received_at = Moment(wall=SENT + until_listed, monotonic=50.0 + until_listed)
    earliest = earliest_start(Moment(wall=SENT, monotonic=50.0), page(date=None, received_at=received_at))
    assert is_candidate(SENT + min(after, until_listed), earliest)
    assert not is_candidate(SENT - before, earliest)


@given(until_listed=st.floats(0, DAY))
def test_action_is_a_candidate_when_the_machine_slept_between(until_listed: float) -> None:
    """Then the monotonic clock stood still."""
    received_at = Moment(wall=SENT + until_listed, monotonic=50.0)
    earliest = earliest_start(
        Moment(wall=SENT, monotonic=50.0), page(date=SENT + until_listed, received_at=received_at)
    )
    assert is_candidate(SENT, earliest)


def found(*actions: Any, claimed: tuple[int, ...] = ()) -> list[int]:
    claims = ActionClaims()
    for action_id in claimed:
        claims.add(action_id)
    return [one.id for one in candidates(actions, TRACE, NOON.timestamp(), claims)]


def test_candidates_are_only_of_the_wanted_type_and_droplet_and_time() -> None:
    assert found(
        action(id=1),
        action(id=2, type="power_cycle"),
        action(id=3, resource_id=5),
        action(id=4, started_at=NOON - timedelta(seconds=1)),
        action(id=5, started_at=NOON + timedelta(hours=1)),
    ) == [1, 5]


def test_action_is_a_candidate_whatever_its_status() -> None:
    assert found(action(id=1, status="completed"), action(id=2, status="errored"), action(id=3, status="new")) == [
        1,
        2,
        3,
    ]


def test_action_is_a_candidate_when_the_server_leaves_out_what_would_rule_it_out() -> None:
    assert found(action(id=1, started_at=None), action(id=2, resource_id=None)) == [1, 2]


def test_action_is_no_candidate_when_it_is_another_requests_result() -> None:
    assert found(action(id=1), action(id=2), claimed=(1,)) == [2]


def test_page_reaches_back_when_it_ends_before_the_sending() -> None:
    new, old = action(started_at=NOON), action(started_at=NOON - timedelta(seconds=9))
    earliest = NOON.timestamp() - 1
    assert reaches_back([new, old], earliest)
    assert reaches_back([], earliest)
    assert not reaches_back([new, new], earliest)


def test_page_does_not_reach_back_when_its_order_promises_nothing() -> None:
    new, old = action(started_at=NOON), action(started_at=NOON - timedelta(seconds=9))
    oldest = action(started_at=NOON - timedelta(seconds=99))
    earliest = NOON.timestamp() - 1
    assert not reaches_back([old, new, oldest], earliest)
    assert not reaches_back([old, new], earliest)
    assert not reaches_back([new, action(started_at=None)], earliest)


def test_page_does_not_reach_back_when_its_last_action_was_started_in_the_first_second_that_counts() -> None:
    assert not reaches_back([action(started_at=NOON)], NOON.timestamp())


def test_ids_are_those_of_the_actions_that_an_answer_names() -> None:
    assert ids_in(ActionInitiateResponse(action=action(id=7))) == (7,)
    assert ids_in(ActionBulkInitiateResponse(actions=(action(id=7), action(id=8)))) == (7, 8)
    assert ids_in(ActionBulkInitiateResponse(actions=())) == ()


@pytest.mark.parametrize(
    "answer", [ActionRetrieveResponse(action=action()), ActionListResponse(actions=(action(),)), None, "x"]
)
def test_nothing_is_claimed_when_an_answer_started_nothing(answer: object) -> None:
    assert ids_in(answer) == ()


def test_claims_are_forgotten_oldest_first_when_there_are_thousands() -> None:
    claims = ActionClaims()
    for action_id in range(5000):
        claims.add(action_id)
    assert 0 not in claims
    assert 4999 in claims
    assert sum(action_id in claims for action_id in range(5000)) == 4096


def test_claim_is_counted_once_when_it_is_made_twice() -> None:
    claims = ActionClaims()
    for _ in range(5000):
        claims.add(1)
    claims.add(2)
    assert 1 in claims
    assert 2 in claims
