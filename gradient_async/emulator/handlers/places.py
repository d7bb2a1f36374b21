"""Sizes and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.handlers.resource_group import Call, ResourceGroup, route

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.wire import Answer


class SizeHandlers(ResourceGroup):
    """`/v2/sizes`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._capacity = account.part(Capacity)

    @route("GET", "/v2/sizes", "sizes:read", "regions:read")
    def list_sizes(self, call: Call) -> Answer | Refusal:
        """Return a page of the sizes that are listed."""
        return self.listing(call, "sizes", self._capacity.offer().listed_sizes(), call.render.size)


class RegionHandlers(ResourceGroup):
    """`/v2/regions`."""

    @route("GET", "/v2/regions", "regions:read")
    def list_regions(self, call: Call) -> Answer | Refusal:
        """Return a page of regions."""
        return self.listing(call, "regions", tuple(self.account.catalogue.regions), call.render.region)
