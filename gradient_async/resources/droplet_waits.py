"""Waits for Droplets that become ready: ``gpu_droplets.wait``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import anyio

from gradient_async.arguments import checked_choice, checked_count, checked_id, checked_seconds
from gradient_async.errors import (
    DropletGoneError,
    DropletWaitTimeoutError,
    GradientAIError,
    PlacementLostError,
)
from gradient_async.http.request import WAIT_OPTIONS, check_options
from gradient_async.models.droplet import Droplet
from gradient_async.waiting.readiness import ADDRESS_KINDS, WaitTarget, stages_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.http.request import ReadOptions
    from gradient_async.waiting.droplet_watcher import DropletWatcher
    from gradient_async.waiting.readiness import AddressKind, Until

_MAX_PORT = 65_535


def target_of(
    until: Until, timeout: float, poll_interval: float | None, ssh_port: int, address: AddressKind
) -> WaitTarget:
    """Return what a wait is for, which begins now.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument is out of range.
    """
    checked_seconds("timeout", timeout)
    if poll_interval is not None:
        checked_seconds("poll_interval", poll_interval)
    checked_choice("address", address, ADDRESS_KINDS)
    return WaitTarget(
        stages=stages_of(until),
        deadline=anyio.current_time() + timeout,
        ssh_port=checked_count("ssh_port", ssh_port, minimum=1, maximum=_MAX_PORT),
        address=address,
        poll_interval=poll_interval,
    )


async def wait(
    watcher: DropletWatcher, droplets: object, target: WaitTarget, options: ReadOptions
) -> Droplet | tuple[Droplet, ...]:
    """Wait until one Droplet, or each of several, is ready.

    Args:
        watcher: Polls.
        droplets: The Droplet, its id, or an iterable of Droplets and ids.
        target: What the wait is for.
        options: The caller's options.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An id is out of range.
        DropletWaitTimeoutError: A Droplet was not ready in time.
        DropletGoneError: A Droplet does not exist any more, or has not appeared.
        PlacementLostError: The ``create`` action of a Droplet errored.
    """
    check_options(options, WAIT_OPTIONS)
    if not isinstance(droplets, Iterable) or isinstance(droplets, str | bytes):
        return await watcher.wait_for(_checked(droplets), target, options)
    outcomes = await watcher.outcomes([_checked(one) for one in droplets], target, options)
    ready = tuple(one for one in outcomes if isinstance(one, Droplet))
    if len(ready) < len(outcomes):
        raise _first_error(outcomes)
    return ready


def _checked(droplet: object) -> Droplet | int:
    if isinstance(droplet, Droplet):
        return droplet
    if hasattr(droplet, "droplet") or hasattr(droplet, "droplets"):
        raise TypeError("droplets: expected a Droplet or an id, got a response; pass its .droplet or .droplets")
    return checked_id("droplets", droplet)


def _first_error(outcomes: Sequence[Droplet | Exception]) -> Exception:
    """Return the error to raise: one that is no time-out, if there is one. It knows the others."""
    errors = [one for one in outcomes if isinstance(one, Exception)]
    foreign = [one for one in errors if not isinstance(one, GradientAIError)]
    others = [one for one in errors if not isinstance(one, DropletWaitTimeoutError)]
    error = (foreign or others or errors)[0]
    if isinstance(error, DropletWaitTimeoutError | DropletGoneError | PlacementLostError):
        seen = (one if isinstance(one, Droplet) else getattr(one, "droplet", None) for one in outcomes)
        error.droplets = tuple(one for one in seen if isinstance(one, Droplet))
        error.errors = tuple(one for one in errors if one is not error)
        if error.errors:
            error.message += f" Of {len(outcomes)} Droplets, {len(errors)} are not ready: see .errors."
            error.args = (error.message,)
    return error
