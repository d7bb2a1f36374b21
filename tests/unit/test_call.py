from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from samples import action_request, request, response

from gradient_async import (
    ActionOutcomeUnknownError,
    APIConnectionError,
    APIStatusError,
    CreateOutcomeUnknownError,
    RequestOutcomeUnknownError,
)
from gradient_async.endpoints import droplet_creation, volume_actions, volumes
from gradient_async.http.call import Call
from gradient_async.http.endpoint import Done
from gradient_async.http.request import ExchangeError, Timestamp
from gradient_async.http.retry import Step

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request

RESET = ExchangeError("reset by peer", was_sent=True)
NO_ROUTE = ExchangeError("no route", was_sent=False)
VOLUME = "506f78a4-e098-11e5-ad9f-000f53306ae1"
STARTED = b'{"action": {"id": 36804636, "status": "in-progress", "type": "reboot"}}'


def ended(sent: Request[Any], *ends: ExchangeError | int) -> Call[Any]:
    """Return a call whose attempts ended so: without an answer, or with a status."""
    call = Call(sent)
    for end in ends:
        call.begin()
        if isinstance(end, ExchangeError):
            call.failed(end)
        else:
            call.answered(response(end, b'{"id": "a", "message": "sorry"}'))
    return call


def volume_create() -> Request[Any]:
    return volumes.CREATE.request({}, body={"name": "data", "size_gigabytes": 10, "region": "nyc3"})


def detach() -> Request[Any]:
    return volume_actions.initiate_by_id(VOLUME, {"type": "detach", "droplet_id": 5}, {}, {})


def droplet_create() -> Request[Any]:
    body = {"name": "a", "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base", "region": "nyc2"}
    return droplet_creation.create(body, "raise", {})


def test_call_is_open_since_its_first_unresolved_attempt() -> None:
    call = Call(action_request())
    assert not call.is_open
    call.begin()
    first = call.sent_since
    assert call.is_open
    assert first is call.sent_at
    call.failed(ExchangeError("reset by peer", was_sent=True))
    call.begin()
    assert call.sent_at is not first
    assert call.sent_since == first
    call.failed(ExchangeError("reset by peer", was_sent=True))
    assert call.sent_since == first
    assert call.is_open


def test_call_is_not_open_when_nothing_was_executed() -> None:
    call = Call(action_request())
    call.begin()
    call.failed(ExchangeError("connection refused", was_sent=False))
    assert not call.is_open
    call.begin()
    assert call.sent_since is call.sent_at
    call.answered(response(429))
    assert not call.is_open
    assert call.sent_since is call.sent_at


def test_call_is_not_open_when_a_look_up_has_resolved_it() -> None:
    call = Call(action_request())
    call.begin()
    call.failed(ExchangeError("reset by peer", was_sent=True))
    call.was_looked_up = True
    assert not call.is_open
    call.begin()
    call.failed(ExchangeError("reset by peer", was_sent=True))
    assert call.is_open  # the look-up knew nothing of this attempt


@pytest.mark.parametrize("status", [None, 199, 200, 201, 202, 204, 299, 300, 500])
def test_lost_answer_is_a_success_by_its_status(status: int | None) -> None:
    call = Call(action_request())
    call.begin()
    call.failed(ExchangeError("reset by peer", was_sent=True, status=status))
    assert call.was_accepted is (status in {200, 201, 202, 204, 299})
    assert call.was_created is (status in {201, 202})


# --- another process ---


def test_call_of_another_process_is_open_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    call, since = Call(action_request()), Timestamp(wall=1000.0, monotonic=5.0)
    call.assume_sent(since, "its process ended", 2.0)
    assert call.is_of_another_process
    assert call.is_open
    assert (call.sent_since, call.clock_error) == (since, 2.0)
    (attempt,) = call.attempts
    assert (attempt.outcome, attempt.detail) == ("unknown", "its process ended")
    assert caplog.records == []


def test_attempt_of_this_process_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    call = ended(action_request(), RESET)
    assert len(caplog.records) == 1
    assert (call.clock_error, call.is_of_another_process) == (0.0, False)


# --- the answer ---


@pytest.mark.parametrize("status", [None, 200, 201, 404, 500])
@pytest.mark.parametrize("limit", [None, 10])
def test_answer_that_was_not_read_is_not_whole(status: int | None, limit: int | None) -> None:
    result = ended(request(), ExchangeError("cut off", was_sent=True, status=status, limit=limit)).results[-1]
    assert (result.is_whole, result.is_too_large, result.status) == (False, limit is not None, status)


def test_reply_is_the_last_answer_with_all_attempts() -> None:
    reply = ended(request(), 503, 200).reply()
    assert [attempt.status for attempt in reply.attempts] == [503, 200]
    assert (reply.status, reply.is_adopted) == (200, False)
    assert ended(request(), RESET, 404).reply(is_adopted=True).is_adopted


@pytest.mark.parametrize(
    ("status", "body", "matches", "was_created"),
    [
        (201, STARTED, True, False),
        (200, STARTED, True, False),
        (201, b"{", False, True),
        (202, b"{", False, True),
        (200, b"{", False, False),
        (404, b"{", True, False),
        (503, b"", True, False),
    ],
)
def test_answer_of_an_action_matches_unless_it_is_unreadable(
    status: int, body: bytes, matches: bool, was_created: bool
) -> None:
    call = Call(action_request())
    call.begin()
    assert call.matches(response(status, body)) is matches
    call.answered(response(status, body))
    assert call.was_created is was_created
    assert call.was_accepted is not matches


def test_refusal_has_a_text_and_other_answers_have_none() -> None:
    too_large = ExchangeError("the answer is too large", was_sent=True, status=404, limit=10)
    assert ended(request(), 404).refusal_text == "sorry"
    assert ended(request(), 404, RESET).refusal_text == ""
    assert ended(request(), 200).refusal_text == ""
    assert ended(request(), 503).refusal_text == ""
    assert ended(request(), too_large).refusal_text == ""


def test_next_step_goes_by_the_text_of_a_refusal() -> None:
    deletion = request("DELETE")
    call = ended(deletion, RESET, 404)
    assert call.next_step(call.results[-1]) is Step.ACCEPT_AS_DONE
    call = ended(deletion, 404)
    assert call.next_step(call.results[-1]) is Step.FAIL
    call = ended(request("DELETE", done=(Done(status=422, text="sorry", is_always=True),)), 422)
    assert call.next_step(call.results[-1]) is Step.ACCEPT_AS_DONE
    call = ended(deletion, 204)
    assert call.next_step(call.results[-1]) is Step.ACCEPT


# --- unresolved ---


@pytest.mark.parametrize(
    ("sent", "may_exist_unlisted"),
    [(droplet_create(), True), (volume_create(), False), (action_request(), False), (request("POST"), False)],
    ids=["Droplet", "volume", "action", "other"],
)
def test_expensive_thing_alone_is_unresolved_after_a_lookup(sent: Request[Any], may_exist_unlisted: bool) -> None:
    assert not ended(sent, NO_ROUTE).may_exist_unlisted
    call = ended(sent, RESET)
    assert call.may_exist_unlisted is may_exist_unlisted
    assert call.is_open
    call.was_looked_up = True
    assert call.is_open is may_exist_unlisted


# --- errors ---

UNANSWERED = "An earlier attempt was not answered and may have been executed."
SAFE = "It may have been executed; it is safe to send again."


@pytest.mark.parametrize(
    ("method", "ends", "hint"),
    [
        ("PUT", (RESET, 422), UNANSWERED),
        ("POST", (RESET, 422), UNANSWERED),
        ("GET", (RESET, 422), None),
        ("PUT", (422,), None),
        ("PUT", (NO_ROUTE, 422), None),
        ("PUT", (503,), SAFE),
        ("PUT", (NO_ROUTE, 503), SAFE),
        ("GET", (503,), None),
    ],
)
def test_refusal_says_what_an_earlier_attempt_means(
    method: str, ends: tuple[ExchangeError | int, ...], hint: str | None
) -> None:
    error = ended(request(method), *ends).error()
    assert isinstance(error, APIStatusError)
    assert error.hint == hint


@pytest.mark.parametrize(
    ("method", "ends", "consequence"),
    [
        ("PUT", (NO_ROUTE,), "nothing was sent"),
        ("GET", (NO_ROUTE, NO_ROUTE), "nothing was sent"),
        ("PUT", (NO_ROUTE, RESET), "it may have been executed; it is safe to send again"),
        ("PUT", (RESET, NO_ROUTE), "it may have been executed; it is safe to send again"),
        ("GET", (NO_ROUTE, RESET), "it changes nothing and can be sent again"),
    ],
)
def test_failure_says_what_it_means(method: str, ends: tuple[ExchangeError, ...], consequence: str) -> None:
    error = ended(request(method), *ends).error()
    assert type(error) is APIConnectionError
    assert str(error).partition(";")[2].startswith(f" {consequence}")


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        (action_request(), "the Droplet's list of actions"),
        (
            detach(),
            "the volume's list of actions",
        ),
        (volume_create(), "the account's list of volumes"),
    ],
    ids=["Droplet", "volume", "create"],
)
def test_failure_after_a_look_up_names_the_list(sent: Request[Any], title: str) -> None:
    call = ended(sent, RESET)
    call.was_looked_up = True
    assert f"; {title} shows that it was not executed" in str(call.error())
    call = ended(sent, RESET, 503)
    call.was_looked_up = True
    error = call.error()
    assert isinstance(error, APIStatusError)
    assert error.hint == f"It was not executed: {title} shows none."


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((RESET,), "(reset by peer). It was not sent again, since"),
        ((NO_ROUTE, RESET), "(reset by peer). It was not sent again, since"),
        ((RESET, 503), "(reset by peer). It was sent 2 times, and not again, since"),
    ],
)
def test_unknown_outcome_says_how_often_it_was_sent(ends: tuple[ExchangeError | int, ...], text: str) -> None:
    assert text in str(ended(request("POST"), *ends).unknown())


@pytest.mark.parametrize(
    ("sent", "error_class"),
    [
        (request("GET"), None),
        (request("PUT"), None),
        (request("DELETE"), None),
        (request("POST"), RequestOutcomeUnknownError),
        (action_request(), ActionOutcomeUnknownError),
        (volume_create(), CreateOutcomeUnknownError),
    ],
    ids=["GET", "PUT", "DELETE", "POST", "action", "create"],
)
def test_cancelled_call_has_an_error_unless_it_can_be_repeated(sent: Request[Any], error_class: type | None) -> None:
    error = ended(sent, RESET).cancelled()
    assert (None if error is None else type(error)) is error_class


@pytest.mark.parametrize(("ids", "shown"), [((), None), (("a",), "a"), (("a", "b"), "b")])
def test_unknown_outcome_has_the_last_request_id(ids: tuple[str, ...], shown: str | None) -> None:
    call = Call(request("POST"))
    for one in ids:
        call.begin()
        call.answered(response(503, headers={"x-request-id": one}))
    call.begin()
    call.failed(RESET)
    assert call.unknown().request_id == shown
