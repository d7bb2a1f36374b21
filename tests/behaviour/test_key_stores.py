"""What each store of keys promises: whole records, exchanged only for what is expected, and one clock for all."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from redis_servers import programs, running_server

from gradient_async.budget import key_file, key_store
from gradient_async.budget.key_file import FileKeyStore
from gradient_async.budget.key_redis import RedisKeyStore
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.budget.redis_connection import RedisConnection
from gradient_async.budget.store_errors import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gradient_async.http.key_store import KeyStore

pytestmark = pytest.mark.once


@pytest.fixture(params=["memory", "file", *(programs() or [None])])
def store(request: pytest.FixtureRequest, tmp_path: Path, _patient_with_redis: None) -> Iterator[KeyStore]:
    """Each store in turn."""
    if request.param == "memory":
        yield MemoryKeyStore()
    elif request.param == "file":
        yield FileKeyStore(tmp_path / "keys.sqlite3")
    else:
        with running_server(tmp_path, program=request.param) as server:
            yield RedisKeyStore(RedisConnection(server.url))


async def test_text_is_exchanged_only_for_what_is_expected(store: KeyStore) -> None:
    changes = [("x", "a"), (None, "a"), (None, "b"), ("b", "c"), ("a", "ä\x00\n"), ("a", None), ("ä\x00\n", None)]
    done = [(await store.swap("k", old, new, 10)).is_done for old, new in changes]
    assert done == [False, True, False, False, True, False, True]
    assert (await store.read("k")).text is None


async def test_empty_text_is_not_nothing(store: KeyStore) -> None:
    assert (await store.swap("k", None, "", 10)).is_done
    assert (await store.read("k")).text == ""
    assert not (await store.swap("k", None, "a", 10)).is_done
    assert (await store.swap("k", "", "a", 10)).is_done


async def test_nothing_is_exchanged_for_nothing(store: KeyStore) -> None:
    assert (await store.swap("k", None, None, 10)).is_done
    assert (await store.read("k")).text is None


async def test_names_are_apart(store: KeyStore) -> None:
    await store.swap("a", None, "1", 10)
    await store.swap("b", None, "2", 10)
    assert ((await store.read("a")).text, (await store.read("b")).text) == ("1", "2")


async def test_text_is_gone_when_its_time_is_over(store: KeyStore) -> None:
    await store.swap("k", None, "a", 0.5)
    assert (await store.read("k")).text == "a"
    await anyio.sleep(0.55)
    assert (await store.read("k")).text is None
    assert (await store.swap("k", None, "b", 10)).is_done


async def test_one_of_many_at_once_wins(store: KeyStore) -> None:
    won: list[int] = []

    async def swap(number: int) -> None:
        if (await store.swap("k", None, f"{number}", 10)).is_done:
            won.append(number)

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(swap, number)
    assert len(won) == 1
    assert (await store.read("k")).text == f"{won[0]}"


async def test_clock_runs_on(store: KeyStore) -> None:
    first = (await store.read("k")).time
    await anyio.sleep(0.02)
    second = (await store.swap("k", None, "a", 10)).time
    assert first.clock == second.clock
    assert 0.01 < second.now - first.now < 12


@pytest.mark.parametrize("is_durable", [True, False])
async def test_durable_change_waits_for_the_disk(tmp_path: Path, is_durable: bool) -> None:
    path = tmp_path / "folder" / "keys.sqlite3"
    store = FileKeyStore(path)
    await store.swap("k", None, "a", 10, is_durable=is_durable)
    full, normal = 2, 1
    pragmas = {"synchronous": full if is_durable else normal, "journal_mode": "wal"}
    connection = store._connection
    assert connection is not None
    for name, expected in pragmas.items():
        assert connection.execute(f"pragma {name}").fetchone()[0] == expected
    for place in (path, path.parent):
        assert place.stat().st_mode & 0o077 == 0 or sys.platform == "win32"


async def test_changes_at_once_wait_for_the_disk_together(tmp_path: Path) -> None:
    store, statements = FileKeyStore(tmp_path / "keys.sqlite3"), list[str]()
    await store.swap("k", None, "a", 10)
    assert store._connection is not None
    store._connection.set_trace_callback(statements.append)
    store._lock.acquire()
    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(store.swap, f"{number}", None, "a", 10.0)
        while len(store._waiting) < 10:  # noqa: ASYNC110 - threads fill it
            await anyio.sleep(0.01)
        store._lock.release()
    assert [statement.lower() for statement in statements].count("commit") == 1
    assert [(await store.read(f"{number}")).text for number in range(10)] == ["a"] * 10


async def test_lock_of_a_process_that_stands_still_ends_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_BUSY_SECONDS", 0.1)
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    await store.swap("k", None, "a", 10)
    other = sqlite3.connect(tmp_path / "keys.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    assert (await store.read("k")).text == "a"
    with pytest.raises(StoreAwayError, match="locked"):
        await store.swap("k", "a", "b", 10)
    other.execute("rollback")
    other.close()
    assert (await store.swap("k", "a", "b", 10)).is_done


async def test_file_keeps_a_text_over_a_reboot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.sqlite3"
    await FileKeyStore(path).swap("k", None, "a", 3600)
    monkeypatch.setattr(key_file, "boot_id", lambda: "the next boot")
    store = FileKeyStore(path)
    reading = await store.read("k")
    assert (reading.text, reading.time.clock) == ("a", "the next boot")
    with sqlite3.connect(path) as rows:
        rows.execute("update keys set until_wall = until_wall - 3601")
    rows.close()
    assert (await store.read("k")).text is None


async def test_file_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    await store.swap("k", None, "a", 10)
    for file in ("keys.sqlite3", "keys.sqlite3-wal", "keys.sqlite3-shm"):
        (tmp_path / file).unlink()
    assert (await store.read("k")).text is None
    assert (await store.swap("k", None, "b", 10)).is_done


async def test_old_rows_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_file.random, "random", lambda: 0.0)
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    for number in range(5):
        await store.swap(f"{number}", None, "a", 0.01)
        time.sleep(0.02)  # noqa: ASYNC251 - shorter than a switch of threads may take
    with sqlite3.connect(tmp_path / "keys.sqlite3") as rows:
        assert rows.execute("select count(*) from keys").fetchone() == (1,)
    rows.close()


async def test_old_keys_in_memory_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_store, "_TIDY_AT", 4)
    store = MemoryKeyStore()
    await store.swap("kept", None, "a", 100)
    for number in range(20):
        await store.swap(f"{number}", None, "a", 0.0)
    assert len(store._kept) <= 5
    assert (await store.read("kept")).text == "a"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
async def test_file_is_opened_again_in_a_forked_child(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    await store.swap("k", None, "a", 10)
    store._lock.acquire()  # as by a thread that the child does not have
    child = os.fork()
    if child == 0:
        code = 1
        try:
            anyio.run(store.swap, "k", "a", "b", 10.0)
            code = 0
        finally:
            os._exit(code)
    store._lock.release()
    _, status = await anyio.to_thread.run_sync(os.waitpid, child, 0)
    assert status == 0
    assert (await store.read("k")).text == "b"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
async def test_forked_child_keeps_keys_when_its_parent_closes_it(tmp_path: Path) -> None:
    """A child that trusts locks of its parent would write to a log that others have removed."""
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    await store.swap("k", None, "of the parent", 60)
    of_parent, of_child = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            anyio.run(store.read, "k")
            os.write(of_child[1], b".")
            os.read(of_parent[0], 1)
            anyio.run(store.swap, "k", "of the parent", "of the child", 60)
        except BaseException:  # noqa: BLE001 - a forked child must not return into the test runner
            os._exit(1)
        os._exit(0)
    await anyio.to_thread.run_sync(os.read, of_child[0], 1)
    store._close()
    os.write(of_parent[1], b".")
    _, status = await anyio.to_thread.run_sync(os.waitpid, child, 0)
    assert status == 0
    assert (await FileKeyStore(tmp_path / "keys.sqlite3").read("k")).text == "of the child"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
async def test_memory_can_be_read_in_a_forked_child() -> None:
    store = MemoryKeyStore()
    await store.swap("k", None, "a", 10)
    store._lock.acquire()  # as by a thread that the child does not have
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        os._exit(0 if anyio.run(store.read, "k").text == "a" else 1)
    store._lock.release()
    _, status = await anyio.to_thread.run_sync(os.waitpid, child, 0)
    assert status == 0


async def test_store_that_is_away_is_an_error_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite3").mkdir()
    stores = [
        FileKeyStore(tmp_path / "keys.sqlite3"),
        RedisKeyStore(RedisConnection("redis://:secret-word@127.0.0.1:9")),
    ]
    for store in stores:
        with pytest.raises(StoreAwayError) as caught:
            await store.read("k")
        assert "secret-word" not in f"{caught.value!r} {store.title}"
