"""Keys of requests in a SQLite file, for the processes of one host.

The file is not the one of the rate budget. That one is written with ``synchronous=OFF``, and may be deleted at any
time. A key has to outlive the process, and a crash of the host: a durable change is on the disk before it counts
(``synchronous=FULL``), and the file lies where it stays after a reboot. Other changes survive the end of any process
(``NORMAL``). A wait for the disk takes milliseconds, so that it is one for all changes that are due.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, TypeVar

import anyio.to_thread
from anyio.lowlevel import RunVar

from gradient_async.boot import boot_id
from gradient_async.budget.files_at_fork import close_at_forks
from gradient_async.budget.sqlite_store import closed_with, make_file
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.key_store import Reading, StoreTime, Swap

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

# Others hold the file's lock while they wait for the disk. A cancelled call waits for its turn, too.
_BUSY_SECONDS: Final = 2.0
# A fork waits for work on the file to end, but no longer.
_BEFORE_FORK_SECONDS: Final = 3.0
# Of their own: if a process that stands still holds the lock, no other work is held up.
_THREADS: Final = 16
_TRIES: Final = 200
_TRY_AGAIN_SECONDS: Final = 0.01
_TIDY_SHARE: Final = 0.02
_TABLE: Final = """
create table if not exists keys (
    name text primary key, value text not null, boot text not null, until real not null, until_wall real not null
) without rowid
"""
# In one boot the monotonic clock decides; after a reboot, the wall clock.
_STALE: Final = "case when boot = :boot and boot <> '' then until <= :now else until_wall <= :wall end"
_FIND: Final = f"select value from keys where name = :name and not ({_STALE})"  # noqa: S608 - of constants only
_TIDY: Final = f"delete from keys where {_STALE}"  # noqa: S608 - likewise


class _Write:
    """A change that waits for its turn, and its result.

    Attributes:
        is_over: Whether it had its turn.
        is_done: Whether it was made; ``None`` before its turn.
        error: Why the file could not be used; ``None`` if it could.
    """

    __slots__ = ("error", "is_done", "is_durable", "is_over", "name", "new", "old", "ttl")

    def __init__(self, name: str, old: str | None, new: str | None, ttl: float, is_durable: bool) -> None:
        self.name = name
        self.old = old
        self.new = new
        self.ttl = ttl
        self.is_durable = is_durable
        self.is_over: bool = False
        self.is_done: bool | None = None
        self.error: str | None = None


class FileKeyStore:
    """Keeps keys in a file.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._boot = boot_id() or ""
        self._lock = threading.Lock()
        self._waiting: deque[_Write] = deque()
        self._connection: sqlite3.Connection | None = None
        self._finalizer: weakref.finalize[..., FileKeyStore] | None = None
        self._identity: tuple[int, int | None] | None = None
        self._pid = os.getpid()
        # How often another process kept the file locked for the whole time, and how SQLite says that.
        self._locks = 0
        self._reason = ""
        close_at_forks(self)

    @property
    def title(self) -> str:
        """The file's path."""
        return str(self._path)

    async def read(self, name: str) -> Reading:
        """Return what is kept under a name.

        Raises:
            StoreAwayError: The file cannot be used.
        """
        return await self._in_thread(lambda: self._read(name))

    async def swap(self, name: str, old: str | None, new: str | None, ttl: float, *, is_durable: bool = True) -> Swap:
        """Exchange what is kept under a name, if it is what is expected.

        Raises:
            StoreAwayError: The file cannot be used.
        """
        write = _Write(name, old, new, ttl, is_durable)
        await self._in_thread(lambda: None if write.is_over else self._write_all(), write)
        if write.error is not None:
            raise StoreAwayError(write.error)
        return Swap(bool(write.is_done), self._time())

    def close_for_fork(self) -> Callable[[], None] | None:
        """Close the file before this process forks.

        Returns:
            What allows the file to be opened again; ``None`` if it stays in use for long.
        """
        lock = self._lock
        if not lock.acquire(timeout=_BEFORE_FORK_SECONDS):
            return None
        self._close()
        return lock.release

    async def _in_thread(self, work: Callable[[], T], write: _Write | None = None) -> T:
        """Run work that waits for the disk and for other processes, without holding up the event loop."""
        if self._pid != os.getpid():  # a thread of the parent may have held the lock
            self._pid, self._lock = os.getpid(), threading.Lock()
            self._waiting.clear()
        locks_before = self._locks

        def run() -> T:
            if write is not None:
                if self._locks != locks_before:  # it would wait as long as those before it
                    raise StoreAwayError(self._reason)
                self._waiting.append(write)
            with self._lock:
                try:
                    return work()
                except (sqlite3.Error, OSError) as error:
                    self._close()
                    raise StoreAwayError(str(error)) from None

        return await anyio.to_thread.run_sync(run, limiter=_limiter())

    def _read(self, name: str) -> Reading:
        return Reading(self._text(self._connected(), name), self._time())

    def _write_all(self) -> None:
        """Make all changes that wait, in one transaction."""
        writes = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            connection = self._connected()
            mode = "full" if any(write.is_durable for write in writes) else "normal"
            connection.execute(f"pragma synchronous={mode}")
            connection.execute("begin immediate")
            for write in writes:
                self._write(connection, write)
            if random.random() < _TIDY_SHARE:  # noqa: S311 - it spreads work, it protects nothing
                connection.execute(_TIDY, self._now())
            connection.execute("commit")
        except BaseException as error:
            self._close()  # which undoes what is not committed
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                self._locks, self._reason = self._locks + 1, str(error)
            for write in writes:
                write.error = str(error)
            if not isinstance(error, sqlite3.Error | OSError):
                raise
        finally:
            for write in writes:
                write.is_over = True

    def _write(self, connection: sqlite3.Connection, write: _Write) -> None:
        write.is_done = self._text(connection, write.name) == write.old
        if write.is_done and write.new is not None:
            row = (write.name, write.new, self._boot, time.monotonic() + write.ttl, time.time() + write.ttl)
            connection.execute("insert or replace into keys values (?, ?, ?, ?, ?)", row)
        elif write.is_done:
            connection.execute("delete from keys where name = ?", (write.name,))

    def _text(self, connection: sqlite3.Connection, name: str) -> str | None:
        row = connection.execute(_FIND, self._now(name)).fetchone()
        return None if row is None else str(row[0])

    def _now(self, name: str = "") -> dict[str, object]:
        return {"name": name, "boot": self._boot, "now": time.monotonic(), "wall": time.time()}

    def _time(self) -> StoreTime:
        return StoreTime(time.monotonic(), self._boot) if self._boot else StoreTime(time.time())

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None and self._identity == self._identity_now():
            return self._connection
        self._close()  # the file was deleted or replaced
        make_file(self._path)
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            _switch_to_log(connection)
            connection.execute(_TABLE)
        except BaseException:
            connection.close()
            raise
        self._connection, self._identity = connection, self._identity_now()
        self._finalizer = closed_with(self, connection)
        return connection

    def _close(self) -> None:
        """Close the connection. In a forked child, that of the parent process is left alone."""
        self._connection = None
        if self._finalizer is not None:
            self._finalizer()

    def _identity_now(self) -> tuple[int, int | None]:
        try:
            return os.getpid(), self._path.stat().st_ino
        except OSError:
            return os.getpid(), None


def _limiter() -> anyio.CapacityLimiter:
    """Return the limiter of the event loop's threads."""
    try:
        return _limiters.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_THREADS)
        _limiters.set(limiter)
        return limiter


def _switch_to_log(connection: sqlite3.Connection) -> None:
    """Switch a new file to a write-ahead log. SQLite does not wait by itself while another process does the same."""
    for _ in range(_TRIES):
        try:
            connection.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            time.sleep(_TRY_AGAIN_SECONDS)
        else:
            return


_limiters: Final[RunVar[anyio.CapacityLimiter]] = RunVar("threads of key files")
