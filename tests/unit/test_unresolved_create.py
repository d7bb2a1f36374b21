"""What is known of a create whose answer was lost, and its error."""

from __future__ import annotations

import attrs
import pytest
from samples import attempt, response

from gradient_async.endpoints import account_keys
from gradient_async.http.call import Call
from gradient_async.http.create_rule import CareRule, CreateTrace, trace_of
from gradient_async.http.request import ExchangeError, Timestamp
from gradient_async.waiting.unresolved_create import UnresolvedCreate

REQUEST = account_keys.CREATE.request({}, body={"name": "laptop", "public_key": "ssh-ed25519 AAAA"})
LOST = ExchangeError("reset by peer", was_sent=True)
REFUSED = ExchangeError("connection refused", was_sent=False)
CUT_OFF = ExchangeError("cut off", was_sent=True, status=201)


def trace(care: CareRule | None = None) -> CreateTrace:
    found = trace_of(REQUEST)
    assert found is not None
    return found._replace(rule=attrs.evolve(found.rule, care=care))


def called(*outcomes: ExchangeError | int, text: str = "no") -> Call[object]:
    """Return a call with attempts that failed, or were answered with a status."""
    call: Call[object] = Call(REQUEST)
    for outcome in outcomes:
        call.begin()
        if isinstance(outcome, int):
            call.answered(response(outcome, b'{"id":"x","message":"%s"}' % text.encode()))
        else:
            call.failed(outcome)
    return call


CARE = CareRule(may_send_again=True)


@pytest.mark.parametrize(
    ("call", "care", "max_retries", "can_be_sent_again"),
    [
        (called(LOST), CARE, 1, True),
        (called(LOST, LOST), CARE, 2, True),
        (called(LOST, LOST), CARE, 1, False),
        (called(LOST), CARE, 0, False),
        (called(LOST), None, 1, False),
        (called(LOST), CareRule(), 1, False),
        (called(LOST, REFUSED), CARE, 3, False),
        (called(LOST, 422), CARE, 3, False),
        (called(422, LOST), CARE, 3, True),
        (called(CUT_OFF), CARE, 3, False),
    ],
)
def test_expensive_create_is_sent_again_only_after_a_lost_answer(
    call: Call[object], care: CareRule | None, max_retries: int, can_be_sent_again: bool
) -> None:
    assert call.unresolved_since is not None
    assert UnresolvedCreate.of(call, trace(care), max_retries).can_be_sent_again is can_be_sent_again


def test_expensive_create_is_not_sent_again_without_retries() -> None:
    assert not UnresolvedCreate.of(called(LOST), trace(CARE)).can_be_sent_again


@pytest.mark.parametrize(
    ("status", "text", "exists"),
    [
        (409, "no", True),
        (409, "already in use", True),
        (422, "SSH Key is already in use on your account", True),
        (422, "Duplicate name", True),
        (422, "name must be unique", True),
        (422, "no", False),
        (400, "bad name", False),
    ],
)
def test_refusal_shows_that_the_thing_exists(status: int, text: str, exists: bool) -> None:
    assert UnresolvedCreate.of(called(LOST, status, text=text), trace()).exists_by_refusal is exists


def test_only_the_last_answer_shows_that_the_thing_exists() -> None:
    assert not UnresolvedCreate.of(called(409, LOST), trace()).exists_by_refusal
    assert UnresolvedCreate.of(called(LOST, LOST, 409), trace()).exists_by_refusal


def test_unresolved_create_has_the_facts_of_its_call() -> None:
    call = called(CUT_OFF)
    call.is_of_another_process, call.clock_error = True, 2.5
    unresolved = UnresolvedCreate.of(call, trace())
    assert (unresolved.was_accepted, unresolved.was_created, unresolved.exists_by_refusal) == (True, True, False)
    assert (unresolved.is_of_another_process, unresolved.clock_error) == (True, 2.5)
    assert unresolved.since is call.unresolved_since
    other = UnresolvedCreate.of(called(LOST), trace())
    assert (other.was_accepted, other.was_created) == (False, False)


def unresolved(*outcomes: str, request_ids: tuple[str | None, ...] = ()) -> UnresolvedCreate:
    request_ids = request_ids or (None,) * len(outcomes)
    attempts = [
        attempt(number=number, outcome=outcome, detail=f"reason {number}", request_id=request_id)
        for number, (outcome, request_id) in enumerate(zip(outcomes, request_ids, strict=True), 1)
    ]
    return UnresolvedCreate(request=REQUEST, trace=trace(), since=Timestamp.now(), attempts=attempts)


@pytest.mark.parametrize(
    ("outcomes", "reason", "again"),
    [
        (("unknown",), "reason 1", "it was not sent again"),
        (("answered", "unknown"), "reason 2", "it was not sent again"),
        (("unknown", "unknown"), "reason 1", "it was sent 2 times"),
        (("unknown", "not_sent", "unknown", "unknown"), "reason 1", "it was sent 3 times"),
    ],
)
def test_error_says_how_often_the_create_was_sent(outcomes: tuple[str, ...], reason: str, again: str) -> None:
    error = unresolved(*outcomes).error("no list shows it")
    text = f"POST /v2/account/keys may or may not have been executed ({reason}), and no list shows it; {again}"
    assert error.message == text
    assert (error.method, error.path, error.names) == ("POST", "/v2/account/keys", ("laptop",))
    assert len(error.attempts) == len(outcomes)
    assert error.candidates == ()


@pytest.mark.parametrize(
    ("request_ids", "request_id"),
    [((None, None, None), None), (("a", "b", None), "b"), (("a", "b", "c"), "c"), (("a", None, None), "a")],
)
def test_error_has_the_latest_request_id(request_ids: tuple[str | None, ...], request_id: str | None) -> None:
    error = unresolved("unknown", "answered", "answered", request_ids=request_ids).error("no", ["one"])
    assert error.request_id == request_id
    assert error.candidates == ("one",)
