from __future__ import annotations

import itertools
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import action_request, header_texts, request, response

from gradient_async.endpoints.volumes import CREATE as VOLUME_CREATE
from gradient_async.http.endpoint import Done, Resend
from gradient_async.http.request import Timestamp
from gradient_async.http.results import Result, attempts_of
from gradient_async.http.retry import Step, growing_pauses, next_step, pause_before, settling_pauses

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request

NOW = 1_795_435_200.0
SENT_AT = Timestamp(wall=NOW, monotonic=10.0)

# The statuses that rules are about come up often, and any other one now and then.
known = [200, 201, 204, 301, 307, 400, 401, 404, 408, 409, 422, 429, 500, 502, 503, 504]
statuses = st.none() | st.sampled_from(known) | st.integers(100, 999)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Return every way an attempt can end: what was never sent has no status, and what has none is not whole."""
    was_sent = draw(st.booleans())
    status = draw(statuses) if was_sent else None
    is_whole = status is not None and draw(st.booleans())
    headers = draw(st.dictionaries(st.sampled_from(["retry-after", "ratelimit-remaining"]), header_texts))
    return Result(status, headers, was_sent=was_sent, is_whole=is_whole, started=SENT_AT, ended=SENT_AT)


def ended(status: int | None = None, *, was_sent: bool = True, is_whole: bool | None = None) -> Result:
    whole = status is not None if is_whole is None else is_whole
    return Result(status, {}, was_sent=was_sent, is_whole=whole, started=SENT_AT, ended=SENT_AT)


NOT_SENT = ended(was_sent=False)
NO_ANSWER = ended()

OUTCOMES = [
    (NOT_SENT, "not_sent"),
    (NO_ANSWER, "unknown"),
    *((ended(status), "answered") for status in (200, 201, 202, 204, 299)),
    *((ended(status, is_whole=False), "unknown") for status in (200, 201, 404, 422, 500)),
    *((ended(status), "unknown") for status in (101, 199, 408, 500, 501, 502, 503, 504, 520, 999)),
    *((ended(status), "rejected") for status in (300, 301, 302, 307, 400, 401, 403, 404, 409, 412, 422, 429, 499)),
]


TOO_LARGE = [(399, "unknown"), *((s, "rejected") for s in (400, 401, 422, 499)), *((s, "unknown") for s in (200, 500))]


@pytest.mark.parametrize(("status", "outcome"), TOO_LARGE)
def test_refusal_that_is_too_large_is_known_by_its_status(status: int, outcome: str) -> None:
    result = ended(status, is_whole=False)._replace(is_too_large=True)
    assert result.outcome == outcome


@pytest.mark.parametrize("fault", ["", "the answer names another action"])
def test_whole_answer_was_sent_and_is_whole_unless_it_is_faulty(fault: str) -> None:
    answer = response(200, headers={"x-request-id": "a1"})
    expected = Result(200, answer.headers, True, not fault, SENT_AT, answer.received_at, fault, False)
    assert Result.of_answer(answer, SENT_AT, fault) == expected


def test_attempts_are_numbered_from_one_with_their_details() -> None:
    first, second = attempts_of([NO_ANSWER._replace(detail="reset by peer"), ended(503)])
    assert (first.number, first.detail, first.status) == (1, "reset by peer", None)
    assert (second.number, second.detail, second.status) == (2, "status 503", 503)


@pytest.mark.parametrize(("result", "outcome"), OUTCOMES)
def test_outcome_depends_on_how_far_the_attempt_got(result: Result, outcome: str) -> None:
    assert result.outcome == outcome


# What follows, for (a read, a deletion), (a POST that is no action), (an action), (an unresolved action).
TABLE: list[tuple[Result, Step, Step, Step, Step]] = [
    (NOT_SENT, Step.REPEAT, Step.REPEAT, Step.REPEAT, Step.REPEAT),
    (NO_ANSWER, Step.REPEAT, Step.GIVE_UP, Step.LOOK_UP, Step.LOOK_UP),
    (ended(429), Step.REPEAT, Step.REPEAT, Step.REPEAT, Step.REPEAT),
    *((ended(status), *[Step.ACCEPT] * 4) for status in (200, 201, 202, 204)),
    *(
        (ended(s), Step.REPEAT, Step.GIVE_UP, Step.LOOK_UP, Step.LOOK_UP)
        for s in (101, 199, 408, 500, 501, 502, 503, 504, 520)
    ),
    *(
        (ended(s, is_whole=False), Step.REPEAT, Step.GIVE_UP, Step.LOOK_UP_ONLY, Step.LOOK_UP_ONLY)
        for s in (200, 201, 202, 299)
    ),
    *(
        (ended(s, is_whole=False), Step.REPEAT, Step.GIVE_UP, Step.LOOK_UP, Step.LOOK_UP)
        for s in (199, 300, 404, 422, 500, 502)
    ),
    (ended(422), Step.FAIL, Step.FAIL, Step.FAIL, Step.LOOK_UP_ONLY),
    *((ended(s), *[Step.FAIL] * 4) for s in (300, 301, 302, 307, 400, 401, 403, 404, 405, 409, 410, 412, 418)),
]


@pytest.mark.parametrize(("result", "idempotent", "other", "action", "unresolved"), TABLE)
def test_next_step_is_the_one_of_the_table(
    result: Result, idempotent: Step, other: Step, action: Step, unresolved: Step
) -> None:
    for is_unresolved in (False, True):
        assert next_step(request("GET"), result, is_unresolved=is_unresolved) is idempotent
        assert next_step(request("PUT"), result, is_unresolved=is_unresolved) is idempotent
        deleted = next_step(request("DELETE"), result, is_unresolved=is_unresolved)
        is_gone = is_unresolved and result.status == 404 and result.is_whole
        assert deleted is (Step.ACCEPT_AS_DONE if is_gone else idempotent)
        assert next_step(request("POST"), result, is_unresolved=is_unresolved) is other
    assert next_step(action_request(), result, is_unresolved=False) is action
    assert next_step(action_request(), result, is_unresolved=True) is unresolved
    assert next_step(action_request(None), result, is_unresolved=False) is action


@given(results(), st.booleans(), st.sampled_from([3164444, None]))
def test_action_is_repeated_only_when_not_sent_or_answered_429(
    result: Result, is_unresolved: bool, droplet_id: int | None
) -> None:
    step = next_step(action_request(droplet_id), result, is_unresolved=is_unresolved)
    surely_not_executed = not result.was_sent or result.status == 429
    assert (step is Step.REPEAT) is surely_not_executed


@given(results(), st.booleans())
def test_action_is_accepted_only_when_a_whole_success_came(result: Result, is_unresolved: bool) -> None:
    step = next_step(action_request(), result, is_unresolved=is_unresolved)
    is_whole_success = result.is_whole and result.status is not None and 200 <= result.status < 300
    assert (step is Step.ACCEPT) is is_whole_success


@given(results(), st.booleans())
def test_action_is_never_sent_again_after_a_success_was_seen(result: Result, is_unresolved: bool) -> None:
    step = next_step(action_request(), result, is_unresolved=is_unresolved)
    if result.was_sent and result.status is not None and 200 <= result.status < 300:
        assert step in {Step.ACCEPT, Step.LOOK_UP_ONLY}


@given(results(), st.booleans())
def test_action_is_looked_up_whenever_its_outcome_is_unknown(result: Result, is_unresolved: bool) -> None:
    step = next_step(action_request(), result, is_unresolved=is_unresolved)
    if result.outcome == "unknown" and result.status != 429:
        assert step in {Step.LOOK_UP, Step.LOOK_UP_ONLY}


@given(results(), st.booleans(), st.sampled_from(["GET", "DELETE", "POST", "PUT", "PATCH"]))
def test_nothing_is_looked_up_when_the_request_is_no_action(result: Result, is_unresolved: bool, method: str) -> None:
    for sent in (request(method), request(method, resend=Resend.AFTER_LOOKUP)):
        step = next_step(sent, result, is_unresolved=is_unresolved)
        assert step not in {Step.LOOK_UP, Step.LOOK_UP_ONLY}


@pytest.mark.parametrize("status", [400, 404, 409, 412, 422])
def test_conflict_of_a_create_can_be_its_own_lost_attempt(status: int) -> None:
    create = VOLUME_CREATE.request({}, body={"name": "data", "size_gigabytes": 10, "region": "nyc3"})
    is_own = status in {409, 422}
    assert next_step(create, ended(status), is_unresolved=True) is (Step.LOOK_UP_ONLY if is_own else Step.FAIL)
    assert next_step(create, ended(status), is_unresolved=False) is Step.FAIL


@given(results(), st.booleans(), st.sampled_from([Resend.NEVER, Resend.AFTER_LOOKUP]))
def test_request_without_look_up_is_not_repeated_once_it_left(
    result: Result, is_unresolved: bool, resend: Resend
) -> None:
    step = next_step(request("POST", resend=resend), result, is_unresolved=is_unresolved)
    assert (step is Step.REPEAT) is (not result.was_sent or result.status == 429)


def test_membership_is_repeated_when_its_endpoint_says_so() -> None:
    sent = request("POST", resend=Resend.IDEMPOTENT)
    assert next_step(sent, NO_ANSWER, is_unresolved=False) is Step.REPEAT


@pytest.mark.parametrize(
    ("status", "message", "is_unresolved", "expected"),
    [
        (422, "Can not delete an already deleted image.", False, Step.ACCEPT_AS_DONE),
        (422, "can not delete an already deleted image", True, Step.ACCEPT_AS_DONE),
        (422, "Image is in use.", True, Step.FAIL),
        (404, "", False, Step.FAIL),
        (404, "", True, Step.ACCEPT_AS_DONE),
    ],
)
def test_refusal_is_success_when_it_says_that_all_is_done(
    status: int, message: str, is_unresolved: bool, expected: Step
) -> None:
    done = (Done(status=404), Done(status=422, text="already deleted image", is_always=True))
    sent = request("DELETE", done=done)
    assert next_step(sent, ended(status), is_unresolved=is_unresolved, message=message) is expected


@given(results(), st.sampled_from([request("GET"), request("POST"), action_request()]))
def test_step_depends_only_on_the_result(result: Result, sent: Request[object]) -> None:
    first, second = (next_step(sent, result, is_unresolved=False) for _ in range(2))
    assert first is second


# --- pauses ---


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 3600))
def test_pause_stays_within_the_backoff_when_nothing_is_advised(attempt: int, jitter: float, longest: float) -> None:
    pause = pause_before(attempt, {}, longest=longest, now=NOW, jitter=jitter)
    assert pause is not None
    assert 0 <= pause <= min(8.0, 0.5 * 2.0 ** min(attempt - 1, 10))


def test_backoff_doubles_from_half_a_second_up_to_eight() -> None:
    full = [pause_before(attempt, {}, longest=60, now=NOW, jitter=1.0) for attempt in range(1, 8)]
    assert full == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_backoff_is_spread_over_all_of_its_length() -> None:
    assert pause_before(3, {}, longest=60, now=NOW, jitter=0.0) == 0
    assert pause_before(3, {}, longest=60, now=NOW, jitter=0.25) == 0.5


@given(st.integers(0, 3000), st.floats(0, 3000), st.integers(1, 9), st.floats(0, 1))
def test_advice_is_obeyed_to_the_second_or_given_up(asked: int, longest: float, attempt: int, jitter: float) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + asked, UTC), usegmt=True)
    for value in (str(asked), date):
        pause = pause_before(attempt, {"retry-after": value}, longest=longest, now=NOW, jitter=jitter)
        assert pause == (asked if asked <= longest else None)


@given(st.integers(61, 10**40))
def test_no_pause_when_the_advice_exceeds_the_clients_limit(asked: int) -> None:
    assert pause_before(1, {"retry-after": str(asked)}, longest=60, now=NOW, jitter=0.0) is None


def test_pause_ends_at_the_reset_when_the_hour_is_used_up() -> None:
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) + 40)}
    assert pause_before(1, headers, longest=60, now=NOW, jitter=0.0) == 40
    assert pause_before(1, headers, longest=30, now=NOW, jitter=0.0) is None


def test_pause_is_the_backoff_when_the_reset_lies_in_the_past() -> None:
    headers = {"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) - 3597)}
    assert pause_before(2, headers, longest=60, now=NOW, jitter=1.0) == 1.0


@given(st.integers(1, 50), st.dictionaries(st.sampled_from(["retry-after", "ratelimit-reset"]), header_texts))
def test_pause_stays_within_its_limits_with_any_headers(attempt: int, headers: dict[str, str]) -> None:
    pause = pause_before(attempt, {"ratelimit-remaining": "0", **headers}, longest=60, now=NOW, jitter=0.5)
    assert pause is None or 0 <= pause <= 60


@given(st.floats(0, 3600))
def test_settling_pauses_add_up_to_the_settling_time_and_grow(settle_seconds: float) -> None:
    pauses = settling_pauses(settle_seconds)
    assert sum(pauses) == pytest.approx(settle_seconds)
    assert all(earlier <= later for earlier, later in itertools.pairwise(pauses))


def test_there_is_one_look_up_without_settle_time() -> None:
    assert settling_pauses(0) == ()


@given(seconds=st.floats(0.0, 600.0, allow_nan=False))
def test_growing_pauses_add_up_and_stay_short(seconds: float) -> None:
    pauses = growing_pauses(seconds)
    assert sum(pauses) == pytest.approx(seconds)
    assert all(0 < pause <= 15.0 for pause in pauses)
    # The last one is what is left.
    assert list(pauses[:-1]) == sorted(pauses[:-1])
    assert not pauses or pauses[0] <= 0.5


@pytest.mark.parametrize(
    ("seconds", "pauses"),
    [
        (60.0, [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 14.5]),
        (4.0, [0.5, 1.0, 2.0, 0.5]),
        (1.0, [0.125, 0.25, 0.5, 0.125]),
        (0.065, [0.01, 0.02, 0.035]),
        (0.01, [0.01]),
        (0.0, []),
    ],
)
def test_growing_pauses_double_from_an_eighth_of_the_time(seconds: float, pauses: list[float]) -> None:
    assert growing_pauses(seconds) == pytest.approx(pauses)
