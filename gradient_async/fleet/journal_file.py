"""The journal's file: opening, locking, reading, writing, and synchronizing with the disk."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from gradient_async.errors import JournalError, JournalInUseError

_CLOSED_IN_CHILDREN: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# If the file has become a pipe or a terminal since the check, opening neither blocks nor takes over the terminal.
_HARMLESS: Final = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_PART_BYTES: Final = 1 << 20
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_locked(path: str) -> int:
    """Open the file to read and append, and lock it. Create it if it does not exist.

    Raises:
        JournalInUseError: Another run has the lock.
        JournalError: It is no regular file, or cannot be opened.
    """
    descriptor = _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    try:
        _lock(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read(path: str) -> bytes | None:
    """Return the content of the file; ``None`` if it does not exist.

    Raises:
        JournalError: It is no regular file, or cannot be read.
    """
    try:
        descriptor = _opened(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        return content_of(descriptor)
    except OSError as error:
        raise JournalError(f"{path}: the journal cannot be read: {error.strerror}", path=path) from error
    finally:
        os.close(descriptor)


def content_of(descriptor: int) -> bytes:
    """Return the content of an open file."""
    parts = []
    os.lseek(descriptor, 0, os.SEEK_SET)
    while part := os.read(descriptor, _PART_BYTES):
        parts.append(part)
    return b"".join(parts)


def write(descriptor: int, data: bytes) -> None:
    """Write all bytes."""
    while data:
        data = data[os.write(descriptor, data) :]


def sync_folder(path: str) -> None:
    """Synchronize the folder, so that the new file survives a crash of the machine."""
    with suppress(OSError):  # Windows opens no folders
        folder = os.open(Path(path).absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _opened(path: str, flags: int) -> int:
    """Open a regular file. Refuse any other kind before opening it, because opening a device can have effects.

    Raises:
        FileNotFoundError: The file is opened only to read, and does not exist.
        JournalError: It is no regular file, or cannot be opened.
    """
    try:
        with suppress(FileNotFoundError):
            _check_kind(path, Path(path).stat().st_mode)
        descriptor = os.open(path, flags | _CLOSED_IN_CHILDREN | _HARMLESS, 0o644)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not flags & os.O_CREAT:
            raise
        _raise_unopened(path, error)
    try:
        _check_kind(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_kind(path: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for is_of_kind, name in _KINDS if is_of_kind(mode)), "no file")
        raise JournalError(f"{path}: expected a regular file for the journal, but this is {kind}", path=path)


def _raise_unopened(path: str, error: OSError) -> NoReturn:
    reason = "its folder does not exist" if error.errno == errno.ENOENT else error.strerror
    raise JournalError(f"{path}: the journal cannot be opened: {reason}", path=path) from error


def _in_use(path: str) -> JournalInUseError:
    return JournalInUseError(f"{path}: another run is writing this journal. Wait for its end, or end it", path=path)


if sys.platform == "win32":
    import msvcrt

    def _lock(path: str, descriptor: int) -> None:
        try:
            # Lock a byte far behind the end: on Windows, a locked part cannot even be read.
            os.lseek(descriptor, 1 << 40, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise _in_use(path) from None

else:
    import fcntl

    def _lock(path: str, descriptor: int) -> None:
        """Lock the file until it is closed. The end of the process closes it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(path) from None
