"""Destroys Droplets: ``client.fleet.destroy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.arguments import checked_bool, checked_choice, checked_count, checked_seconds
from gradient_async.errors import DropletCountError
from gradient_async.fleet.cost import lack_prices, price_of
from gradient_async.fleet.costs import listed_prices
from gradient_async.fleet.destroy.engine import DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT, DestroyOptions
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.resource_choice import checked_kinds
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.droplet_lists import found_droplets
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.fleet.option_checks import checked_callable
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Collection, Iterable, Mapping

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
        that gets the tag later is destroyed. Whatever happens to one Droplet, the others go on, and each has exactly
        one outcome in the report.

        Volumes, snapshots and reserved IPs stay and are billed, unless ``with_resources`` names them. The report lists
        what is left.

        Args:
            droplets: The Droplets or their ids, one or any number. Or pass ``tag``.
            tag: All Droplets with this tag, with GPUs or without.
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
            grace: Seconds that a guest is given to shut down before a snapshot; then its power is cut.
            max_concurrency: How many Droplets may be under way at once. ``None`` means 1,000.
            poll_interval: Seconds until the first reads of the proof; the next are further apart. ``None`` means 1.
            on_progress: Called with a ``DestroyProgress`` for each outcome.

        Returns:
            The report, with an outcome for each Droplet, the dollars an hour that stop, and what is still billed.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            DropletCountError: Another number of Droplets exists than ``confirm_count``. Nothing was destroyed.
            APIError: The Droplets could not be read. Nothing was destroyed.
            DestroyCancelled: It was cancelled; it carries the report so far.
        """
        options = checked_options(until, timeout, max_concurrency, poll_interval, on_progress)
        plan = DestroyPlan(
            options=options,
            kinds=checked_kinds(with_resources),
            makes_snapshot=checked_bool("snapshot", snapshot),
            snapshot_timeout=None
            if snapshot_timeout is None
            else checked_seconds("snapshot_timeout", snapshot_timeout),
            grace=checked_seconds("grace", grace),
        )
        client = GPUDroplets(self._sender, self._watcher)
        found = await found_droplets(client, droplets, tag)
        check_count(found, confirm_count)
        return await DestroyRun(self._sender, self._watcher, plan).run(await removals_of(client, found))


def checked_options(
    until: str,
    timeout: float,
    max_concurrency: int | None,
    poll_interval: float | None,
    on_progress: Callable[[DestroyProgress], object] | None,
) -> DestroyOptions:
    """Return the options of a run that destroys Droplets, checked.

    Raises:
        TypeError: An option has the wrong type.
        ValueError: An option is out of range.
    """
    checked_choice("until", until, ("gone", "accepted"))
    if on_progress is not None:
        checked_callable("on_progress", on_progress)
    most = DEFAULT_CONCURRENCY if max_concurrency is None else max_concurrency
    return DestroyOptions(
        timeout=checked_seconds("timeout", timeout),
        until="accepted" if until == "accepted" else "gone",
        max_concurrency=most
        if max_concurrency is None
        else checked_count("max_concurrency", max_concurrency, minimum=1),
        poll_interval=None if poll_interval is None else checked_seconds("poll_interval", poll_interval),
        on_progress=on_progress,
    )


def check_count(found: Mapping[int, Droplet | None], confirm_count: int | None) -> None:
    """Refuse a number of Droplets that the caller does not expect.

    Raises:
        DropletCountError: Another number exists.
    """
    existing = tuple(droplet for droplet in found.values() if droplet is not None)
    if confirm_count is None or len(existing) == checked_count("confirm_count", confirm_count, minimum=0):
        return
    missing = len(found) - len(existing)
    gone = f" ({missing:,} of the given ids do not exist)" if missing else ""
    raise DropletCountError(
        f"confirm_count: expected {confirm_count:,} Droplets, found {len(existing):,}{gone}. Nothing was destroyed",
        expected=confirm_count,
        droplets=existing,
    )


async def removals_of(client: GPUDroplets, found: Mapping[int, Droplet | None]) -> list[Removal]:
    """Return what has to be destroyed, with prices as far as the API names them."""
    existing = [droplet for droplet in found.values() if droplet is not None]
    prices = await listed_prices(client) if lack_prices(existing) else {}
    return [
        Removal(droplet_id=droplet_id, droplet=droplet, price_hourly=price_of(droplet, prices) if droplet else None)
        for droplet_id, droplet in found.items()
    ]


def _seconds_or_none(parameter: str, value: float | None) -> float | None:
    return None if value is None else checked_seconds(parameter, value)
