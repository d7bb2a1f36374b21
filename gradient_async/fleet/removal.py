"""Destroys Droplets: ``client.fleet.destroy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.arguments import checked_bool, checked_seconds
from gradient_async.fleet.destroy.engine import DEFAULT_TIMEOUT
from gradient_async.fleet.destroy.resource_choice import checked_kinds
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.droplet_lists import found_droplets
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.option_checks import checked_path
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.fleet.removal_steps import (
    cancelled_with_report,
    check_count,
    checked_options,
    count_or_none,
    destroy_run,
    removals_of,
    seconds_or_none,
)
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterable, Callable, Collection, Iterable

    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.fleet.destroy.resource_choice import ResourceKind
    from gradient_async.models.droplet import Droplet


class FleetRemoval(FleetPart):
    """Destroying Droplets."""

    async def destroy(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        confirm_count: int | None = None,
        snapshot: bool = False,
        with_resources: bool | Collection[ResourceKind] = False,
        until: Literal["gone", "accepted"] = "gone",
        timeout: float = DEFAULT_TIMEOUT,
        snapshot_timeout: float | None = None,
        grace: float = DEFAULT_GRACE_SECONDS,
        max_concurrency: int | None = None,
        poll_interval: float | None = None,
        on_progress: Callable[[DestroyProgress], object] | None = None,
    ) -> DestroyReport:
        """Destroy Droplets, and prove that each is gone. It cannot be undone.

        One request is sent for each Droplet, by its id, and repeated until the API accepts it: an id is never used
        again, so no other Droplet can be meant. With a tag, the Droplets that have it are read first, and no Droplet
        that gets the tag later is destroyed. An error of one Droplet does not stop the others, and each has exactly
        one outcome in the report.

        Volumes, snapshots and reserved IPs stay and are billed, unless ``with_resources`` names them. The report lists
        what is left.

        Args:
            droplets: The Droplets or their ids, one or any number. Or pass ``tag`` or ``journal``.
            tag: All Droplets with this tag, with GPUs or without.
            journal: All Droplets of the creation run with this journal, those that it delivered too. The journal notes
                which are gone.
            confirm_count: How many Droplets you expect. If another number of them exists, nothing is sent.
            snapshot: Whether a snapshot of each Droplet is made first. The Droplet is switched off for that, so that
                its disk is complete. A Droplet is destroyed only after its snapshot was found in its list of snapshots;
                otherwise it stays, and is switched on again if it was on. A scratch disk is in no snapshot.
            with_resources: What is destroyed with each Droplet: ``True`` for all that the API lists as the Droplet's,
                or some of ``"volumes"``, ``"snapshots"``, ``"volume_snapshots"`` and ``"reserved_ips"``. The snapshot
                of ``snapshot=True`` stays in any case.
            until: ``"gone"`` waits for the proof: the API does not know the id, and neither the list of GPU Droplets
                nor the plain one shows it. ``"accepted"`` waits only for the API's answer.
            timeout: Seconds in which each Droplet has to be gone, from its first request. After that its outcome is
                ``"failed"`` or ``"unknown"``.
            snapshot_timeout: Seconds that one snapshot may take. ``None`` means 14,400.
            grace: Seconds that a guest has to shut down before a snapshot; then its power is cut.
            max_concurrency: How many Droplets may be under way at once. ``None`` means 1,000.
            poll_interval: Seconds until the first reads of the proof; the next are further apart. ``None`` means 1.
            on_progress: Called with a ``DestroyProgress`` for each outcome.

        Returns:
            The report, with an outcome for each Droplet, the dollars an hour that stop, and what is still billed.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was destroyed.
            JournalError: The journal does not exist, is damaged, in use, or of another kind. Nothing was sent.
            APIError: The Droplets could not be read. Nothing was destroyed.
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        options = checked_options(until, timeout, max_concurrency, poll_interval, on_progress)
        plan = DestroyPlan(
            options=options,
            kinds=checked_kinds(with_resources),
            makes_snapshot=checked_bool("snapshot", snapshot),
            snapshot_timeout=seconds_or_none("snapshot_timeout", snapshot_timeout),
            grace=checked_seconds("grace", grace),
        )
        confirm_count = count_or_none("confirm_count", confirm_count)
        client = GPUDroplets(self._sender, self._watcher)
        if journal is not None:
            if droplets is not None or tag is not None:
                raise TypeError("droplets, tag, journal: pass one of them, and no more")
            path = checked_path("journal", journal)
            with cancelled_with_report():
                return await destroy_run(client, path, plan, confirm_count, with_delivered=True)
        with cancelled_with_report():
            found = await found_droplets(client, droplets, tag)
            check_count(found, confirm_count)
            return await DestroyRun(self._sender, self._watcher, plan).run(await removals_of(client, found))
