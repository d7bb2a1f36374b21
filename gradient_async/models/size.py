"""A size: the hardware of a Droplet, and its price."""

from __future__ import annotations

from attrs import frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class Amount(Model):
    """A number with its unit, such as 80 ``"gib"``."""

    amount: int | None = None
    unit: str | None = None


@frozen(kw_only=True)
class DiskInfo(Model):
    """One disk of a Droplet.

    Attributes:
        type: The type; known are ``"local"``, ``"boot"`` and ``"scratch"``. Snapshots and backups do not include a
            scratch disk.
        size: Its size.
    """

    type: str | None = None
    size: Amount | None = None


@frozen(kw_only=True)
class GPUInfo(Model):
    """The GPUs of a Droplet.

    Attributes:
        count: Number of GPUs.
        model: The model, such as ``"nvidia_h100"``.
        vram: Memory of the GPUs, as the API counts it.
    """

    count: int | None = None
    model: str | None = None
    vram: Amount | None = None


@frozen(kw_only=True)
class Size(Model):
    """A Droplet size.

    Attributes:
        slug: The slug, such as ``"gpu-h100x8-640gb"``; ``""`` if the API does not say it.
        memory: Memory, in MB.
        vcpus: Number of virtual CPUs.
        disk: Size of the disk, in GB.
        transfer: Included transfer, in TB a month.
        price_monthly: Price a month, in US dollars.
        price_hourly: Price an hour, in US dollars.
        regions: Slugs of the regions that have it.
        available: Whether new Droplets can have it.
        description: The class of the size.
        disk_info: Its disks.
        gpu_info: Its GPUs; ``None`` for a size without GPUs.
    """

    slug: str = ""
    memory: int | None = None
    vcpus: int | None = None
    disk: int | None = None
    transfer: float | None = None
    price_monthly: float | None = None
    price_hourly: float | None = None
    regions: tuple[str, ...] = ()
    available: bool | None = None
    description: str | None = None
    disk_info: tuple[DiskInfo, ...] = ()
    gpu_info: GPUInfo | None = None

    @property
    def price_per_gpu(self) -> float | None:
        """Price an hour for each GPU, in US dollars; ``None`` without GPUs, or if the API names none."""
        count = self.gpu_info.count if self.gpu_info else None
        return None if self.price_hourly is None or not count else self.price_hourly / count
