"""Reads Droplets that are given by id or by tag, from lists where that takes fewer requests."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from gradient_async.endpoints import droplets as endpoints
from gradient_async.errors import APIError, NotFoundError
from gradient_async.fleet.targets import checked_targets, droplets_with_tag, ids_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gradient_async.fleet.targets import Targets
    from gradient_async.models.droplet import Droplet
    from gradient_async.resources.gpu_droplets import GPUDroplets

# Up to this many, reading each by its id takes no more requests than the two lists.
_FEW: Final = 2


async def found_droplets(
    client: GPUDroplets, droplets: int | Droplet | Targets | None, tag: str | None
) -> dict[int, Droplet | None]:
    """Return the Droplets as they are now, by their ids and in order; ``None`` for one that does not exist.

    Args:
        client: The client's Droplets.
        droplets: Droplets or their ids.
        tag: A tag, in place of ``droplets``.

    Raises:
        TypeError: Both or neither are given.
        APIError: They cannot be read.
    """
    targets = checked_targets(droplets, tag)
    if targets is None:
        async with aclosing(droplets_with_tag(client, tag or "")) as tagged:
            return {droplet.id: droplet async for droplet in tagged}
    return await droplets_with_ids(client, [droplet_id async for droplet_id in ids_of(targets)])


async def droplets_with_ids(client: GPUDroplets, ids: Collection[int]) -> dict[int, Droplet | None]:
    """Return the Droplets with these ids, in order; ``None`` for one that does not exist."""
    listed = {one.id: one for one in await all_droplets(client)} if len(ids) > _FEW else {}
    return {one: listed[one] if one in listed else await _read(client, one) for one in ids}


async def all_droplets(client: GPUDroplets) -> list[Droplet]:
    """Return all Droplets of the account: those with GPUs, and those without."""
    found: dict[int, Droplet] = {}
    for request in (client.list_all(type="gpus"), client.list_all(type="droplets")):
        async for droplet in request:
            found.setdefault(droplet.id, droplet)
    return list(found.values())


async def listed_prices(client: GPUDroplets) -> Mapping[str, float | None]:
    """Return the hourly prices of all sizes by their slugs; empty if the token must not read sizes."""
    try:
        return {size.slug: size.price_hourly async for size in client.sizes.list_all()}
    except APIError:
        return {}


async def _read(client: GPUDroplets, droplet_id: int) -> Droplet | None:
    try:
        return (await client._sender.send(endpoints.RETRIEVE.request({}, droplet_id))).parse().droplet  # noqa: SLF001 - ``retrieve`` asks why it is gone
    except NotFoundError:
        return None
