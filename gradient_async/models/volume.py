"""A volume: block storage that can be attached to one Droplet."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta
from gradient_async.models.region import Region


@frozen(kw_only=True)
class Volume(Model):
    """A volume.

    Attributes:
        id: Its id, a UUID.
        name: Its name, unique in its region.
        description: A description.
        size_gigabytes: Its size, in GiB.
        region: Its region. Only a Droplet in the same region can use it.
        droplet_ids: The Droplet that it is attached to; empty if it is not attached.
        filesystem_type: The filesystem that it was formatted with, such as ``"ext4"``; empty or ``None`` if the API did
            not format it.
        filesystem_label: The filesystem's label.
        tags: Its tags.
        created_at: When it was created, UTC.
    """

    id: str
    name: str | None = None
    description: str | None = None
    size_gigabytes: int | None = None
    region: Region | None = None
    droplet_ids: tuple[int, ...] = ()
    filesystem_type: str | None = None
    filesystem_label: str | None = None
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None

    def __repr__(self) -> str:
        """Return the volume in one short line."""
        region = self.region.slug if self.region else None
        facts = f"id={self.id!r}, name={self.name!r}, size_gigabytes={self.size_gigabytes}, region={region!r}"
        return f"Volume({facts}, droplet_ids={self.droplet_ids})"


@frozen(kw_only=True)
class VolumeCreateResponse(Model):
    """The new volume.

    Attributes:
        volume: The volume.
        is_adopted: ``True`` if the answer was lost and the volume was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    volume: Volume
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class VolumeRetrieveResponse(Model):
    """One volume."""

    volume: Volume


@frozen(kw_only=True, repr=False)
class VolumeListResponse(ListModel):
    """One page of volumes."""

    volumes: tuple[Volume, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
