"""What is asked of a server about keys: whole milliseconds, and its own clock."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import anyio
import anyio.lowlevel
import attrs
import pytest

from gradient_async.budget import key_redis
from gradient_async.budget.key_redis import RedisKeyStore
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.key_store import StoreTime

pytestmark = pytest.mark.once


@attrs.define
class Connection:
    """Answers as told, and notes what it is asked."""

    answer: list[Any]
    masked_url: str = "redis://host"
    asked: list[tuple[Any, ...]] = attrs.field(factory=list)

    async def run(self, _: object, keys: Any, arguments: Any) -> object:
        self.asked.append((keys, arguments))
        return self.answer


@pytest.mark.parametrize(("ttl", "milliseconds"), [(3600.0, 3_600_000), (1.2345, 1234), (0.0, 1), (0.0004, 1)])
async def test_key_lives_for_whole_milliseconds(ttl: float, milliseconds: int) -> None:
    connection: Any = Connection([1, "", 1000, 250000])
    swap = await RedisKeyStore(connection).swap("k", None, "new", ttl)
    assert connection.asked == [(["{gk:k}"], [0, "", 1, "new", milliseconds])]
    assert (swap.is_done, swap.time) == (True, StoreTime(1000.25, "redis"))


async def test_server_has_seconds_and_microseconds() -> None:
    connection: Any = Connection([1, "text", "1000", "500000"])
    reading = await RedisKeyStore(connection).read("k")
    assert (reading.text, reading.time) == ("text", StoreTime(1000.5, "redis"))


async def test_keys_in_memory_are_tidied_at_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("gradient_async.budget.key_store.time.monotonic", lambda: now[0])
    monkeypatch.setattr("gradient_async.budget.key_store._TIDY_AT", 3)
    store = MemoryKeyStore()
    await store.swap("a", None, "1", 5.0)
    await store.swap("b", None, "1", 9.0)
    now[0] = 105.0
    assert (await store.read("a")).text is None, "its time is over at its end"
    assert set(store._kept) == {"a", "b"}
    await store.swap("c", None, "1", 9.0)
    await store.read("c")
    assert set(store._kept) == {"b", "c"}
    for number in range(5):
        await store.swap(f"{number}", None, "1", 1.0)
    assert len(store._kept) == 7
    now[0] = 106.0
    await store.read("c")
    assert len(store._kept) == 7, "all are looked at when there are twice as many as last time"
    await store.swap("x", None, "1", 9.0)
    await store.read("c")
    assert set(store._kept) == {"b", "c", "x"}


@pytest.mark.parametrize(("seconds", "asked"), [(0.5, 2), (0.6, 1)])
async def test_commands_that_wait_fail_with_one_that_was_silent(
    monkeypatch: pytest.MonkeyPatch, seconds: float, asked: int
) -> None:
    now, count = [1000.0], [0]
    monkeypatch.setattr(key_redis, "_CONNECTIONS", 1)
    monkeypatch.setattr(key_redis, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def run(*_: object) -> object:
        count[0] += 1
        await anyio.lowlevel.checkpoint()
        now[0] += seconds
        raise StoreAwayError("silent")

    connection: Any = SimpleNamespace(run=run)
    store = RedisKeyStore(connection)

    async def read() -> None:
        with pytest.raises(StoreAwayError, match="silent"):
            await store.read("k")

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        group.start_soon(read)
    assert count == [asked]
