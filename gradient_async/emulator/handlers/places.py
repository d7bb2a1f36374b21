"""Sizes and regions: what Droplets can be made of, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.handlers.resource_group import Call, ResourceGroup, route

if TYPE_CHECKING:
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.wire import Answer


class SizeHandlers(ResourceGroup):
    """`/v2/sizes`."""

    @route("GET", "/v2/sizes", "sizes:read", "regions:read")
    def list_sizes(self, call: Call) -> Answer | Refusal:
        """A page of the sizes that are listed."""
        return self.listing(call, "sizes", self.account.catalogue.listed_sizes(), call.render.size)


class RegionHandlers(ResourceGroup):
    """`/v2/regions`."""

    @route("GET", "/v2/regions", "regions:read")
    def list_regions(self, call: Call) -> Answer | Refusal:
        """A page of regions."""
        return self.listing(call, "regions", tuple(self.account.catalogue.regions), call.render.region)
