"""One run that destroys Droplets: snapshots first if asked for, then each Droplet as soon as it may be destroyed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import anyio
from attrs import frozen

from gradient_async.fleet.destroy.engine import Destroyer, DestroyOptions
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.report import DestroyCancelled, DestroyReport
from gradient_async.fleet.destroy.resource_lists import MANY, read_from_lists
from gradient_async.fleet.destroy.snapshots import SnapshotMaker
from gradient_async.fleet.destroy.ways import ById, WithResources
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

    from gradient_async.fleet.options import FleetOptions
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.watcher import Watcher

_CANCELLED: Final = "it was cancelled"


@frozen(kw_only=True)
class DestroyPlan:
    """What a run does to each Droplet.

    Attributes:
        options: How it is destroyed.
        kinds: Kinds of resources that are destroyed with it.
        makes_snapshot: Whether a snapshot is made first. Without one, the Droplet stays.
        snapshot_timeout: Seconds that a snapshot may take; ``None`` means 14,400.
        grace: Seconds that a guest has to shut down before the snapshot.
        record: Called with each Droplet that has its snapshot, before it is destroyed; if it fails, the Droplet stays.
    """

    options: DestroyOptions
    kinds: frozenset[str] = frozenset()
    makes_snapshot: bool = False
    snapshot_timeout: float | None = None
    grace: float = 120.0
    record: Callable[[Removal], None] | None = None


class DestroyRun:
    """A run.

    Args:
        sender: The client's.
        watcher: The client's, shared with all its other waits.
        plan: What is done.
    """

    def __init__(self, sender: Sender, watcher: Watcher, plan: DestroyPlan) -> None:
        self._sender = sender.copy(sender.settings, sender.budget)
        self._watcher = watcher
        self._plan = plan
        options = plan.options
        alone = ById(self._sender, names_rest=True)
        together = WithResources(self._sender, plan.kinds, options.timeout, options.poll_interval)
        self._destroyer = Destroyer(self._sender, options, together if plan.kinds else alone)

    async def run(self, removals: Iterable[Removal]) -> DestroyReport:
        """Destroy Droplets. Return when each has its outcome.

        Raises:
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        given = list(removals)
        self._destroyer.expect(given)
        try:
            if not self._plan.makes_snapshot:
                # One request less for each Droplet.
                if not self._plan.kinds and len(given) >= MANY:
                    await read_from_lists(self._sender, self._watcher, given)
                await self._destroyer.run(given, len(given))
            else:
                await self._run_after_snapshots(given)
        except asyncio.CancelledError:
            raise DestroyCancelled(self._destroyer.report(_CANCELLED)) from None
        return self._destroyer.report()

    async def _run_after_snapshots(self, removals: Sequence[Removal]) -> None:
        existing = [removal for removal in removals if removal.droplet is not None]
        sent, received = anyio.create_memory_object_stream["Removal"](math.inf)
        for removal in removals:
            if removal.droplet is None:  # no Droplet, so no snapshot
                sent.send_nowait(removal)
        async with TaskGroup() as group:
            group.start_soon(self._make_snapshots, existing, sent)
            async with received:
                await self._destroyer.run(received, len(removals))

    async def _make_snapshots(self, removals: Sequence[Removal], sent: MemoryObjectSendStream[Removal]) -> None:
        """Pass on each Droplet that has a snapshot; the others stay."""
        plan, left = self._plan, {removal.droplet_id: removal for removal in removals}
        options: FleetOptions = {"max_concurrency": plan.options.max_concurrency}
        if plan.snapshot_timeout is not None:
            options["action_timeout"] = plan.snapshot_timeout
        if plan.options.poll_interval is not None:
            options["poll_interval"] = plan.options.poll_interval

        async def emit(removal: Removal, reason: str) -> bool:
            left.pop(removal.droplet_id)
            error = removal.snapshot_failure
            if not reason and plan.record is not None:
                try:
                    plan.record(removal)
                except OSError as failure:
                    reason, error = f"its record cannot be written: {failure}", failure
            if reason:
                await self._destroyer.keep(removal, reason, error)
            else:
                sent.send_nowait(removal)
            return bool(reason)

        async with sent:
            for removal in removals:
                removal.has_snapshot_run = True
            maker = SnapshotMaker(self._sender, self._watcher, grace=plan.grace, options=options)
            try:
                if removals:
                    await maker.make(removals, emit)
            except Exception as error:  # noqa: BLE001 - of any kind: what has a snapshot is destroyed first
                for removal in left.values():
                    await self._destroyer.keep(removal, f"no snapshot: {error}", error)
