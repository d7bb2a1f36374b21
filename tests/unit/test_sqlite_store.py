"""The state of a shared budget in a file: what counts, who waits before whom, and what each process does."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import ProcessUse
from gradient_async.budget import sqlite_store
from gradient_async.budget.sqlite_store import Place, SqliteStore
from gradient_async.budget.store_errors import StoreAwayError, StoreBusyError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once


def stores_in(path: Path, *names: str, boot: str | None = "boot") -> list[SqliteStore]:
    return [SqliteStore(path / "budget.db", "budget", name, boot) for name in names]


def wait(store: SqliteStore, priority: int, wanted: int, now: float, *, is_served: bool = False) -> None:
    with store.transaction() as transaction:
        transaction.wait(priority, wanted, now, now + 10.0, is_served=is_served)


def place(store: SqliteStore, priority: int, now: float = 1000.0) -> Place:
    with store.transaction() as transaction:
        return transaction.place(priority, now)


def test_what_is_over_is_removed_at_its_time(tmp_path: Path) -> None:
    one, two = stores_in(tmp_path, "one", "two")
    with two.transaction() as transaction:
        transaction.tidy(40.0, 100.0)
        transaction.answer([0.0, 0.5])
        transaction.hold(1, 100.0)
        transaction.hold(2, 100.5)
        transaction.wait(1, 3, 90.0, 100.0, is_served=False)
    with one.transaction() as transaction:
        transaction.tidy(100.0, 100.0)
        assert transaction.answered_since(-1.0) == 2, "that at 0 is gone, and one that was held is counted"
        assert [transaction.newest_answer(number) for number in (1, 2, 3)] == [100.0, 0.5, None]
        assert (transaction.pending, transaction.processes) == (2, 1)
        assert transaction.place(1, 100.0) == Place(0, 1)
        transaction.answer([70.0])
        assert [transaction.answered_since(at) for at in (0.4, 0.5, 70.0, 100.0)] == [3, 2, 1, 0]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups in a file's mode")
@pytest.mark.parametrize(
    ("of_directory", "of_file"), [(0o2770, 0o660), (0o2750, 0o600), (0o1777, 0o600), (0o770, 0o600), (0o700, 0o600)]
)
def test_file_belongs_to_a_group_if_its_directory_does(tmp_path: Path, of_directory: int, of_file: int) -> None:
    """Users who share a budget name a file in a directory of a group. One in /tmp stays private."""
    tmp_path.chmod(of_directory)
    (store,) = stores_in(tmp_path, "one")
    with store.transaction() as transaction:
        transaction.answer([0.0])
        files = [*tmp_path.iterdir()]
        assert len(files) == 3
        assert {file.stat().st_mode & 0o777 for file in files} == {of_file}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_file_behind_a_link_is_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "budget.db").symlink_to(tmp_path / "elsewhere" / "target.db")
    (store,) = stores_in(tmp_path, "one")
    with store.transaction():
        pass
    assert (tmp_path / "elsewhere" / "target.db").stat().st_mode & 0o777 == 0o600


def test_file_is_away_when_a_process_keeps_it_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that is stopped within a transaction does. Each try in between finds it busy."""
    clock = [1000.0]
    monkeypatch.setattr("gradient_async.budget.sqlite_store.time.monotonic", lambda: clock[0])
    one, two = stores_in(tmp_path, "one", "two")

    def found_by_two(now: float) -> str:
        clock[0] = now
        try:
            with two.transaction():
                return "free"
        except (StoreBusyError, StoreAwayError) as error:
            return str(error) or "busy"

    assert found_by_two(1000.0) == "free"
    with one.transaction():
        assert [found_by_two(now) for now in (1000.0, 1001.0, 1002.0, 1003.0)] == ["busy"] * 4
        assert [found_by_two(now) for now in (1003.1, 1003.9)] == ["another process keeps it locked"] * 2
        assert found_by_two(1010.0) == "another process keeps it locked", "no process found it free meanwhile"
    assert found_by_two(1010.0) == "free"
    with one.transaction():
        tries = [found_by_two(now) for now in (1010.5, 1011.5, 1012.5, 1013.5)]
        assert tries == ["busy"] * 4, "it was free in between"
        assert found_by_two(1020.0) == "busy", "no process tried meanwhile"


def test_locked_file_that_was_never_opened_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("gradient_async.budget.sqlite_store.time.monotonic", lambda: clock[0])
    one, two = stores_in(tmp_path, "one", "two")
    with one.transaction():
        for clock[0] in (1000.0, 1001.0, 1002.0, 1003.0):
            with pytest.raises(StoreBusyError), two.transaction():
                pass
        clock[0] = 1003.1
        with pytest.raises(StoreAwayError, match="another process keeps it locked"), two.transaction():
            pass


def test_process_is_counted_for_a_minute(tmp_path: Path) -> None:
    one, two = stores_in(tmp_path, "one", "two")
    for store, now, expected in ((one, 0.0, 1), (two, 59.9, 2), (two, 60.0, 1)):
        with store.transaction() as transaction:
            transaction.tidy(now, 100.0)
            assert transaction.processes == expected


def test_slot_that_ended_late_counts_once(tmp_path: Path) -> None:
    one, two = stores_in(tmp_path, "one", "two")
    with two.transaction() as transaction:
        transaction.answer([50.0])
    with one.transaction() as transaction:
        slots = transaction.hold(3, 50.0)
        assert len(set(slots)) == 3
        transaction.tidy(60.0, 100.0)
        transaction.end(slots[0], 70.0, 50.0)
        transaction.give_back(slots[1], 50.0)
        assert transaction.answered_since(0.0) == 3, "that of the other process, the third, and the end of the first"
        assert transaction.newest_answer(1) == 70.0
        kept = transaction.hold(1, 99.0)[0]
        transaction.give_back(kept, 70.0)
        assert (transaction.pending, transaction.answered_since(0.0)) == (0, 3)


def test_values_are_kept_by_their_key(tmp_path: Path) -> None:
    (one,) = stores_in(tmp_path, "one")
    with one.transaction() as transaction:
        assert transaction.value("a") is None
        transaction.set_value("a", "1")
        transaction.set_value("a", "2")
    with one.transaction() as transaction:
        assert transaction.value("a") == "2"


# --- who waits ---


def test_better_priorities_and_older_waiters_come_first(tmp_path: Path) -> None:
    one, two, three, four = stores_in(tmp_path, "one", "two", "three", "four")
    wait(two, 1, 3, 10.0)
    wait(three, 1, 9, 20.0)
    wait(four, 0, 5, 30.0)
    assert place(one, 1, 15.0) == Place(5 + 1, 3), "all of the better one, and one of each that came before"
    assert place(one, 1, 25.0) == Place(5 + 2, 3)
    assert place(one, 0, 25.0) == Place(0, 2)
    assert place(one, 2, 25.0) == Place(5 + 3 + 9, 1)
    wait(one, 1, 2, 5.0)
    assert place(one, 1, 99.0) == Place(5, 3), "it waits since 5"
    assert place(one, 0, 99.0) == Place(1, 2), "with another priority it comes anew"


@pytest.mark.parametrize(("priority", "is_served", "ahead"), [(1, False, 0), (1, True, 1), (0, False, 0)])
def test_process_that_was_served_waits_behind_the_others(
    tmp_path: Path, priority: int, is_served: bool, ahead: int
) -> None:
    one, two = stores_in(tmp_path, "one", "two")
    wait(one, 1, 1, 10.0)
    wait(two, 1, 1, 20.0)
    wait(one, priority, 1, 30.0, is_served=is_served)
    assert place(one, priority).ahead == ahead
    if priority == 0:
        wait(one, 1, 1, 40.0)
        assert place(one, 1).ahead == 1, "its old place is gone"
    with one.transaction() as transaction:
        transaction.wait_no_more()
    assert place(two, 1) == Place(0, 1)


# --- what each does ---


def test_use_of_each_process_is_told_the_busiest_first(tmp_path: Path) -> None:
    one, two, three, four = stores_in(tmp_path, "one", "two", "three", "four")
    with two.transaction() as transaction:
        transaction.tidy(97.0, 200.0)
        transaction.answer([50.0, 89.0, 95.0])
        transaction.hold(2, 1000.0)
    with three.transaction() as transaction:
        transaction.answer([95.0, 96.0, 97.0, 98.0])
    with four.transaction() as transaction:
        transaction.wait(1, 7, 90.0, 100.0, is_served=False)
    with one.transaction() as transaction:
        transaction.tidy(99.5, 200.0)
        transaction.wait(1, 3, 99.0, 101.0, is_served=False)
        uses = transaction.uses(100.0, [11.0, 60.0])
    assert uses == (
        ProcessUse(process="three", used=(4, 4), pending=0, waiting=0, seen_ago=None, is_this=False),
        ProcessUse(process="two", used=(3, 5), pending=2, waiting=0, seen_ago=3.0, is_this=False),
        ProcessUse(process="one", used=(0, 0), pending=0, waiting=3, seen_ago=0.5, is_this=True),
    )
    with one.transaction() as transaction:
        assert [use.seen_ago for use in transaction.uses(99.0, [1.0]) if use.is_this] == [0.0]


# --- the file ---


@pytest.mark.parametrize(("boots", "is_kept"), [(("a", "a"), True), (("a", "b"), False), ((None, None), True)])
def test_state_is_that_of_one_boot(tmp_path: Path, boots: tuple[str | None, str | None], is_kept: bool) -> None:
    for number, boot in enumerate(boots):
        (store,) = stores_in(tmp_path, "one", boot=boot)
        with store.transaction() as transaction:
            if number == 0:
                transaction.hold(1, 1e9)
                transaction.answer([1.0])
                transaction.wait(1, 1, 1.0, 1e9, is_served=False)
                transaction.tidy(2.0, 100.0)
            else:
                found = (transaction.pending, transaction.answered_since(0.0), transaction.processes)
                assert found == ((1, 1, 1) if is_kept else (0, 0, 0))
                assert transaction.place(2, 2.0).ahead == 0
        store.close()


def test_file_that_was_replaced_is_opened_again(tmp_path: Path) -> None:
    (one,) = stores_in(tmp_path / "a" / "b", "one")
    with one.transaction() as transaction:
        transaction.hold(1, 1e9)
    before = one._connection
    for file in (tmp_path / "a" / "b").iterdir():
        file.unlink()
    with one.transaction() as transaction:
        assert transaction.pending == 0
    assert one._connection is not before
    assert before is not None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.execute("select 1")
    one.close()
    assert one._connection is None


def test_file_that_cannot_be_opened_is_away_and_left_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "budget.db").write_bytes(b"this is no database, " * 100)
    (one,) = stores_in(tmp_path, "one")
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(path: Path, **options: Any) -> sqlite3.Connection:
        opened.append(connect(path, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    with pytest.raises(StoreAwayError, match="not a database"), one.transaction():
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("select 1")
    (tmp_path / "budget.db").unlink()
    with one.transaction() as transaction:
        assert transaction.pending == 0
        mode = [transaction._execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert mode == ["wal", 0]


def test_file_that_cannot_be_locked_is_opened_again(tmp_path: Path) -> None:
    (one,) = stores_in(tmp_path, "one")
    with one.transaction():
        pass
    before = one._connection
    assert before is not None
    before.execute("begin")  # a second one fails
    with pytest.raises(StoreAwayError, match="within a transaction"), one.transaction():
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        before.execute("select 1")
    with one.transaction() as transaction:
        assert transaction.pending == 0


def test_new_file_is_left_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    open_file = os.open

    def noted(*arguments: Any) -> int:
        opened.append(open_file(*arguments))
        return opened[-1]

    monkeypatch.setattr(os, "open", noted)
    sqlite_store.make_file(tmp_path / "budget.db")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_end_of_the_program_closes_no_file(tmp_path: Path) -> None:
    """Functions that run at the exit may still use it."""
    (one,) = stores_in(tmp_path, "one")
    with one.transaction():
        pass
    assert one._finalizer is not None
    assert (one._finalizer.alive, one._finalizer.atexit) == (True, False)


def test_file_is_used_from_any_thread(tmp_path: Path) -> None:
    (one,) = stores_in(tmp_path, "one")
    wait(one, 1, 3, 10.0)
    with ThreadPoolExecutor() as pool:
        assert pool.submit(place, one, 1).result() == Place(0, 1)


def test_connection_of_a_parent_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = stores_in(tmp_path, "one")
    with one.transaction():
        pass
    before = one._connection
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    with one.transaction() as transaction:
        assert transaction.pending == 0
    assert before is not None
    assert one._connection is not before
    assert before.execute("select 1").fetchone() == (1,), "it is not closed"
    child = one._connection
    monkeypatch.setattr(os, "getpid", lambda: pid + 2)
    one.close()
    assert child is not None
    assert child in sqlite_store._parked, "it would be closed when it is collected"
    assert child.execute("select 1").fetchone() == (1,)
    for connection in (before, child):
        connection.close()
