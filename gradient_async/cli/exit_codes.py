"""The exit status of the command. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.errors import (
    AuthenticationError,
    JournalError,
    MissingAccessTokenError,
    PermissionDeniedError,
    PreflightError,
)

if TYPE_CHECKING:
    from gradient_async.fleet.report import FleetReport

COMPLETED: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
INTERRUPTED: Final = 130
TERMINATED: Final = 143

_REFUSALS: Final = (AuthenticationError, PermissionDeniedError, MissingAccessTokenError)


class UsageError(Exception):
    """The command line, or a file that it names, is invalid. No action was sent."""


def code_of_report(report: FleetReport) -> int:
    """Return 0 if every Droplet is completed, 3 if the API refused the token everywhere, else 1.

    ``unknown`` and ``skipped`` are not completed. A report without Droplets gives 2: a tag that no Droplet has is most
    often a typing error.
    """
    if not report.outcomes:
        return USAGE
    problems = [outcome for outcome in report.outcomes if outcome.is_problem]
    if all(outcome.is_completed for outcome in report.outcomes):
        return COMPLETED
    if problems and not report.completed and all(isinstance(one.error, _REFUSALS) for one in problems):
        return REFUSED
    return FAILED


def is_refusal(error: BaseException | None) -> bool:
    """Return whether an error means that the token is missing, invalid, or lacks a scope."""
    return isinstance(error, _REFUSALS)


def code_of_error(error: BaseException) -> int:
    """Return the exit status for an error that ended the command."""
    if isinstance(error, UsageError | JournalError | PreflightError):
        return USAGE
    return REFUSED if isinstance(error, _REFUSALS) else FAILED
