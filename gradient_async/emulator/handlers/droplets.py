"""Droplets: created, read one by one and in lists, and deleted; with their snapshots, firewalls and neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.droplet_creation import DropletCreation
from gradient_async.emulator.firewalls import FirewallStore
from gradient_async.emulator.handlers.firewalls import written_firewall
from gradient_async.emulator.handlers.resource_group import ACCEPTED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.wire import Answer, Incoming, JSONObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet

_ACTIONS = "https://api.digitalocean.com/v2/actions"
TAG_SCOPE = FieldScope(field="tag_name", scope="tag:read", place="query")


CREATE_SCOPES = [
    FieldScope(field="image", scope="image:read"),
    FieldScope(field="ssh_keys", scope="ssh_key:read"),
    FieldScope(field="tags", scope="tag:create"),
    FieldScope(field="volumes", scope="block_storage:read"),
    FieldScope(field="vpc_uuid", scope="vpc:read"),
]
# Kernels that a Droplet with an external one can be given.
_KERNELS = range(7515, 7520)
# Droplets of one region that share a physical host (guess: the API only says that there are such).
_DROPLETS_ON_A_HOST = 4


class DropletHandlers(ResourceGroup):
    """`/v2/droplets`, without actions."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._creation = account.part(DropletCreation)
        self._firewalls = account.part(FirewallStore)

    @route("POST", "/v2/droplets", "droplet:create", field_scopes=CREATE_SCOPES)
    def create_droplets(self, call: Call) -> Answer | Refusal:
        """Create one Droplet, or one for each of up to ten names."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        made = self._creation.create(fields, call.outcome)
        if isinstance(made, Refusal):
            return made
        actions = [self.account.actions_of(droplet.id, "create")[0].id for droplet in made]
        links: JSONObject = {"actions": [{"id": one, "rel": "create", "href": f"{_ACTIONS}/{one}"} for one in actions]}
        written = [self._written(call, droplet) for droplet in made]
        key, shown = ("droplets", written) if "names" in fields else ("droplet", written[0])
        return Answer(status=ACCEPTED, payload={key: shown, "links": links})

    @route("DELETE", "/v2/droplets/{droplet_id}", "droplet:delete")
    def delete_droplet(self, call: Call) -> Answer | Refusal:
        """Destroy a Droplet. It is gone at the end of its `destroy` action, which is not in the answer."""
        return self._destroy(call.id("droplet_id")) or Answer(status=NO_CONTENT)

    @route("DELETE", "/v2/droplets", "droplet:delete", field_scopes=[TAG_SCOPE])
    def delete_by_tag(self, call: Call) -> Answer | Refusal:
        """Destroy every Droplet with a tag. A tag without Droplets is no refusal (guess)."""
        tag = call.request.parameter("tag_name")
        if not tag:
            return refusals.MISSING_TAG
        for droplet in self._tagged(tag):
            self._destroy(droplet.id)
        return Answer(status=NO_CONTENT)

    def _destroy(self, droplet_id: int) -> Refusal | None:
        if self.account.droplet(droplet_id) is None:
            return refusals.NOT_FOUND
        pending = self.account.pending(droplet_id)
        if pending is not None and pending.type == "destroy":
            return None  # guess: a second DELETE changes nothing
        if pending is not None and self.behaviour.destroy_when_busy == "refused":
            return refusals.PENDING_EVENT
        self.account.destroy(droplet_id)
        return None

    @route("GET", "/v2/droplets", "droplet:read", field_scopes=[TAG_SCOPE])
    def list_droplets(self, call: Call) -> Answer | Refusal:
        """Return a page of Droplets."""
        chosen = self._chosen(call.request)
        if isinstance(chosen, Refusal):
            return chosen
        return self.listing(call, "droplets", chosen, lambda droplet: self._written(call, droplet))

    @route("GET", "/v2/droplets/{droplet_id}", "droplet:read")
    def retrieve_droplet(self, call: Call) -> Answer | Refusal:
        """Return one Droplet."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        return Answer(status=OK, payload={"droplet": self._written(call, droplet)})

    @route("GET", "/v2/droplets/{droplet_id}/snapshots", "droplet:read")
    def list_snapshots(self, call: Call) -> Answer | Refusal:
        """Return a page of a Droplet's snapshots."""
        droplet_id = call.id("droplet_id")
        if self.account.shown_droplet(droplet_id) is None:
            return refusals.NOT_FOUND
        return self.listing(call, "snapshots", self.account.snapshots_of(droplet_id), call.render.snapshot)

    @route("GET", "/v2/droplets/{droplet_id}/firewalls", "firewall:read")
    def list_firewalls(self, call: Call) -> Answer | Refusal:
        """Return a page of the firewalls that protect a Droplet, by its id or by one of its tags."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        found = self._firewalls.protecting(droplet)
        return self.listing(call, "firewalls", found, lambda one: written_firewall(call, one))

    @route("GET", "/v2/droplets/{droplet_id}/kernels", "droplet:read")
    def list_kernels(self, call: Call) -> Answer | Refusal:
        """Return a page of the kernels that a Droplet can be given: none since March 2017."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        kernels = () if droplet.kernel is None else tuple(dict.fromkeys((droplet.kernel, *_KERNELS)))
        return self.listing(call, "kernels", kernels, call.render.kernel)

    @route("GET", "/v2/droplets/{droplet_id}/neighbors", "droplet:read")
    def list_neighbors(self, call: Call) -> Answer | Refusal:
        """Return the other Droplets on the same physical host."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        others = [
            one for one in self.account.listed_droplets() if one.id != droplet.id and _host(one) == _host(droplet)
        ]
        return Answer(status=OK, payload={"droplets": [self._written(call, one) for one in others]})

    def _chosen(self, request: Incoming) -> Sequence[Droplet] | Refusal:
        tag, name, kind = (request.parameter(field) for field in ("tag_name", "name", "type"))
        if tag is not None:
            if name is not None or kind is not None:
                return refusals.FILTERS_CONFLICT
            shown = self.behaviour.tag_lists_include_gpus
            return [droplet for droplet in self._tagged(tag) if shown or not droplet.is_gpu]
        if kind not in (None, "droplets", "gpus"):
            return refusals.UNKNOWN_LIST_TYPE
        # As documented, GPU Droplets are hidden unless the request asks for them.
        listed = self.account.listed_droplets("list" if name is None else "name")
        kinds = {kind == "gpus"} | ({True} if kind is None and self.behaviour.plain_lists_include_gpus else set())
        chosen = [droplet for droplet in listed if droplet.is_gpu in kinds]
        return [droplet for droplet in chosen if name is None or droplet.name.casefold() == name.casefold()]

    def _tagged(self, tag: str) -> Sequence[Droplet]:
        return [droplet for droplet in self.account.tagged(tag) if not self._hides_tags(droplet)]

    def _hides_tags(self, droplet: Droplet) -> bool:
        return droplet.status == "new" and self.behaviour.tags_shown == "when_active"

    def _written(self, call: Call, droplet: Droplet) -> JSONObject:
        shown = attrs.evolve(droplet, tags=()) if self._hides_tags(droplet) else droplet
        return call.render.droplet(shown, self.account.pending(droplet.id), self.behaviour.locked)


def _host(droplet: Droplet) -> tuple[str, bool, int]:
    return droplet.region, droplet.is_gpu, droplet.id // _DROPLETS_ON_A_HOST
