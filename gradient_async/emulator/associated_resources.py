"""Droplets that are destroyed together with their resources.

A group whose resources belong to Droplets (volumes, IPs) registers them:
`account.part(AssociatedResources).register("volumes", of, delete)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.refusals import Refusal

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account

#: The kinds of resources, in the order of the API's answers.
KINDS = ("reserved_ips", "floating_ips", "snapshots", "volumes", "volume_snapshots")

_RESOURCES_GONE_AFTER = 5.0  # guess
_DROPLET_GONE_AFTER = 10.0  # guess; as a Droplet that is destroyed alone
_SNAPSHOT_PRICE = 0.06  # US dollars a month for each GB, by the public price list


@attrs.frozen(kw_only=True)
class Associated:
    """A resource that belongs to a Droplet.

    Args:
        cost: Its price in US dollars a month, as a text.
    """

    id: str
    name: str
    cost: str = "0.00"


@attrs.frozen(kw_only=True)
class Destroyed:
    """The result for one resource.

    Args:
        at: Virtual second at which it was destroyed, None if it was not.
        error: Why it could not be destroyed.
    """

    id: str
    name: str
    at: float | None = None
    error: str = ""


@attrs.frozen(kw_only=True)
class Destruction:
    """A request to destroy a Droplet with resources, and its progress.

    Args:
        resources: The resources by kind.
        completed: Virtual second at which it ended, None while it runs.
    """

    droplet: Destroyed
    resources: Mapping[str, Sequence[Destroyed]]
    completed: float | None = None

    @property
    def failures(self) -> int:
        """Number of resources that could not be destroyed. A floating IP is a reserved one, and counts once."""
        return sum(bool(one.error) for kind, found in self.resources.items() for one in found if kind != "floating_ips")


#: Returns the resources of a Droplet.
Of = Callable[[int], Sequence[Associated]]
#: Deletes a resource, or returns a refusal.
Delete = Callable[[str], Refusal | None]


class AssociatedResources:
    """The resources of Droplets, and their destruction: `account.part(AssociatedResources)`.

    Args:
        account: The account.

    Attributes:
        stuck: Reasons why resources and Droplets cannot be destroyed, by id. A test can set them.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._kinds: dict[str, tuple[Of, Delete]] = {}
        self._destructions: dict[int, Destruction] = {}
        self.stuck: dict[str, str] = {}
        self.register("snapshots", self._snapshots, lambda text: account.delete_image(int(text)))

    def register(self, kind: str, of: Of, delete: Delete) -> None:
        """Add resources of a kind, one of `KINDS`.

        Args:
            kind: The kind.
            of: Returns the resources of a Droplet.
            delete: Deletes one by its id.

        Raises:
            ValueError: There is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
        self._kinds[kind] = of, delete

    def of(self, droplet_id: int) -> Mapping[str, Sequence[Associated]]:
        """Return the resources of a Droplet, by kind."""
        return {kind: self._kinds[kind][0](droplet_id) if kind in self._kinds else () for kind in KINDS}

    def destruction(self, droplet_id: int) -> Destruction | None:
        """Return the latest request to destroy a Droplet with resources, None if there was none."""
        with self._account.settled():
            return self._destructions.get(droplet_id)

    def destroy(self, droplet_id: int, chosen: Mapping[str, Sequence[str]] | None = None) -> Refusal | None:
        """Destroy a Droplet with all its resources, or with chosen ids by kind; or return a refusal.

        An id that does not belong to the Droplet is refused (guess).
        """
        with self._account.settled():
            droplet = self._account.droplet(droplet_id)
            if droplet is None:
                return refusals.NOT_FOUND
            if self._is_running(droplet_id):
                return refusals.DESTROY_IN_PROGRESS
            found = self.of(droplet_id)
            wanted = {kind: [one.id for one in found[kind]] for kind in KINDS} if chosen is None else chosen
            names = {kind: {one.id: one.name for one in found[kind]} for kind in KINDS}
            if any(one not in names[kind] for kind, ids in wanted.items() for one in ids):
                return refusals.NOT_FOUND
            resources = {
                kind: [Destroyed(id=one, name=names[kind][one]) for one in wanted.get(kind, ())] for kind in KINDS
            }
            self._begin(
                droplet_id, Destruction(droplet=Destroyed(id=str(droplet_id), name=droplet.name), resources=resources)
            )
            return None

    def retry(self, droplet_id: int) -> Refusal | None:
        """Try again to destroy what could not be destroyed, or return a refusal."""
        with self._account.settled():
            before = self._destructions.get(droplet_id)
            if before is None:
                return refusals.NOT_FOUND
            if before.completed is None:
                return refusals.DESTROY_IN_PROGRESS
            self._begin(droplet_id, attrs.evolve(before, completed=None))
            return None

    def _begin(self, droplet_id: int, destruction: Destruction) -> None:
        self._destructions[droplet_id] = destruction
        self._account.after(_RESOURCES_GONE_AFTER, lambda: self._destroy_resources(droplet_id))
        self._account.after(_DROPLET_GONE_AFTER, lambda: self._destroy_droplet(droplet_id))

    def _destroy_resources(self, droplet_id: int) -> None:
        before = self._destructions[droplet_id]
        done: dict[str, Sequence[Destroyed]] = {}
        for kind, resources in before.resources.items():
            # A floating IP is a reserved IP under its earlier name.
            done[kind] = [self._tried(kind, one, done.get("reserved_ips", ())) for one in resources]
        self._destructions[droplet_id] = attrs.evolve(before, resources=done)

    def _tried(self, kind: str, resource: Destroyed, tried: Sequence[Destroyed]) -> Destroyed:
        same = next((one for one in tried if kind == "floating_ips" and one.id == resource.id), None)
        if same is not None or resource.at is not None:
            return same or resource
        refusal = self._kinds[kind][1](resource.id) if resource.id not in self.stuck else None
        error = self.stuck.get(resource.id, refusal.message if refusal and refusal != refusals.NOT_FOUND else "")
        with self._account.settled() as now:
            return attrs.evolve(resource, at=None if error else now, error=error)

    def _destroy_droplet(self, droplet_id: int) -> None:
        before, error = self._destructions[droplet_id], self.stuck.get(str(droplet_id), "")
        with self._account.settled() as now:
            if not error and before.droplet.at is None and self._account.droplet(droplet_id) is not None:
                self._account.destroy(droplet_id)
                self._account.remove(droplet_id)
            droplet = attrs.evolve(before.droplet, at=None if error else before.droplet.at or now, error=error)
            self._destructions[droplet_id] = attrs.evolve(before, droplet=droplet, completed=now)

    def _is_running(self, droplet_id: int) -> bool:
        known = self._destructions.get(droplet_id)
        return known is not None and known.completed is None

    def _snapshots(self, droplet_id: int) -> Sequence[Associated]:
        return [
            Associated(id=str(one.id), name=one.name, cost=f"{one.size_gigabytes * _SNAPSHOT_PRICE:.2f}")
            for one in self._account.snapshots_of(droplet_id)
        ]
