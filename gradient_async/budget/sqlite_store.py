"""The state of a shared rate budget in a SQLite file: which requests count, which are pending, and who waits.

All processes of one host see the same monotonic clock, so the file holds times of it. After a reboot the clock begins
anew, and so does the state.

The file is no archive: it can be deleted at any time. ``synchronous=OFF`` is enough for it, since a crash of the host
ends all processes that it is about.
"""

from __future__ import annotations

import math
import os
import random
import sqlite3
import stat
import time
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from gradient_async.budget.store_errors import StoreAwayError, StoreBusyError
from gradient_async.http.windows import ProcessUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

# Other processes hold the lock for some 50 microseconds.
_TRIES: Final = 40
_FIRST_PAUSE_SECONDS: Final = 0.00005
_MAX_PAUSE_SECONDS: Final = 0.001
_LOCKED_SECONDS: Final = 3.0
_NEXT_TRY_SECONDS: Final = 1.0
_SEEN_SECONDS: Final = 60.0
# The mode of a directory whose files belong to its group, which may write to it.
_OF_A_GROUP: Final = stat.S_ISGID | stat.S_IWGRP

_TABLES: Final = """
create table if not exists {name}_answers (at real not null, process text not null);
create index if not exists {name}_answers_at on {name}_answers (at);
create table if not exists {name}_pending (
    id integer primary key autoincrement, process text not null, until real not null
);
create table if not exists {name}_waiting (
    process text primary key, priority integer not null, ticket real not null, wanted integer not null,
    until real not null
) without rowid;
create table if not exists {name}_seen (process text primary key, at real not null) without rowid;
create table if not exists {name}_state (key text primary key, value text not null) without rowid;
"""


@frozen
class Place:
    """The place of a process among those that wait.

    Attributes:
        ahead: Number of requests of others that are sent before its next one.
        peers: Number of processes that wait with the same priority, this one included.
    """

    ahead: int
    peers: int


class SqliteStore:
    """The state of one budget in a file.

    Args:
        path: The file.
        name: Prefix of the budget's tables: letters, digits and underscores.
        process: Name of this process, unique on this host.
        boot: Id of this boot of the host; ``None`` if it is not known.
    """

    def __init__(self, path: Path, name: str, process: str, boot: str | None) -> None:
        self._path = path
        self._name = name
        self._process = process
        self._boot = boot or ""
        self._connection: sqlite3.Connection | None = None
        self._finalizer: weakref.finalize[..., SqliteStore] | None = None
        self._pid = os.getpid()
        self._inode: int | None = None
        self._locked_since, self._last_locked_at = math.inf, -math.inf

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Hold the file's lock inside the block. The changes are kept if the block does not raise.

        Raises:
            StoreBusyError: Others hold the lock.
            StoreAwayError: The file cannot be used, or one process has held the lock for seconds.
        """
        try:
            connection = self._connected()
            _begin(connection)
        except StoreBusyError:
            if self._is_locked_for_long():
                raise StoreAwayError("another process keeps it locked") from None
            raise
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreAwayError(str(error)) from None
        try:
            self._last_locked_at = -math.inf
            yield Transaction(connection, self._name, self._process)
            connection.execute("commit")
        except sqlite3.Error as error:
            self.close()
            raise StoreAwayError(str(error)) from None
        except BaseException:
            connection.execute("rollback")
            raise

    def _is_locked_for_long(self) -> bool:
        """Return whether the file was locked at each try for some seconds, as by a process that stands still.

        Once it was, it is until a try finds the file free.
        """
        now = time.monotonic()
        was_locked_for_long = self._last_locked_at - self._locked_since > _LOCKED_SECONDS
        if not was_locked_for_long and now - self._last_locked_at > _NEXT_TRY_SECONDS:
            self._locked_since = now
        self._last_locked_at = now
        return now - self._locked_since > _LOCKED_SECONDS

    def close(self) -> None:
        """Close the file. The next transaction opens it again."""
        self._connection = None
        if self._finalizer is not None:
            self._finalizer()  # in a forked child, it leaves the connection of the parent process alone

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None and self._pid == os.getpid():
            if self._inode == self._inode_now():
                return self._connection
            self.close()  # the file was deleted or replaced
        # A connection of the parent process is left alone in a forked child: SQLite forbids to use or close it.
        self._pid = os.getpid()
        make_file(self._path)
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=0.0, check_same_thread=False)
        try:
            _patiently(lambda: connection.execute("pragma journal_mode=wal"))
            connection.execute("pragma synchronous=off")
            _begin(connection)
            for statement in _TABLES.format(name=self._name).split(";"):
                connection.execute(statement)
            self._begin_anew_after_reboot(connection)
            connection.execute("commit")
        except BaseException:
            connection.close()
            raise
        self._connection, self._inode = connection, self._inode_now()
        self._finalizer = closed_with(self, connection)
        return connection

    def _inode_now(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except OSError:
            return None

    def _begin_anew_after_reboot(self, connection: sqlite3.Connection) -> None:
        row = connection.execute(f"select value from {self._name}_state where key = 'boot'").fetchone()
        if row is not None and row[0] == self._boot:
            return
        for table in ("answers", "pending", "waiting", "seen", "state"):
            connection.execute(f"delete from {self._name}_{table}")
        epoch = f"{self._process}-{random.getrandbits(64):x}"
        rows = [("boot", self._boot), ("epoch", epoch)]
        connection.executemany(f"insert into {self._name}_state values (?, ?)", rows)


class Transaction:
    """What can be read and written while the file's lock is held. Times are those of the monotonic clock."""

    def __init__(self, connection: sqlite3.Connection, name: str, process: str) -> None:
        self._execute = connection.execute
        self._name = name
        self._process = process

    def value(self, key: str) -> str | None:
        """Return a value of the state; ``None`` if it has none."""
        row = self._execute(f"select value from {self._name}_state where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_value(self, key: str, value: str) -> None:
        """Set a value of the state."""
        self._execute(f"insert or replace into {self._name}_state values (?, ?)", (key, value))

    def tidy(self, now: float, longest: float) -> None:
        """Remove what is over. A holder that never answered counts from its deadline on."""
        name = self._name
        self._execute(f"delete from {name}_answers where at <= ?", (now - longest,))
        self._execute(f"insert into {name}_answers select until, process from {name}_pending where until <= ?", (now,))
        self._execute(f"delete from {name}_pending where until <= ?", (now,))
        self._execute(f"delete from {name}_waiting where until <= ?", (now,))
        self._execute(f"delete from {name}_seen where at <= ?", (now - _SEEN_SECONDS,))
        self._execute(f"insert or replace into {name}_seen values (?, ?)", (self._process, now))

    @property
    def processes(self) -> int:
        """The number of processes that used the budget in the last minute."""
        return self._number(f"select count(*) from {self._name}_seen")

    @property
    def pending(self) -> int:
        """The number of pending requests."""
        return self._number(f"select count(*) from {self._name}_pending")

    @property
    def promised(self) -> int:
        """The number of requests of other processes that wait."""
        return self._number(
            f"select coalesce(sum(wanted), 0) from {self._name}_waiting where process <> ?", self._process
        )

    def answered_since(self, at: float) -> int:
        """Return the number of requests that were answered after a time."""
        return self._number(f"select count(*) from {self._name}_answers where at > ?", at)

    def newest_answer(self, number: int) -> float | None:
        """Return the time of the newest answered request, by number from 1; ``None`` if there are fewer."""
        statement = f"select at from {self._name}_answers order by at desc limit 1 offset ?"
        row = self._execute(statement, (number - 1,)).fetchone()
        return None if row is None else float(row[0])

    def hold(self, count: int, until: float) -> list[int]:
        """Take slots, and return their ids."""
        statement = f"insert into {self._name}_pending (process, until) values (?, ?)"
        return [int(self._execute(statement, (self._process, until)).lastrowid or 0) for _ in range(count)]

    def end(self, slot: int, at: float, deadline: float) -> None:
        """End a request. After its deadline it was counted from there on, and is now counted from its end on.

        Args:
            slot: Its slot.
            at: When it ended.
            deadline: The slot's deadline.
        """
        self.give_back(slot, deadline)
        self.answer([at])

    def answer(self, times: list[float]) -> None:
        """Count requests of this process that were answered at these times."""
        for at in times:
            self._execute(f"insert into {self._name}_answers values (?, ?)", (at, self._process))

    def give_back(self, slot: int, deadline: float) -> None:
        """Free the slot of a request that was not sent.

        Args:
            slot: The slot.
            deadline: Its deadline.
        """
        name = self._name
        if not self._execute(f"delete from {name}_pending where id = ?", (slot,)).rowcount:
            overdue = f"select rowid from {name}_answers where process = ? and at = ? limit 1"
            self._execute(f"delete from {name}_answers where rowid = ({overdue})", (self._process, deadline))

    def place(self, priority: int, now: float) -> Place:
        """Return the place of this process among those that wait."""
        name, process = self._name, self._process
        row = self._execute(f"select priority, ticket from {name}_waiting where process = ?", (process,)).fetchone()
        ticket = float(row[1]) if row is not None and int(row[0]) == priority else now
        better = self._number(
            f"select coalesce(sum(wanted), 0) from {name}_waiting where priority < ? and process <> ?",
            priority,
            process,
        )
        peers, before = self._execute(
            f"select count(*) + 1, coalesce(sum(ticket < ?), 0) from {name}_waiting"
            " where priority = ? and process <> ?",
            (ticket, priority, process),
        ).fetchone()
        return Place(better + int(before), int(peers))

    def wait(self, priority: int, wanted: int, now: float, until: float, *, is_served: bool) -> None:
        """Note that this process waits.

        Args:
            priority: Priority of its requests.
            wanted: How many of them wait.
            now: The time.
            until: When it is forgotten, unless it asks again.
            is_served: Whether it just got a slot, so that the others come first now.
        """
        name, process = self._name, self._process
        row = self._execute(f"select priority, ticket from {name}_waiting where process = ?", (process,)).fetchone()
        ticket = now if is_served or row is None or int(row[0]) != priority else float(row[1])
        self._execute(
            f"insert or replace into {name}_waiting values (?, ?, ?, ?, ?)",
            (process, priority, ticket, wanted, until),
        )

    def wait_no_more(self) -> None:
        """Note that this process does not wait."""
        self._execute(f"delete from {self._name}_waiting where process = ?", (self._process,))

    def uses(self, now: float, spans: Sequence[float]) -> tuple[ProcessUse, ...]:
        """Return what each process does with the budget, the busiest first.

        Args:
            now: The time.
            spans: Spans of the windows, in seconds.
        """
        name = self._name
        seen = {str(process): float(at) for process, at in self._execute(f"select process, at from {name}_seen")}
        pending = dict(self._execute(f"select process, count(*) from {name}_pending group by process"))
        waiting = dict(self._execute(f"select process, wanted from {name}_waiting where until > ?", (now,)))
        in_windows = [
            dict(self._execute(f"select process, count(*) from {name}_answers where at > ? group by process", (start,)))
            for start in (now - span for span in spans)
        ]
        known = {*seen, *pending, *waiting, *(process for counts in in_windows for process in counts)}
        uses = [
            ProcessUse(
                process=process,
                used=tuple(counts.get(process, 0) + pending.get(process, 0) for counts in in_windows),
                pending=pending.get(process, 0),
                waiting=waiting.get(process, 0),
                seen_ago=max(0.0, now - seen[process]) if process in seen else None,
                is_this=process == self._process,
            )
            for process in known
        ]
        return tuple(sorted(uses, key=lambda use: (*(-count for count in use.used), use.process)))

    def _number(self, statement: str, *values: object) -> int:
        return int(self._execute(statement, values).fetchone()[0])


def make_file(path: Path) -> None:
    """Create a file that is not there yet.

    It is the user's own. In a directory whose files belong to a group that may write to it, it is the group's.
    """
    path = Path(os.path.realpath(path))  # the target of a link, which may not be there yet
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster
        return
    try:
        if path.parent.stat().st_mode & _OF_A_GROUP == _OF_A_GROUP and hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o660)  # SQLite gives its other files the same mode
    finally:
        os.close(descriptor)


def closed_with(owner: T, connection: sqlite3.Connection) -> weakref.finalize[..., T]:
    """Close a connection when its owner is collected. From Python 3.13 on, SQLite warns of one that is left open."""
    finalizer = weakref.finalize(owner, _close_in, os.getpid(), connection)
    finalizer.atexit = False
    return finalizer


def _close_in(process: int, connection: sqlite3.Connection) -> None:
    if process == os.getpid():
        connection.close()
    else:  # SQLite forbids to use or close it in a forked child
        _parked.append(connection)


def _begin(connection: sqlite3.Connection) -> None:
    _patiently(lambda: connection.execute("begin immediate"))


def _patiently(run: object) -> None:
    """Try for some 20 milliseconds at most, since the event loop is blocked."""
    assert callable(run)  # noqa: S101 - see the callers
    pause = _FIRST_PAUSE_SECONDS
    for _ in range(_TRIES):
        try:
            run()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - it spreads load, it protects nothing
            pause = min(_MAX_PAUSE_SECONDS, 1.5 * pause)
        else:
            return
    raise StoreBusyError


# Connections of the parent process, in a forked child. If the child closed them, it would end the parent's locks.
_parked: Final[list[sqlite3.Connection]] = []
