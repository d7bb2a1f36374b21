"""The links of volumes to Droplets: attached at their creation, destroyed together with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import volume_refusals
from gradient_async.emulator.associated_resources import Associated, AssociatedResources
from gradient_async.emulator.droplet_creation import DropletCreation
from gradient_async.emulator.volume_snapshots import VolumeSnapshotStore
from gradient_async.emulator.volumes import VolumeStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.creation_request import CreationRequest
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.refusals import Refusal

# US dollars a month for each GiB of a volume and each GB of a snapshot, by the public price list.
_VOLUME_PRICE = 0.10
_SNAPSHOT_PRICE = 0.06


class VolumeLinks:
    """Registers volumes and their snapshots where Droplets are created and destroyed: `account.part(VolumeLinks)`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._volumes = account.part(VolumeStore)
        self._snapshots = account.part(VolumeSnapshotStore)
        creation = account.part(DropletCreation)
        creation.check_with(self._refusal)
        creation.follow_with(self._attach)
        associated = account.part(AssociatedResources)
        associated.register("volumes", self._of_droplet, self._delete)
        associated.register("volume_snapshots", self._snapshots_of, self._snapshots.delete)

    def _refusal(self, asked: CreationRequest, region: str) -> Refusal | None:
        """Return why a new Droplet cannot have the requested volumes. The texts are guesses."""
        if len(asked.volumes) > volume_refusals.MAX_VOLUMES:
            return volume_refusals.TOO_MANY_VOLUMES
        if asked.volumes and len(asked.names) > 1:
            return volume_refusals.SEVERAL_DROPLETS
        for volume_id in asked.volumes:
            volume = self._volumes.get(volume_id)
            if volume is None:
                return volume_refusals.UNKNOWN_VOLUME
            if volume.droplet_id is not None:
                return volume_refusals.ALREADY_ATTACHED
            if volume.region != region:
                return volume_refusals.DROPLET_ELSEWHERE
        return None

    def _attach(self, droplet: Droplet, asked: CreationRequest) -> None:
        for volume_id in asked.volumes:
            self._volumes.attach_now(volume_id, droplet.id)

    def _of_droplet(self, droplet_id: int) -> Sequence[Associated]:
        return [
            Associated(id=one.id, name=one.name, cost=f"{one.size_gigabytes * _VOLUME_PRICE:.2f}")
            for one in self._volumes.all()
            if one.droplet_id == droplet_id
        ]

    def _snapshots_of(self, droplet_id: int) -> Sequence[Associated]:
        """Return the snapshots of the volumes that are attached."""
        attached = {one.id for one in self._of_droplet(droplet_id)}
        return [
            Associated(id=one.id, name=one.name, cost=f"{one.size_gigabytes * _SNAPSHOT_PRICE:.2f}")
            for one in self._snapshots.listed()
            if one.volume.id in attached
        ]

    def _delete(self, volume_id: str) -> Refusal | None:
        self._volumes.detach_now(volume_id)
        return self._volumes.delete(volume_id)
