"""What the sender says to the settlement of an action, and what it hears."""

from __future__ import annotations

import itertools
import json
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import action_request, request, response
from scripted_lists import SENT, ScriptedLists, at, stamp

from gradient_async import ActionOutcomeUnknownError
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.call import Call
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import ExchangeError, Timestamp
from gradient_async.http.results import Result
from gradient_async.models.responses import (
    ActionBulkInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
)
from gradient_async.settings import AccessToken, Settings
from gradient_async.waiting import lookup
from gradient_async.waiting.settlement import ActionSettlement

if TYPE_CHECKING:
    from gradient_async.models.action import Action

LOST = ExchangeError("reset by peer", was_sent=True)
CUT_OFF = ExchangeError("cut off", was_sent=True, status=201)
TRACE = trace_of(3164444, "reboot")
NONE = {"actions": [], "links": {}, "meta": {"total": 0}}
_NUMBERS = itertools.count()


class Shared:
    """The claims of other processes.

    Attributes:
        published: The actions and origins that were published.
    """

    def __init__(self) -> None:
        self.published: list[tuple[int, str | None]] = []

    async def publish(self, action_id: int, origin: str | None) -> None:
        self.published.append((action_id, origin))

    async def claim(self, *_: object) -> bool:
        return True

    async def is_of_another(self, *_: object) -> bool:
        return False


def settlement(*answers: object, shared: Shared | None = None, **changes: Any) -> ActionSettlement:
    """Return the settlement of an API of its own: clients of one API share the claims."""
    url = f"https://{next(_NUMBERS)}.example"
    settings = Settings(**{"access_token": AccessToken("t"), "base_url": url, "settle_seconds": 0.0, **changes})
    return ActionSettlement(ScriptedLists(*answers), settings, shared)  # type: ignore[arg-type]  # all that it asks


def act(number: int, started: float | None = 0.0, kind: str = "reboot") -> dict[str, Any]:
    at_noon = None if started is None else stamp(started)
    shown = {"id": number, "status": "in-progress", "type": kind, "started_at": at_noon}
    return {**shown, "resource_id": 3164444, "resource_type": "droplet"}


def reply(
    *actions: dict[str, Any], date: str | None = "Mon, 23 Nov 2026 12:00:00 GMT", **facts: Any
) -> RawResponse[Any]:
    """Return a request's own answer, received after a second attempt."""
    body = {"action": actions[0]} if len(actions) == 1 else {"actions": actions}
    headers = {} if date is None else {"date": date}
    made = response(201, json.dumps(body).encode(), headers)._replace(received_at=at(0.5))
    first, second = (Result.of_answer(made, at(started)) for started in (-30.0, 0.0))
    return RawResponse(made, action_request(**facts), [first, second])


def answer_of(one: RawResponse[Any]) -> Any:
    return one.parse()


def call_at(after: float | None = 0.0, **facts: Any) -> Call[Any]:
    """Return a call that was sent then, or now, and lost."""
    call: Call[Any] = Call(action_request(**facts))
    call.begin()
    if after is not None:
        call.sent_at = at(after)
    return call


# Answers.


@pytest.mark.parametrize(
    ("started", "sent", "is_wrong"),
    [(0.0, 60.0, True), (60.0, 0.0, True), (0.0, 7199.0, True), (0.0, 7200.0, False), (None, 60.0, False)],
)
def test_answer_about_an_earlier_requests_action_is_wrong(started: float | None, sent: float, is_wrong: bool) -> None:
    """A test server may answer every request with one action, which was started long ago."""
    part = settlement()
    part.accept(reply(act(7, started)))
    mismatch = part.mismatch(call_at(sent), answer_of(reply(act(7, started))))
    assert (mismatch is not None) is is_wrong
    if mismatch is not None:
        assert mismatch.reason == "the answer is about action 7, which is an earlier request's"


def test_answer_about_a_new_action_is_right() -> None:
    part = settlement()
    part.accept(reply(act(7)))
    assert part.mismatch(call_at(), answer_of(reply(act(8)))) is None
    other = call_at(action=TRACE._replace(type="shutdown"))
    assert part.mismatch(other, answer_of(reply(act(7)))) is None
    assert part.mismatch(call_at(action=None), answer_of(reply(act(7)))) is None


def test_each_action_of_an_answer_is_compared() -> None:
    part = settlement()
    part.accept(reply(act(7)))
    both = tuple(answer_of(reply(act(number))).action for number in (8, 7))
    assert part.mismatch(call_at(), ActionBulkInitiateResponse(actions=both)) is not None


async def test_own_answer_claims_its_action_and_measures_the_clocks() -> None:
    part = settlement()
    part.accept(reply(act(7, 3.0), origin="run"))
    claims = part._claims
    assert claims.has(7, TRACE)
    assert not claims.is_of_another(7, "run")
    (skew,) = claims.skews
    assert skew.stamp.timestamp() == SENT + 3
    assert skew[1:] == ("Mon, 23 Nov 2026 12:00:00 GMT", at(0.0), at(0.5))


def test_answer_without_a_start_measures_nothing() -> None:
    part = settlement()
    part.accept(reply(act(7, None)))
    assert part._claims.skews == []
    assert part._claims.has(7, TRACE)
    part.accept(RawResponse(response(200, b'{"actions": []}'), request()))
    assert part._claims.skews == []


@pytest.mark.parametrize(
    ("facts", "published"),
    [
        ({"origin": "run"}, [(7, "run")]),
        ({"origin": None}, [(7, None)]),
        ({"action": TRACE._replace(resource_id=None)}, []),
        ({"action": None}, []),
    ],
)
async def test_own_answer_is_published_for_other_processes(facts: Any, published: list[tuple[int, str | None]]) -> None:
    shared = Shared()
    await settlement(shared=shared).publish(reply(act(7), **facts))
    assert shared.published == published
    await settlement().publish(reply(act(7), **facts))


# Requests.


def test_request_under_way_is_a_rival_until_its_end() -> None:
    part, call = settlement(), call_at()
    part.begin(call)
    assert part._claims.is_contested(TRACE, at(0))
    part.end(call)
    assert not part._claims.is_contested(TRACE, at(0))
    part.begin(call_at(action=None))
    assert not part._claims.is_contested(TRACE, at(0))


@pytest.mark.parametrize(("after", "is_contested"), [(6.5, True), (7.5, False)])
def test_abandoned_request_can_be_executed_for_some_time(after: float, is_contested: bool) -> None:
    part, call = settlement(settle_seconds=5.0), call_at(None)
    call.failed(LOST)
    part.abandon(call)
    now = Timestamp.now()
    later = Timestamp(now.wall + after, now.monotonic + after)
    assert part._claims.is_contested(TRACE, later) is is_contested


def test_only_an_open_request_is_abandoned() -> None:
    part, refused = settlement(settle_seconds=5.0), call_at(None)
    refused.failed(ExchangeError("connection refused", was_sent=False))
    part.abandon(refused)
    assert not part._claims.is_contested(TRACE, Timestamp.now())
    part.abandon(call_at(None, action=None))
    assert not part._claims.is_contested(TRACE, Timestamp.now())


def listed(*ids: int) -> tuple[Action, ...]:
    return tuple(answer_of(reply(act(one))).action for one in ids)


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        (ActionListResponse(actions=listed(7, 8)), [7, 8]),
        (ActionRetrieveResponse(action=listed(7)[0]), [7]),
        (listed(7)[0], [7]),
        (SimpleNamespace(id=7), []),
    ],
)
def test_actions_in_an_answer_are_no_later_requests_result(answer: object, ids: list[int]) -> None:
    part = settlement()
    part.note_results(answer)
    now = Timestamp.now()
    later = Timestamp(now.wall + 1, now.monotonic + 1)
    assert [one for one in (7, 8) if part._claims.was_seen_before(one, later)] == ids


# Lookups.


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "Timestamp", SimpleNamespace(now=lambda: at(0.25)))


def lost(error: ExchangeError = LOST, **facts: Any) -> Call[Any]:
    call = call_at(0.0, **facts)
    call.failed(error)
    return call


@pytest.mark.parametrize("is_of_another_process", [True, False])
async def test_found_action_is_the_answer(caplog: pytest.LogCaptureFixture, is_of_another_process: bool) -> None:
    caplog.set_level(logging.INFO)
    part = settlement({"actions": [act(7)], "links": {}, "meta": {"total": 1}})
    call = lost(origin="run")
    call.is_of_another_process = is_of_another_process
    found = await part.find(call, 0.0)
    assert found is not None
    assert found.is_adopted
    assert found.parse().action.id == 7
    assert found.results is call.results
    assert part._claims.has(7, TRACE)
    assert not part._claims.is_of_another(7, "run")
    text = "the answer was lost; the Droplet's list shows that action 7 is its result"
    levels = [one.levelno for one in caplog.records if text in one.message]
    assert levels == [logging.INFO if is_of_another_process else logging.WARNING]


async def test_nothing_is_found_when_no_action_was_started() -> None:
    assert await settlement(NONE).find(lost(), 0.0) is None


async def test_accepted_request_without_an_action_is_unknown() -> None:
    text = "its list of actions shows none, though the server answered with a success"
    with pytest.raises(ActionOutcomeUnknownError, match=text):
        await settlement(NONE).find(lost(CUT_OFF), 0.0)
