"""Waits for Droplets that become ready (promises P3 and P4). All waits of a client share their polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from gradient_async import child_processes
from gradient_async.errors import DropletGoneError, DropletWaitTimeoutError, GradientAIError, PlacementLostError
from gradient_async.event_loops import running_loop
from gradient_async.task_group import TaskGroup
from gradient_async.waiting.awaited_droplet import AwaitedDroplet
from gradient_async.waiting.droplet_poller import DropletPoller
from gradient_async.waiting.droplet_stages import DropletStages
from gradient_async.waiting.readiness import state_of
from gradient_async.waiting.shared_polls import SharedPolls, Wait

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.outage import Outage
    from gradient_async.waiting.poller import Pace
    from gradient_async.waiting.readiness import WaitTarget

# Connections and programs of one wait at the same time.
_MAX_TRIES: Final = 100


class DropletWatcher:
    """Waits until Droplets are ready.

    Args:
        sender: Sends the requests.
        outage: Logs that polls fail.
    """

    def __init__(self, sender: Sender, outage: Outage) -> None:
        self._sender = sender
        self._token = sender.settings.access_token
        self._outage = outage
        self._watches: dict[tuple[asyncio.AbstractEventLoop, str], SharedPolls[AwaitedDroplet]] = {}

    async def wait_for(self, droplet: Droplet | int, target: WaitTarget, options: ReadOptions | None = None) -> Droplet:
        """Wait until a Droplet is ready. It may be called while other waits run: all share their polls.

        Args:
            droplet: The Droplet, or its id.
            target: What the wait is for.
            options: The caller's options for the requests. Waits with different options do not share polls.

        Returns:
            The Droplet as last read.

        Raises:
            DropletWaitTimeoutError: The deadline passed first.
            DropletGoneError: The Droplet does not exist any more, or has not appeared.
            PlacementLostError: Its ``create`` action errored.
            APIError: It cannot be read, and another poll would not help.
        """
        (outcome,) = await self.outcomes((droplet,), target, options)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def outcomes(
        self, droplets: Sequence[Droplet | int], target: WaitTarget, options: ReadOptions | None = None
    ) -> list[Droplet | Exception]:
        """Wait until each of several Droplets is ready, or has failed to become it. Return a result for each.

        An error that this SDK did not raise on purpose, such as one of a probe, ends the wait at once.

        Args:
            droplets: The Droplets, or their ids.
            target: What the wait is for.
            options: The caller's options for the requests.
        """
        options = options or {}
        key = (running_loop(), repr(sorted(options.items())))
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = SharedPolls(DropletPoller(self._sender), self._outage, options)
        pace, limiter = watch.pace(), anyio.CapacityLimiter(_MAX_TRIES)
        runs = [_Run(watch, AwaitedDroplet.of(droplet), target, pace, limiter) for droplet in droplets]
        # Probes that start a program keep the token out of its environment.
        before = child_processes.TOKEN.set(self._token)
        try:
            async with TaskGroup() as group:
                for run in runs:
                    group.start_soon(run.work, group)
        finally:
            child_processes.TOKEN.reset(before)
            for run in runs:
                run.leave()
            if watch.is_idle:
                self._watches.pop(key, None)
        return [run.outcome for run in runs]


class _Run:
    """The wait for one Droplet.

    Args:
        watch: Polls.
        awaited: The Droplet.
        target: What the wait is for.
        pace: Intervals between polls.
        limiter: Limits how many Droplets are tried at once.
    """

    def __init__(
        self,
        watch: SharedPolls[AwaitedDroplet],
        awaited: AwaitedDroplet,
        target: WaitTarget,
        pace: Pace,
        limiter: anyio.CapacityLimiter,
    ) -> None:
        self._watch = watch
        self._awaited = awaited
        self._target = target
        self._began = anyio.current_time()
        self._wait = Wait[AwaitedDroplet]()
        first = target.poll_interval or pace.first
        timeout = max(target.deadline - self._began, 0.0)
        self._wait.entries = [watch.join(self._wait, awaited, first, pace.longest, timeout)]
        self._stages = DropletStages(awaited, target, first, pace, limiter)
        self._error: GradientAIError | None = None
        self.outcome: Droplet | Exception = self._timed_out()

    async def work(self, everything: TaskGroup) -> None:
        """Pass the stages in order. The Droplet is polled during all stages. If it vanishes, the wait ends."""
        async with TaskGroup() as group:
            with anyio.CancelScope(deadline=self._target.deadline) as scope:
                group.start_soon(self._poll, scope)
                self.outcome = await self._result()
            if scope.cancelled_caught:
                self.outcome = self._error or self._timed_out()
            group.cancel()
        if isinstance(self.outcome, PlacementLostError | DropletGoneError):
            self.outcome.stage, self.outcome.seconds = self._stages.current, self._seconds
        if isinstance(self.outcome, Exception) and not isinstance(self.outcome, GradientAIError):
            everything.cancel()

    def leave(self) -> None:
        """End the polls of the Droplet."""
        self._watch.leave(self._wait)

    @property
    def _seconds(self) -> float:
        return round(anyio.current_time() - self._began, 3)

    async def _result(self) -> Droplet | Exception:
        try:
            return await self._stages.passed()
        except Exception as error:  # noqa: BLE001 - a probe is the user's own code
            return error

    async def _poll(self, scope: anyio.CancelScope) -> None:
        """Take part in the polls until the Droplet cannot be read any more."""
        try:
            await self._watch.until_over(self._wait)
        except GradientAIError as error:
            self._error = error
        scope.cancel()

    def _timed_out(self) -> DropletWaitTimeoutError:
        one, stage = self._awaited, self._stages.current
        droplet = one.last or one.given
        name = f"Droplet {one.id} ({droplet.name})" if droplet else f"Droplet {one.id}"
        billed = " It exists, and is billed." if one.last and not one.misses else ""
        trouble = f" The last poll failed: {one.failure}." if one.failure else ""
        error = DropletWaitTimeoutError(
            f"{name} is not ready after {self._seconds:.4g} s: it did not reach {stage!r}; "
            f"{state_of(one.last, self._target.address)}{self._stages.trouble}.{billed}{trouble}",
            droplet_id=one.id,
            droplet=droplet,
            stage=stage,
            seconds=self._seconds,
        )
        error.__cause__ = self._stages.cause or one.failure
        return error
