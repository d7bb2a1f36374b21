"""Droplets: the specification by a user, and the state in the account."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

import attrs

from gradient_async.emulator import public_catalogue
from gradient_async.emulator.catalogue import Catalogue, Image, Size

DropletStatus = Literal["new", "active", "off", "archive"]

#: The feature list of a fresh Droplet, as in the documentation's GPU example.
_FIRST_FEATURES = ("droplet_agent", "private_networking")

_DISK_PER_USED = 720
_VPC_NAMESPACE = uuid.UUID("5a1e4c1e-0d0c-4d5e-9a57-6f1d7a3c2b10")


@attrs.frozen(kw_only=True)
class BackupPolicy:
    """The policy of backups.

    Args:
        plan: `"daily"`, `"weekly"`, or a word that is not known yet.
        hour: Start of the four-hour window, UTC: 0, 4, 8, 12, 16 or 20.
        weekday: `"SUN"` to `"SAT"`; for weekly plans only.
    """

    plan: str = "daily"
    hour: int = 0
    weekday: str = "SUN"


def _check_tags(_instance: object, _attribute: object, tags: Sequence[str]) -> None:
    if isinstance(tags, str):
        raise TypeError(f"tags must be a sequence of tags, not the single text {tags!r}")


@attrs.frozen(kw_only=True)
class DropletSpec:
    """A Droplet that the account starts with.

    Args:
        name: The hostname; None numbers it.
        gpu: A GPU Droplet or a CPU one. This decides the defaults below, and which lists show it.
        size: A size slug of the public catalogue, or a size of your own; None takes the common one of its kind.
        region: A region slug; None takes `tor1` for GPU Droplets, `nyc3` for others.
        tags: Its tags.
        status: `"active"`, `"off"`, `"new"` (it becomes active when its `create` action ends) or `"archive"`.
        backups: Backups are enabled, and one backup exists.
        ipv6: IPv6 is enabled.
        used_gigabytes: GB of its disk in use, which decide how long a snapshot or resize takes. None takes 1 GB for
            each 720 GB of disk, and at least 1: little, so that tests are fast.
        kernel: Id of an externally managed kernel (Droplets made before March 2017); None for all others.

    Raises:
        ValueError: The size is unknown, or does not fit `gpu`.
        TypeError: `tags` is one text.
    """

    name: str | None = None
    gpu: bool = True
    size: str | Size | None = None
    region: str | None = None
    tags: Sequence[str] = attrs.field(default=(), validator=_check_tags)
    status: DropletStatus = "active"
    backups: bool = False
    ipv6: bool = False
    kernel: int | None = None
    used_gigabytes: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.size is None:
            return
        sizes = public_catalogue.SIZES
        known = sorted(slug for slug, size in sizes.items() if (size.gpu is not None) is self.gpu)
        if isinstance(self.size, Size):
            if (self.size.gpu is not None) is not self.gpu:
                raise ValueError(f"size {self.size.slug!r} does not fit gpu={self.gpu}")
        elif self.size not in known:
            kind = "GPU" if self.gpu else "CPU (gpu=False)"
            raise ValueError(f"size {self.size!r} is not one of the {kind} sizes {', '.join(known)}")


@attrs.frozen(kw_only=True)
class Droplet:
    """The state of one Droplet at one instant; a change makes a new value.

    Args:
        disk: GB of persistent disk, which a resize without `disk` leaves as it was.
        created: Virtual second of its creation, negative for Droplets that existed at the start.
        used_gigabytes: GB of the disk in use.
        has_address: It has its networks.
        has_public_network: It has a public address beside its private one.
        volume_ids: The volumes that are attached to it.
        vpc_uuid: The VPC that its private address is in; empty for the default one of its region.
    """

    id: int
    name: str
    size: Size
    disk: int
    region: str
    image: Image
    status: DropletStatus
    created: float
    tags: tuple[str, ...] = ()
    features: tuple[str, ...] = _FIRST_FEATURES
    backup_policy: BackupPolicy | None = None
    backup_ids: tuple[int, ...] = ()
    snapshot_ids: tuple[int, ...] = ()
    kernel: int | None = None
    used_gigabytes: float = 1.0
    has_address: bool = True
    has_public_network: bool = True
    volume_ids: tuple[str, ...] = ()
    vpc_uuid: str = ""

    @property
    def is_gpu(self) -> bool:
        """Whether it has GPUs."""
        return self.size.gpu is not None

    @property
    def is_on(self) -> bool:
        """Whether its power is on, according to its status."""
        return self.status == "active"

    @property
    def has_ipv6(self) -> bool:
        """Whether IPv6 is enabled."""
        return "ipv6" in self.features

    def with_feature(self, feature: str) -> Droplet:
        """Return the Droplet with the feature switched on."""
        return attrs.evolve(self, features=tuple(dict.fromkeys((*self.features, feature))))

    def without_feature(self, feature: str) -> Droplet:
        """Return the Droplet with the feature switched off."""
        return attrs.evolve(self, features=tuple(name for name in self.features if name != feature))


def default_vpc_id(region: str) -> str:
    """Return the id of a region's default VPC, which a Droplet is in unless it was created in another one."""
    return str(uuid.uuid5(_VPC_NAMESPACE, region))


def used_at_first(size: Size) -> float:
    """Return the GB of disk in use on a new Droplet: little, so that tests are fast."""
    return round(max(1.0, size.disk / _DISK_PER_USED), 2)


def droplet_from(spec: DropletSpec, catalogue: Catalogue, *, droplet_id: int, created: float) -> Droplet:
    """Return the Droplet of a spec."""
    usual_size, usual_region, usual_image = public_catalogue.GPU_DEFAULTS if spec.gpu else public_catalogue.CPU_DEFAULTS
    size = spec.size if isinstance(spec.size, Size) else _size(spec.size or usual_size, catalogue)
    image = catalogue.find_image(usual_image) or public_catalogue.PUBLIC_CATALOGUE.find_image(usual_image)
    assert image is not None  # noqa: S101 - the defaults are in the public catalogue
    optional = (("backups", spec.backups), ("ipv6", spec.ipv6))
    return Droplet(
        id=droplet_id,
        name=spec.name or f"{'gpu' if spec.gpu else 'web'}-{droplet_id}",
        size=size,
        disk=size.disk,
        region=spec.region or usual_region,
        image=image,
        status=spec.status,
        created=created,
        tags=tuple(spec.tags),
        features=(*_FIRST_FEATURES, *(name for name, wanted in optional if wanted)),
        backup_policy=BackupPolicy() if spec.backups else None,
        kernel=spec.kernel,
        used_gigabytes=used_at_first(size) if spec.used_gigabytes is None else round(spec.used_gigabytes, 2),
        has_address=spec.status != "new",
    )


def _size(slug: str, catalogue: Catalogue) -> Size:
    size = catalogue.size(slug) or public_catalogue.SIZES.get(slug)
    assert size is not None  # noqa: S101 - a spec checks its slug
    return size
