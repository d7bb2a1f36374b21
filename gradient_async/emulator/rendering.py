"""Droplets, actions, images and places as the JSON objects of the API."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from gradient_async.emulator.addresses import private_address, public_address
from gradient_async.emulator.droplets import default_vpc_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from gradient_async.emulator.actions import Action, Snapshot
    from gradient_async.emulator.addresses import AddressKind
    from gradient_async.emulator.catalogue import Catalogue, Gpu, Image, Region, Size
    from gradient_async.emulator.clock import Clock
    from gradient_async.emulator.droplets import BackupPolicy, Droplet
    from gradient_async.emulator.profiles import LockedRule, RegionForm
    from gradient_async.emulator.wire import JSONObject

_BACKUP_WINDOW_HOURS = 4
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_LONG_EVENTS = frozenset({"create", "rebuild", "resize", "restore"})
_IMAGES_MADE_AT = "2024-09-27T15:35:19Z"
# Image regions are an enum in the official specification, which lacks some newer regions, such as atl1.
_IMAGE_REGIONS = ("ams3", "fra1", "nyc1", "nyc2", "nyc3", "sfo3", "sgp1", "tor1")

#: Droplet fields a token does not see without the scope beside them.
_SCOPED_FIELDS = {
    "backup_ids": "image:read",
    "image": "image:read",
    "snapshot_ids": "image:read",
    "tags": "tag:read",
    "volume_ids": "block_storage:read",
    "vpc_uuid": "vpc:read",
}


@lru_cache(maxsize=4096)
def time_text(unix_seconds: int) -> str:
    """Return a timestamp as the API writes it: UTC, whole seconds, `Z`."""
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Renderer:
    """Renders the account's values as JSON objects, with keys in the order of real answers.

    Args:
        clock: Maps virtual times to the timestamps on the wire.
        catalogue: Returns the account's present catalogue.
        scopes: The token's scopes; None is all.
        region_form: The shape of an action's `region`.
        addresses: The range of the Droplets' addresses.
    """

    def __init__(
        self,
        clock: Clock,
        catalogue: Callable[[], Catalogue],
        *,
        scopes: Collection[str] | None = None,
        region_form: RegionForm = "object",
        addresses: AddressKind = "reserved",
    ) -> None:
        self._clock = clock
        self._catalogue = catalogue
        self._regions_of = catalogue()
        self._scopes = scopes
        self._region_form = region_form
        self._addresses: AddressKind = addresses
        self._regions: dict[str, JSONObject] = {}

    def action(self, action: Action) -> JSONObject:
        """Return an action."""
        fields: JSONObject = {
            "id": action.id,
            "status": action.status,
            "type": action.type,
            "started_at": self.time(action.started),
            "completed_at": None if action.completed is None else self.time(action.completed),
            "resource_id": action.resource_id if isinstance(action.resource_id, int) else None,
            "resource_type": action.resource_type,
            "region_slug": action.region,
        }
        if self._region_form != "absent":
            fields["region"] = self._action_region(action.region)
        return fields

    def droplet(self, droplet: Droplet, pending: Action | None, locked_rule: LockedRule) -> JSONObject:
        """Return a Droplet; `pending` is the action in progress on it."""
        is_locked = pending is not None and (
            locked_rule == "always" or (locked_rule == "long_events" and pending.type in _LONG_EVENTS)
        )
        fields: JSONObject = {
            "id": droplet.id,
            "name": droplet.name,
            "memory": droplet.size.memory,
            "vcpus": droplet.size.vcpus,
            "disk": droplet.disk,
            "disk_info": _disks(droplet.disk, droplet.size.scratch),
            "locked": is_locked,
            "status": droplet.status,
            "kernel": None if droplet.kernel is None else self.kernel(droplet.kernel),
            "created_at": self.time(droplet.created),
            "features": list(droplet.features),
            "backup_ids": list(droplet.backup_ids),
            "next_backup_window": self.backup_window(droplet.backup_policy) if droplet.backup_policy else None,
            "snapshot_ids": list(droplet.snapshot_ids),
            "image": self.image(droplet.image),
            "volume_ids": list(droplet.volume_ids),
            "size": _size(droplet.size),
            "size_slug": droplet.size.slug,
            "networks": _networks(droplet, self._addresses),
            "region": self._region(droplet.region),
            "tags": list(droplet.tags),
            "vpc_uuid": droplet.vpc_uuid or default_vpc_id(droplet.region),
        }
        if droplet.size.gpu:
            fields["gpu_info"] = _gpu(droplet.size.gpu)
        return self._visible(fields)

    def size(self, size: Size) -> JSONObject:
        """Return a size, as the list of sizes shows it."""
        return _size(size)

    def region(self, region: Region) -> JSONObject:
        """Return a region."""
        return self._region(region.slug)

    def region_of(self, slug: str) -> JSONObject:
        """Return the region with that slug."""
        return self._region(slug)

    def image(self, image: Image) -> JSONObject:
        """Return an image."""
        return _image(image, _IMAGES_MADE_AT if image.created is None else self.time(image.created))

    def snapshot(self, snapshot: Snapshot) -> JSONObject:
        """Return a snapshot, as the list under its Droplet shows it."""
        return {
            "id": snapshot.id,
            "name": snapshot.name,
            "created_at": self.time(snapshot.created),
            "regions": list(snapshot.regions),
            "min_disk_size": snapshot.min_disk,
            "size_gigabytes": snapshot.size_gigabytes,
            "type": snapshot.type,
        }

    def kernel(self, kernel: int) -> JSONObject:
        """Return a kernel."""
        return {"id": kernel, "name": f"Kernel {kernel}", "version": f"{kernel}"}

    def backup_window(self, policy: BackupPolicy) -> JSONObject:
        """Return the time of the next backup."""
        now = dt.datetime.fromtimestamp(self._clock.stamp(self._clock.now()), dt.UTC)
        start = now.replace(hour=policy.hour, minute=0, second=0, microsecond=0)
        if start <= now:
            start += dt.timedelta(days=1)
        while policy.plan == "weekly" and _WEEKDAYS[start.weekday()] != policy.weekday:
            start += dt.timedelta(days=1)
        end = start + dt.timedelta(hours=_BACKUP_WINDOW_HOURS)
        return {"start": time_text(int(start.timestamp())), "end": time_text(int(end.timestamp()))}

    def time(self, virtual: float) -> str:
        """Return a virtual time as a timestamp of the API."""
        return time_text(int(self._clock.stamp(virtual)))

    def sees(self, scope: str) -> bool:
        """Return whether the token has a scope to read."""
        return self._scopes is None or scope in self._scopes

    def _visible(self, fields: JSONObject) -> JSONObject:
        if self._scopes is None:
            return fields
        hidden = {name for name, scope in _SCOPED_FIELDS.items() if not self.sees(scope)}
        return {name: value for name, value in fields.items() if name not in hidden}

    def _action_region(self, slug: str) -> object:
        if self._region_form == "object":
            return self._region(slug)
        return slug if self._region_form == "string" else None

    def _region(self, slug: str) -> JSONObject:
        catalogue = self._catalogue()
        if self._regions_of is not catalogue:
            self._regions_of, self._regions = catalogue, {}
        if slug not in self._regions:
            region = catalogue.region(slug)
            self._regions[slug] = {
                "name": region.name,
                "slug": slug,
                "available": region.is_available,
                "features": list(region.features),
                "sizes": list(catalogue.sizes_in(slug)) if self.sees("sizes:read") else [],
            }
        return self._regions[slug]


def _gibibytes(amount: int) -> JSONObject:
    return {"amount": amount, "unit": "gib"}


def _disks(local: int, scratch: int) -> list[JSONObject]:
    disks: Iterable[tuple[str, int]] = (("local", local), ("scratch", scratch))
    return [{"type": kind, "size": _gibibytes(amount)} for kind, amount in disks if amount]


def _gpu(gpu: Gpu) -> JSONObject:
    return {"count": gpu.count, "vram": _gibibytes(gpu.vram_gib), "model": gpu.model}


@lru_cache(maxsize=256)
def _size(size: Size) -> JSONObject:
    fields: JSONObject = {
        "slug": size.slug,
        "memory": size.memory,
        "vcpus": size.vcpus,
        "disk": size.disk,
        "transfer": size.transfer,
        "price_monthly": round(size.price_hourly * 672, 2),
        "price_hourly": size.price_hourly,
        "regions": list(size.regions),
        "available": size.is_available,
        "description": size.description,
        "disk_info": _disks(size.disk, size.scratch),
    }
    return {**fields, "gpu_info": _gpu(size.gpu)} if size.gpu else fields


@lru_cache(maxsize=256)
def _image(image: Image, created_at: str) -> JSONObject:
    return {
        "id": image.id,
        "name": image.name,
        "distribution": image.distribution,
        "slug": image.slug,
        "public": image.type == "base",
        "regions": list(_IMAGE_REGIONS if image.regions is None else image.regions),
        "created_at": created_at,
        "min_disk_size": image.min_disk,
        "type": image.type,
        "size_gigabytes": image.size_gigabytes,
        "description": image.description,
        "tags": list(image.tags),
        "status": image.status,
        "error_message": image.error_message,
    }


def _networks(droplet: Droplet, kind: AddressKind) -> JSONObject:
    if not droplet.has_address:
        return {"v4": [], "v6": []}
    # 198.18.0.0/15 and 2001:db8::/32 are reserved, so that no client reaches a real machine by mistake.
    private = {
        "ip_address": private_address(droplet.id, kind),
        "netmask": "255.255.0.0",
        "gateway": "nil",
        "type": "private",
    }
    public = {
        "ip_address": public_address(droplet.id, kind),
        "netmask": "255.255.0.0",
        "gateway": "198.18.0.1",
        "type": "public",
    }
    v6 = {
        "ip_address": f"2001:db8::{droplet.id >> 16:x}:{droplet.id & 0xFFFF:x}",
        "netmask": 64,
        "gateway": "2001:db8::1",
        "type": "public",
    }
    v4 = [private, public] if droplet.has_public_network else [private]
    return {"v4": v4, "v6": [v6] if droplet.has_ipv6 else []}
