"""Costs of Droplets: ``client.fleet.cost``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gradient_async.fleet.cost import FleetCost, cost_of, lack_prices
from gradient_async.fleet.droplet_lists import all_droplets, found_droplets, listed_prices
from gradient_async.fleet.fleet_part import FleetPart
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Collection, Iterable

    from gradient_async.models.droplet import Droplet


class FleetCosts(FleetPart):
    """The costs of Droplets."""

    async def cost(
        self,
        droplets: int | Droplet | Iterable[int | Droplet] | AsyncIterable[int | Droplet] | None = None,
        *,
        tag: str | None = None,
    ) -> FleetCost:
        """Read what Droplets cost: dollars an hour, and dollars since each was created.

        A Droplet that is off costs as much as one that is on. The prices are the API's own, as they are now: the
        Droplet's, or that of its size in the list of sizes. A price that the API does not name is unknown, not
        zero: see ``unknown``.

        Args:
            droplets: The Droplets or their ids, one or any number. By default, with no ``tag``, all Droplets of the
                account, with GPUs or without.
            tag: All Droplets with this tag.

        Returns:
            The costs, one by one and together.

        Raises:
            TypeError: Both ``droplets`` and ``tag`` are given. Nothing was sent.
            NotFoundError: One of the Droplets does not exist.
            APIError: The Droplets cannot be read.
        """
        client = GPUDroplets(self._sender, self._watcher)
        if droplets is None and tag is None:
            known: Collection[Droplet] = await all_droplets(client)
        else:
            found = await found_droplets(client, droplets, tag)
            # The API's own error for an id that it does not know.
            known = [one or (await client.retrieve(number)).droplet for number, one in found.items()]
        prices = await listed_prices(client) if lack_prices(known) else {}
        now = datetime.now(UTC)
        return FleetCost(droplets=tuple(cost_of(droplet, prices, now) for droplet in known), at=now)
