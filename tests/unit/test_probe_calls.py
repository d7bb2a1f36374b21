"""Calls of the user's probes, and the probe for an SSH server."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from samples import droplet

from gradient_async.waiting import ssh_banner
from gradient_async.waiting.probe_calls import answer_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async.models.droplet import Droplet

ONE = droplet()
HERE = threading.get_ident()


def plain(one: Droplet) -> object:
    return one.id, threading.get_ident() == HERE


async def coroutine(one: Droplet) -> object:
    return plain(one)


class Awaiting:
    """An object that is called like a coroutine function."""

    async def __call__(self, one: Droplet) -> object:
        return plain(one)


def returning(one: Droplet) -> Any:
    return coroutine(one)


@pytest.mark.parametrize(
    ("check", "is_here"), [(plain, False), (coroutine, True), (Awaiting(), True), (returning, True)]
)
async def test_plain_function_is_called_in_a_thread(check: Any, is_here: bool) -> None:
    assert await answer_of(check, ONE) == (ONE.id, is_here)


@pytest.mark.parametrize("check", [coroutine, Awaiting()])
async def test_coroutine_function_needs_no_thread(monkeypatch: pytest.MonkeyPatch, check: Any) -> None:
    """All threads may be busy with plain functions that block."""

    async def run_sync(*_: object, **__: object) -> object:
        raise AssertionError("a thread")

    monkeypatch.setattr(anyio.to_thread, "run_sync", run_sync)
    assert await answer_of(check, ONE) == (ONE.id, True)


async def test_plain_function_that_blocks_is_left_at_the_deadline() -> None:
    ended, released = threading.Event(), threading.Event()

    def block(_: Droplet) -> bool:
        released.wait(3)
        ended.set()
        return True

    with anyio.move_on_after(0.05) as scope:
        await answer_of(block, ONE)
    is_left = not ended.is_set()
    released.set()
    assert scope.cancelled_caught
    assert is_left


class Stream:
    """A connection on which a server sends some bytes, and closes."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = [*parts]

    async def receive(self) -> bytes:
        if not self._parts:
            raise anyio.EndOfStream
        return self._parts.pop(0)


@pytest.mark.parametrize(
    ("parts", "answers"),
    [
        ((b"SSH-2.0-OpenSSH_9.6\r\n",), True),
        ((b"SS", b"H-2.0-x"), True),
        ((b"welcome\r\n", b"SSH-2.0-x"), True),
        ((b"welcome SSH-2.0-x\r\n",), False),
        ((b"HTTP/1.1 400 Bad Request\r\n",), False),
        ((), False),
        # A server may send 8192 bytes before its banner.
        ((b"x" * 8189 + b"\n", b"SSH-2.0-x"), True),
        ((b"x" * 8190 + b"\n", b"SSH-2.0-x"), False),
        ((b"x" * 9000 + b"\n", b"SSH-2.0-x"), False),
    ],
)
async def test_ssh_server_is_known_by_its_banner(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...], answers: bool
) -> None:
    asked: list[tuple[str, int]] = []

    @asynccontextmanager
    async def connected(host: str, port: int) -> AsyncIterator[Stream]:
        asked.append((host, port))
        yield Stream(*parts)

    async def connect(host: str, port: int) -> Any:
        return connected(host, port)

    monkeypatch.setattr(anyio, "connect_tcp", connect)
    assert await ssh_banner.answers("198.51.100.7", 22) is answers
    assert asked == [("198.51.100.7", 22)]


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), anyio.BrokenResourceError()])
async def test_ssh_server_does_not_answer_when_it_is_away(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def connect(*_: object) -> Any:
        raise error

    monkeypatch.setattr(anyio, "connect_tcp", connect)
    assert await ssh_banner.answers("198.51.100.7", 22) is False
