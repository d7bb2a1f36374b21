"""The images that Droplets leave behind: snapshots and backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.emulator.actions import Snapshot
from gradient_async.emulator.catalogue import Image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.droplets import Droplet

_FIRST_IMAGE_ID = 190_000_000
_GIGABYTES = 2.36


class ImageStore:
    """All snapshots and backups of the account, by id."""

    def __init__(self) -> None:
        self._snapshots: dict[int, Snapshot] = {}

    def add(self, droplet: Droplet, type: Literal["snapshot", "backup"], *, name: str, created: float) -> int:
        """Keep an image of a Droplet; gives its id."""
        image_id = _FIRST_IMAGE_ID + len(self._snapshots)
        self._snapshots[image_id] = Snapshot(
            id=image_id,
            droplet_id=droplet.id,
            name=name,
            type=type,
            created=created,
            min_disk=droplet.disk,
            size_gigabytes=_GIGABYTES,
            region=droplet.region,
        )
        return image_id

    def __getitem__(self, image_id: int) -> Snapshot:
        return self._snapshots[image_id]

    def of(self, droplet: Droplet) -> Mapping[int, Image]:
        """The images a Droplet can be rebuilt or restored from."""
        own = (self._snapshots[image_id] for image_id in (*droplet.snapshot_ids, *droplet.backup_ids))
        return {snapshot.id: _as_image(snapshot) for snapshot in own}


def _as_image(snapshot: Snapshot) -> Image:
    return Image(
        id=snapshot.id,
        slug=None,
        name=snapshot.name,
        description="",
        min_disk=snapshot.min_disk,
        size_gigabytes=snapshot.size_gigabytes,
        type=snapshot.type,
    )
