"""The account's own images: snapshots and backups of Droplets, and custom images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import Snapshot
from gradient_async.emulator.catalogue import Image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable

_FIRST_IMAGE_ID = 190_000_000


class ImageStore:
    """All snapshots, backups and custom images of the account, by id. An id is never used again.

    Args:
        table: Keeps them.
    """

    def __init__(self, table: ResourceTable[int, Snapshot]) -> None:
        self._table = table
        self._next_id = _FIRST_IMAGE_ID
        self._deleted: set[int] = set()

    def add(self, droplet: Droplet, type: Literal["snapshot", "backup"], *, name: str, created: float) -> int:
        """Store an image of a Droplet, and return its id."""
        image_id = self._next_id
        self._next_id += 1
        snapshot = Snapshot(
            id=image_id,
            droplet_id=droplet.id,
            name=name,
            type=type,
            created=created,
            min_disk=droplet.disk,
            size_gigabytes=droplet.used_gigabytes,
            region=droplet.region,
        )
        self._table.put(image_id, snapshot)
        return image_id

    def add_custom(self, *, name: str, region: str, created: float, description: str, distribution: str) -> Snapshot:
        """Store a custom image whose import begins."""
        image = Snapshot(
            id=self._next_id,
            droplet_id=None,
            name=name,
            type="custom",
            created=created,
            min_disk=0,
            size_gigabytes=0.0,
            region=region,
            description=description,
            distribution=distribution,
            status="NEW",
        )
        self._next_id += 1
        self._table.put(image.id, image)
        return image

    def get_truth(self, image_id: int) -> Snapshot | None:
        """Return the image with that id as it is, without the lag of views."""
        return self._table.truth.get(image_id)

    def __getitem__(self, image_id: int) -> Snapshot:
        return self._table.truth[image_id]

    def get(self, image_id: int) -> Snapshot | None:
        """Return the image with that id as a read of it shows it."""
        return self._table.shown(image_id)

    def listed(self) -> Sequence[Snapshot]:
        """Return all images as a list shows them, oldest first."""
        return list(self._table.all_shown())

    def change(self, snapshot: Snapshot) -> None:
        """Replace the image with the same id."""
        self._table.put(snapshot.id, snapshot)

    def delete(self, image_id: int) -> Refusal | None:
        """Delete an image, or return a refusal."""
        if image_id in self._deleted:
            return refusals.IMAGE_ALREADY_DELETED
        if image_id not in self._table.truth:
            return refusals.NOT_FOUND
        self._table.remove(image_id)
        self._deleted.add(image_id)
        return None

    def forget_backups(self, droplet_id: int) -> None:
        """Take out the backups of a Droplet that is gone: they are destroyed together with it, snapshots are not."""
        for image in list(self._table.truth.values()):
            if image.type == "backup" and image.droplet_id == droplet_id:
                self.delete(image.id)

    def of(self, droplet: Droplet) -> Mapping[int, Image]:
        """Return the images a Droplet can be rebuilt or restored from: its own, and the custom images in its region."""
        custom = (
            image.id
            for image in self._table.truth.values()
            if image.type == "custom" and image.status == "available" and droplet.region in image.regions
        )
        ids = (*droplet.snapshot_ids, *droplet.backup_ids, *custom)
        return {image_id: as_image(self[image_id]) for image_id in ids if image_id in self._table.truth}


def as_image(snapshot: Snapshot) -> Image:
    """Return an image of the account's own as lists show it."""
    return Image(
        id=snapshot.id,
        slug=None,
        name=snapshot.name,
        description=snapshot.description,
        min_disk=snapshot.min_disk,
        size_gigabytes=snapshot.size_gigabytes,
        type=snapshot.type,
        created=snapshot.created,
        regions=snapshot.regions,
        tags=tuple(snapshot.tags),
        distribution=snapshot.distribution,
        status=snapshot.status,
        error_message=snapshot.error_message,
    )
