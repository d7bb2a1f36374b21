"""The stores of a shared rate budget for tests: a SQLite file, and a real server."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Literal, Protocol

import redis.asyncio
from redis_servers import RedisServer, require_server

from gradient_async import RateBudget
from gradient_async.http.request import Priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gradient_async.http.budget import RateBudgetSnapshot
    from gradient_async.http.windows import ProcessUse, SpecialWindow


class Store(Protocol):
    """A store that a test can take away."""

    @property
    def url(self) -> str: ...

    def take_away(self) -> None:
        """Make the store unusable."""

    def bring_back_empty(self) -> None:
        """Make the store usable again, without what it held."""

    async def contents(self) -> list[bytes]:
        """Return all that it holds."""

    def close(self) -> None:
        """End it."""


class SqliteStoreOfTest:
    """A SQLite file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "store"
        self.folder.mkdir()
        self.url = f"sqlite://{self.folder / 'budget.sqlite3'}"

    def take_away(self) -> None:
        self._delete()
        (self.folder / "budget.sqlite3").write_bytes(b"this is no database, " * 100)

    def bring_back_empty(self) -> None:
        self._delete()

    async def contents(self) -> list[bytes]:
        return [file.read_bytes() for file in self.folder.iterdir()]

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def _delete(self) -> None:
        for file in self.folder.iterdir():
            file.unlink()


class RedisStoreOfTest:
    """A server."""

    def __init__(self, folder: Path) -> None:
        self.server = RedisServer(require_server()[0], folder)
        self.server.start()
        self.url = self.server.url

    def take_away(self) -> None:
        self.server.kill()

    def bring_back_empty(self) -> None:
        self.server.kill()
        self.server.start()

    async def contents(self) -> list[bytes]:
        async with redis.asyncio.Redis.from_url(self.url) as client:
            keys = await client.keys()
            dumps = [await client.dump(key) for key in keys]
            facts = [repr(await client.hgetall(key)).encode() for key in keys if key.endswith(b":facts")]
            return [*keys, *dumps, *facts]

    def close(self) -> None:
        self.server.kill()


STORES: dict[str, type[SqliteStoreOfTest | RedisStoreOfTest]] = {
    "sqlite": SqliteStoreOfTest,
    "redis": RedisStoreOfTest,
}


def process_like(
    store: Store,
    *,
    limit: int = 4,
    span: float = 0.5,
    windows: Iterable[tuple[int, float]] | None = None,
    on_outage: Literal["share", "wait"] = "share",
    reserve: float = 0.0,
) -> RateBudget:
    """Return a budget that does what another process's would do: they share nothing but the store."""
    windows = ((limit, span),) if windows is None else windows
    shared = RateBudget.shared(store.url, windows=windows, on_outage=on_outage, reserve=reserve)
    return shared.bound_to(b"account")


async def state_of(budget: RateBudget) -> RateBudgetSnapshot:
    """Return the present state in the store."""
    await budget.refresh()
    return budget.snapshot()


async def processes_of(budget: RateBudget) -> tuple[ProcessUse, ...]:
    await budget.refresh()
    return budget.processes()


async def send(
    budget: RateBudget,
    sent: list[float],
    priority: Priority = Priority.ACT,
    window: SpecialWindow | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> None:
    slot = await budget.acquire(priority, window)
    sent.append(time.monotonic())
    if (report := budget.release(status, headers or {}, window, slot)) is not None:
        await report


async def hold(budget: RateBudget) -> None:
    assert await budget.acquire() is not None


def most_in(span: float, sent: list[float]) -> int:
    ordered = sorted(sent)
    return max(sum(at <= other < at + span for other in ordered) for at in ordered)
