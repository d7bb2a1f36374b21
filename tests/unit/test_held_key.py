"""One call's hold on a key, with a store that loses answers and a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from gradient_async.budget import held_key
from gradient_async.budget.held_key import HeldKey, LostKeyError
from gradient_async.budget.key_record import LEASE_SECONDS, KeptAnswer, KeyRecord, Sent
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.errors import RequestKeyStoreError
from gradient_async.http.key_store import Reading, StoreTime, Swap
from gradient_async.http.request import Timestamp
from gradient_async.http.request_key import RequestKey

pytestmark = pytest.mark.once

ACCOUNT = b"account"
ANSWER = KeptAnswer(201, {}, KeptAnswer.packed(b"{}"))
AWAY = "away"
LOST = "done, and the answer lost"
CANCELLED = "done, and the call cancelled"


@attrs.define
class Store:
    """Keeps texts, and fails as it is told: before a question, or after it."""

    title: str = "a store"
    now: float = 100.0
    kept: dict[str, str] = attrs.field(factory=dict)
    failures: list[str | None] = attrs.field(factory=list)
    swaps: list[tuple[float, bool]] = attrs.field(factory=list)
    asked: int = 0
    scope: anyio.CancelScope = attrs.field(factory=anyio.CancelScope)

    def _fail(self, kind: str) -> None:
        if self.failures and self.failures[0] == kind:
            self.failures.pop(0)
            raise StoreAwayError(kind)

    def _begin(self) -> None:
        self.asked += 1
        self._fail(AWAY)

    def _end(self) -> None:
        self._fail(LOST)
        if self.failures and self.failures[0] is None:
            self.failures.pop(0)

    async def read(self, name: str) -> Reading:
        self._begin()
        self._end()
        return Reading(self.kept.get(name), StoreTime(self.now, "store"))

    async def swap(self, name: str, old: str | None, new: str | None, ttl: float, *, is_durable: bool = True) -> Swap:
        await anyio.lowlevel.checkpoint()
        self._begin()
        is_done = self.kept.get(name) == old
        if is_done:
            self.swaps.append((ttl, is_durable))
            self.kept.pop(name, None)
            if new is not None:
                self.kept[name] = new
        if self.failures[:1] == [CANCELLED]:
            self.failures.pop(0)
            self.scope.cancel()
            await anyio.lowlevel.checkpoint()
        self._end()
        return Swap(is_done, StoreTime(self.now, "store"))


@attrs.define
class Clock:
    """The monotonic clock, which only sleep moves."""

    now: float = 1000.0
    pauses: list[float] = attrs.field(factory=list)
    on_sleep: Callable[[], None] | None = None

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        assert len(self.pauses) < 200, "it never ends"
        if self.on_sleep is not None:
            self.on_sleep()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(held_key, "time", SimpleNamespace(monotonic=clock.monotonic))
    names = {"sleep": clock.sleep, "Lock": anyio.Lock, "move_on_after": anyio.move_on_after}
    monkeypatch.setattr(held_key, "anyio", SimpleNamespace(**names))
    return clock


def held(store: Any, ttl: float = 3600.0) -> HeldKey:
    return HeldKey(store, RequestKey("nightly", ttl, b"reboot"), ACCOUNT, "reboot of Droplet 1")


def record_in(store: Store) -> KeyRecord:
    (text,) = store.kept.values()
    return KeyRecord.decoded(text)


async def taken(store: Store) -> HeldKey:
    key = held(store)
    assert await key.take(await key.read(), None)
    return key


@pytest.mark.parametrize(("ttl", "kept_for"), [(3600.0, 3600.0), (1.0, LEASE_SECONDS)])
async def test_taken_key_is_held_for_a_lease(clock: Clock, ttl: float, kept_for: float) -> None:
    store = Store()
    key = held(store, ttl)
    with pytest.raises(LostKeyError):
        _ = key.record
    reading = await key.read()
    clock.now += 2.0
    assert await key.take(reading, None)
    assert store.swaps == [(kept_for, False)], "if a crash undoes this, nothing was sent"
    assert record_in(store) == key.record
    assert (key.record.state, key.record.until, key.record.clock) == ("held", 102.0 + LEASE_SECONDS, "store")
    assert key.record.what.startswith("reboot of Droplet 1 (digest ")


@pytest.mark.usefixtures("clock")
async def test_key_that_another_call_took_is_not_taken() -> None:
    store = Store()
    first, second = held(store), held(store)
    readings = [await first.read(), await second.read()]
    assert await first.take(readings[0], None)
    assert not await second.take(readings[1], None)
    with pytest.raises(LostKeyError):
        _ = second.record
    assert record_in(store) == first.record


@pytest.mark.usefixtures("clock")
async def test_key_is_taken_although_the_answer_is_lost() -> None:
    store = Store(failures=[None, LOST])
    assert (await taken(store)).record == record_in(store)
    assert len(store.swaps) == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("after", [[], [AWAY]])
async def test_cancelled_call_leaves_the_key_free(after: list[str]) -> None:
    store = Store()
    key = held(store)
    reading = await key.read()
    store.failures = [CANCELLED, *after]
    with store.scope:
        await key.take(reading, None)
    assert store.scope.cancelled_caught
    assert len(store.kept) == len(after), "a store that is away is left alone"
    assert not any(is_durable for _, is_durable in store.swaps)


async def test_store_that_is_away_is_asked_again_for_three_seconds(clock: Clock) -> None:
    store = Store(failures=[AWAY] * 999)
    with pytest.raises(RequestKeyStoreError, match=r"key 'nightly': a store cannot be used: away\. .* it is not sent"):
        await held(store).read()
    assert sum(clock.pauses) == pytest.approx(3.0, abs=0.2)
    assert set(clock.pauses) == {0.15}
    assert store.asked == len(clock.pauses) + 1


async def test_last_try_begins_when_the_time_is_over(clock: Clock) -> None:
    store = Store(failures=[AWAY, AWAY])
    clock.on_sleep = lambda: setattr(clock, "now", 1003.0)
    with pytest.raises(RequestKeyStoreError):
        await held(store).read()
    assert store.asked == 2
    store = Store(failures=[AWAY])
    clock.now = 1000.0
    assert (await held(store).read()).text is None


async def test_what_is_no_record_is_an_error(clock: Clock) -> None:
    key = held(Store())
    assert key.decoded(None) is None
    with pytest.raises(RequestKeyStoreError, match="this is no record of a key"):
        key.decoded("[]")
    assert clock.pauses == []


# --- the lease ---


async def test_lease_is_renewed_three_times_in_its_time(clock: Clock) -> None:
    store = Store()
    key = await taken(store)
    untils: list[float] = []

    def read() -> None:
        untils.append(record_in(store).until)
        store.now = 100.0 + clock.now - 1000.0
        if len(untils) == 4:
            store.failures[:] = [AWAY, None]
        if len(untils) == 7:
            store.kept.clear()
            store.kept["other"] = "another"
            key._record = None

    clock.on_sleep = read
    await key.renew()
    assert clock.pauses == [5.0, 5.0, 5.0, 5.0, 1.0, 5.0, 5.0]
    assert untils == [115.0, 120.0, 125.0, 130.0, 130.0, 136.0, 141.0]
    assert all(not is_durable for _, is_durable in store.swaps)


async def test_lease_is_renewed_soon_after_the_store_was_away(clock: Clock) -> None:
    store = Store()
    key = await taken(store)

    def read() -> None:
        store.now = 100.0 + clock.now - 1000.0
        store.failures[:] = [AWAY] if 105.0 <= store.now < 112.0 else []
        if store.now >= 120.0:
            key._record = None

    clock.on_sleep = read
    asked = store.asked
    await key.renew()
    # At 105 it is away for the first time. The lease would end at 115.
    assert clock.pauses == [5.0, *[1.0] * 7, 5.0, 5.0]
    assert record_in(store).until == 117.0 + LEASE_SECONDS
    assert store.asked - asked == 9


async def test_lease_of_a_store_without_a_record_ends_the_renewal(clock: Clock) -> None:
    store = Store()
    key = await taken(store)
    (name,) = store.kept
    clock.on_sleep = lambda: store.kept.__setitem__(name, "[]")
    await key.renew()
    assert clock.pauses == [5.0]


# --- changes ---


async def test_change_of_the_state_must_survive_a_crash(clock: Clock) -> None:
    store = Store()
    key = await taken(store)
    clock.now += 4.0
    await key.record_sending(Timestamp(50.0, clock.now), 9.0)
    await key.change(lambda record: attrs.evolve(record, timeout=8.0))
    assert [is_durable for _, is_durable in store.swaps] == [False, True, False]
    record = record_in(store)
    assert (record.state, record.timeout, record.until) == ("sending", 8.0, 104.0 + LEASE_SECONDS)
    assert record.first is not None
    assert (record.first.wall, record.first.monotonic, record.first.stored) == (50.0, 1004.0, 104.0)
    assert record.first.clock == "store"
    await key.change(lambda _: None)
    assert store.kept == {}
    assert not store.swaps[-1][1]


@pytest.mark.parametrize(("boot", "expected"), [("boot-1", "boot-1"), (None, "")])
async def test_time_of_an_attempt_has_the_boot(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, boot: str | None, expected: str
) -> None:
    monkeypatch.setattr(held_key, "boot_id", lambda: boot)
    key = await taken(Store())
    assert key.time_of_sending(Timestamp(7.0, clock.now)) == Sent(7.0, 1000.0, expected, 100.0, "store")


@pytest.mark.usefixtures("clock")
async def test_change_whose_answer_is_lost_is_made_once() -> None:
    store = Store()
    key = await taken(store)
    store.failures = [LOST]
    await key.change(lambda record: attrs.evolve(record, timeout=record.timeout + 1.0))
    assert record_in(store).timeout == 2.0, "the change is made from what the store has"
    assert key.record == record_in(store)


@pytest.mark.usefixtures("clock")
async def test_record_is_put_back_into_a_store_that_lost_all() -> None:
    store = Store()
    key = await taken(store)
    store.kept.clear()
    await key.change(lambda record: attrs.evolve(record, timeout=3.0))
    assert record_in(store).timeout == 3.0


@pytest.mark.usefixtures("clock")
async def test_key_of_another_call_is_not_changed() -> None:
    store = Store()
    key = await taken(store)
    (name,) = store.kept
    store.kept[name] = other = attrs.evolve(key.record, owner="another").encoded()
    with pytest.raises(LostKeyError):
        await key.change(lambda record: attrs.evolve(record, timeout=3.0))
    assert store.kept == {name: other}
    with pytest.raises(LostKeyError):
        _ = key.record


# --- the result ---


async def test_result_is_kept_when_the_store_comes_back(clock: Clock) -> None:
    store = Store()
    key = await taken(store)
    store.failures = [AWAY, AWAY]
    await key.keep(ANSWER)
    assert record_in(store).answer == ANSWER
    assert len(clock.pauses) == 2


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("changes", "is_given"),
    [
        ({"owner": "another"}, True),
        ({"owner": "another", "asked": "another request"}, False),
        ({"owner": "another", "state": "done"}, False),
        (None, False),
    ],
)
async def test_result_is_given_to_the_call_that_took_the_key(changes: dict[str, Any] | None, is_given: bool) -> None:
    store = Store()
    key = await taken(store)
    (name,) = store.kept
    if changes is None:
        key._record = None
        store.kept.clear()
    else:
        store.kept[name] = attrs.evolve(key.record, **changes).encoded()
    before = dict(store.kept)
    await key.keep(ANSWER)
    assert (store.kept != before) is is_given
    if is_given:
        assert record_in(store).answer == ANSWER
        assert store.swaps[-1] == (3600.0, True)
