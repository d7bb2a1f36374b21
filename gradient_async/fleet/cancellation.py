"""The errors of fleet runs that were cancelled, or whose client was closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gradient_async.errors import ClientClosedError

if TYPE_CHECKING:
    from gradient_async.fleet.report import FleetReport


class FleetCancelled(asyncio.CancelledError):
    """A fleet run was cancelled, or interrupted by Ctrl-C. Nothing was sent afterwards.

    Task groups and cancel scopes treat it as a cancellation, since it is a ``CancelledError``. The sync client raises
    ``KeyboardInterrupt``, with this as its ``__context__``.

    Attributes:
        report: The report up to the cancellation, with an outcome for each Droplet.
    """

    def __init__(self, report: FleetReport) -> None:
        counts = ", ".join(f"{count:,} {status}" for status, count in report.counts.items() if count)
        super().__init__(f"cancelled: {counts or 'no Droplets'}; .report has each")
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.report,)


class FleetClosedError(ClientClosedError):
    """Another thread closed the sync client during a fleet run. Nothing was sent afterwards.

    Attributes:
        report: The report up to the end, with an outcome for each Droplet.
    """

    def __init__(self, message: str, *, report: FleetReport) -> None:
        super().__init__(message)
        self.report = report


FleetClosedError.__module__ = "gradient_async.errors"  # tracebacks and pickles name the package of all errors
