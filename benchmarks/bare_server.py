"""The server without nginx: the minimum of HTTP/1.1 that the clients need, with prepared answers.

``server.py`` starts it, with its settings as JSON in the only argument.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import ssl
import sys
from contextlib import AsyncExitStack
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

import answers

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST: Final = "127.0.0.1"
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_DROPLET_ACTIONS: Final = re.compile(rb"/v2/droplets/(\d+)/actions$")
_ONE_ACTION: Final = re.compile(rb"/v2/(droplets/\d+/)?actions/\d+$")


class ServerSettings(TypedDict):
    """The settings of the server."""

    plain: int
    secure: int | None
    folder: str
    numbers_actions: bool


class Connection(asyncio.Protocol):
    """One client's connection.

    Args:
        answer: Maps method and path to the bytes of the whole answer.
    """

    def __init__(self, answer: Callable[[bytes, bytes], bytes]) -> None:
        self._answer = answer
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self._received += data
        while (end := self._received.find(_END_OF_HEAD)) >= 0:
            head = self._received[:end]
            found = _LENGTH.search(head)
            whole = end + len(_END_OF_HEAD) + (int(found[1]) if found else 0)
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            method, target, _ = head.split(b" ", 2)
            if self._transport is not None:
                self._transport.write(self._answer(method, target.partition(b"?")[0]))


class Answers:
    """Whole answers by method and path.

    Args:
        numbers_actions: Whether each started action has its own id, and its Droplet's id.
    """

    def __init__(self, *, numbers_actions: bool) -> None:
        self._numbers = itertools.count(answers.FIRST_DROPLET) if numbers_actions else None
        # All ids of Droplets have the same length here, so one answer fits all.
        started = _whole(HTTPStatus.CREATED, answers.one_action())
        self._before_id, self._after_id = started.split(str(answers.FIRST_DROPLET).encode())
        self._action = _whole(HTTPStatus.OK, answers.one_action())
        self._actions = _whole(HTTPStatus.OK, answers.page_of_actions())
        self._droplets = _whole(HTTPStatus.OK, answers.page_of_droplets())
        self._unknown = _whole(HTTPStatus.NOT_FOUND, b'{"id":"not_found","message":"Unknown to the benchmarks."}')

    def find(self, method: bytes, path: bytes) -> bytes:
        """Return the answer to a request."""
        if of_droplet := _DROPLET_ACTIONS.match(path):
            if method != b"POST":
                return self._actions
            if self._numbers is None:
                return b"".join((self._before_id, of_droplet[1], self._after_id))
            return _whole(HTTPStatus.CREATED, answers.numbered_action(next(self._numbers), int(of_droplet[1])))
        if _ONE_ACTION.match(path):
            return self._action
        return {b"/v2/actions": self._actions, b"/v2/droplets": self._droplets}.get(path, self._unknown)


def _whole(status: HTTPStatus, body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in answers.headers().items()]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


async def serve(order: ServerSettings) -> None:
    """Serve until the process ends."""
    loop = asyncio.get_running_loop()
    find = Answers(numbers_actions=order["numbers_actions"]).find
    doors: list[tuple[int, ssl.SSLContext | None]] = [(order["plain"], None)]
    if order["secure"] is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(Path(order["folder"], "server.pem"), Path(order["folder"], "server.key"))
        doors.append((order["secure"], context))
    async with AsyncExitStack() as stack:
        for port, tls in doors:
            door = await loop.create_server(lambda: Connection(find), _HOST, port, ssl=tls, backlog=4096)
            await stack.enter_async_context(door)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
