"""The Droplets of an account with their actions and images, as the truth and as views show them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from gradient_async.emulator.images import ImageStore
from gradient_async.emulator.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.emulator.actions import Action, Snapshot
    from gradient_async.emulator.clock import Clock
    from gradient_async.emulator.droplets import Droplet
    from gradient_async.emulator.profiles import Behaviour
    from gradient_async.emulator.visibility import ResourceTable, View, Visibility


class DropletViews(Timeline):
    """The part of `Account` that reads.

    Args:
        clock: The account's time.
        behaviour: Readings of conflicting evidence.
        visibility: How far the views lag behind the truth.
        seed: Makes ids and chances repeatable.
    """

    def __init__(self, clock: Clock, behaviour: Behaviour | None, visibility: Visibility | None, seed: int) -> None:
        super().__init__(clock, behaviour, visibility, seed)
        self._droplets: ResourceTable[int, Droplet] = self.new_table()
        self._images = ImageStore(self.new_table())

    @property
    def droplets(self) -> Mapping[int, Droplet]:
        """All Droplets by id, oldest first."""
        with self.settled():
            return MappingProxyType(dict(self._droplets.truth))

    @property
    def images(self) -> ImageStore:
        """The snapshots and backups."""
        return self._images

    def droplet(self, droplet_id: int) -> Droplet | None:
        """Return the Droplet with that id, None if there is none."""
        with self.settled():
            return self._droplets.truth.get(droplet_id)

    def shown_droplet(self, droplet_id: int) -> Droplet | None:
        """Return the Droplet as a read by its id shows it, None if the read does not show it."""
        with self.settled():
            return self._droplets.shown(droplet_id)

    def listed_droplets(self, view: View = "list") -> Sequence[Droplet]:
        """Return the Droplets that a view shows, oldest first."""
        with self.settled():
            return list(self._droplets.all_shown(view))

    def actions_of(self, droplet_id: int, type: str | None = None) -> tuple[Action, ...]:
        """Return the actions of a Droplet, newest first; only those of one type if it is given."""
        return self.actions_on(("droplet", droplet_id), type)

    def pending(self, droplet_id: int) -> Action | None:
        """Return the action in progress that blocks a Droplet, None if there is none."""
        return self.pending_on(("droplet", droplet_id))

    def action_page(self, droplet_id: int | None, start: int, stop: int) -> tuple[Sequence[Action], int]:
        """Return part of the list of a Droplet's actions (None: all actions), newest first, and the list's length."""
        return self.resource_action_page(None if droplet_id is None else ("droplet", droplet_id), start, stop)

    def snapshots_of(self, droplet_id: int) -> tuple[Snapshot, ...]:
        """Return the snapshots of a Droplet (not its backups), newest first."""
        with self.settled():
            droplet = self._droplets.shown(droplet_id)
            found = (self._images.get(image_id) for image_id in reversed(droplet.snapshot_ids)) if droplet else ()
            return tuple(snapshot for snapshot in found if snapshot)
