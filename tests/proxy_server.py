"""A small HTTP proxy over loopback sockets. It connects to the one port that it knows, whatever it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


class ProxyServer:
    """Passes requests on in absolute form, and tunnels on CONNECT.

    Args:
        port: Where all of it goes.
        credentials: ``user:password`` that it asks for; ``None`` for any.
        refusal: A status that it answers everything with; ``None`` to serve.

    Attributes:
        url: Its address, once it is started.
        heads: The head of each request that came, oldest first.
    """

    def __init__(self, port: int, *, credentials: str | None = None, refusal: int | None = None) -> None:
        self.url = ""
        self.heads: list[str] = []
        self._port = port
        self._credentials = credentials
        self._refusal = refusal
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def first_lines(self) -> list[str]:
        return [head.partition("\r\n")[0] for head in self.heads]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks.copy():
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        wanted = None if self._credentials is None else b64encode(self._credentials.encode()).decode()
        if self._refusal is not None:
            writer.write(f"HTTP/1.1 {self._refusal} Refused\r\nContent-Length: 0\r\n\r\n".encode())
            return
        if wanted is not None and f"Proxy-Authorization: Basic {wanted}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            if head.startswith("CONNECT "):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                method, target, rest = head.split(" ", 2)
                lines = [line for line in rest.split("\r\n") if not line.startswith("Proxy-")]
                to_writer.write(f"{method} /{target.split('/', 3)[3]} ".encode() + "\r\n".join(lines).encode())
            async with asyncio.TaskGroup() as group:
                group.create_task(_pipe(reader, to_writer))
                group.create_task(_pipe(to_reader, writer))
        finally:
            to_writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    if writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()
