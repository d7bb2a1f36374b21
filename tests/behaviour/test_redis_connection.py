"""Connections to a Redis server: one client for each event loop, no hidden repetition, no password in any text."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import re
import socket
import sys
import time
import traceback
import weakref
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis_servers
from redis_servers import running_server

from gradient_async.budget import redis_connection
from gradient_async.budget.redis_connection import RedisConnection, Script, connection_to, masked
from gradient_async.budget.store_errors import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from redis_servers import RedisServer

pytestmark = pytest.mark.once

COUNT = Script("return {redis.call('INCRBY', KEYS[1], ARGV[1]), ARGV[2]}")
PASSWORD = "s3cret-of-the-server"


@pytest.mark.skipif(sys.platform != "linux", reason="another system's CI has no server")
def test_machine_without_a_server_skips_except_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_servers, "programs", list)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no redis-server or valkey-server"):
        redis_servers.require_server()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no redis-server or valkey-server"):
        redis_servers.require_server()


async def test_script_runs_with_keys_and_arguments(redis_server: RedisServer) -> None:
    connection = RedisConnection(redis_server.url)
    assert await connection.run(COUNT, ["n"], [2, "text"]) == [2, "text"]
    assert await connection.run(COUNT, ["n"], [3, "text"]) == [5, "text"]


@pytest.mark.parametrize("form", ["redis://127.0.0.1:{port}", "valkey://127.0.0.1:{port}/1", "unix://{socket}?db=2"])
async def test_server_is_reached_by_each_form_of_url(redis_server: RedisServer, form: str) -> None:
    url = form.format(port=redis_server.port, socket=redis_server.socket)
    assert await RedisConnection(url).run(COUNT, ["n"], [1, ""]) == [1, ""]


def kept_since(before: set[object]) -> set[object]:
    """Return the clients that are kept for their event loops. Those of earlier tests may end meanwhile."""
    return redis_connection._kept_lifetimes.keys() - before


def test_each_event_loop_has_its_own_client(redis_server: RedisServer) -> None:
    before = set(redis_connection._kept_lifetimes)
    connection = connection_to(redis_server.url)
    for expected in (1, 2, 3):
        assert asyncio.run(connection.run(COUNT, ["n"], [1, ""])) == [expected, ""]
    assert len(connection._clients) == 1
    assert connection_to(redis_server.url) is connection
    assert not kept_since(before)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_closed_loops_leave_no_sockets_behind(redis_server: RedisServer) -> None:
    before = set(redis_connection._kept_lifetimes)
    connection = connection_to(redis_server.url)
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(connection.run(COUNT, ["n"], [1, ""]))
        loop.close()  # without shutdown_asyncgens, as in many programs
    assert len(kept_since(before)) == 1
    del connection
    gc.collect()
    assert not kept_since(before)
    for _ in range(3):
        gc.collect()  # warns of the open sockets here, and in no later test


async def test_collected_connection_closes_its_client(redis_server: RedisServer) -> None:
    before = set(redis_connection._kept_lifetimes)
    connection = RedisConnection(redis_server.url)
    await connection.run(COUNT, ["n"], [1, ""])
    assert len(kept_since(before)) == 1
    del connection
    gc.collect()
    async with asyncio.timeout(20):
        while kept_since(before):  # noqa: ASYNC110 - the end of a client has no event
            await asyncio.sleep(0.01)


async def test_closed_connection_is_opened_again(redis_server: RedisServer) -> None:
    connection = RedisConnection(redis_server.url)
    await connection.aclose()
    before = set(redis_connection._kept_lifetimes)
    for expected in (1, 2):
        assert await connection.run(COUNT, ["n"], [1, ""]) == [expected, ""]
        await connection.aclose()
        assert not kept_since(before)


async def test_closing_goes_on_when_the_connection_was_collected() -> None:
    waits: list[weakref.ref[asyncio.Future[None]]] = []

    async def lifetime() -> AsyncGenerator[Any, None]:
        try:
            yield None
        finally:
            answer = asyncio.get_running_loop().create_future()
            waits.append(weakref.ref(answer))
            await answer

    client = lifetime()
    await anext(client)
    before = set(redis_connection._ending)
    redis_connection._start_ending(client)
    del client
    await asyncio.sleep(0)
    gc.collect()
    answer = waits[0]()
    assert answer is not None, "only the task refers to it"
    answer.set_result(None)
    await asyncio.wait(redis_connection._ending - before)
    await asyncio.sleep(0)
    assert redis_connection._ending <= before


def test_end_of_the_program_closes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions that run at the exit may still use it."""
    made: list[weakref.finalize[..., Any]] = []

    class Noted(weakref.finalize):  # type: ignore[type-arg]  # of any function
        __slots__ = ()

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(weakref, "finalize", Noted)
    connection = RedisConnection("redis://host")
    assert [(one.alive, one.atexit) for one in made] == [(True, False)], connection


async def test_server_that_is_away_is_an_error_at_once(redis_server: RedisServer) -> None:
    connection = RedisConnection(redis_server.url)
    await connection.run(COUNT, ["n"], [1, ""])
    redis_server.kill()
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(StoreAwayError):
            await connection.run(COUNT, ["n"], [1, ""])
    assert time.monotonic() - began < 10
    redis_server.start()
    assert await connection.run(COUNT, ["n"], [1, ""]) == [1, ""]


async def test_silent_server_is_an_error_after_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_connection, "_ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = RedisConnection(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(StoreAwayError):
            await connection.run(COUNT, ["n"], [1, ""])
    assert time.monotonic() - began < 12


@asynccontextmanager
async def old_server(seen: list[str], answer: bytes) -> AsyncIterator[str]:
    """Run a server like Redis 5 that notes each command, and has one answer to a script. Without one it hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            words = []
            for _ in range(int(line[1:])):
                await reader.readline()
                words.append((await reader.readline()).decode().strip())
            seen.append(words[0])
            reply = {"CLIENT": b"+OK", "PING": b"+PONG", "EVALSHA": answer}.get(words[0], b"-ERR unknown command")
            if not reply:
                break
            writer.write(reply + b"\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_call_without_an_answer_is_not_repeated() -> None:
    seen: list[str] = []
    async with old_server(seen, b"") as url:
        connection = RedisConnection(url)
        with pytest.raises(StoreAwayError):
            await connection.run(COUNT, ["n"], [1, ""])
        await connection.aclose()
    assert seen.count("EVALSHA") == 1


async def test_old_server_is_asked_nothing_but_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    loop = asyncio.get_running_loop()
    loop_time = loop.time
    async with old_server(seen, b":7") as url:
        connection = RedisConnection(url)
        assert await connection.run(COUNT, ["n"], [1, ""]) == 7
        with monkeypatch.context() as later:
            later.setattr(loop, "time", lambda: loop_time() + 3600)
            assert await connection.run(COUNT, ["n"], [1, ""]) == 7
        await connection.aclose()
    assert set(seen) <= {"CLIENT", "EVALSHA"}


async def test_cancelled_call_leaves_no_wrong_answer(redis_server: RedisServer) -> None:
    connection = RedisConnection(redis_server.url)
    for number in range(40):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.0001 * (number % 4)):
                await asyncio.gather(*(connection.run(COUNT, ["other"], [1, f"{number}"]) for _ in range(30)))
        assert (await connection.run(COUNT, ["n"], [1, f"own {number}"])) == [number + 1, f"own {number}"]


@pytest.mark.parametrize("user", ["", "default"])
async def test_no_text_shows_the_password(tmp_path: Path, user: str, caplog: pytest.LogCaptureFixture) -> None:
    with running_server(tmp_path, "--requirepass", "another") as server:
        connection = RedisConnection(f"redis://{user}:{PASSWORD}@127.0.0.1:{server.port}/0")
        with pytest.raises(StoreAwayError) as caught:
            await connection.run(COUNT, ["n"], [1, ""])
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    shown += repr(connection) + str(vars(connection)) + connection.masked_url + caplog.text
    assert "WRONGPASS" in str(caught.value) or "invalid" in str(caught.value)
    assert PASSWORD not in shown


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("redis://:a%40b@host/7?db=7", "a%40b or a@b, database 7."),
        ("redis://host/7?ssl_password=s%40cret&db=7", "s@cret, database 7"),
    ],
)
def test_servers_text_is_shown_without_the_secrets_of_the_url(url: str, text: str) -> None:
    shown = RedisConnection(url.replace("redis:", "rediss:"))._without_secrets(OSError(text))
    assert shown == re.sub(r"[a-z]+(%40|@)[a-z]+", "…", text).rstrip(".")


def test_script_has_a_name_where_sha1_protects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sha1 = hashlib.sha1

    def refuse(content: bytes, *, usedforsecurity: bool = True) -> Any:
        """Do as Python does on a system in FIPS mode."""
        if usedforsecurity:
            raise ValueError("disabled for FIPS")
        return sha1(content)

    monkeypatch.setattr(hashlib, "sha1", refuse)
    assert len(Script("return 1").digest) == 40


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("rediss://user:p%40ss@host/1?ssl_cert_reqs=none", "rediss://…@host/1"),
        ("redis://:pa@ss@host", "redis://…@host"),
        ("unix:///run/redis.sock?password=s3cret", "unix:///run/redis.sock"),
        # A password that should have been percent-encoded, and URLs without two slashes.
        ("redis://:pa#ss@host", "redis://…"),
        ("redis://user:12?34@host", "redis://…"),
        ("redis://user:12?3#4@host", "redis://…"),
        ("redis://:1@23?4@host", "redis://…"),
        ("redis:user:pass@host", "redis:…"),
        ("redis:/user:pass@host", "redis:…"),
    ],
)
def test_masked_url_has_no_user_password_or_options(url: str, expected: str) -> None:
    assert masked(url) == expected


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"redis://:{PASSWORD}@host:nine/0", "expected redis://host:port/0"),
        (f"redis://:{PASSWORD}@host/nine", "expected a number of a database"),
        (f"redis://:12@{PASSWORD}?34@host", "a password as %3F and %23"),
        (f"redis://:12@{PASSWORD}#34@host", "a password as %3F and %23"),
        (f"redis://:{PASSWORD}@host/0?socket_timeout=soon", "redis-py refuses"),
        (f"redis://:{PASSWORD}@host/0?no_such_option=1", "redis-py refuses"),
        (f"rediss://:{PASSWORD}@host/0?ssl_cert_reqs=perhaps", "redis-py refuses"),
        (f"unix://:{PASSWORD}@run/redis.sock", "expected unix:///path/to/socket"),
        (f"redis://:{PASSWORD}@host:0", "expected redis://host:port/0"),
        (f"unix://?password={PASSWORD}", "expected unix:///path/to/socket"),
        (f"http://:{PASSWORD}@host", "expected redis://"),
    ],
)
def test_wrong_url_is_refused_without_its_password(url: str, text: str) -> None:
    with pytest.raises(ValueError, match=text) as caught:
        RedisConnection(url)
    shown = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in shown


def test_missing_package_is_an_error_with_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ImportError, match=r"pip install .*\[redis\]"):
        RedisConnection("redis://host")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
async def test_forked_child_uses_a_connection_of_its_own(redis_server: RedisServer) -> None:
    connection = RedisConnection(redis_server.url)
    await connection.run(COUNT, ["n"], [1, ""])
    child = os.fork()
    if child == 0:
        try:
            os._exit(len(connection._clients) or asyncio.run(_answer_in_new_loop(connection)))
        finally:
            os._exit(9)
    status = (await asyncio.to_thread(os.waitpid, child, 0))[1]
    assert os.waitstatus_to_exitcode(status) == 0
    assert await connection.run(COUNT, ["n"], [1, ""]) == [12, ""]


async def _answer_in_new_loop(connection: RedisConnection) -> int:
    gc.collect()  # not of what its parent uses
    for number in range(2, 12):
        if await connection.run(COUNT, ["n"], [1, ""]) != [number, ""]:
            return 1
    return 0
