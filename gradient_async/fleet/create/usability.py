"""Waits until a Droplet of a creation run is usable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from gradient_async.endpoints import droplets
from gradient_async.errors import APIError, DropletGoneError, DropletWaitTimeoutError, NotFoundError, PlacementLostError
from gradient_async.waiting.readiness import WaitTarget

if TYPE_CHECKING:
    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.models.droplet import Droplet


class NotUsableError(Exception):
    """A Droplet is lost, or did not become usable in time."""


class NotPlacedError(NotUsableError):
    """The API found no place for a Droplet: it does not exist any more."""


async def usable(context: CreationContext, droplet: Droplet | int) -> Droplet:
    """Return a Droplet when it is usable.

    Raises:
        NotPlacedError: The API found no place for it.
        NotUsableError: It is gone, or is not usable in time.
        Exception: A probe of the caller raised it.
    """
    spec = context.spec
    try:
        if spec.stages is None:
            return await _read(context, droplet)
        target = WaitTarget(
            stages=spec.stages,
            deadline=anyio.current_time() + spec.ready_timeout,
            ssh_port=spec.ssh_port,
            address=spec.address,
            poll_interval=spec.poll_interval,
        )
        return await context.watcher.droplets.wait_for(droplet, target)
    except PlacementLostError as error:
        raise NotPlacedError("the API found no place for it") from error
    except (DropletGoneError, NotFoundError) as error:
        raise NotUsableError(f"it is gone: {error.message}") from error
    except (DropletWaitTimeoutError, APIError) as error:
        raise NotUsableError(error.message) from error


async def _read(context: CreationContext, droplet: Droplet | int) -> Droplet:
    if not isinstance(droplet, int):
        return droplet
    return (await context.sender.send(droplets.RETRIEVE.request({}, droplet))).parse().droplet
