"""Errors of a lease: Droplets for the time of a ``with`` block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors import GradientAIError

if TYPE_CHECKING:
    from gradient_async.fleet.destroy.report import DestroyReport


class LeaseError(GradientAIError):
    """A lease did not end as it should.

    Attributes:
        report: The outcome of each Droplet of the lease.
    """

    def __init__(self, message: str, *, report: DestroyReport) -> None:
        super().__init__(message)
        self.report = report


class LeaseExpiredError(LeaseError, TimeoutError):
    """The time of a lease was over before its ``with`` block ended. Its Droplets were destroyed; see ``report``."""


class LeaseLeftoverError(LeaseError):
    """The ``with`` block of a lease has ended, and not all of its Droplets are known to be gone. They may be billed.

    ``report`` has the outcome of each, and ``search_error`` if there may be more of them.
    """


# Tracebacks and pickles name the package of all errors.
for _error in (LeaseError, LeaseExpiredError, LeaseLeftoverError):
    _error.__module__ = "gradient_async.errors"
