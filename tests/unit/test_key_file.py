"""A file of keys: what is written together, what a fault leaves behind, and what a forked child leaves alone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async.budget import key_file
from gradient_async.budget.key_file import FileKeyStore, _Write
from gradient_async.budget.store_errors import StoreAwayError

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.http.key_store import Swap

pytestmark = pytest.mark.once

FULL, NORMAL = 2, 1


def store_in(path: Path) -> FileKeyStore:
    return FileKeyStore(path / "keys.sqlite3")


def connection_of(store: FileKeyStore) -> sqlite3.Connection:
    assert store._connection is not None
    return store._connection


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("select 1")
    except sqlite3.ProgrammingError:
        return True
    return False


async def swapped_together(store: FileKeyStore, *texts: str, is_durable: bool) -> list[Swap | Exception]:
    """Write some texts under their own names, and before them one that waits already, which is not durable."""
    results: dict[str, Swap | Exception] = {}

    async def swap(text: str, is_durable: bool) -> None:
        try:
            results[text] = await store.swap(text, None, text, 60.0, is_durable=is_durable)
        except Exception as error:  # noqa: BLE001 - each kind is a result
            results[text] = error

    async with anyio.create_task_group() as group:
        with anyio.fail_after(20), store._lock:
            for number, text in enumerate(("first", *texts)):
                group.start_soon(swap, text, is_durable and number > 0)
                while len(store._waiting) <= number:  # noqa: ASYNC110 - threads fill it
                    await anyio.sleep(0.001)
    return [results[text] for text in ("first", *texts)]


# --- changes ---


@pytest.mark.parametrize(("is_durable", "mode"), [(True, FULL), (False, NORMAL)])
async def test_one_durable_change_makes_all_wait_for_the_disk(tmp_path: Path, is_durable: bool, mode: int) -> None:
    store = store_in(tmp_path)
    await swapped_together(store, "second", is_durable=is_durable)
    assert connection_of(store).execute("pragma synchronous").fetchone() == (mode,)


async def test_change_that_cannot_be_written_undoes_those_with_it(tmp_path: Path) -> None:
    store, other = store_in(tmp_path), store_in(tmp_path)
    first, wrong = await swapped_together(store, "\ud800", is_durable=True)
    assert sorted(type(one).__name__ for one in (first, wrong)) == ["StoreAwayError", "UnicodeEncodeError"]
    assert (await other.read("first")).text is None
    with closing(sqlite3.connect(tmp_path / "keys.sqlite3", isolation_level=None, timeout=0.0)) as rows:
        rows.execute("begin immediate")  # the lock is free
    assert (await store.swap("first", None, "x", 60.0)).is_done


async def test_changes_fail_together_when_the_file_stays_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_BUSY_SECONDS", 0.0)
    monkeypatch.setattr(key_file, "_THREADS", 1)
    store, asked, failures = store_in(tmp_path), list[int](), list[str]()
    await store.swap("a", None, "x", 60.0)

    def connected() -> sqlite3.Connection:
        asked.append(1)
        return connection_of(store)

    async def swap(number: int) -> None:
        with pytest.raises(StoreAwayError) as caught:
            await store.swap(f"{number}", None, "x", 60.0)
        failures.append(str(caught.value))

    monkeypatch.setattr(store, "_connected", connected)
    with closing(sqlite3.connect(tmp_path / "keys.sqlite3", isolation_level=None)) as frozen:
        frozen.execute("begin immediate")
        async with anyio.create_task_group() as group:
            with store._lock:
                for number in range(5):
                    group.start_soon(swap, number)
                await anyio.wait_all_tasks_blocked()
    assert failures == ["database is locked"] * 5
    assert asked == [1]


async def test_fault_of_another_kind_fails_its_own_change_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_THREADS", 1)
    store, failures, done = store_in(tmp_path), [sqlite3.DatabaseError("broken")], list[str]()
    connected = store._connected

    def failing_once() -> sqlite3.Connection:
        if failures:
            raise failures.pop()
        return connected()

    async def swap(number: int) -> None:
        try:
            await store.swap(f"{number}", None, "x", 60.0)
        except StoreAwayError as error:
            done.append(str(error))
        else:
            done.append("done")

    monkeypatch.setattr(store, "_connected", failing_once)
    async with anyio.create_task_group() as group:
        with store._lock:
            for number in range(3):
                group.start_soon(swap, number)
            await anyio.wait_all_tasks_blocked()
    assert sorted(done) == ["broken", "done", "done"]


# --- the file ---


async def test_file_is_opened_again_after_a_fault(tmp_path: Path) -> None:
    store = store_in(tmp_path / "a" / "b")
    for write in (False, True):
        await store.swap("k", None, "a", 60.0)
        before = connection_of(store)
        before.execute("drop table keys")
        with pytest.raises(StoreAwayError, match="no such table"):
            await (store.swap("k", "a", "b", 60.0) if write else store.read("k"))
        assert is_closed(before)
        assert (await store.read("k")).text is None


async def test_connection_to_a_file_that_was_replaced_is_closed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    await store.swap("k", None, "a", 60.0)
    before = connection_of(store)
    empty(tmp_path)
    assert (await store.read("k")).text is None
    assert connection_of(store) is not before
    assert is_closed(before)


async def test_file_that_is_no_database_is_left_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys.sqlite3").write_bytes(b"this is no database, " * 100)
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(path: Path, **options: Any) -> sqlite3.Connection:
        opened.append(connect(path, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    with pytest.raises(StoreAwayError, match="not a database"):
        await store_in(tmp_path).read("k")
    assert [is_closed(one) for one in opened] == [True]


@pytest.mark.parametrize(("code", "tries"), [(sqlite3.SQLITE_BUSY, 3), (sqlite3.SQLITE_LOCKED, 3), (1, 1)])
def test_switch_to_a_log_waits_for_that_of_another(monkeypatch: pytest.MonkeyPatch, code: int, tries: int) -> None:
    seen: list[object] = []

    def execute(statement: str) -> None:
        seen.append(statement)
        if len(seen) % 2 and len(seen) < 5:
            error = sqlite3.OperationalError("fails")
            error.sqlite_errorcode = code | 1 << 8  # an extended code
            raise error

    monkeypatch.setattr(key_file, "time", SimpleNamespace(sleep=seen.append))
    connection: Any = SimpleNamespace(execute=execute)
    with pytest.raises(sqlite3.OperationalError) if tries == 1 else nullcontext():
        key_file._switch_to_log(connection)
    assert seen == [*["pragma journal_mode=wal", 0.01] * (tries - 1), "pragma journal_mode=wal"]


# --- a forked child ---


async def test_child_leaves_its_parents_connection_and_changes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    await store.swap("k", None, "a", 60.0)
    parents = connection_of(store)
    store._waiting.append(_Write("of the parent", None, "x", 60.0, True))
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert (await store.swap("k", "a", "b", 60.0)).is_done
    assert (await store.read("of the parent")).text is None, "its parent writes it"
    assert connection_of(store) is not parents
    assert not is_closed(parents)
    for connection in (parents, connection_of(store)):
        connection.close()
