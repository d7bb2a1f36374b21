"""The placement of new Droplets: quotas and capacity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals

if TYPE_CHECKING:
    from collections.abc import Collection

    from gradient_async.emulator.catalogue import Catalogue
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.refusals import Refusal


def placement_refusal(
    catalogue: Catalogue,
    droplets: Collection[Droplet],
    slug: str,
    region: str,
    count: int = 1,
    *,
    room: int | None = None,
) -> Refusal | None:
    """Return why new Droplets of a size cannot be created in a region, None if they can. Pure.

    The order of the checks is a guess.

    Args:
        catalogue: The account's sizes and quotas.
        droplets: The Droplets that it has.
        slug: The size of the new ones.
        region: The region of the new ones.
        count: Number of new ones.
        room: Number of them that the region takes now; None is no limit.
    """
    size = catalogue.size(slug)
    if size is None:
        return refusals.UNKNOWN_SIZE
    if len(droplets) + count > catalogue.droplet_limit:
        return refusals.over_limit("droplet", count)
    gpus = sum(droplet.size.gpu.count for droplet in droplets if droplet.size.gpu)
    wanted = size.gpu.count * count if size.gpu else 0
    if wanted and gpus + wanted > catalogue.gpu_limit:
        return refusals.over_limit("GPU", count)
    has_room = size.has_room_in(region) and (room is None or count <= room)
    return None if has_room else refusals.SIZE_NOT_IN_REGION
