"""A server that knows nothing of HTTP clients: it records every whole request and answers by script, byte by byte.

It shares no code with the emulator, so that what both prove does not hang on either.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import struct
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PATIENCE_SECONDS = 20.0
_ids = itertools.count(1_000_000)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@frozen(kw_only=True)
class WireRequest:
    """One request that was read whole."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: float
    connection: int
    header_names: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@frozen(kw_only=True)
class Reply:
    """Bytes to send, and the end of the connection.

    ``hang`` sends no more, and waits for the client to go away. With ``pause_seconds`` every byte waits that long, with
    ``delay_seconds`` only the first one. ``date`` is the moment in it that is renewed if it is sent much later.
    """

    data: bytes = b""
    then: Literal["keep", "close", "reset", "hang"] = "keep"
    pause_seconds: float = 0.0
    delay_seconds: float = 0.0
    date: str = ""
    made_at: float = field(factory=time.monotonic, eq=False)

    @property
    def data_of_now(self) -> bytes:
        """Its bytes, as they are sent at this moment: a ``Date`` that stands still would say that it is from a cache.

        Within a second it stays, so that all answers of a quick test are of one moment.
        """
        if not self.date or time.monotonic() - self.made_at < 1:
            return self.data
        return self.data.replace(self.date.encode(), formatdate(usegmt=True).encode(), 1)


RESET = Reply(then="reset")
CLOSE = Reply(then="close")
HANG = Reply(then="hang")


def reply(
    status: int,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    *,
    then: Literal["keep", "close", "reset", "hang"] = "keep",
    cut: int = 0,
    pause_seconds: float = 0.0,
) -> Reply:
    """Return an HTTP answer. A body that is not bytes becomes JSON. The last ``cut`` bytes are announced, not sent.

    Its ``Date`` is that of now, or of its sending if that is much later, unless the headers have one.
    """
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    date = formatdate(usegmt=True)
    fields = {
        "Date": date,
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        **(headers or {}),
    }
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    whole = "\r\n".join(lines).encode() + data
    given = "Date" in (headers or {})
    return Reply(data=whole[: len(whole) - cut], then=then, pause_seconds=pause_seconds, date="" if given else date)


def html(status: int) -> Reply:
    """Return a page from the network in front of the API."""
    return reply(status, b"<html><body><h1>Bad gateway</h1></body></html>" * 20, {"Content-Type": "text/html"})


def stamp(age: float = 0.0) -> str:
    """Return the API's form of the time ``age`` seconds ago."""
    return datetime.fromtimestamp(time.time() - age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def action(id: object = 36805527, *, age: float = 0.0, **changes: Any) -> dict[str, object]:
    """Return an action as the API shows it, started ``age`` seconds ago."""
    return {
        "id": id,
        "status": "in-progress",
        "type": "reboot",
        "started_at": stamp(age),
        "completed_at": None,
        "resource_id": 3164444,
        "resource_type": "droplet",
        "region": {"name": "Toronto 1", "slug": "tor1", "features": [], "available": True, "sizes": []},
        "region_slug": "tor1",
    } | changes


def created(id: int = 36805527, **changes: Any) -> Reply:
    """Return the answer to an action request."""
    return reply(201, {"action": action(id, **changes)})


def created_for(request: WireRequest) -> Reply:
    """Return the answer to an action request, about its own Droplet and with an id of its own."""
    return created(next(_ids), resource_id=int(request.path.split("/")[3]), type=request.json["type"])


def listed(actions: Iterable[Mapping[str, object]], **changes: object) -> Reply:
    """Return a list of actions that fits one page."""
    items = list(actions)
    return reply(200, {"actions": items, "links": {}, "meta": {"total": len(items)}} | changes)


class WireServer:
    """Answers each request with the next reply scripted for it, in the event loop that starts it.

    Attributes:
        token: Any will do.
        requests: Every whole request, oldest first.
        connections: How many were ever opened.
        stray: Bytes that came in while a connection hung, after its request.
    """

    def __init__(self, token: str = "dop_v1_wire_server_token") -> None:
        self.token = token
        self.requests: list[WireRequest] = []
        self.connections = 0
        self.stray = b""
        self._scripts: dict[str, deque[Reply | Callable[[WireRequest], Reply]]] = {}
        self._left: set[int] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """Its address, which refuses connections until ``start``."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def script(self, method: str, *replies: Reply | Callable[[WireRequest], Reply]) -> None:
        """Answer requests of a method (or of ``METHOD /path``) with these, in turn; the last one repeats."""
        self._scripts[method] = deque(replies)

    def sent(self, method: str) -> list[WireRequest]:
        """Return the requests of a method."""
        return [request for request in self.requests if request.method == method]

    def heads_with_several(self, name: str) -> list[WireRequest]:
        """Return the requests that carry a header more than once."""
        return [request for request in self.requests if request.header_names.count(name) > 1]

    @property
    def talks(self) -> set[asyncio.Task[None]]:
        """The tasks that serve its connections."""
        return set(self._talks)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, sock=self._socket, backlog=512)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self._socket.close()

    async def seen(self, count: int = 1, method: str = "") -> None:
        """Wait until so many requests have come."""
        await until(lambda: len([one for one in self.requests if method in ("", one.method)]) >= count)

    async def left(self, connection: int = 1) -> None:
        """Wait until the client has closed a connection, the first one being 1."""
        await until(lambda: connection in self._left)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):  # cancelled by stop()
                while (request := await _read_request(reader, number)) is not None:
                    self.requests.append(request)
                    answer = self._next_reply(request)
                    await _write(writer, answer)
                    if answer.then == "hang":
                        self.stray += await reader.read()
                    if answer.then == "reset":
                        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                        writer.transport.abort()
                    if answer.then != "keep":
                        return
        finally:
            self._left.add(number)
            self._talks.discard(talk)
            writer.close()

    def _next_reply(self, request: WireRequest) -> Reply:
        key = f"{request.method} {request.path}"
        script = self._scripts.get(key) or self._scripts.get(request.method)
        if not script:
            return reply(418, {"id": "unscripted", "message": f"nothing is scripted for {key}"})
        answer = script.popleft() if len(script) > 1 else script[0]
        return answer if isinstance(answer, Reply) else answer(request)


async def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so, which it must be soon."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come to that")
        await asyncio.sleep(0.002)


async def _read_request(reader: asyncio.StreamReader, connection: int) -> WireRequest | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError:
        return None
    method, target, _ = first.split(" ")
    return WireRequest(
        method=method,
        target=target,
        headers=headers,
        body=body,
        at=time.monotonic(),
        connection=connection,
        header_names=tuple(line.partition(":")[0].lower() for line in lines),
    )


async def _write(writer: asyncio.StreamWriter, answer: Reply) -> None:
    await asyncio.sleep(answer.delay_seconds)
    if not answer.pause_seconds:
        writer.write(answer.data_of_now)
    else:
        for byte in answer.data_of_now:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.pause_seconds)
    await writer.drain()
