"""A size: what a Droplet is made of, and what it costs."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Amount:
    """A number with its unit, such as 80 ``"gib"``."""

    amount: int | None = None
    unit: str | None = None


@frozen(kw_only=True)
class DiskInfo:
    """One disk of a Droplet.

    Attributes:
        type: ``"local"``, ``"boot"`` or ``"scratch"`` so far. A scratch disk is in no snapshot and no backup.
        size: How large it is.
    """

    type: str | None = None
    size: Amount | None = None


@frozen(kw_only=True)
class GPUInfo:
    """The GPUs of a Droplet.

    Attributes:
        count: How many.
        model: Such as ``"nvidia_h100"``.
        vram: Their memory, as the API counts it.
    """

    count: int | None = None
    model: str | None = None
    vram: Amount | None = None


@frozen(kw_only=True)
class Size:
    """A Droplet size.

    Attributes:
        slug: Such as ``"gpu-h100x8-640gb"``.
        memory: In MB.
        vcpus: Number of virtual CPUs.
        disk: In GB.
        transfer: In TB a month.
        price_monthly: In US dollars.
        price_hourly: In US dollars.
        regions: Slugs of the regions that offer it.
        available: Whether new Droplets can have it.
        description: The class of the size, for people.
        disk_info: Its disks.
        gpu_info: Its GPUs; ``None`` for a size without.
    """

    slug: str
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
