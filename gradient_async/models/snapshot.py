"""A snapshot of a Droplet or a volume."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class Snapshots(Model):
    """One snapshot, of a Droplet or a volume. The retired SDK has the plural name too.

    Attributes:
        id: Its id: digits for a Droplet's, a UUID for a volume's.
        name: Its name.
        resource_type: ``"droplet"`` or ``"volume"``.
        resource_id: Id of the Droplet or volume that it was made of, which may be gone.
        regions: Slugs of the regions that have it.
        min_disk_size: Minimum size of a disk or volume made of it, in GB.
        size_gigabytes: Size that is billed, in GB.
        tags: Its tags.
        created_at: When it was created, UTC.
    """

    id: str
    name: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    regions: tuple[str, ...] = ()
    min_disk_size: int | None = None
    size_gigabytes: float | None = None
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None


@frozen(kw_only=True)
class SnapshotCreateResponse(Model):
    """The new snapshot.

    Attributes:
        snapshot: The snapshot.
        is_adopted: ``True`` if the answer was lost and the snapshot was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    snapshot: Snapshots
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class SnapshotRetrieveResponse(Model):
    """One snapshot."""

    snapshot: Snapshots


@frozen(kw_only=True, repr=False)
class SnapshotListResponse(ListModel):
    """One page of snapshots."""

    snapshots: tuple[Snapshots, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
