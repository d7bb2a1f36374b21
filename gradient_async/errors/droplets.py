"""Errors of a fleet run's preflight check and of its Droplets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors.root import GradientAIError

if TYPE_CHECKING:
    from gradient_async.models.droplet import Droplet


class PreflightError(GradientAIError, ValueError):
    """A check refused the fleet run before its first step. Nothing was sent to any Droplet."""


class DropletCountError(PreflightError):
    """Another number of Droplets exists than the caller expected. Nothing was destroyed.

    Attributes:
        expected: The number that the caller expected.
        found: The number that exists.
        droplets: The Droplets that exist.
    """

    def __init__(self, message: str, *, expected: int, droplets: tuple[Droplet, ...]) -> None:
        super().__init__(message)
        self.expected = expected
        self.found: int = len(droplets)
        self.droplets = droplets


class DropletError(GradientAIError):
    """A Droplet of a wait or a fleet run failed.

    Attributes:
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read; ``None`` if it was not read.
    """

    def __init__(self, message: str, *, droplet_id: int, droplet: Droplet | None = None) -> None:
        super().__init__(message)
        self.droplet_id = droplet_id
        self.droplet = droplet


class DropletStateError(DropletError, TimeoutError):
    """The action completed, but the Droplet did not reach the state that the action promises in time."""


class DropletCheckError(DropletError):
    """A check before the first step found that the API would refuse the Droplet. Nothing was sent to it."""


class UnhealthyDropletError(DropletError):
    """The run's health check failed at each try. If the check raised an error, that error is the cause."""


class EarlierFailureError(DropletError):
    """The Droplet failed in an earlier run on the same journal. This run sent nothing to it.

    Attributes:
        error: Class name of the error in the earlier run.
    """

    def __init__(self, message: str, *, droplet_id: int, error: str) -> None:
        super().__init__(message, droplet_id=droplet_id)
        self.error = error
