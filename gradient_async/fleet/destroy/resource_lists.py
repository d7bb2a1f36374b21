"""Reads the volumes, snapshots and IPs of many Droplets from the account's lists, with few requests."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from gradient_async.errors import GradientAIError
from gradient_async.fleet.destroy.outcomes import BillingResource
from gradient_async.resources.gpu_droplets import GPUDroplets
from gradient_async.resources.reserved_ips import ReservedIPs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradient_async.fleet.destroy.removal import Removal
    from gradient_async.http.sender import Sender
    from gradient_async.models.reserved_ip import ReservedIP
    from gradient_async.models.snapshot import Snapshots
    from gradient_async.models.volume import Volume
    from gradient_async.waiting.watcher import Watcher

MANY: Final = 10
"""From this many Droplets on, the lists take fewer requests than one for each Droplet, unless the lists are long."""


async def read_from_lists(sender: Sender, watcher: Watcher, removals: Sequence[Removal]) -> None:
    """Read the resources of Droplets. If a list cannot be read, those of each Droplet are read later, one by one.

    Args:
        sender: Sends the requests.
        watcher: The client's.
        removals: The Droplets; they take the result.
    """
    client = GPUDroplets(sender, watcher)
    try:
        volumes = [one async for one in client.volumes.list_all()]
        snapshots = [one async for one in client.snapshots.list_all()]
        ips = [one async for one in ReservedIPs(sender, watcher).list_all()]
    except GradientAIError:
        return
    found = resources_by_droplet(volumes, snapshots, ips)
    for removal in removals:
        removal.left, removal.is_read = tuple(found.get(removal.droplet_id, ())), True


def resources_by_droplet(
    volumes: Iterable[Volume], snapshots: Iterable[Snapshots], ips: Iterable[ReservedIP]
) -> Mapping[int, list[BillingResource]]:
    """Return the resources of each Droplet. Pure. The lists do not say what a resource costs."""
    found: dict[int, list[BillingResource]] = defaultdict(list)
    owners: dict[str, tuple[int, ...]] = {}
    for volume in volumes:
        owners[volume.id] = volume.droplet_ids
        for droplet_id in volume.droplet_ids:
            found[droplet_id].append(BillingResource(kind="volumes", id=volume.id, name=volume.name))
    for snapshot in snapshots:
        of = snapshot.resource_id or ""
        is_of_volume = snapshot.resource_type == "volume"
        kind = "volume_snapshots" if is_of_volume else "snapshots"
        owner_ids = owners.get(of, ()) if is_of_volume else (int(of),) if of.isdecimal() else ()
        for droplet_id in owner_ids:
            found[droplet_id].append(BillingResource(kind=kind, id=snapshot.id, name=snapshot.name))
    for ip in ips:
        if ip.droplet is not None:
            found[ip.droplet.id].append(BillingResource(kind="reserved_ips", id=ip.ip, name=ip.ip))
    return found
