"""A Droplet: a virtual machine, with or without GPUs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.models.image import Image
from gradient_async.models.model import Model
from gradient_async.models.region import Region
from gradient_async.models.size import DiskInfo, GPUInfo, Size

if TYPE_CHECKING:
    from gradient_async.models.rows import Cell


class DropletStatus:
    """The known statuses."""

    NEW: Final = "new"
    ACTIVE: Final = "active"
    OFF: Final = "off"
    ARCHIVE: Final = "archive"


@frozen(kw_only=True)
class NetworkV4(Model):
    """One IPv4 address of a Droplet; ``type`` is ``"public"`` or ``"private"``."""

    ip_address: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    type: str | None = None


@frozen(kw_only=True)
class NetworkV6(Model):
    """One IPv6 address of a Droplet; ``netmask`` is the length of the prefix."""

    ip_address: str | None = None
    netmask: int | None = None
    gateway: str | None = None
    type: str | None = None


@frozen(kw_only=True)
class Networks(Model):
    """All addresses of a Droplet; empty until the Droplet is placed."""

    v4: tuple[NetworkV4, ...] = ()
    v6: tuple[NetworkV6, ...] = ()


@frozen(kw_only=True)
class BackupWindow(Model):
    """The time of the next backup, UTC."""

    start: datetime | None = None
    end: datetime | None = None


@frozen(kw_only=True)
class Kernel(Model):
    """A kernel outside the Droplet. Only Droplets from before March 2017 have one."""

    id: int | None = None
    name: str | None = None
    version: str | None = None


@frozen(kw_only=True)
class Droplet(Model):
    """A Droplet, as the API reports it.

    The token's scopes decide which optional fields have a value (``image:read``, ``tag:read``, ``block_storage:read``,
    ``vpc:read``). ``status`` shows whether the power is on, not whether the guest has booted. It can lag seconds behind
    a completed action. ``locked`` does not show whether an action runs: read the Droplet's actions.

    Attributes:
        id: The Droplet's id.
        name: Its name; names are not unique.
        status: ``"new"``, ``"active"``, ``"off"``, ``"archive"``, or a status that is newer than this SDK.
        memory: In MB.
        vcpus: Number of virtual CPUs.
        disk: In GB.
        disk_info: Its disks.
        locked: Whether an administrator or an action has locked it.
        created_at: When it was created, UTC.
        features: Features, such as ``"backups"`` and ``"ipv6"``.
        backup_ids: Ids of its backups.
        next_backup_window: ``None`` without backups.
        snapshot_ids: Ids of its snapshots.
        image: The image of its disk.
        volume_ids: UUIDs of the attached volumes.
        size: Its size.
        size_slug: Slug of its size.
        networks: Its addresses.
        region: Its region.
        tags: Its tags.
        vpc_uuid: UUID of its VPC.
        gpu_info: Its GPUs; ``None`` for a Droplet without GPUs.
        kernel: Its kernel; ``None`` for every Droplet since March 2017.
    """

    id: int
    name: str
    status: str
    memory: int | None = None
    vcpus: int | None = None
    disk: int | None = None
    disk_info: tuple[DiskInfo, ...] = ()
    locked: bool | None = None
    created_at: datetime | None = None
    features: tuple[str, ...] = ()
    backup_ids: tuple[int, ...] = ()
    next_backup_window: BackupWindow | None = None
    snapshot_ids: tuple[int, ...] = ()
    image: Image | None = None
    volume_ids: tuple[str, ...] = ()
    size: Size | None = None
    size_slug: str | None = None
    networks: Networks = field(factory=Networks)
    region: Region | None = None
    tags: tuple[str, ...] = ()
    vpc_uuid: str | None = None
    gpu_info: GPUInfo | None = None
    kernel: Kernel | None = None

    @property
    def has_gpus(self) -> bool:
        """Whether the Droplet has GPUs, by ``gpu_info``."""
        return self.gpu_info is not None

    @property
    def public_ip(self) -> str | None:
        """The first public IPv4 address; ``None`` if it has none, or none yet."""
        return self._address("public")

    @property
    def private_ip(self) -> str | None:
        """The first IPv4 address in its VPC; ``None`` if it has none, or none yet."""
        return self._address("private")

    def __repr__(self) -> str:
        """Return the Droplet in one line, with the slugs of its size and region."""
        region = self.region.slug if self.region else None
        facts = f"id={self.id}, name={self.name!r:.80}, status={self.status!r}, size_slug={self.size_slug!r}"
        return f"Droplet({facts}, region={region!r})"

    def to_row(self) -> dict[str, Cell]:
        """Return the Droplet as one flat row, with its main facts and its addresses."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "size": self.size_slug,
            "region": self.region.slug if self.region else None,
            "image": (self.image.slug or self.image.name) if self.image else None,
            "gpus": self.gpu_info.count if self.gpu_info else None,
            "vcpus": self.vcpus,
            "memory": self.memory,
            "disk": self.disk,
            "public_ipv4": self.public_ip,
            "private_ipv4": self.private_ip,
            "tags": ", ".join(self.tags),
            "volumes": len(self.volume_ids),
            "vpc_uuid": self.vpc_uuid,
            "locked": self.locked,
            "created_at": self.created_at,
        }

    def _address(self, kind: str) -> str | None:
        return next((one.ip_address for one in self.networks.v4 if one.type == kind and one.ip_address), None)

    def _repr_html_(self) -> str:
        from gradient_async.models.html_table import table_of_row

        return table_of_row(repr(self), self.to_row())

    @property
    def is_active(self) -> bool:
        """Whether the power is on."""
        return self.status == DropletStatus.ACTIVE

    @property
    def is_off(self) -> bool:
        """Whether the power is off. A GPU Droplet that is off is still billed."""
        return self.status == DropletStatus.OFF
