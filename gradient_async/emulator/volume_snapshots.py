"""The snapshots of volumes. They stay when their volume is deleted."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals, volume_refusals
from gradient_async.emulator.tags import Taggable, TagStore
from gradient_async.emulator.volumes import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.visibility import ResourceTable

#: Virtual seconds between two snapshots of a volume (digitalocean/velero-plugin#6; that it is one for each volume is a
#: guess), and how many of them it can have (docs.digitalocean.com, snapshots' limits).
SECONDS_BETWEEN = 600.0
MAX_SNAPSHOTS = 25

_NAMESPACE = uuid.UUID("3f0c8d3e-91a4-4b0b-9a4f-6a1f4b7e2c55")
_BILLED_SHARE = 0.1


@attrs.frozen(kw_only=True)
class VolumeSnapshot:
    """A copy of a volume.

    Args:
        volume: The volume as it was.
        created: Virtual second.
        tags: The snapshot's own tags.
    """

    id: str
    name: str
    volume: Volume
    created: float
    tags: tuple[str, ...] = ()

    @property
    def size_gigabytes(self) -> float:
        """Billed GB: those in use, here a tenth of the volume (guess)."""
        return round(self.volume.size_gigabytes * _BILLED_SHARE, 2)


class VolumeSnapshotStore:
    """All snapshots of volumes: `account.part(VolumeSnapshotStore)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._table: ResourceTable[str, VolumeSnapshot] = account.new_table()
        self._made = 0
        self._last_taken: dict[str, float] = {}
        self._tags = account.part(TagStore)
        self._tags.register(
            Taggable(
                kind="volume_snapshot",
                plural="volume_snapshots",
                path="/v2/snapshots/{}",
                scopes="block_storage_snapshot",
                find=lambda text: text if self.get(text) else None,
                changed=lambda snapshot_id, tags: self._change(str(snapshot_id), partial(attrs.evolve, tags=tags)),
            )
        )

    def add(self, volume: Volume, name: str, tags: Sequence[str]) -> VolumeSnapshot | Refusal:
        """Take a snapshot, or return a refusal."""
        with self._account.settled() as now:
            last = self._last_taken.get(volume.id)
            if last is not None and now - last < SECONDS_BETWEEN:
                return volume_refusals.SNAPSHOT_TOO_SOON
            if sum(one.volume.id == volume.id for one in self._table.truth.values()) >= MAX_SNAPSHOTS:
                return volume_refusals.TOO_MANY_SNAPSHOTS
            self._made += 1
            self._last_taken[volume.id] = now
            snapshot_id = str(uuid.uuid5(_NAMESPACE, str(self._made)))
            kept = self._tags.put_on("volume_snapshot", snapshot_id, tags)
            snapshot = VolumeSnapshot(id=snapshot_id, name=name, volume=volume, created=now, tags=kept)
            self._table.put(snapshot_id, snapshot)
            return snapshot

    def get(self, snapshot_id: str) -> VolumeSnapshot | None:
        """Return the snapshot with that id, None if there is none."""
        return self._table.truth.get(snapshot_id)

    def shown(self, snapshot_id: str) -> VolumeSnapshot | None:
        """Return the snapshot with that id as a read of it shows it."""
        return self._table.shown(snapshot_id)

    def listed(self, volume_id: str | None = None) -> Sequence[VolumeSnapshot]:
        """Return the snapshots of a volume (None: all) as the list shows them, oldest first."""
        return [one for one in self._table.all_shown() if volume_id in (None, one.volume.id)]

    def delete(self, snapshot_id: str) -> Refusal | None:
        """Delete a snapshot, or return a refusal."""
        with self._account.settled():
            if snapshot_id not in self._table.truth:
                return refusals.NOT_FOUND
            self._table.remove(snapshot_id)
            self._tags.forget("volume_snapshot", snapshot_id)
            return None

    def _change(self, snapshot_id: str, change: Callable[[VolumeSnapshot], VolumeSnapshot]) -> None:
        snapshot = self._table.truth.get(snapshot_id)
        if snapshot is not None:
            self._table.put(snapshot_id, change(snapshot))
