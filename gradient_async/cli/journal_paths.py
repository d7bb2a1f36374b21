"""Checks of a journal's path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT

_STANDARD_STREAMS: Final = ("-", STANDARD_INPUT)
# An empty word becomes this path, such as one from a shell variable that is not set.
_EMPTY: Final = "."


def check_new_journal(path: str | None) -> None:
    """Check that a new journal's file can be created; ``None`` is no journal.

    Raises:
        UsageError: The path is empty, ``-``, too long or a folder, or its folder does not exist.
    """
    if path is None:
        return
    if path in _STANDARD_STREAMS:
        raise UsageError("--journal: a journal cannot be written to standard output; pass a file name")
    if path == _EMPTY:
        raise UsageError("--journal: expected a file name, got an empty one or '.'")
    try:
        is_folder, has_folder = Path(path).is_dir(), Path(path).absolute().parent.is_dir()
    except OSError as error:
        raise UsageError(f"--journal: {path} cannot be written: {error.strerror}") from None
    if is_folder:
        raise UsageError(f"--journal: {path} is a folder; pass a file name")
    if not has_folder:
        raise UsageError(f"--journal: {path} cannot be written: there is no folder {Path(path).parent}")


def check_existing_journal(path: str) -> None:
    """Check that a journal to read is a file.

    Raises:
        UsageError: The path is empty or ``-``.
    """
    if path in _STANDARD_STREAMS:
        raise UsageError("a journal cannot be read from standard input; pass a file name")
    if path == _EMPTY:
        raise UsageError("expected the file name of a journal, got an empty one or '.'")
