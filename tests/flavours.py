"""The two flavours of the client behind one face, so that one test body proves a behaviour for both."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import anyio.to_thread

from gradient_async import AsyncGradientAI
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable

# An answer that was lost shows at once in the lists of these servers, or never.
SETTLE_SECONDS = 0.1


class Server(Protocol):
    """Whatever has an address and lets a token in."""

    @property
    def base_url(self) -> str: ...

    @property
    def token(self) -> str: ...


class Flavour(Protocol):
    """The ways to make, call and close a client of one flavour. The fixture closes all clients."""

    name: str

    def client(self, server: Server | None = None, **options: Any) -> Any:
        """Return a client of a server, without pacing and with short time limits, unless the options differ."""

    async def call(self, method: Callable[..., Any], /, *args: Any, **arguments: Any) -> Any:
        """Call a method of a client, and return what it returns."""

    async def items(self, iterator: Any) -> list[Any]:
        """Return all items of an iterator that a client's method returned."""

    async def first(self, iterator: Any) -> Any:
        """Return one item of an iterator, and leave the rest."""

    async def close(self, client: Any) -> None:
        """Close a client."""

    async def close_all(self) -> None:
        """Close every client made here."""


def _options(server: Server | None, options: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "rate_budget": None,
        "settle_seconds": SETTLE_SECONDS,
        "create_settle_seconds": 4 * SETTLE_SECONDS,
        "timeout": 5.0,
    }
    if server is not None:
        usual |= {"access_token": server.token, "base_url": server.base_url}
    return usual | options


class AsyncFlavour:
    """``gradient_async``: methods are awaited."""

    name = "async"

    def __init__(self) -> None:
        self._clients: list[AsyncGradientAI] = []

    def client(self, server: Server | None = None, **options: Any) -> AsyncGradientAI:
        client = AsyncGradientAI(**_options(server, options))
        self._clients.append(client)
        return client

    async def call(self, method: Callable[..., Any], /, *args: Any, **arguments: Any) -> Any:
        return await method(*args, **arguments)

    async def items(self, iterator: Any) -> list[Any]:
        return [item async for item in iterator]

    async def first(self, iterator: Any) -> Any:
        return await anext(iterator)

    async def close(self, client: Any) -> None:
        await client.aclose()

    async def close_all(self) -> None:
        for client in self._clients:
            await client.aclose()


class SyncFlavour:
    """``gradient_sync``: methods block, each in a worker thread, while the test's own loop serves."""

    name = "sync"

    def __init__(self) -> None:
        self._clients: list[GradientAI] = []

    def client(self, server: Server | None = None, **options: Any) -> GradientAI:
        client = GradientAI(**_options(server, options))
        self._clients.append(client)
        return client

    async def call(self, method: Callable[..., Any], /, *args: Any, **arguments: Any) -> Any:
        return await anyio.to_thread.run_sync(partial(method, *args, **arguments))

    async def items(self, iterator: Any) -> list[Any]:
        return await anyio.to_thread.run_sync(list, iterator)

    async def first(self, iterator: Any) -> Any:
        return await anyio.to_thread.run_sync(next, iterator)

    async def close(self, client: Any) -> None:
        await anyio.to_thread.run_sync(client.close)

    async def close_all(self) -> None:
        for client in self._clients:
            await anyio.to_thread.run_sync(client.close)


FLAVOURS: dict[str, Callable[[], Flavour]] = {"async": AsyncFlavour, "sync": SyncFlavour}
