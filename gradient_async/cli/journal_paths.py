"""Checks of a journal's path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT

_STANDARD_STREAMS: Final = ("-", STANDARD_INPUT)


def check_new_journal(path: str | None) -> None:
    """Check that a new journal's file can be created; ``None`` is no journal.

    Raises:
        UsageError: The path is ``-`` or a folder, or its folder does not exist.
    """
    if path is None:
        return
    if path in _STANDARD_STREAMS:
        raise UsageError("--journal: a journal cannot be written to standard output; pass a file name")
    if Path(path).is_dir():
        raise UsageError(f"--journal: {path} is a folder; pass a file name")
    if not Path(path).absolute().parent.is_dir():
        raise UsageError(f"--journal: {path} cannot be written: there is no folder {Path(path).parent}")


def check_existing_journal(path: str) -> None:
    """Check that a journal to read is a file.

    Raises:
        UsageError: The path is ``-``.
    """
    if path in _STANDARD_STREAMS:
        raise UsageError("a journal cannot be read from standard input; pass a file name")
