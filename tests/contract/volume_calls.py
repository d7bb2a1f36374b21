"""Every request about volumes, snapshots and images that changes something, for the contract tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator_visits import Visitor

VOLUME_ID: Final = "506f78a4-e098-11e5-ad9f-000f53306ae1"
DROPLET_ID: Final = 3164444

_NEW: Final = {"name": "data", "region": "nyc3", "size_gigabytes": 10}
_FORMATTED: Final = {
    **_NEW,
    "description": "for runs",
    "filesystem_type": "ext4",
    "filesystem_label": "runs",
    "tags": ["training"],
}
_COPIED: Final = {**_NEW, "snapshot_id": "b0798135-fb76-11eb-946a-0a58ac146f33"}


async def _visited_snapshots(visitor: Visitor, volume: str) -> Sequence[tuple[str, str, Any]]:
    """Take a snapshot of a volume. Return the other visits of snapshots."""
    made = await visitor.ask("POST", f"{volume}/snapshots", {"name": "before", "tags": ["training"]})
    snapshot_id = made.id_of("snapshot")
    await visitor.pass_time()
    again = await visitor.ask("POST", f"{volume}/snapshots", {"name": "again"})
    return (
        ("POST", f"{volume}/snapshots", {"name": "too soon"}),
        ("GET", f"{volume}/snapshots?per_page=1", None),
        ("GET", f"/v2/volumes/snapshots/{snapshot_id}", None),
        ("GET", f"/v2/snapshots/{snapshot_id}", None),
        ("GET", "/v2/snapshots", None),
        ("GET", "/v2/snapshots?resource_type=volume", None),
        ("GET", "/v2/snapshots?resource_type=droplet", None),
        ("POST", "/v2/volumes", {"name": "copy", "region": "nyc3", "size_gigabytes": 20, "snapshot_id": snapshot_id}),
        ("DELETE", f"/v2/volumes/snapshots/{snapshot_id}", None),
        ("DELETE", f"/v2/snapshots/{again.id_of('snapshot')}", None),
        ("DELETE", f"/v2/volumes/snapshots/{snapshot_id}", None),
    )


async def visit_volumes(visitor: Visitor) -> None:
    """Visit all operations on volumes."""
    made = await visitor.ask("POST", "/v2/volumes", _FORMATTED)
    one = f"/v2/volumes/{made.id_of('volume')}"
    for method, path, body in (
        ("POST", "/v2/volumes", _FORMATTED),
        ("POST", "/v2/volumes", {**_NEW, "name": "other"}),
        ("POST", "/v2/volumes", {**_NEW, "name": "Capitals"}),
        ("GET", "/v2/volumes?per_page=1", None),
        ("GET", "/v2/volumes?name=data&region=nyc3", None),
        ("GET", one, None),
        ("POST", f"{one}/actions", {"type": "attach", "droplet_id": 1}),
        ("POST", f"{one}/actions", _RESIZE),
        ("POST", "/v2/volumes/actions", {"volume_name": "data", **_ATTACH, "droplet_id": DROPLET_ID + 2}),
        ("POST", f"{one}/actions", {**_DETACH, "droplet_id": DROPLET_ID + 2}),
        ("GET", f"{one}/actions", None),
        *await _visited_snapshots(visitor, one),
        ("DELETE", one, None),
        ("DELETE", one, None),
        ("DELETE", "/v2/volumes?name=other&region=nyc3", None),
    ):
        reply = await visitor.ask(method, path, body)
        if "action" in (reply.data or {}):
            await visitor.ask("GET", f"{one}/actions/{reply.data['action']['id']}")
            await visitor.pass_time()


async def visit_custom_images(visitor: Visitor) -> None:
    """Visit the import of an image, and all operations on actions of images."""
    made = await visitor.ask("POST", "/v2/images", _FULL_IMAGE)
    one = f"/v2/images/{made.id_of('image')}"
    transfer = {"type": "transfer", "region": "sfo3"}
    await visitor.ask("POST", f"{one}/actions", transfer)
    await visitor.pass_time()
    begun = await visitor.ask("POST", f"{one}/actions", transfer)
    for method, path, body in (
        ("POST", f"{one}/actions", {"type": "convert"}),
        ("GET", f"{one}/actions?per_page=1", None),
        ("GET", f"{one}/actions/{begun.id_of('action')}", None),
        ("PUT", one, _RENAMED_IMAGE),
        ("GET", one, None),
        ("GET", "/v2/images?private=true", None),
    ):
        await visitor.ask(method, path, body)
    await visitor.pass_time()
    await visitor.ask("GET", one)


_ATTACH: Final = {"type": "attach", "droplet_id": DROPLET_ID, "region": "nyc3"}
_DETACH: Final = {**_ATTACH, "type": "detach"}
_TAGGING: Final = {**_ATTACH, "tags": ["training"]}
_RESIZE: Final = {"type": "resize", "size_gigabytes": 20, "region": "nyc3"}
_BY_ID: Final = ("gpu_droplets.volumes.actions.initiate_by_id", "volumeActions_post_byId", {"volume_id": VOLUME_ID})
_BY_NAME: Final = ("gpu_droplets.volumes.actions.initiate_by_name", "volumeActions_post", {})

_IMAGE: Final = {"name": "base", "url": "https://example.com/base.qcow2", "region": "nyc3"}
_RENAMED_IMAGE: Final = {"name": "renamed", "description": "For runs.", "distribution": "Debian"}
_FULL_IMAGE: Final = {**_IMAGE, "description": "For runs.", "distribution": "Debian", "tags": ["training"]}

# Method, operation, arguments beside the body's, and the body's fields. Of one operation, the last row has no tags:
# it needs no scope for them.
ROWS: Final[Sequence[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]]] = (
    *(("gpu_droplets.volumes.create", "volumes_create", {}, body) for body in (_FORMATTED, _COPIED, _NEW)),
    *(
        ("gpu_droplets.volumes.snapshots.create", "volumeSnapshots_create", {"volume_id": VOLUME_ID}, body)
        for body in ({"name": "before", "tags": ["training"]}, {"name": "before"})
    ),
    (
        "gpu_droplets.volumes.snapshots.delete",
        "volumeSnapshots_delete_byId",
        {"snapshot_id": "b0798135-fb76-11eb-946a-0a58ac146f33"},
        {},
    ),
    ("gpu_droplets.snapshots.delete", "snapshots_delete", {"snapshot_id": 6372321}, {}),
    *(("gpu_droplets.images.create", "images_create_custom", {}, body) for body in (_FULL_IMAGE, _IMAGE)),
    ("gpu_droplets.images.update", "images_update", {"image_id": 7938269}, _RENAMED_IMAGE),
    ("gpu_droplets.images.delete", "images_delete", {"image_id": 7938269}, {}),
    *(
        ("gpu_droplets.images.actions.create", "imageActions_post", {"image_id": 7938269}, body)
        for body in ({"type": "transfer", "region": "nyc3"}, {"type": "convert"})
    ),
    ("gpu_droplets.volumes.delete", "volumes_delete", {"volume_id": VOLUME_ID}, {}),
    ("gpu_droplets.volumes.delete_by_name", "volumes_delete_byName", {"name": "data", "region": "nyc3"}, {}),
    *((*_BY_ID, body) for body in (_TAGGING, _DETACH, _RESIZE, _ATTACH)),
    (*_BY_ID[:2], {**_BY_ID[2], "page": 1, "per_page": 20}, _ATTACH),
    *((*_BY_NAME, {"volume_name": "data", **body}) for body in (_TAGGING, _DETACH, _ATTACH)),
    (*_BY_NAME[:2], {"page": 1, "per_page": 20}, {"volume_name": "data", **_ATTACH}),
    (
        "gpu_droplets.volumes.actions.retrieve",
        "volumeActions_get",
        {"volume_id": VOLUME_ID, "action_id": 36804636, "page": 1, "per_page": 20},
        {},
    ),
)
