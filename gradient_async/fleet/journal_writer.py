"""The writer of a journal: it appends lines, and waits until they are on the disk."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
import anyio.to_thread

from gradient_async.errors import JournalError
from gradient_async.fleet import journal_file, journal_text

if TYPE_CHECKING:
    from gradient_async.fleet.journal_text import Line


class JournalWriter:
    """Appends lines to an open journal.

    Each line is written at once, which is enough to survive the process. ``sync`` waits until all of them are on the
    disk, which is enough to survive the machine. Those who wait at the same time share one call of ``fsync``, which is
    made in a worker thread, since it can take long.

    Args:
        path: The file.
        descriptor: The file, open and locked. The writer closes it.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._written = 0
        self._synced = 0
        self._syncing = anyio.Lock()
        self._is_open = True
        self._is_whole = True
        _open_journals.add(self)

    def append(self, line: Line) -> None:
        """Write a line.

        Raises:
            JournalError: It cannot be written, or an earlier one could not.
        """
        self._check_usable()
        try:
            journal_file.write(self._descriptor, journal_text.encode(line))
        except OSError as error:
            self._is_whole = False
            raise JournalError(f"the journal cannot be written: {error}", path=self.path) from error
        self._written += 1

    async def sync(self) -> None:
        """Wait until all lines are on the disk.

        Raises:
            JournalError: They cannot be written.
        """
        wanted = self._written
        async with self._syncing:
            self._check_usable()
            if self._synced >= wanted:
                return
            reached = self._written
            try:
                await anyio.to_thread.run_sync(os.fsync, self._descriptor)
            except OSError as error:
                # A later call may succeed, but the data of this one may never reach the disk.
                self._is_whole = False
                raise JournalError(f"the journal cannot be written: {error}", path=self.path) from error
            self._synced = reached

    def close(self) -> None:
        """Synchronize the file with the disk, and close it."""
        if self._is_open:
            self._is_open = False
            with suppress(OSError):
                os.fsync(self._descriptor)
            os.close(self._descriptor)

    def _check_usable(self) -> None:
        if not self._is_open:
            raise JournalError("the journal is closed", path=self.path)
        if not self._is_whole:
            # Another line after an incomplete one would damage the middle of the journal.
            raise JournalError("the journal could not be written, and ends there", path=self.path)

    def _close_in_child(self) -> None:
        """Close the file in a forked child, so that the lock ends as soon as the parent closes it."""
        if self._is_open:
            self._is_open = False
            os.close(self._descriptor)


_open_journals: Final[weakref.WeakSet[JournalWriter]] = weakref.WeakSet()


def _close_in_forked_child() -> None:
    for journal in _open_journals:
        journal._close_in_child()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_forked_child)
