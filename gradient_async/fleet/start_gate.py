"""The start gate: after a fleet run is stopped, no further Droplet is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async import log

if TYPE_CHECKING:
    import anyio


class NotStartedError(Exception):
    """The run was stopped before anything was sent for the Droplet."""


class StartGate:
    """Stops the Droplets for which nothing was sent yet, and leaves those in progress alone.

    Attributes:
        stopped_by: The reason of the stop; ``None`` if the run was not stopped.
    """

    def __init__(self) -> None:
        self.stopped_by: str | None = None
        self._waiting: set[anyio.CancelScope] = set()

    def stop(self, reason: str) -> None:
        """Stop the run, and cancel the Droplets that wait to start. Only the first reason is kept."""
        if self.stopped_by is None:
            self.stopped_by = reason
            log.fleet_stopped(reason)
            for scope in self._waiting:
                scope.cancel()

    def enter(self, scope: anyio.CancelScope) -> None:
        """Add a Droplet that waits to start. A stop cancels its scope until ``commit`` is called."""
        self._waiting.add(scope)
        if self.stopped_by is not None:
            scope.cancel()

    def commit(self, scope: anyio.CancelScope) -> None:
        """Let the Droplet start: its first request is about to be sent.

        Raises:
            NotStartedError: The run was stopped.
        """
        if self.stopped_by is not None:
            raise NotStartedError(self.stopped_by)
        self._waiting.discard(scope)

    def leave(self, scope: anyio.CancelScope) -> None:
        """Remove a Droplet that no longer waits."""
        self._waiting.discard(scope)
