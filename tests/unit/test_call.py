from __future__ import annotations

import pytest
from samples import action_request, response

from gradient_async.http.call import Call
from gradient_async.http.request import ExchangeError


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
