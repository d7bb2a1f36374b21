"""A call with a key: what it does at each state of the key, with a sender that does as the test says."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any

import anyio
import attrs
import pytest
import samples

from gradient_async.boot import boot_id
from gradient_async.budget import keyed_call
from gradient_async.budget.held_key import LostKeyError
from gradient_async.budget.key_record import KeptAnswer, KeyRecord, Sent
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.budget.keyed_call import KeyedCall
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RequestKeyBusyError, RequestKeyMismatchError, RequestOutcomeUnknownError
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.http.request_key import RequestKey
from gradient_async.settings import DEFAULT_BASE_URL, AccessToken, Settings

pytestmark = pytest.mark.once

REQUEST = samples.action_request()
ANSWER = KeptAnswer(201, {"date": "now"}, KeptAnswer.packed(b'{"action":{}}'))
SETTINGS = Settings(access_token=AccessToken("t"), base_url=DEFAULT_BASE_URL, timeout=9.0)


def reply() -> RawResponse[Any]:
    return RawResponse(samples.response(201, b"{}", {"x-request-id": "7", "x-new": "1"}), REQUEST)


def unknown() -> RequestOutcomeUnknownError:
    return RequestOutcomeUnknownError("lost", method="POST", path="/", attempts=())


@attrs.define
class FakeSender:
    """Sends and looks up as the test says."""

    result: Any = None
    found: Any = None
    is_open: bool = False
    settings: Settings = SETTINGS
    budget: Any = attrs.field(factory=lambda: SimpleNamespace(key_store=MemoryKeyStore()))
    checks: int = 0
    log: list[str] = attrs.field(factory=list)
    settled: dict[str, Any] = attrs.field(factory=dict)

    def check_open(self) -> None:
        self.checks += 1

    def new_call(self, request: Any, _: float) -> Any:
        self.log.append(request.origin.partition(" ")[0])
        return SimpleNamespace(is_open=self.is_open)

    async def run(self, _: Any, before: Any) -> Any:
        await before(())
        self.log.append("sent")
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result or reply()

    async def settle(self, _: Any, **facts: Any) -> Any:
        self.settled = facts
        self.log.append("looked up")
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found


def call_of(sender: Any, asked: bytes = b"reboot") -> KeyedCall[Any]:
    return KeyedCall(sender, REQUEST, RequestKey("nightly", 3600.0, asked))


async def record_of(sender: Any) -> KeyRecord | None:
    call = call_of(sender)
    return call._held.decoded((await call._held.read()).text)


async def put(sender: Any, change: Any) -> None:
    """Store a record of an earlier call, which ended."""
    call = call_of(sender)
    assert await call._held.take(await call._held.read(), None)
    await call._held.change(change)


def sending(record: KeyRecord) -> KeyRecord:
    now = Timestamp.now()
    return record.sending(Sent(now.wall - 50.0, now.monotonic - 50.0, boot_id() or "", 0.0, "x"), 9.0).left()


# --- the whole call ---


async def test_request_is_sent_and_its_result_kept() -> None:
    sender = FakeSender()
    heard: list[Any] = []

    async def before(attempts: Any) -> None:
        heard.append(attempts)

    raw = await call_of(sender).run(before)
    record = await record_of(sender)
    assert (heard, sender.log, sender.checks, raw.is_replayed) == ([()], ["key", "sent"], 1, False)
    assert record is not None
    assert record.answer is not None
    assert (record.state, record.answer.headers) == ("done", {"x-request-id": "7"})
    again = await call_of(sender).run()
    assert (again.is_replayed, again.status, again.body) == (True, 201, b"{}")
    assert sender.log == ["key", "sent"]


@pytest.mark.parametrize(
    ("error", "is_open", "state"),
    [
        (LookupError(), False, None),
        (LookupError(), True, "sending"),
        (unknown(), False, "sending"),
    ],
)
async def test_key_is_freed_unless_the_request_may_be_executed(
    error: Exception, is_open: bool, state: str | None
) -> None:
    sender = FakeSender(error, is_open=is_open)
    with pytest.raises(type(error)):
        await call_of(sender).run()
    record = await record_of(sender)
    assert (record and record.state) == state
    assert record is None or record.until == 0.0


async def test_error_that_is_caused_by_a_lost_answer_leaves_the_key() -> None:
    sender = FakeSender(LookupError())
    sender.result.__cause__ = unknown()
    with pytest.raises(LookupError):
        await call_of(sender).run()
    record = await record_of(sender)
    assert record is not None
    assert record.state == "sending"


# --- after a call that ended ---


@pytest.mark.parametrize("is_found", [True, False])
async def test_earlier_request_is_looked_up_before_another_is_sent(is_found: bool) -> None:
    sender = FakeSender(found=reply() if is_found else None)
    await put(sender, sending)
    await call_of(sender).run(until=anyio.current_time() + 60)
    assert sender.log == (["looked up"] if is_found else ["looked up", "key", "sent"])
    assert sender.settled["waited"] == pytest.approx(41.0, abs=2.0)
    record = await record_of(sender)
    assert record is not None
    assert record.state == "done"


async def test_find_of_what_was_executed_keeps_it() -> None:
    sender = FakeSender(found=reply())
    await put(sender, sending)
    assert await call_of(sender).find() is sender.found
    record = await record_of(sender)
    assert record is not None
    assert record.state == "done"


@pytest.mark.parametrize("earlier", [None, KeyRecord.left, sending])
async def test_find_of_what_was_not_executed_frees_the_key(earlier: Any) -> None:
    sender = FakeSender()
    if earlier is not None:
        await put(sender, earlier)
    assert await call_of(sender).find() is None
    assert await record_of(sender) is None
    assert sender.log == (["looked up"] if earlier is sending else [])


async def test_look_up_that_fails_leaves_the_key_to_the_next() -> None:
    sender = FakeSender(found=unknown())
    await put(sender, sending)
    with pytest.raises(RequestOutcomeUnknownError):
        await call_of(sender).run()
    record = await record_of(sender)
    assert record is not None
    assert (record.state, record.until) == ("sending", 0.0)


async def test_request_that_was_not_executed_is_recorded_so() -> None:
    sender = FakeSender(LookupError())
    await put(sender, sending)
    states: list[Any] = []

    async def before(_: Any) -> None:
        record = await record_of(sender)
        states.append(record and record.state)

    with pytest.raises(LookupError):
        await call_of(sender).run(before)
    assert states == ["held"]
    assert await record_of(sender) is None


@pytest.mark.parametrize(
    ("change", "state", "has_result"),
    [(None, None, False), (sending, "sending", False), (lambda record: record.done(ANSWER), "done", True)],
)
async def test_state_of_a_key_is_told(change: Any, state: str | None, has_result: bool) -> None:
    sender = FakeSender()
    if change is not None:
        await put(sender, change)
    found_state, result = await call_of(sender).kept()
    assert found_state == state
    assert (result is not None and result.is_replayed) is has_result
    if change is not None:
        text = "was used for reboot of Droplet 3164444, POST /v2/droplets/3164444/actions"
        with pytest.raises(RequestKeyMismatchError, match=text):
            await call_of(sender, b"another").kept()
        with pytest.raises(RequestKeyMismatchError):
            await call_of(sender, b"another").run()


@pytest.mark.parametrize(("count", "has_rule"), [(1, True), (0, True), (1, False)])
async def test_replayed_result_names_its_rivals(count: int, has_rule: bool) -> None:
    one = samples.action()
    body = json.dumps({"action": one.to_dict()}).encode()
    answer = KeptAnswer(201, {}, KeptAnswer.packed(body), is_adopted=True, others=(one.to_dict(),) * count)
    sender = FakeSender()
    await put(sender, lambda record: record.done(answer))
    call = call_of(sender)
    rule: Any = SimpleNamespace(things_in=lambda parsed: [parsed.action]) if has_rule else None
    call.request = call.request._replace(endpoint=attrs.evolve(call.request.endpoint, lookup=rule))
    raw = await call.run()
    assert (raw.is_replayed, raw.is_adopted, raw.status) == (True, True, 201)
    assert [type(other) for other in raw.others] == [type(one)] * (count * has_rule)


async def test_plain_request_is_named_by_its_path() -> None:
    sender: Any = FakeSender()
    plain = KeyedCall(sender, samples.request("POST"), RequestKey("k", 60.0, b""))
    assert plain._held.what.startswith("POST /v2/droplets/3164444/actions (digest ")


# --- while another call is at it ---


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of a call, whose clock they move."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) < 99, "it never ends"

    names = {"sleep": sleep, "current_time": lambda: sum(slept), "create_task_group": anyio.create_task_group}
    monkeypatch.setattr(keyed_call, "anyio", SimpleNamespace(**names, move_on_after=anyio.move_on_after))
    return slept


async def test_key_that_another_call_holds_is_looked_at_again(pauses: list[float]) -> None:
    sender = FakeSender()
    await put(sender, lambda record: record)
    with pytest.raises(RequestKeyBusyError, match="another call still sends"):
        await call_of(sender).run(until=3.0)
    expected = [min(0.5, 0.02 * 1.5**number) for number in range(len(pauses))]
    assert pauses == pytest.approx(expected)
    assert 3.0 <= sum(pauses) < 3.5
    assert sender.checks == len(pauses) + 1
    assert sender.log == []


@pytest.mark.usefixtures("pauses")
async def test_call_that_lost_the_key_reads_again() -> None:
    sender = FakeSender(LostKeyError())
    call = call_of(sender)

    async def before(_: Any) -> None:
        sender.result = LostKeyError() if sender.log == ["key"] else None

    assert (await call.run(before)).status == 201
    assert sender.log == ["key", "sent", "key", "sent"]


async def test_wait_ends_exactly_at_its_time(pauses: list[float]) -> None:
    sender = FakeSender()
    await put(sender, lambda record: record)
    with pytest.raises(RequestKeyBusyError):
        await call_of(sender).run(until=0.0)
    assert pauses == []


async def test_lease_is_renewed_while_the_request_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = asyncio.Event()

    async def renew() -> None:
        renewed.set()
        await anyio.sleep(60)

    call = call_of(FakeSender())
    monkeypatch.setattr(call._held, "renew", renew)
    await asyncio.wait_for(call.run(lambda _: renewed.wait()), 20)  # type: ignore[arg-type,return-value]  # not used
    assert renewed.is_set()


@pytest.mark.parametrize(("late", "count"), [(4.9, 1), (5.0, 2), (5.1, 2)])
async def test_attempt_leaves_within_a_third_of_the_lease(
    monkeypatch: pytest.MonkeyPatch, late: float, count: int
) -> None:
    times = (Timestamp(at, at) for at in (0.0, late, late + 1.0, late + 1.1))
    monkeypatch.setattr(
        keyed_call,
        "Timestamp",
        SimpleNamespace(now=lambda: next(times)),
    )
    recorded: list[tuple[float, float]] = []

    async def record(now: Timestamp, timeout: float) -> None:
        recorded.append((now.wall, timeout))

    call = call_of(FakeSender())
    monkeypatch.setattr(call._held, "record_sending", record)
    await call._record_sending()
    assert recorded == [(0.0, 9.0), (late + 1.0, 9.0)][:count]


# --- a store that goes away at the end ---


@pytest.mark.parametrize("error", [StoreAwayError("gone"), None])
async def test_result_that_is_not_kept_is_returned_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception | None
) -> None:
    caplog.set_level(logging.WARNING, "gradient_async")
    monkeypatch.setattr(keyed_call, "_LAST_WRITE_SECONDS", 0.05)

    async def keep(_: object) -> None:
        if error is not None:
            raise error
        await anyio.sleep(60)

    call = call_of(FakeSender())
    monkeypatch.setattr(call._held, "keep", keep)
    assert (await call.run()).status == 201
    (text,) = (one.getMessage() for one in caplog.records)
    assert ("gone" if error else "the store did not answer in time") in text


@pytest.mark.parametrize("by_task", [True, False])
async def test_result_is_kept_although_the_call_is_cancelled(monkeypatch: pytest.MonkeyPatch, by_task: bool) -> None:
    begun, kept = asyncio.Event(), list[int]()

    async def keep(_: object) -> None:
        begun.set()
        await anyio.sleep(0.02)
        kept.append(1)

    call = call_of(FakeSender())
    monkeypatch.setattr(call._held, "keep", keep)
    if by_task:
        task = asyncio.create_task(call._keep(reply()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await call._keep(reply())
    assert kept == [1]


async def test_last_change_is_made_although_the_call_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[object] = []

    async def change(how: object) -> None:
        await anyio.sleep(0.01)
        changed.append(how)

    call = call_of(FakeSender())
    monkeypatch.setattr(call._held, "try_to_change", change)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await call._leave(KeyRecord.left)
    assert changed == [KeyRecord.left]
