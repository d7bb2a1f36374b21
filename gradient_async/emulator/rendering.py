"""Droplets, actions and snapshots as the JSON objects of the API."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING

from gradient_async.emulator import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gradient_async.emulator.actions import Action, Snapshot
    from gradient_async.emulator.catalogue import Gpu, Image, Size
    from gradient_async.emulator.clock import Clock
    from gradient_async.emulator.droplets import BackupPolicy, Droplet
    from gradient_async.emulator.profiles import LockedRule, RegionForm
    from gradient_async.emulator.wire import JSONObject

_API = "https://api.digitalocean.com"
_BACKUP_WINDOW_HOURS = 4
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_LONG_EVENTS = frozenset({"create", "rebuild", "resize", "restore"})
_IMAGES_MADE_AT = "2024-09-27T15:35:19Z"
_VPC_NAMESPACE = uuid.UUID("5a1e4c1e-0d0c-4d5e-9a57-6f1d7a3c2b10")

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
    """A stamp as the API writes it: UTC, whole seconds, `Z`."""
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Renderer:
    """Writes the account's values as JSON objects, keys in the order of real answers.

    Args:
        clock: Maps virtual instants to the stamps on the wire.
        scopes: What the token may see; None is everything.
        region_form: The shape of an action's `region`.
    """

    def __init__(
        self, clock: Clock, *, scopes: Collection[str] | None = None, region_form: RegionForm = "object"
    ) -> None:
        self._clock = clock
        self._scopes = scopes
        self._region_form = region_form
        self._regions: dict[str, JSONObject] = {}

    def action(self, action: Action) -> JSONObject:
        """An action."""
        fields: JSONObject = {
            "id": action.id,
            "status": action.status,
            "type": action.type,
            "started_at": self._time(action.started),
            "completed_at": None if action.completed is None else self._time(action.completed),
            "resource_id": action.droplet_id,
            "resource_type": "droplet",
            "region_slug": action.region,
        }
        if self._region_form != "absent":
            fields["region"] = self._action_region(action.region)
        return fields

    def droplet(self, droplet: Droplet, pending: Action | None, locked_rule: LockedRule) -> JSONObject:
        """A Droplet; `pending` is the action in progress on it."""
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
            "kernel": _kernel(droplet.kernel),
            "created_at": self._time(droplet.created),
            "features": list(droplet.features),
            "backup_ids": list(droplet.backup_ids),
            "next_backup_window": self._backup_window(droplet.backup_policy),
            "snapshot_ids": list(droplet.snapshot_ids),
            "image": _image(droplet.image),
            "volume_ids": [],
            "size": _size(droplet.size),
            "size_slug": droplet.size.slug,
            "networks": _networks(droplet),
            "region": self._region(droplet.region),
            "tags": list(droplet.tags),
            "vpc_uuid": str(uuid.uuid5(_VPC_NAMESPACE, droplet.region)),
        }
        if droplet.size.gpu:
            fields["gpu_info"] = _gpu(droplet.size.gpu)
        return self._visible(fields)

    def size(self, size: Size) -> JSONObject:
        """A size, as the list of sizes shows it."""
        return _size(size)

    def tag(self, name: str, droplet_ids: Sequence[int]) -> JSONObject:
        """A tag that only Droplets have."""
        uri = f"{_API}/v2/droplets/{droplet_ids[-1]}"
        tagged: JSONObject = {"count": len(droplet_ids), "last_tagged_uri": uri}
        counted = dict(tagged) if self._sees("droplet:read") else {"count": 0}
        return {"name": name, "resources": {**counted, "droplets": counted}}

    def snapshot(self, snapshot: Snapshot) -> JSONObject:
        """A snapshot, as the list under its Droplet shows it."""
        return {
            "id": snapshot.id,
            "name": snapshot.name,
            "created_at": self._time(snapshot.created),
            "regions": [snapshot.region],
            "min_disk_size": snapshot.min_disk,
            "size_gigabytes": snapshot.size_gigabytes,
            "type": snapshot.type,
        }

    def _time(self, virtual: float) -> str:
        return time_text(int(self._clock.stamp(virtual)))

    def _sees(self, scope: str) -> bool:
        return self._scopes is None or scope in self._scopes

    def _visible(self, fields: JSONObject) -> JSONObject:
        if self._scopes is None:
            return fields
        hidden = {name for name, scope in _SCOPED_FIELDS.items() if not self._sees(scope)}
        return {name: value for name, value in fields.items() if name not in hidden}

    def _action_region(self, slug: str) -> object:
        if self._region_form == "object":
            return self._region(slug)
        return slug if self._region_form == "string" else None

    def _region(self, slug: str) -> JSONObject:
        if slug not in self._regions:
            self._regions[slug] = {
                "name": catalogue.REGION_NAMES.get(slug, slug),
                "slug": slug,
                "available": True,
                "features": list(catalogue.REGION_FEATURES),
                "sizes": list(catalogue.sizes_in(slug)) if self._sees("sizes:read") else [],
            }
        return self._regions[slug]

    def _backup_window(self, policy: BackupPolicy | None) -> JSONObject | None:
        if policy is None:
            return None
        now = dt.datetime.fromtimestamp(self._clock.stamp(self._clock.now()), dt.UTC)
        start = now.replace(hour=policy.hour, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
        while policy.plan == "weekly" and _WEEKDAYS[start.weekday()] != policy.weekday:
            start += dt.timedelta(days=1)
        end = start + dt.timedelta(hours=_BACKUP_WINDOW_HOURS)
        return {"start": time_text(int(start.timestamp())), "end": time_text(int(end.timestamp()))}


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
        "available": True,
        "description": size.description,
        "disk_info": _disks(size.disk, size.scratch),
    }
    return {**fields, "gpu_info": _gpu(size.gpu)} if size.gpu else fields


@lru_cache(maxsize=256)
def _image(image: Image) -> JSONObject:
    return {
        "id": image.id,
        "name": image.name,
        "distribution": "Ubuntu",
        "slug": image.slug,
        "public": image.type == "base",
        "regions": list(catalogue.IMAGE_REGIONS),
        "created_at": _IMAGES_MADE_AT,
        "min_disk_size": image.min_disk,
        "type": image.type,
        "size_gigabytes": image.size_gigabytes,
        "description": image.description,
        "tags": [],
        "status": "available",
        "error_message": "",
    }


def _kernel(kernel: int | None) -> JSONObject | None:
    return None if kernel is None else {"id": kernel, "name": f"Kernel {kernel}", "version": f"{kernel}"}


def _networks(droplet: Droplet) -> JSONObject:
    if droplet.status == "new":
        return {"v4": [], "v6": []}
    low, high = droplet.id & 0xFF, (droplet.id >> 8) & 0xFF
    # 198.18.0.0/15 and 2001:db8::/32 are reserved, so that no client can reach anybody by mistake.
    private = {
        "ip_address": f"10.118.{high}.{low}",
        "netmask": "255.255.0.0",
        "gateway": "nil",
        "type": "private",
    }
    public = {
        "ip_address": f"198.18.{high}.{low}",
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
    return {"v4": [private, public], "v6": [v6] if droplet.has_ipv6 else []}
