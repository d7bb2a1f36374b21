"""The opening of a journal of any kind of run: begin it, read it, or cut off a torn line."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradient_async import log
from gradient_async.errors import JournalDamagedError, JournalError, JournalMismatchError
from gradient_async.fleet import journal_file, journal_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradient_async.fleet.journal_text import JournalText, Line


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open a journal to write. The file stays open after the block, and is closed if the block raises.

    Yields:
        The file's descriptor. The file is locked.

    Raises:
        JournalInUseError: Another run is writing it.
        JournalError: It is no regular file, or cannot be opened, read or written.
    """
    descriptor = journal_file.open_locked(path)
    try:
        yield descriptor
    except OSError as error:
        os.close(descriptor)
        raise JournalError(f"{path}: the journal cannot be read or written: {error.strerror}", path=path) from error
    except BaseException:
        os.close(descriptor)
        raise


def read_or_begin(path: str, descriptor: int, first_line: Line) -> JournalText | None:
    """Return the lines of an open journal. If it has none, write the first line and return ``None``.

    Raises:
        DamagedError: The journal was changed, or is no journal.
        OSError: The file cannot be read or written.
    """
    text = journal_text.decode(journal_file.content_of(descriptor))
    if text.lines:
        return text
    os.ftruncate(descriptor, 0)
    journal_file.write(descriptor, journal_text.encode(first_line))
    os.fsync(descriptor)
    journal_file.sync_folder(path)
    return None


def cut_off_torn_line(path: str, descriptor: int, text: JournalText) -> None:
    """Remove the bytes after the last complete line, if there are any.

    It is synced before this returns. Otherwise the torn line could come back after a crash of the machine, with other
    lines after it.

    Raises:
        OSError: The file cannot be written.
    """
    if text.torn:
        os.ftruncate(descriptor, text.length)
        os.fsync(descriptor)
        journal_file.sync_folder(path)
        log.journal_healed(path, text.torn)


def recorded_text(path: str) -> JournalText:
    """Return the lines of a journal, none if there is no journal yet. The file is only read.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalError: It is no regular file, or cannot be read.
    """
    with named_damage(path):
        return journal_text.decode(journal_file.read(path) or b"")


@contextmanager
def named_damage(path: str) -> Iterator[None]:
    """Raise ``JournalDamagedError`` with the journal's path for a ``DamagedError`` in the block."""
    try:
        yield
    except journal_text.OtherKindError as error:
        raise JournalDamagedError(f"{path}: {error}. Pass the right file, or a new one", path=path) from None
    except journal_text.DamagedError as error:
        raise JournalDamagedError(
            f"{path}: this journal cannot be used: {error}. Pass the right file. If this is the right one, look up "
            "what its run has done before you begin with a new one",
            path=path,
        ) from None


def check_same_run(path: str, difference: str | None) -> None:
    """Refuse the journal of another run.

    Args:
        path: The file.
        difference: What differs between the journal's run and this one; ``None`` if nothing does.

    Raises:
        JournalMismatchError: It belongs to another run.
    """
    if difference is not None:
        raise JournalMismatchError(
            f"{path}: this journal is not this run's: {difference}. Pass another file to begin a new run", path=path
        )
