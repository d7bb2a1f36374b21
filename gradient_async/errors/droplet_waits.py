"""Errors of a wait for Droplets that become ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gradient_async.errors.droplets import DropletError
from gradient_async.errors.requests import NotFoundError

if TYPE_CHECKING:
    from gradient_async.errors.requests import StatusFacts
    from gradient_async.models.droplet import Droplet


class DropletWaitTimeoutError(DropletError, TimeoutError):
    """A Droplet was not ready when the wait's ``timeout`` ended. It exists, and is billed.

    If a probe raised an error at its last try, that error is the cause.

    Attributes:
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read; ``None`` if it could not be read.
        stage: The stage that it did not reach: ``"active"``, ``"address"``, ``"ssh"``, or the name of a probe.
        seconds: Seconds of the wait.
        droplets: All Droplets of the wait, as last read.
        errors: The errors of the wait's other Droplets that are not ready, in their order.
    """

    def __init__(
        self, message: str, *, droplet_id: int, droplet: Droplet | None = None, stage: str, seconds: float
    ) -> None:
        super().__init__(message, droplet_id=droplet_id, droplet=droplet)
        self.stage = stage
        self.seconds = seconds
        self.droplets: tuple[Droplet, ...] = (droplet,) if droplet is not None else ()
        self.errors: tuple[Exception, ...] = ()


class DropletGoneError(NotFoundError):
    """404: during a wait, a Droplet does not exist any more, or has not appeared.

    Attributes:
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read; ``None`` if it was not read.
        stage: The stage that it did not reach; ``None`` outside a wait.
        seconds: Seconds of the wait.
        droplets: All Droplets of the wait, as last read.
        errors: The errors of the wait's other Droplets that are not ready, in their order.
    """

    def __init__(
        self, message: str, *, droplet_id: int, droplet: Droplet | None = None, **facts: Unpack[StatusFacts]
    ) -> None:
        super().__init__(message, **facts)
        self.droplet_id = droplet_id
        self.droplet = droplet
        self.stage: str | None = None
        self.seconds: float | None = None
        self.droplets: tuple[Droplet, ...] = (droplet,) if droplet is not None else ()
        self.errors: tuple[Exception, ...] = ()
