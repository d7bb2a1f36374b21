"""The volumes of an account."""

from __future__ import annotations

import re
import uuid
from functools import partial
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals, volume_refusals
from gradient_async.emulator.projects import Assignable, ProjectStore
from gradient_async.emulator.tags import Taggable, TagStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable, View

#: GiB of the smallest and the largest volume.
MIN_GIGABYTES, MAX_GIGABYTES = 1, 16_384

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_LABEL_LENGTHS = {"ext4": 16, "xfs": 12}
_NAMESPACE = uuid.UUID("9d3a1c52-7a35-4f0f-8b0e-2f1c6e0f7d11")


@attrs.frozen(kw_only=True)
class VolumeSpec:
    """A requested volume.

    Args:
        size_gigabytes: GiB.
    """

    name: str
    region: str
    size_gigabytes: int
    description: str = ""
    filesystem_type: str = ""
    filesystem_label: str = ""
    tags: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Volume:
    """The state of one volume at one instant; a change makes a new value.

    Args:
        created: Virtual second.
        droplet_id: The Droplet that it is attached to, None if it is attached to none.
    """

    id: str
    name: str
    region: str
    size_gigabytes: int
    created: float
    description: str = ""
    filesystem_type: str = ""
    filesystem_label: str = ""
    tags: tuple[str, ...] = ()
    droplet_id: int | None = None


class VolumeStore:
    """All volumes of an account: `account.part(VolumeStore)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._table: ResourceTable[str, Volume] = account.new_table()
        self._made = 0
        account.on_droplet_removed(self._release_later)
        self._tags = account.part(TagStore)
        self._tags.register(
            Taggable(
                kind="volume",
                plural="volumes",
                path="/v2/volumes/{}",
                scopes="block_storage",
                find=lambda text: text if self.get(text) else None,
                changed=lambda volume_id, tags: self._change(str(volume_id), partial(attrs.evolve, tags=tags)),
            )
        )
        self._projects = account.part(ProjectStore)
        self._projects.register(
            Assignable(
                kind="volume",
                path="/v2/volumes/{}",
                scope="block_storage:read",
                ids=lambda: [volume.id for volume in self.listed()],
                has=lambda text: self.get(text) is not None,
            )
        )

    def add(self, spec: VolumeSpec) -> Volume | Refusal:
        """Create a volume, or return a refusal."""
        with self._account.settled() as now:
            refusal = self._fault(spec)
            if refusal is not None:
                return refusal
            self._made += 1
            volume_id = str(uuid.uuid5(_NAMESPACE, str(self._made)))
            volume = Volume(
                id=volume_id,
                name=spec.name,
                region=spec.region,
                size_gigabytes=spec.size_gigabytes,
                created=now,
                description=spec.description,
                filesystem_type=spec.filesystem_type,
                filesystem_label=spec.filesystem_label,
                tags=self._tags.put_on("volume", volume_id, spec.tags),
            )
            self._table.put(volume.id, volume)
            return volume

    def get(self, volume_id: str) -> Volume | None:
        """Return the volume with that id, None if there is none."""
        with self._account.settled():
            return self._table.truth.get(volume_id)

    def all(self) -> Sequence[Volume]:
        """Return all volumes, oldest first."""
        with self._account.settled():
            return list(self._table.truth.values())

    def shown(self, volume_id: str) -> Volume | None:
        """Return the volume with that id as a read of it shows it."""
        with self._account.settled():
            return self._table.shown(volume_id)

    def listed(self, view: View = "list") -> Sequence[Volume]:
        """Return all volumes as a view shows them, oldest first."""
        with self._account.settled():
            return list(self._table.all_shown(view))

    def named(self, name: str, region: str) -> Volume | None:
        """Return the volume with that name in a region, None if there is none."""
        with self._account.settled():
            found = (one for one in self._table.truth.values() if one.name == name and one.region == region)
            return next(found, None)

    def delete(self, volume_id: str) -> Refusal | None:
        """Delete a volume, or return a refusal."""
        with self._account.settled():
            volume = self._table.truth.get(volume_id)
            if volume is None:
                return refusals.NOT_FOUND
            if volume.droplet_id is not None:
                is_conflict = self._account.behaviour.attached_volume == "conflict"
                return volume_refusals.STILL_ATTACHED if is_conflict else volume_refusals.ILLEGAL_ACTION
            if self._account.pending_on(("volume", volume_id)):
                return volume_refusals.PENDING_EVENT
            self._table.remove(volume_id)
            self._tags.forget("volume", volume_id)
            self._projects.forget("volume", volume_id)
            return None

    def attach_now(self, volume_id: str, droplet_id: int) -> None:
        """Attach a volume at once, without an event; do nothing if one of the two is gone."""
        with self._account.settled():
            if volume_id in self._table.truth and self._account.droplet(droplet_id):
                self._change(volume_id, partial(attrs.evolve, droplet_id=droplet_id))
                self._account.change(droplet_id, lambda one: attrs.evolve(one, volume_ids=(*one.volume_ids, volume_id)))

    def detach_now(self, volume_id: str) -> None:
        """Detach a volume at once, without an event; do nothing if it is gone."""
        with self._account.settled():
            volume = self._table.truth.get(volume_id)
            if volume is None or volume.droplet_id is None:
                return
            self._change(volume_id, partial(attrs.evolve, droplet_id=None))
            self._account.change(volume.droplet_id, partial(_without_volume, volume_id=volume_id))

    def resize_now(self, volume_id: str, size_gigabytes: int) -> None:
        """Resize a volume at once, without an event; do nothing if it is gone."""
        with self._account.settled():
            self._change(volume_id, partial(attrs.evolve, size_gigabytes=size_gigabytes))

    def _release_later(self, droplet_id: int) -> None:
        """Release the volumes of a Droplet that is gone, some time later."""
        held = self._account.behaviour.volumes_held
        for volume in list(self._table.truth.values()):
            if volume.droplet_id == droplet_id:
                self._account.after(held, partial(self.detach_now, volume.id))

    def _change(self, volume_id: str, change: Callable[[Volume], Volume]) -> None:
        """Change a volume; do nothing if it is gone."""
        volume = self._table.truth.get(volume_id)
        if volume is not None:
            self._table.put(volume_id, change(volume))

    def _fault(self, spec: VolumeSpec) -> Refusal | None:
        """Return why a volume cannot be created. The order of the checks is a guess."""
        catalogue = self._account.catalogue
        if not _NAME.fullmatch(spec.name):
            return volume_refusals.BAD_NAME
        if not any(spec.region == region.slug and "storage" in region.features for region in catalogue.regions):
            return volume_refusals.UNKNOWN_REGION
        if not MIN_GIGABYTES <= spec.size_gigabytes <= MAX_GIGABYTES:
            return volume_refusals.BAD_SIZE
        if spec.filesystem_label and len(spec.filesystem_label) > _LABEL_LENGTHS.get(spec.filesystem_type, 0):
            return volume_refusals.BAD_LABEL
        if spec.filesystem_type and spec.filesystem_type not in _LABEL_LENGTHS:
            return volume_refusals.UNKNOWN_FILESYSTEM
        if self.named(spec.name, spec.region) is not None:
            return volume_refusals.NAME_IN_USE
        return volume_refusals.OVER_LIMIT if len(self._table.truth) >= catalogue.volume_limit else None


def _without_volume(droplet: Droplet, *, volume_id: str) -> Droplet:
    return attrs.evolve(droplet, volume_ids=tuple(one for one in droplet.volume_ids if one != volume_id))
