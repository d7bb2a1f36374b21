"""Droplets destroyed together with their snapshots, volumes and IPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.associated_resources import KINDS, AssociatedResources, Destroyed
from gradient_async.emulator.handlers.resource_group import ACCEPTED, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account

_BELOW = "/v2/droplets/{droplet_id}/destroy_with_associated_resources"
_DELETE = (
    "droplet:delete",
    "block_storage:delete",
    "block_storage_snapshot:delete",
    "image:delete",
    "reserved_ip:delete",
)
_SCOPES = {
    "reserved_ips": "reserved_ip:read",
    "floating_ips": "reserved_ip:read",
    "snapshots": "image:read",
    "volumes": "block_storage:read",
    "volume_snapshots": "block_storage_snapshot:read",
}


class AssociatedResourceHandlers(ResourceGroup):
    """`/v2/droplets/{droplet_id}/destroy_with_associated_resources`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._associated = account.part(AssociatedResources)

    @route("GET", _BELOW, "droplet:read")
    def list_associated(self, call: Call) -> Answer | Refusal:
        """Return the resources of a Droplet that the token sees."""
        droplet_id = call.id("droplet_id")
        if self.account.shown_droplet(droplet_id) is None:
            return refusals.NOT_FOUND
        found = self._associated.of(droplet_id)
        seen = {kind: found[kind] for kind in KINDS if call.render.sees(_SCOPES[kind])}
        payload: JSONObject = {
            kind: [{"id": one.id, "name": one.name, "cost": one.cost} for one in associated]
            for kind, associated in seen.items()
        }
        return Answer(status=OK, payload=payload)

    @route("GET", f"{_BELOW}/status", "droplet:delete")
    def check_destruction(self, call: Call) -> Answer | Refusal:
        """Return the progress of the latest request for a Droplet."""
        found = self._associated.destruction(call.id("droplet_id"))
        if found is None:
            return refusals.NOT_FOUND
        resources = {kind: [_written(call, one) for one in destroyed] for kind, destroyed in found.resources.items()}
        payload: JSONObject = {"droplet": _written(call, found.droplet), "resources": resources}
        if found.completed is not None:
            payload["completed_at"] = call.render.time(found.completed)
        return Answer(status=OK, payload={**payload, "failures": found.failures})

    @route("DELETE", f"{_BELOW}/dangerous", *_DELETE)
    def destroy_with_all(self, call: Call) -> Answer | Refusal:
        """Destroy a Droplet with all its resources."""
        if call.request.headers.get("x-dangerous", "").lower() != "true":
            return refusals.NOT_DANGEROUS
        return self._associated.destroy(call.id("droplet_id")) or Answer(status=ACCEPTED)

    @route("DELETE", f"{_BELOW}/selective", *_DELETE)
    def destroy_with_some(self, call: Call) -> Answer | Refusal:
        """Destroy a Droplet with some of its resources; without a body, with none."""
        fields = {} if call.body is None else call.fields()
        if isinstance(fields, Refusal):
            return fields
        given = {kind: fields.get(kind, []) for kind in KINDS}
        chosen = {kind: list(map(str, ids)) for kind, ids in given.items() if isinstance(ids, list)}
        wrong = next((kind for kind in KINDS if kind not in chosen), None)
        if wrong is not None:
            return refusals.missing_field(wrong)
        return self._associated.destroy(call.id("droplet_id"), chosen) or Answer(status=ACCEPTED)

    @route("POST", f"{_BELOW}/retry", *_DELETE)
    def retry_destruction(self, call: Call) -> Answer | Refusal:
        """Try again to destroy what could not be destroyed."""
        return self._associated.retry(call.id("droplet_id")) or Answer(status=ACCEPTED)


def _written(call: Call, destroyed: Destroyed) -> JSONObject:
    fields: JSONObject = {"id": destroyed.id, "name": destroyed.name}
    if destroyed.at is not None:
        fields["destroyed_at"] = call.render.time(destroyed.at)
    return {**fields, "error_message": destroyed.error} if destroyed.error else fields
