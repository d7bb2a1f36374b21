"""The loop of one call, with a transport, a budget and a settlement that only record what is asked of them."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Any

import pytest
from samples import TOKEN, action_request, request, response

from gradient_async import (
    APIConnectionError,
    ClientClosedError,
    ConflictError,
    CreateOutcomeUnknownError,
    NotFoundError,
    RateLimitError,
    RequestKeyStoreError,
    RequestOutcomeUnknownError,
)
from gradient_async.endpoints import droplet_creation
from gradient_async.http import retry
from gradient_async.http.headers import Headers
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import ExchangeError, Priority, Timestamp
from gradient_async.http.sender import Sender
from gradient_async.http.windows import SpecialWindow
from gradient_async.proxies import Proxy
from gradient_async.settings import AccessToken, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from gradient_async.http.request import Response

ACTION = b'{"action": {"id": 1, "status": "in-progress", "type": "reboot", "resource_id": 3164444}}'
LIST = b'{"actions": [], "links": {}, "meta": {"total": 0}}'
RESET = ExchangeError("reset by peer", was_sent=True)
NO_ROUTE = ExchangeError("no route", was_sent=False)
WINDOW = SpecialWindow("bulk", 1, 60.0)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_BACKOFF_SECONDS", (0.001,))


class Wire:
    """A transport that answers by script."""

    def __init__(self, *answers: Response | BaseException) -> None:
        self.answers = list(answers)
        self.sent: list[dict[str, Any]] = []

    def prepared(self, headers: dict[str, str]) -> Headers:
        return Headers(headers)

    async def exchange(self, method: str, base_url: str, target: str, **facts: Any) -> Response:
        self.sent.append({"method": method, "url": base_url + target, **facts})
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Slot:
    special = None

    def __init__(self, *, has_expired: bool = False) -> None:
        self.has_expired = has_expired


class Budget:
    """A rate budget that records what a sender asks of it. Its reports have to be awaited."""

    def __init__(self, *slots: Slot, is_free: bool = True, key_store: object = None) -> None:
        self.slots, self.is_free, self.key_store = list(slots), is_free, key_store
        self.asked: list[tuple[Any, ...]] = []

    def acquire_at_once(self) -> bool:
        self.asked.append(("at once",))
        return self.is_free

    async def acquire(self, priority: Priority, window: object, *, timeout: float) -> Slot:
        self.asked.append(("wait", priority, window, timeout))
        return self.slots.pop(0)

    def give_back(self, window: object, slot: Slot | None) -> Awaitable[None]:
        self.asked.append(("give back", window, slot))
        return self._report()

    def release(self, status: int | None, headers: object, window: object, slot: Slot | None) -> Awaitable[None]:
        self.asked.append(("release", status, dict(headers), window, slot))  # type: ignore[call-overload]  # of texts
        return self._report()

    def _report(self) -> Awaitable[None]:
        class Report:
            def __await__(inner) -> Any:  # noqa: N805 - `self` is the budget
                self.asked.append(("reported",))
                yield from ()

        return Report()


class Tracked:
    """A settlement that records the calls of the sender, and finds what it is given."""

    def __init__(self, found: object = None, *, fails_to_publish: BaseException | None = None) -> None:
        self.found, self.fails_to_publish = found, fails_to_publish
        self.told: list[Any] = []

    def of(self, sent: object) -> Tracked | None:
        return self if getattr(sent, "is_looked_up", False) else None

    def note_results(self, answer: object) -> None:
        self.told.append(("results", answer))

    def begin(self, _: object) -> None:
        self.told.append("begin")

    def end(self, _: object) -> None:
        self.told.append("end")

    def mismatch(self, *_: object) -> None:
        return None

    def accept(self, _: object) -> None:
        self.told.append("accept")

    async def publish(self, _: object) -> None:
        self.told.append("publish")
        if self.fails_to_publish is not None:
            raise self.fails_to_publish

    def abandon(self, _: object) -> None:
        self.told.append("abandon")

    async def find(self, call: Any, waited: float) -> object:
        self.told.append(("find", waited, call.unresolved_since is not None, call.clock_error))
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found


def sender_of(wire: Wire, budget: Budget | None = None, tracked: Tracked | None = None, **settings: Any) -> Sender:
    values: dict[str, Any] = {"access_token": AccessToken(TOKEN), "base_url": "https://api.example", **settings}
    made: Any = Sender
    sender: Sender = made(wire, Settings(**values), budget, lambda *_: tracked or Tracked())
    return sender


def ok(body: bytes = LIST, status: int = 200) -> Response:
    return response(status, body)


# --- the rate budget ---


@pytest.mark.parametrize("is_free", [True, False])
async def test_slot_is_taken_at_once_or_waited_for(is_free: bool) -> None:
    slot = Slot()
    budget = Budget(slot, is_free=is_free)
    await sender_of(Wire(ok()), budget, timeout=7.0).send(request())
    waits = [] if is_free else [("wait", Priority.ACT, None, 7.0)]
    taken = None if is_free else slot
    assert budget.asked == [("at once",), *waits, ("release", 200, {}, None, taken), ("reported",)]


async def test_request_with_a_window_of_its_own_waits_for_both() -> None:
    slot = Slot()
    budget = Budget(slot)
    await sender_of(Wire(ok()), budget).send(request(window=WINDOW, priority=Priority.POLL, timeout=3.0))
    assert budget.asked == [
        ("wait", Priority.POLL, WINDOW, 3.0),
        ("release", 200, {}, WINDOW, slot),
        ("reported",),
    ]


async def test_expired_slot_is_given_back_and_another_one_waited_for() -> None:
    old, new, asked = Slot(has_expired=True), Slot(), []
    budget = Budget(old, new, is_free=False)

    async def before(attempts: object) -> None:
        asked.append(attempts)

    await sender_of(Wire(ok()), budget).send(request(), before=before)
    assert [one[0] for one in budget.asked] == ["at once", "wait", "give back", "wait", "release", "reported"]
    assert budget.asked[2] == ("give back", None, old)
    assert budget.asked[4][-1] is new
    assert asked == [(), ()]


@pytest.mark.parametrize("has_budget", [True, False])
async def test_slot_is_given_back_when_the_caller_stops_the_attempt(has_budget: bool) -> None:
    budget, wire = Budget(), Wire(ok())

    async def before(_: object) -> None:
        raise LookupError("stop")

    with pytest.raises(LookupError, match="stop"):
        await sender_of(wire, budget if has_budget else None).send(request(), before=before)
    assert wire.sent == []
    assert budget.asked == ([("at once",), ("give back", None, None), ("reported",)] if has_budget else [])


async def test_slot_is_released_with_the_answer_or_without_one() -> None:
    budget = Budget()
    sender = sender_of(Wire(RESET, response(429, headers={"retry-after": "0"}), ok()), budget)
    await sender.send(request())
    released = [one[1:3] for one in budget.asked if one[0] == "release"]
    assert released == [(None, {}), (429, {"retry-after": "0"}), (200, {})]
    assert (sender.counter.requests, sender.counter.refused) == (3, 1)


# --- closing ---


async def test_closed_sender_takes_no_slot() -> None:
    budget, wire = Budget(), Wire(ok())
    sender = sender_of(wire, budget)
    sender.close()
    with pytest.raises(ClientClosedError, match=r"^this client is closed\. Create a new one$"):
        await sender.send(request())
    assert (wire.sent, budget.asked) == ([], [])


async def test_nothing_is_sent_when_the_sender_is_closed_meanwhile() -> None:
    budget, wire = Budget(), Wire(ok())
    sender = sender_of(wire, budget)

    async def before(_: object) -> None:
        sender.close()

    with pytest.raises(ClientClosedError):
        await sender.send(request(), before=before)
    assert wire.sent == []
    assert budget.asked[-2:] == [("give back", None, None), ("reported",)]


@pytest.mark.parametrize("error", [ClientClosedError("closed"), RequestKeyStoreError("away")])
async def test_outcome_stays_unknown_when_a_second_attempt_is_stopped(error: Exception) -> None:
    """A create of Droplets may be sent again although the first attempt may still have created them."""
    create = droplet_creation.CREATE.request({}, body={"name": "a", "size": "gpu", "image": 1})
    wire, tracked = Wire(RESET), Tracked()

    async def before(attempts: Sequence[object]) -> None:
        if attempts:
            raise error

    with pytest.raises(CreateOutcomeUnknownError, match="may or may not have been executed") as caught:
        await sender_of(wire, None, tracked).send(create, before=before)
    assert (caught.value.__cause__, caught.value.names) == (error, ("a",))
    assert tracked.told[-1] == "abandon"


@pytest.mark.parametrize("sent", [request(), action_request(), request("DELETE", answer=None)])
async def test_repeat_that_is_stopped_is_no_unknown_outcome(sent: Any) -> None:
    async def before(attempts: Sequence[object]) -> None:
        if attempts:
            raise ClientClosedError("closed")

    with pytest.raises(ClientClosedError):
        await sender_of(Wire(RESET), None, Tracked()).send(sent, before=before)


@pytest.mark.parametrize("lost", [(), (RESET,)], ids=["first", "repeat"])
async def test_closed_session_of_the_user_is_no_unknown_outcome(lost: tuple[ExchangeError, ...]) -> None:
    wire = Wire(*lost, ClientClosedError("the http_session is closed"))
    with pytest.raises(ClientClosedError, match="the http_session is closed"):
        await sender_of(wire, None, Tracked()).send(action_request())


async def test_copy_is_closed_with_its_original_and_not_the_reverse() -> None:
    original = sender_of(Wire(ok(), ok()))
    first, second = (original.copy(original.settings, None) for _ in range(2))
    first.close()
    assert (original.is_closed, first.is_closed, second.is_closed) == (False, True, False)
    await second.send(request())
    original.close()
    assert second.is_closed
    with pytest.raises(ClientClosedError):
        await second.send(request())


# --- what is sent ---


async def test_request_has_the_facts_of_client_and_call() -> None:
    wire = Wire(ok(), ok())
    sender = sender_of(
        wire,
        default_query={"a": "1", "b": "2"},
        default_headers={"x-a": "1", "accept": "text/plain"},
        timeout=9.0,
        max_response_bytes=77,
    )
    await sender.send(request())
    await sender.send(request("PUT", query={"b": "3"}, headers={"X-A": "2"}, body={"name": "a"}, timeout=4.0))
    plain, own = wire.sent
    path = "https://api.example/v2/droplets/3164444/actions"
    assert (plain["url"], own["url"]) == (f"{path}?a=1&b=2", f"{path}?a=1&b=3")
    assert (plain["method"], plain["body"], plain["timeout"], plain["limit"]) == ("GET", None, 9.0, 77)
    assert (own["method"], own["body"], own["timeout"], own["limit"]) == ("PUT", b'{"name":"a"}', 4.0, 77)
    headers = plain["headers"].reveal()
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["User-Agent"].startswith("gradient-async/")
    assert (headers.getall("Accept"), headers["x-a"]) == (["text/plain"], "1")
    assert own["headers"].reveal().getall("x-a") == ["2"]
    assert (plain["matches"], plain["proxy"]) == (None, None)


@pytest.mark.parametrize(
    ("base_url", "is_in_clear"), [("http://api.example", True), ("HTTP://api.example", True), ("https://a", False)]
)
async def test_request_has_the_proxys_credentials_without_encryption(base_url: str, is_in_clear: bool) -> None:
    wire = Wire(ok())
    proxy = Proxy(url="http://proxy.example:3128", headers={"Proxy-Authorization": "Basic YTpi"})
    await sender_of(wire, base_url=base_url, proxy=proxy).send(request())
    assert ("Proxy-Authorization" in wire.sent[0]["headers"].reveal()) is is_in_clear
    assert wire.sent[0]["proxy"] is proxy


async def test_answer_is_compared_where_it_has_to_match() -> None:
    wire = Wire(ok(ACTION, 201))
    await sender_of(wire).send(action_request())
    assert wire.sent[0]["matches"] is not None


# --- retries ---


@pytest.mark.parametrize("max_retries", [0, 1, 3])
async def test_read_is_repeated_as_often_as_the_client_allows(max_retries: int) -> None:
    wire = Wire(*[RESET] * 5)
    with pytest.raises(APIConnectionError) as caught:
        await sender_of(wire, max_retries=max_retries).send(request())
    assert len(wire.sent) == len(caught.value.attempts) == max_retries + 1


@pytest.mark.parametrize(("until", "sent"), [(0.0, 1), (math.inf, 3)])
async def test_no_attempt_begins_after_the_end_of_the_time(until: float, sent: int) -> None:
    wire = Wire(*[RESET] * 5)
    with pytest.raises(APIConnectionError):
        await sender_of(wire).send(request(), until=until)
    assert len(wire.sent) == sent


@pytest.mark.parametrize(("seconds", "sent"), [("0", 2), ("61", 1)])
async def test_advice_is_kept_or_raised(seconds: str, sent: int) -> None:
    wire = Wire(*[response(429, headers={"retry-after": seconds})] * 2)
    with pytest.raises(RateLimitError) as caught:
        await sender_of(wire, max_retries=1).send(request())
    assert len(wire.sent) == sent
    assert caught.value.retry_after == float(seconds)


async def test_pause_is_waited_for_before_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("anyio.sleep", sleep)
    monkeypatch.setattr("random.random", lambda: 1.0)
    await sender_of(Wire(response(429, headers={"retry-after": "3"}), RESET, ok())).send(request())
    assert pauses == [3.0, 0.001]


@pytest.mark.parametrize(("until", "sent"), [(102.0, 1), (103.0, 1), (103.5, 2)])
async def test_pause_ends_before_the_end_of_the_time(until: float, sent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(_: float) -> None:
        pass

    monkeypatch.setattr("anyio.sleep", sleep)
    monkeypatch.setattr("anyio.current_time", lambda: 100.0)
    wire = Wire(response(429, headers={"retry-after": "3"}), response(404))
    with pytest.raises((RateLimitError, NotFoundError)):
        await sender_of(wire).send(request(), until=until)
    assert len(wire.sent) == sent


async def test_deletion_is_done_when_its_lost_attempt_did_it() -> None:
    reply = await sender_of(Wire(RESET, response(404))).send(request("DELETE", answer=None))
    assert (reply.status, reply.is_adopted) == (404, True)


async def test_lost_answer_is_unknown_when_nothing_looks_it_up() -> None:
    wire = Wire(RESET)
    with pytest.raises(RequestOutcomeUnknownError):
        await sender_of(wire).send(request("POST", body={}))
    assert len(wire.sent) == 1


# --- look-ups ---


async def test_lost_answer_is_adopted_or_its_request_sent_again() -> None:
    adopted = RawResponse(ok(ACTION, 201), action_request())
    wire, tracked = Wire(RESET), Tracked(adopted)
    assert await sender_of(wire, None, tracked).send(action_request()) is adopted
    assert tracked.told == ["begin", "end", ("find", 0.0, True, 0.0)]
    wire, tracked = Wire(RESET, ok(ACTION, 201)), Tracked()
    await sender_of(wire, None, tracked).send(action_request())
    assert tracked.told == ["begin", "end", ("find", 0.0, True, 0.0), "begin", "end", "accept"]
    assert len(wire.sent) == 2


async def test_accepted_action_is_not_sent_again_when_no_list_shows_it() -> None:
    wire, tracked = Wire(ExchangeError("cut off", was_sent=True, status=201)), Tracked()
    with pytest.raises(APIConnectionError, match="list of actions shows that it was not executed"):
        await sender_of(wire, None, tracked).send(action_request())
    assert tracked.told[-1] == "abandon"
    assert len(wire.sent) == 1


async def test_refused_action_is_neither_looked_up_nor_sent_again() -> None:
    wire, tracked = Wire(response(404)), Tracked()
    with pytest.raises(NotFoundError):
        await sender_of(wire, None, tracked).send(action_request())
    assert tracked.told == ["begin", "end", "abandon"]


@pytest.mark.parametrize("is_shared", [True, False])
async def test_result_is_published_when_processes_share_a_store(is_shared: bool) -> None:
    tracked = Tracked()
    budget = Budget(key_store=object() if is_shared else None)
    await sender_of(Wire(ok(ACTION, 201)), budget, tracked).send(action_request())
    assert tracked.told == ["begin", "end", "accept", *(["publish"] if is_shared else [])]


@pytest.mark.parametrize("found", [None, RawResponse(ok(ACTION, 201), action_request())])
async def test_request_of_another_process_is_looked_up_and_not_sent(found: object) -> None:
    wire, tracked = Wire(), Tracked(found)
    since = Timestamp(wall=1000.0, monotonic=1.0)
    sender = sender_of(wire, None, tracked)
    settled = await sender.settle(action_request(), since=since, waited=2.5, detail="it ended", clock_error=3.0)
    assert settled is found
    assert tracked.told == [("find", 2.5, True, 3.0)]
    assert wire.sent == []


async def test_unresolved_request_of_another_process_is_abandoned() -> None:
    tracked = Tracked(LookupError("unresolved"))
    since = Timestamp(wall=1000.0, monotonic=1.0)
    with pytest.raises(LookupError):
        await sender_of(Wire(), None, tracked).settle(action_request(), since=since, waited=0.0, detail="it ended")
    assert tracked.told == [("find", 0.0, True, 0.0), "abandon"]


def test_results_of_earlier_requests_are_passed_on() -> None:
    tracked, answer = Tracked(), object()
    sender_of(Wire(), None, tracked).note_results(answer)
    assert tracked.told == [("results", answer)]


# --- cancellation ---


@pytest.mark.parametrize(
    ("sent", "is_unknown"), [(action_request(), True), (request("POST", body={}), True), (request(), False)]
)
async def test_cancelled_call_says_that_it_may_have_been_executed(
    sent: Any, is_unknown: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    tracked = Tracked()
    with pytest.raises(asyncio.CancelledError) as caught:
        await sender_of(Wire(asyncio.CancelledError()), None, tracked).send(sent)
    assert isinstance(caught.value.__cause__, RequestOutcomeUnknownError) is is_unknown
    assert tracked.told == (["begin", "end", "abandon"] if sent.is_looked_up else [])
    assert len(caplog.records) == int(sent.is_looked_up)


async def test_cancelled_call_keeps_a_cause_that_it_has() -> None:
    error = asyncio.CancelledError()
    error.__cause__ = cause = LookupError("why")
    with pytest.raises(asyncio.CancelledError) as caught:
        await sender_of(Wire(error)).send(action_request())
    assert caught.value.__cause__ is cause


async def test_cancelled_call_says_nothing_before_it_was_sent() -> None:
    async def before(_: object) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError) as caught:
        await sender_of(Wire()).send(action_request(), before=before)
    assert caught.value.__cause__ is None


async def test_cancelled_call_says_nothing_when_it_was_refused() -> None:
    wire = Wire(NO_ROUTE, asyncio.CancelledError())
    calls: list[object] = []

    async def before(attempts: object) -> None:
        calls.append(attempts)
        if len(calls) > 1:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError) as caught:
        await sender_of(wire).send(action_request(), before=before)
    assert caught.value.__cause__ is None


async def test_call_that_is_cancelled_after_its_answer_was_executed() -> None:
    tracked = Tracked(fails_to_publish=asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError) as caught:
        await sender_of(Wire(ok(ACTION, 201)), Budget(key_store=object()), tracked).send(action_request())
    assert isinstance(caught.value.__cause__, RequestOutcomeUnknownError)
    assert tracked.told == ["begin", "end", "accept", "publish", "abandon"]


async def test_other_error_has_no_cause_of_a_cancelled_call() -> None:
    error = ConflictError.__new__(ConflictError)
    with pytest.raises(ConflictError) as caught:
        await sender_of(Wire(ok(ACTION, 201)), Budget(key_store=object()), Tracked(fails_to_publish=error)).send(
            action_request()
        )
    assert caught.value.__cause__ is None
