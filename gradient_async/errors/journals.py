"""Errors of a fleet run's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors.root import GradientAIError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class JournalError(GradientAIError):
    """A fleet run's journal cannot be used. Nothing was sent.

    Attributes:
        path: The journal's file.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class JournalMismatchError(JournalError, ValueError):
    """The journal belongs to another action, or to another set of Droplets."""


class JournalDamagedError(JournalError):
    """The journal was changed after it was written, or the file is no journal."""


class JournalInUseError(JournalError):
    """Another run, in this process or another one, is writing the journal."""


class JournalFinishedError(JournalError):
    """The journal's run is finished. Another run on it would do nothing. Nothing was sent.

    For a new run, pass another file name or delete the file. For the report of the finished run, pass
    ``if_finished="report"``.

    Attributes:
        path: The journal's file.
        finished_at: When the run ended, UTC.
        counts: Number of Droplets for each outcome, such as ``{"completed": 38, "failed": 2}``.
    """

    def __init__(self, message: str, *, path: str, finished_at: datetime, counts: Mapping[str, int]) -> None:
        super().__init__(message, path=path)
        self.finished_at = finished_at
        self.counts: dict[str, int] = dict(counts)
