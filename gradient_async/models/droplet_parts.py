"""Parts of a Droplet: its snapshots, kernels, firewalls and neighbors."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.droplet import Droplet, Kernel
from gradient_async.models.firewall import Firewall
from gradient_async.models.model import ListModel, Model
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class DropletSnapshot(Model):
    """A snapshot or a backup of a Droplet, as the Droplet's own lists show it.

    Attributes:
        id: Id of the image.
        name: Its name.
        type: ``"snapshot"`` or ``"backup"``.
        created_at: When it was created, UTC. For a snapshot, this is the start of the action that made it.
        regions: Slugs of the regions that have it.
        min_disk_size: Smallest disk for a Droplet made from it, in GB.
        size_gigabytes: Its size in GB, which is billed.
        distribution: Its operating system, such as ``"Ubuntu"``; not in every answer.
        slug: Always ``None``: only public images have a slug.
        public: Whether it is a public image; not in every answer.
    """

    id: int
    name: str | None = None
    type: str | None = None
    created_at: datetime | None = None
    regions: tuple[str, ...] = ()
    min_disk_size: int | None = None
    size_gigabytes: float | None = None
    distribution: str | None = None
    slug: str | None = None
    public: bool | None = None


@frozen(kw_only=True, repr=False)
class GPUDropletListSnapshotsResponse(ListModel):
    """One page of a Droplet's snapshots."""

    snapshots: tuple[DropletSnapshot, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class GPUDropletListKernelsResponse(ListModel):
    """One page of the kernels that a Droplet can have."""

    kernels: tuple[Kernel, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class GPUDropletListFirewallsResponse(ListModel):
    """One page of the firewalls that protect a Droplet."""

    firewalls: tuple[Firewall, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class GPUDropletListNeighborsResponse(ListModel):
    """The Droplets on the same physical host."""

    droplets: tuple[Droplet, ...]
