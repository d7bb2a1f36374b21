"""Powering a Droplet off as the API's documentation recommends: ask the guest first, then cut the power."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints import droplet_actions, droplets
from gradient_async.errors import (
    ActionFailedError,
    ActionTimeoutError,
    PendingEventError,
    WrongPowerStateError,
)
from gradient_async.models.action_requests import PowerOff, Shutdown
from gradient_async.models.graceful_power_off import GracefulPowerOff
from gradient_async.waiting.poller import TRANSIENT_ERRORS, interval

if TYPE_CHECKING:
    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet


# An action request that is given less time than this is more likely to end unknown than executed.
_MIN_POWER_OFF_SECONDS: Final = 2.0


async def power_off_gracefully(
    sender: Sender,
    droplet_id: int,
    *,
    grace_seconds: float,
    force_seconds: float,
    poll_interval: float,
    options: ReadOptions,
) -> GracefulPowerOff:
    """Shut a Droplet down, and cut its power only if it does not go off by itself.

    Raises:
        ActionTimeoutError: It was still on when both times were over.
        ActionFailedError: ``power_off`` ended as ``errored``.
        ActionOutcomeUnknownError: Nobody can tell whether one of the two was executed. No plug is pulled on a guest
            that may not have been asked.
    """
    run = _PowerOff(sender, droplet_id, poll_interval, options)
    await run.shut_down(grace_seconds)
    if run.droplet is not None and not run.is_off:
        await run.cut_power(force_seconds)
    if not run.is_off or run.droplet is None:
        raise ActionTimeoutError(
            f"Droplet {droplet_id} is not off after {grace_seconds:g} s for shutdown and {force_seconds:g} s for "
            f"power_off; its status was last read as {run.droplet.status if run.droplet else None!r}",
            action=run.power_off or run.shutdown,
        )
    return GracefulPowerOff(
        droplet=run.droplet,
        powered_off_by="power_off" if run.power_off else "shutdown" if run.shutdown else "nobody",
        shutdown=run.shutdown,
        power_off=run.power_off,
    )


class _PowerOff:
    """One graceful power-off, and what is known of it so far."""

    def __init__(self, sender: Sender, droplet_id: int, poll_interval: float, options: ReadOptions) -> None:
        self._sender = sender
        self._droplet_id = droplet_id
        self._poll_interval = poll_interval
        self._options = options
        self._looks = 0
        self.droplet: Droplet | None = None
        self.shutdown: Action | None = None
        self.power_off: Action | None = None

    @property
    def is_off(self) -> bool:
        """Whether the Droplet was off when it was last read."""
        return self.droplet is not None and self.droplet.is_off

    async def shut_down(self, seconds: float) -> None:
        """Ask the guest; ends when the Droplet is off, when the action fails, or when the time is over."""
        deadline = anyio.current_time() + seconds
        with anyio.CancelScope(deadline=deadline):
            await self._read_droplet()
        while not self.is_off and self.shutdown is None and anyio.current_time() < deadline:
            self.shutdown = await self._start(Shutdown(), deadline)
            if self.shutdown is None:
                await self._look(deadline)
        while self.shutdown is not None and anyio.current_time() < deadline:
            if self.shutdown.is_errored or (self.is_off and self.shutdown.is_finished):
                return
            await self._look(deadline)

    async def cut_power(self, seconds: float) -> None:
        """Pull the plug; ends when the Droplet is off, or when the time is over."""
        deadline = anyio.current_time() + seconds
        while not self.is_off and self.power_off is None and anyio.current_time() < deadline:
            self.power_off = await self._start(PowerOff(), deadline)
            if self.power_off is None:
                await self._look(deadline)
        while self.power_off is not None and anyio.current_time() < deadline:
            if self.power_off.is_errored:
                raise ActionFailedError(
                    f"power_off of Droplet {self._droplet_id} (action {self.power_off.id}) is 'errored'; "
                    "the API gives no reason",
                    action=self.power_off,
                )
            if self.is_off and self.power_off.is_finished:
                return
            await self._look(deadline)

    async def _start(self, action: Shutdown | PowerOff, deadline: float) -> Action | None:
        """Start an action; ``None`` if the Droplet is busy or off already.

        The deadline is the request's own time limit, so that a request which is given up half-way is looked up.
        """
        left = max(_MIN_POWER_OFF_SECONDS, deadline - anyio.current_time())
        request = droplet_actions.initiate(self._droplet_id, action, self._options)
        try:
            reply = await self._sender.send(request._replace(timeout=min(left, self._sender.settings.timeout)))
            self._looks = 0
            return reply.parse().action
        except (PendingEventError, WrongPowerStateError):
            return None

    async def _look(self, deadline: float) -> None:
        """Pause, then read the Droplet and what runs on it; cut short by the deadline."""
        with anyio.CancelScope(deadline=deadline):
            await anyio.sleep(interval(self._looks, self._poll_interval, random.random()))  # noqa: S311 - spreads load
            self._looks += 1
            await self._read_droplet()
            if self.power_off is not None:
                self.power_off = await self._read_action(self.power_off)
            elif self.shutdown is not None:
                self.shutdown = await self._read_action(self.shutdown)

    async def _read_droplet(self) -> None:
        request = droplets.RETRIEVE.request(self._options, self._droplet_id)
        try:
            self.droplet = (await self._sender.send(request)).parse().droplet
        except TRANSIENT_ERRORS:
            # The next look may go through; a Droplet that could not be read once has no state to go on with.
            if self.droplet is None:
                raise

    async def _read_action(self, action: Action) -> Action:
        if action.is_finished:
            return action
        try:
            request = droplet_actions.RETRIEVE.request(self._options, self._droplet_id, action.id)
            return (await self._sender.send(request)).parse().action
        except TRANSIENT_ERRORS:
            return action
