"""Snapshots: those of Droplets and volumes together, and those of one volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import CREATED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.volume_snapshots import VolumeSnapshot, VolumeSnapshotStore
from gradient_async.emulator.volumes import VolumeStore
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import Snapshot
    from gradient_async.emulator.rendering import Renderer

_ONE_SNAPSHOT = "/v2/snapshots/{snapshot_id}"
_OF_VOLUME = "/v2/volumes/{volume_id}/snapshots"
_ONE_OF_A_VOLUME = "/v2/volumes/snapshots/{snapshot_id}"


class SnapshotHandlers(ResourceGroup):
    """`/v2/snapshots`, and the snapshots below a volume."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._volumes = account.part(VolumeStore)
        self._snapshots = account.part(VolumeSnapshotStore)

    @route("GET", "/v2/snapshots", "snapshot:read")
    def list_all_snapshots(self, call: Call) -> Answer | Refusal:
        """Return a page of snapshots, oldest first."""
        kind = call.request.parameter("resource_type")
        if kind not in (None, "droplet", "volume"):
            return refusals.UNKNOWN_RESOURCE_TYPE
        found: Sequence[Snapshot | VolumeSnapshot] = (
            *(self._of_droplets() if kind != "volume" else ()),
            *(self._snapshots.listed() if kind != "droplet" else ()),
        )
        shown = sorted(found, key=lambda one: one.created)
        return self.listing(call, "snapshots", shown, lambda one: _written(one, call.render))

    @route("GET", _ONE_SNAPSHOT, "snapshot:read", "block_storage_snapshot:read")
    def retrieve_snapshot(self, call: Call) -> Answer | Refusal:
        """Return one snapshot; the id of a backup leads nowhere (guess)."""
        snapshot_id = call.parameters["snapshot_id"]
        if isinstance(snapshot_id, str):
            return _answer(self._snapshots.shown(snapshot_id), call)
        image = self.account.images.get(snapshot_id)
        return _answer(image if image and image.type == "snapshot" else None, call)

    @route("DELETE", _ONE_SNAPSHOT, "image:delete", "snapshot:delete")
    def delete_snapshot(self, call: Call) -> Answer | Refusal:
        """Delete a snapshot of a Droplet or a volume."""
        snapshot_id = call.parameters["snapshot_id"]
        if isinstance(snapshot_id, str):
            return self._snapshots.delete(snapshot_id) or Answer(status=NO_CONTENT)
        return self.account.delete_image(snapshot_id) or Answer(status=NO_CONTENT)

    @route("GET", _OF_VOLUME, "block_storage_snapshot:read")
    def list_snapshots_of_volume(self, call: Call) -> Answer | Refusal:
        """Return a page of a volume's snapshots."""
        volume_id = str(call.parameters["volume_id"])
        if self._volumes.shown(volume_id) is None:
            return refusals.NOT_FOUND
        return self.listing(
            call, "snapshots", self._snapshots.listed(volume_id), lambda one: _written(one, call.render)
        )

    @route(
        "POST",
        _OF_VOLUME,
        "block_storage_snapshot:create",
        field_scopes=[FieldScope(field="tags", scope="tag:create")],
    )
    def create_volume_snapshot(self, call: Call) -> Answer | Refusal:
        """Take a snapshot of a volume; it is there at once."""
        volume, fields = self._volumes.get(str(call.parameters["volume_id"])), call.fields()
        if volume is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        name, tags = fields.get("name"), fields.get("tags", [])
        if not isinstance(name, str) or not name:
            return refusals.missing_field("name")
        if not isinstance(tags, list):
            return refusals.missing_field("tags")
        snapshot = self._snapshots.add(volume, name, [str(tag) for tag in tags])
        if isinstance(snapshot, Refusal):
            return snapshot
        return Answer(status=CREATED, payload={"snapshot": _written(snapshot, call.render)})

    @route("GET", _ONE_OF_A_VOLUME, "block_storage_snapshot:read")
    def retrieve_volume_snapshot(self, call: Call) -> Answer | Refusal:
        """Return one snapshot of a volume."""
        return _answer(self._snapshots.shown(str(call.parameters["snapshot_id"])), call)

    @route("DELETE", _ONE_OF_A_VOLUME, "block_storage_snapshot:delete")
    def delete_volume_snapshot(self, call: Call) -> Answer | Refusal:
        """Delete a snapshot of a volume."""
        return self._snapshots.delete(str(call.parameters["snapshot_id"])) or Answer(status=NO_CONTENT)

    def _of_droplets(self) -> Sequence[Snapshot]:
        return [image for image in self.account.images.listed() if image.type == "snapshot"]


def _answer(snapshot: Snapshot | VolumeSnapshot | None, call: Call) -> Answer | Refusal:
    if snapshot is None:
        return refusals.NOT_FOUND
    return Answer(status=OK, payload={"snapshot": _written(snapshot, call.render)})


def _written(snapshot: Snapshot | VolumeSnapshot, render: Renderer) -> JSONObject:
    """Return a snapshot as `/v2/snapshots` writes it: every id is a text."""
    regions: Sequence[str]
    if isinstance(snapshot, VolumeSnapshot):
        kind, resource_id, regions = "volume", snapshot.volume.id, (snapshot.volume.region,)
        min_disk = snapshot.volume.size_gigabytes
    else:
        kind, resource_id, regions = "droplet", str(snapshot.droplet_id), snapshot.regions
        min_disk = snapshot.min_disk
    fields: JSONObject = {
        "id": str(snapshot.id),
        "name": snapshot.name,
        "created_at": render.time(snapshot.created),
        "regions": list(regions),
        "resource_id": resource_id,
        "resource_type": kind,
        "min_disk_size": min_disk,
        "size_gigabytes": snapshot.size_gigabytes,
    }
    return {**fields, "tags": list(snapshot.tags)} if render.sees("tag:read") else fields
