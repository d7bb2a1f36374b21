"""Volumes: created, read and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals, volume_refusals
from gradient_async.emulator.handlers.resource_actions import action_listing, action_of
from gradient_async.emulator.handlers.resource_group import (
    ACCEPTED,
    CREATED,
    NO_CONTENT,
    OK,
    Call,
    ResourceGroup,
    route,
)
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.volume_events import VolumeEvents
from gradient_async.emulator.volume_links import VolumeLinks
from gradient_async.emulator.volume_snapshots import VolumeSnapshotStore
from gradient_async.emulator.volumes import Volume, VolumeSpec, VolumeStore
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.rendering import Renderer

_ONE_VOLUME = "/v2/volumes/{volume_id}"
TAGS_SCOPE = FieldScope(field="tags", scope="tag:create")


class VolumeHandlers(ResourceGroup):
    """`/v2/volumes`, without snapshots."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._volumes = account.part(VolumeStore)
        self._events = account.part(VolumeEvents)
        self._snapshots = account.part(VolumeSnapshotStore)
        account.part(VolumeLinks)

    @route("GET", "/v2/volumes", "api:read", "api:write", "block_storage:read")
    def list_volumes(self, call: Call) -> Answer | Refusal:
        """Return a page of volumes."""
        name, region = call.request.parameter("name"), call.request.parameter("region")
        shown = [
            volume
            for volume in self._volumes.listed("list" if name is None else "name")
            if name in (None, volume.name) and region in (None, volume.region)
        ]
        return self.listing(call, "volumes", shown, lambda volume: written(volume, call.render))

    @route("POST", "/v2/volumes", "api:write", "block_storage:create", field_scopes=[TAGS_SCOPE])
    def create_volume(self, call: Call) -> Answer | Refusal:
        """Create a volume."""
        fields = call.fields()
        fields = fields if isinstance(fields, Refusal) else self._with_snapshot(fields)
        spec = fields if isinstance(fields, Refusal) else _spec(fields)
        volume = spec if isinstance(spec, Refusal) else self._volumes.add(spec)
        if isinstance(volume, Refusal):
            return volume
        return Answer(status=CREATED, payload={"volume": written(volume, call.render)})

    @route("DELETE", "/v2/volumes", "block_storage:delete", "api:write")
    def delete_volume_by_name(self, call: Call) -> Answer | Refusal:
        """Delete the volume with a name in a region; without one of them there is nothing to delete (guess)."""
        name, region = call.request.parameter("name"), call.request.parameter("region")
        volume = self._volumes.named(name or "", region or "")
        return self._deleted(volume.id) if volume else refusals.NOT_FOUND

    @route("GET", _ONE_VOLUME, "block_storage:read")
    def retrieve_volume(self, call: Call) -> Answer | Refusal:
        """Return one volume."""
        volume = self._volumes.shown(str(call.parameters["volume_id"]))
        return Answer(status=OK, payload={"volume": written(volume, call.render)}) if volume else refusals.NOT_FOUND

    @route("DELETE", _ONE_VOLUME, "block_storage:delete")
    def delete_volume(self, call: Call) -> Answer | Refusal:
        """Delete a volume."""
        return self._deleted(str(call.parameters["volume_id"]))

    @route("POST", f"{_ONE_VOLUME}/actions", "block_storage_action:create", field_scopes=[TAGS_SCOPE])
    def initiate_volume_action(self, call: Call) -> Answer | Refusal:
        """Start an event on a volume."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        return self._begun(call, self._volumes.get(str(call.parameters["volume_id"])), fields)

    @route("POST", "/v2/volumes/actions", "block_storage_action:create", "api:write", field_scopes=[TAGS_SCOPE])
    def initiate_action_by_name(self, call: Call) -> Answer | Refusal:
        """Start an event on the volume with a name; without a region, the name must be unique (guess)."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        name, region = fields.pop("volume_name", None), fields.get("region")
        if not isinstance(name, str):
            return refusals.missing_field("volume_name")
        found = [one for one in self._volumes.all() if one.name == name and region in (None, one.region)]
        return self._begun(call, found[0] if len(found) == 1 else None, fields)

    @route("GET", f"{_ONE_VOLUME}/actions", "block_storage_action:read")
    def list_volume_actions(self, call: Call) -> Answer | Refusal:
        """Return a page of a volume's actions."""
        volume_id = str(call.parameters["volume_id"])
        if self._volumes.shown(volume_id) is None:
            return refusals.NOT_FOUND
        return action_listing(self, call, ("volume", volume_id))

    @route("GET", f"{_ONE_VOLUME}/actions/{{action_id}}", "block_storage_action:read")
    def retrieve_volume_action(self, call: Call) -> Answer | Refusal:
        """Return one action of a volume."""
        return action_of(self, call, ("volume", str(call.parameters["volume_id"])))

    def _begun(self, call: Call, volume: Volume | None, fields: JSONObject) -> Answer | Refusal:
        if volume is None:
            return refusals.NOT_FOUND
        action_type = fields.pop("type", None)
        if not isinstance(action_type, str):
            return refusals.missing_field("type")
        begun = self._events.begin(volume, action_type, fields, outcome=call.outcome)
        if isinstance(begun, Refusal):
            return begun
        return Answer(status=ACCEPTED, payload={"action": call.render.action(begun)})

    def _with_snapshot(self, fields: JSONObject) -> JSONObject | Refusal:
        """Return the fields of a new volume, with those of its snapshot."""
        if not fields.get("snapshot_id"):  # empty in each create of Terraform's provider
            return fields
        snapshot = self._snapshots.get(str(fields["snapshot_id"]))
        if snapshot is None:
            return volume_refusals.UNKNOWN_SNAPSHOT
        origin = snapshot.volume
        if fields.get("region", origin.region) != origin.region:
            return volume_refusals.SNAPSHOT_ELSEWHERE
        size = fields.get("size_gigabytes", origin.size_gigabytes)
        if isinstance(size, int) and size < origin.size_gigabytes:
            return volume_refusals.SMALLER_THAN_SNAPSHOT
        taken_over: JSONObject = {
            "region": origin.region,
            "size_gigabytes": size,
            "filesystem_type": origin.filesystem_type,
            "filesystem_label": origin.filesystem_label,
        }
        return {**taken_over, **fields}

    def _deleted(self, volume_id: str) -> Answer | Refusal:
        return self._volumes.delete(volume_id) or Answer(status=NO_CONTENT)


def written(volume: Volume, render: Renderer) -> JSONObject:
    """Return a volume as the API writes it."""
    fields: JSONObject = {
        "id": volume.id,
        "name": volume.name,
        "created_at": render.time(volume.created),
        "description": volume.description,
        "droplet_ids": [] if volume.droplet_id is None else [volume.droplet_id],
        "region": render.region_of(volume.region),
        "size_gigabytes": volume.size_gigabytes,
        "filesystem_type": volume.filesystem_type,
        "filesystem_label": volume.filesystem_label,
    }
    return {**fields, "tags": list(volume.tags)} if render.sees("tag:read") else fields


def _spec(fields: JSONObject) -> VolumeSpec | Refusal:
    texts = ("name", "region", "description", "filesystem_type", "filesystem_label")
    for name in texts:
        if not isinstance(fields.get(name, ""), str) or (name in ("name", "region") and name not in fields):
            return refusals.missing_field(name)
    size, tags = fields.get("size_gigabytes"), fields.get("tags", [])
    if isinstance(size, bool) or not isinstance(size, int):
        return refusals.missing_field("size_gigabytes")
    if not isinstance(tags, list):
        return refusals.missing_field("tags")
    return VolumeSpec(
        **{name: str(fields[name]) for name in texts if name in fields}, size_gigabytes=size, tags=tuple(map(str, tags))
    )
