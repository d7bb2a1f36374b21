"""Who may still start: nothing new is sent once a fleet run has been stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async import log

if TYPE_CHECKING:
    import anyio


class NotStartedError(Exception):
    """Nothing was sent for a Droplet, and nothing will be."""


class StartGate:
    """Keeps Droplets that nothing was sent for yet apart from those that are to be seen through.

    Attributes:
        stopped_by: Why nothing new is started; ``None`` while it is.
    """

    def __init__(self) -> None:
        self.stopped_by: str | None = None
        self._waiting: set[anyio.CancelScope] = set()

    def stop(self, reason: str) -> None:
        """Start nothing from now on; those that wait for their turn give up. The first reason stays."""
        if self.stopped_by is None:
            self.stopped_by = reason
            log.fleet_stopped(reason)
            for scope in self._waiting:
                scope.cancel()

    def enter(self, scope: anyio.CancelScope) -> None:
        """A Droplet waits for its turn, within a scope that may be cancelled until it has come."""
        self._waiting.add(scope)
        if self.stopped_by is not None:
            scope.cancel()

    def commit(self, scope: anyio.CancelScope) -> None:
        """Its turn has come, and something is about to be sent.

        Raises:
            NotStartedError: The run was stopped.
        """
        if self.stopped_by is not None:
            raise NotStartedError(self.stopped_by)
        self._waiting.discard(scope)

    def leave(self, scope: anyio.CancelScope) -> None:
        """It waits no more."""
        self._waiting.discard(scope)
