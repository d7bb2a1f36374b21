"""Destroys Droplets, each once, and waits for the proof that they are gone."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol

import anyio
from attrs import frozen

from gradient_async import log
from gradient_async.errors import GradientAIError
from gradient_async.fleet.destroy.outcomes import DESTROY_STATUSES, DestroyOutcome, DestroyProgress
from gradient_async.fleet.destroy.proof import GoneProof
from gradient_async.fleet.destroy.removal import (
    Answer,
    Removal,
    Sight,
    Verdict,
    asks_again,
    pause_after,
    verdict_at_end,
    verdict_when_cut_off,
)
from gradient_async.fleet.destroy.report import DestroyCancelled, DestroyReport
from gradient_async.fleet.destroy.ways import ById
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from gradient_async.fleet.destroy.outcomes import DestroyStatus
    from gradient_async.http.sender import Sender

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds in which a Droplet has to be gone."""
DEFAULT_CONCURRENCY: Final = 1000
# Where an id was created just now, a 404 can come from a replica that does not know it yet.
_FRESH_SECONDS: Final = 20.0


class Way(Protocol):
    """How a Droplet is destroyed."""

    async def send(self, removal: Removal) -> None:
        """Ask the API to destroy a Droplet, and return when it has accepted.

        Raises:
            GradientAIError: It has not.
        """
        ...


@frozen(kw_only=True)
class DestroyOptions:
    """How Droplets are destroyed.

    Attributes:
        timeout: Seconds in which each Droplet has to be gone, from its first request.
        until: ``"gone"`` waits for the proof, ``"accepted"`` for the API's answer.
        max_concurrency: How many Droplets may be under way at once.
        poll_interval: Seconds until the first reads of the proof; ``None`` means 1.
        is_fresh: Whether the Droplets were created just now, so that a 404 proves nothing at first.
        on_progress: Called with each outcome; an error of it is logged, and it is not called again.
    """

    timeout: float = DEFAULT_TIMEOUT
    until: Literal["gone", "accepted"] = "gone"
    max_concurrency: int = DEFAULT_CONCURRENCY
    poll_interval: float | None = None
    is_fresh: bool = False
    on_progress: Callable[[DestroyProgress], object] | None = None


class Destroyer:
    """Destroys Droplets by their ids. No request is sent for any other Droplet.

    Args:
        sender: Sends the requests.
        options: How.
        way: How a Droplet is destroyed; by default with a DELETE of its id.
    """

    def __init__(self, sender: Sender, options: DestroyOptions, way: Way | None = None) -> None:
        self._sender = sender
        self._options = options
        self._way = way or ById(sender)
        self._proof = GoneProof(sender, options.poll_interval)
        self._began_at = datetime.now(UTC)
        self._began = anyio.current_time()
        self._requests = sender.counter.requests, sender.counter.refused
        self._pending: dict[int, Removal] = {}
        self._outcomes: list[DestroyOutcome] = []
        self._counts: dict[DestroyStatus, int] = dict.fromkeys(DESTROY_STATUSES, 0)
        self._total = 0
        self._tell = options.on_progress

    async def run(self, removals: Iterable[Removal] | AsyncIterable[Removal], total: int) -> None:
        """Destroy Droplets, and return when each has its outcome; ``report`` has them.

        Args:
            removals: The Droplets. Each is destroyed as soon as the iterator gives it.
            total: How many there are, with those that ``keep`` is called for.
        """
        self._total = total
        slots = anyio.Semaphore(self._options.max_concurrency)
        async with TaskGroup() as group:
            group.start_soon(self._proof.serve)
            async with TaskGroup() as members:
                async for removal in _each(removals):
                    self._pending[removal.droplet_id] = removal
                    await slots.acquire()
                    members.start_soon(self._destroy, removal, slots)
            group.cancel()

    async def keep(self, removal: Removal, reason: str, error: Exception | None = None) -> None:
        """Report the outcome of a Droplet that is not destroyed."""
        await self._end(removal, Verdict("kept", reason), error)

    def report(self, cut_off: str = "it ended") -> DestroyReport:
        """Return the report so far.

        Args:
            cut_off: Why those that have no outcome have none.
        """
        requests, refused = self._requests
        left = [
            _outcome(removal, verdict_when_cut_off(removal, cut_off), removal.failure)
            for removal in self._pending.values()
        ]
        return DestroyReport(
            outcomes=(*self._outcomes, *left),
            began_at=self._began_at,
            duration=anyio.current_time() - self._began,
            requests=self._sender.counter.requests - requests,
            refused_for_rate=self._sender.counter.refused - refused,
        )

    def expect(self, removals: Iterable[Removal]) -> None:
        """Record the Droplets that ``run`` will get, so that the report of a cancelled run has them."""
        self._pending.update((removal.droplet_id, removal) for removal in removals)

    async def _destroy(self, removal: Removal, slots: anyio.Semaphore) -> None:
        removal.started_at = removal.started_at or datetime.now(UTC)
        fault: Exception | None = None
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + self._options.timeout):
                await self._wait_until_destroyed(removal)
        except Exception as error:  # noqa: BLE001 - such as of a middleware; the other Droplets go on
            log.fleet_fault(removal.droplet_id, error)
            fault = error
        finally:
            slots.release()
        verdict = verdict_at_end(removal, until_gone=self._options.until == "gone", fault=fault)
        await self._end(removal, verdict, fault or removal.failure)

    async def _wait_until_destroyed(self, removal: Removal) -> None:
        """Ask until the API accepts, then wait for the proof. A refusal ends it."""
        began = anyio.current_time()
        while await self._ask(removal):
            asked_at = anyio.current_time()
            if self._options.until == "accepted" and not removal.is_absent:
                return
            while True:
                removal.sight = await self._proof.check(removal.droplet_id, asked_at)
                now = anyio.current_time()
                is_early = removal.is_absent and self._options.is_fresh and now - began < self._fresh_seconds
                if (removal.sight is Sight.GONE and not is_early) or self._sender.is_closed:
                    return
                is_back = removal.is_absent and removal.sight is Sight.SHOWN
                if is_early or is_back or asks_again(now - asked_at):
                    break

    @property
    def _fresh_seconds(self) -> float:
        return min(_FRESH_SECONDS, self._sender.settings.create_settle_seconds, self._options.timeout / 2)

    async def _ask(self, removal: Removal) -> bool:
        """Ask the API to destroy a Droplet, until it accepts or does not know it. Return whether it did not refuse."""
        attempts = 0
        while True:
            attempts += 1
            try:
                await self._way.send(removal)
                answer = removal.answered(None)
            except GradientAIError as error:
                error.__traceback__ = None  # its frames would keep references to all locals
                answer = removal.answered(error)
            if answer is Answer.REFUSED:
                return removal.is_accepted
            if answer is not Answer.LATER or removal.is_accepted:
                return True
            await anyio.sleep(pause_after(attempts))

    async def _end(self, removal: Removal, verdict: Verdict, error: Exception | None) -> None:
        outcome = _outcome(removal, verdict, error)
        self._pending.pop(removal.droplet_id, None)
        self._outcomes.append(outcome)
        self._counts[outcome.status] += 1
        if self._tell is None:
            return
        elapsed = anyio.current_time() - self._began
        progress = DestroyProgress(total=self._total, **self._counts, elapsed=elapsed, latest=outcome)
        try:
            answer = self._tell(progress)
            if inspect.isawaitable(answer):
                await answer
        except Exception as error_of_callback:  # noqa: BLE001 - no progress bar may stop destroying half-way
            self._tell = None
            log.callback_failed("on_progress", error_of_callback)


async def destroy_ids(sender: Sender, ids: Iterable[int], options: DestroyOptions | None = None) -> DestroyReport:
    """Destroy Droplets by their ids, and prove that they are gone.

    Args:
        sender: Sends the requests.
        ids: The ids.
        options: How; ``DestroyOptions(is_fresh=True)`` for Droplets that were created just now.

    Raises:
        DestroyCancelled: It was cancelled; it carries the report so far.
    """
    removals = [Removal(droplet_id=droplet_id) for droplet_id in dict.fromkeys(ids)]
    destroyer = Destroyer(sender, options or DestroyOptions())
    destroyer.expect(removals)
    try:
        await destroyer.run(removals, len(removals))
    except asyncio.CancelledError:
        raise DestroyCancelled(destroyer.report("it was cancelled")) from None
    return destroyer.report()


def _outcome(removal: Removal, verdict: Verdict, error: Exception | None) -> DestroyOutcome:
    is_absent = verdict.status in {"destroyed", "not_found"}
    return DestroyOutcome(
        droplet_id=removal.droplet_id,
        status=verdict.status,
        name=removal.droplet.name if removal.droplet else None,
        reason=verdict.reason,
        error=None if is_absent else error,
        price_hourly=removal.price_hourly,
        snapshot_id=removal.snapshot_id,
        snapshot_name=removal.snapshot_name,
        destroyed_with=removal.destroyed_with,
        left=removal.left,
        started_at=removal.started_at,
        ended_at=datetime.now(UTC),
    )


async def _each(removals: Iterable[Removal] | AsyncIterable[Removal]) -> AsyncIterator[Removal]:
    if isinstance(removals, AsyncIterable):
        async for removal in removals:
            yield removal
    else:
        for removal in removals:
            yield removal
