"""Droplets: read alone and in lists, and their snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.wire import Answer, Incoming, JSONObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.droplets import Droplet

TAG_SCOPE = FieldScope(field="tag_name", scope="tag:read", place="query")


class DropletHandlers(ResourceGroup):
    """`/v2/droplets`, without actions."""

    @route("GET", "/v2/droplets", "droplet:read", field_scopes=[TAG_SCOPE])
    def list_droplets(self, call: Call) -> Answer | Refusal:
        """A page of Droplets."""
        chosen = self._chosen(call.request)
        if isinstance(chosen, Refusal):
            return chosen
        return self.listing(call, "droplets", chosen, lambda droplet: self._written(call, droplet))

    @route("GET", "/v2/droplets/{droplet_id}", "droplet:read")
    def retrieve_droplet(self, call: Call) -> Answer | Refusal:
        """One Droplet."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        return Answer(status=OK, payload={"droplet": self._written(call, droplet)})

    @route("GET", "/v2/droplets/{droplet_id}/snapshots", "droplet:read")
    def list_snapshots(self, call: Call) -> Answer | Refusal:
        """A page of a Droplet's snapshots."""
        droplet_id = call.id("droplet_id")
        if self.account.shown_droplet(droplet_id) is None:
            return refusals.NOT_FOUND
        return self.listing(call, "snapshots", self.account.snapshots_of(droplet_id), call.render.snapshot)

    def _chosen(self, request: Incoming) -> Sequence[Droplet] | Refusal:
        tag, name, kind = (request.parameter(field) for field in ("tag_name", "name", "type"))
        if tag is not None:
            if name is not None or kind is not None:
                return refusals.FILTERS_CONFLICT
            shown = self.behaviour.tag_lists_include_gpus
            return [droplet for droplet in self.account.tagged(tag) if shown or not droplet.is_gpu]
        if kind not in (None, "droplets", "gpus"):
            return refusals.UNKNOWN_LIST_TYPE
        # GPU Droplets are hidden unless they are asked for, as the documentation says.
        listed = self.account.listed_droplets("list" if name is None else "name")
        chosen = [droplet for droplet in listed if droplet.is_gpu is (kind == "gpus")]
        return [droplet for droplet in chosen if name is None or droplet.name.casefold() == name.casefold()]

    def _written(self, call: Call, droplet: Droplet) -> JSONObject:
        return call.render.droplet(droplet, self.account.pending(droplet.id), self.behaviour.locked)
