"""A small HTTP server that reports its requests, and a client like the SDK's, for programs that tests start."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import Self

    import aiohttp

    from gradient_sync._event_loop import EventLoop

_PATIENCE_SECONDS = 60


class LoopbackServer:
    """Answers every path with the path; ``/slow...`` only after ``release()``.

    Attributes:
        arrivals: Paths of the requests read, in order.
        departures: The last path of each connection that its client closed, in order.
    """

    def __init__(self) -> None:
        self.port = 0
        self.arrivals: queue.Queue[str] = queue.Queue()
        self.departures: queue.Queue[str] = queue.Queue()
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_up.wait(_PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(_PATIENCE_SECONDS)

    def wait_for_arrival(self, path: str) -> None:
        while self.arrivals.get(timeout=_PATIENCE_SECONDS) != path:
            pass

    def wait_for_departure(self, path: str) -> None:
        while self.departures.get(timeout=_PATIENCE_SECONDS) != path:
            pass

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._release.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._release = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._ending.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = ""
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            while head := await _read_head(reader):
                path = head.split()[1].decode()
                self.arrivals.put(path)
                if path.startswith("/slow") and not await self._is_released_before_end_of(reader):
                    break
                body = path.encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                await writer.drain()
        self.departures.put(path)

    async def _is_released_before_end_of(self, reader: asyncio.StreamReader) -> bool:
        released = asyncio.ensure_future(self._release.wait())
        ended = asyncio.ensure_future(reader.read())
        await asyncio.wait((released, ended), return_when=asyncio.FIRST_COMPLETED)
        is_released = released.done()
        for task in (released, ended):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await task
        return is_released


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


class AsyncClient:
    """Holds its session as the SDK does: made in the running loop, and closed by that loop's end."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        import aiohttp  # noqa: F401 - loaded with the first client and not in the loop, as the SDK does

        self._address = f"http://{host}:{sys.argv[1]}"
        self._pools: dict[
            asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession, None]]
        ] = {}

    async def get(self, path: str) -> str:
        loop = asyncio.get_running_loop()
        if loop not in self._pools:
            lifetime = _session_lifetime()
            self._pools[loop] = await anext(lifetime), lifetime
        async with self._pools[loop][0].get(self._address + path) as answer:
            return await answer.text()

    async def aclose(self) -> None:
        _, lifetime = self._pools.pop(asyncio.get_running_loop())
        await lifetime.aclose()


async def _session_lifetime() -> AsyncGenerator[aiohttp.ClientSession, None]:
    import aiohttp

    session = aiohttp.ClientSession()
    try:
        yield session
    finally:
        await session.close()


class Client:
    """The sync client: one line a method, as generated."""

    def __init__(self, host: str = "127.0.0.1", *, event_loop: EventLoop | None = None) -> None:
        from gradient_sync._event_loop import EventLoop

        self.async_client = AsyncClient(host)
        self.event_loop = event_loop or EventLoop()

    def get(self, path: str) -> str:
        return self.event_loop.run(self.async_client.get, path)

    def close(self) -> None:
        self.event_loop.close(self.async_client.aclose)
