"""The server's answers as bytes: the example of the API's documentation, as one item and as full pages."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Final

PAGE_LENGTH: Final = 200
FIRST_DROPLET: Final = 3164444
OUT_OF_REACH: Final = 10**9
"""A limit of requests per minute above any client's speed: pacing is on, and never waits."""

_FIRST_ACTION: Final = 36804636
_REGION_NAMES: Final = {"nyc3": "New York 3", "tor1": "Toronto 1", "ams3": "Amsterdam 3"}
_FEATURES: Final = ("backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer", "server_id")
_SIZES: Final = (
    *(f"s-{vcpus}vcpu-{memory}gb" for vcpus, memory in ((1, 1), (1, 2), (1, 3), (2, 2), (3, 1), (2, 4), (4, 8))),
    *(f"s-{vcpus}vcpu-{memory}gb" for vcpus, memory in ((6, 16), (8, 32), (12, 48), (16, 64), (20, 96), (24, 128))),
    "gpu-h100x1-80gb",
    "gpu-h100x8-640gb",
)


def headers() -> dict[str, str]:
    """Return the API's own headers, without those that every server sends."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "ratelimit-limit": str(OUT_OF_REACH),
        "ratelimit-remaining": str(OUT_OF_REACH - 1),
        "ratelimit-reset": str(int(time.time()) + 3600),
        "x-request-id": "7c9a1b42-3f0e-4d57-9a1c-2b8de1f6a0c3",
    }


def one_action() -> bytes:
    """Return the answer to a request that starts or reads an action."""
    return _body({"action": _action(0)})


def page_of_actions() -> bytes:
    """Return a full page of actions."""
    return _body({"actions": [_action(index) for index in range(PAGE_LENGTH)], **_end_of("actions")})


def page_of_droplets() -> bytes:
    """Return a full page of GPU Droplets."""
    return _body({"droplets": [_droplet(index) for index in range(PAGE_LENGTH)], **_end_of("droplets")})


def numbered_action(action_id: int, droplet_id: int) -> bytes:
    """Return a finished action with its own id, for clients that must distinguish many."""
    return _body({"action": {**_action(0), "id": action_id, "resource_id": droplet_id}})


def _body(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _end_of(kind: str) -> dict[str, object]:
    base = f"https://api.digitalocean.com/v2/{kind}?per_page={PAGE_LENGTH}&page="
    return {"links": {"pages": {"next": f"{base}2", "last": f"{base}3"}}, "meta": {"total": 3 * PAGE_LENGTH}}


def _action(index: int) -> dict[str, object]:
    started = datetime(2020, 11, 14, 16, 29, 21, tzinfo=UTC) - timedelta(seconds=41 * index)
    slug = list(_REGION_NAMES)[index % len(_REGION_NAMES)]
    return {
        "id": _FIRST_ACTION - index,
        "status": "completed",
        "type": "reboot",
        "started_at": _time(started),
        "completed_at": _time(started + timedelta(seconds=45)),
        "resource_id": FIRST_DROPLET + index,
        "resource_type": "droplet",
        "region": _region(slug),
        "region_slug": slug,
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _region(slug: str) -> dict[str, object]:
    return {
        "name": _REGION_NAMES[slug],
        "slug": slug,
        "features": list(_FEATURES),
        "available": True,
        "sizes": list(_SIZES),
    }


def _gib(amount: int) -> dict[str, object]:
    return {"amount": amount, "unit": "gib"}


def _hardware() -> dict[str, object]:
    disks = [{"type": "local", "size": _gib(720)}, {"type": "scratch", "size": _gib(5120)}]
    return {"disk_info": disks, "gpu_info": {"count": 1, "vram": _gib(80), "model": "nvidia_h100"}}


def _size() -> dict[str, object]:
    return {
        "slug": "gpu-h100x1-80gb",
        "memory": 245760,
        "vcpus": 20,
        "disk": 720,
        "transfer": 15,
        "price_monthly": 4529.3,
        "price_hourly": 6.74,
        "regions": ["tor1"],
        "available": True,
        "description": "H100 GPU - 1X",
        **_hardware(),
    }


def _image() -> dict[str, object]:
    return {
        "id": 166407044,
        "name": "AI/ML Ready H100x1",
        "distribution": "Ubuntu",
        "slug": "gpu-h100x1-base",
        "public": True,
        "regions": ["nyc3", "nyc1", "sfo1", "nyc2", "ams2", "sgp1", "lon1", "ams3", "fra1", "tor1", "sfo2", "blr1"],
        "created_at": "2024-09-27T15:35:19Z",
        "min_disk_size": 25,
        "type": "base",
        "size_gigabytes": 18.47,
        "description": "GPU H100 1x Base Image",
        "tags": [],
        "status": "available",
    }


def _networks(index: int) -> dict[str, object]:
    # 198.18.0.0/15 is reserved for benchmarks: no host has such an address.
    private = {"ip_address": f"10.128.192.{index}", "netmask": "255.255.0.0", "gateway": "nil", "type": "private"}
    public = {
        "ip_address": f"198.18.165.{index}",
        "netmask": "255.255.255.0",
        "gateway": "198.18.165.254",
        "type": "public",
    }
    return {"v4": [private, public], "v6": []}


def _droplet(index: int) -> dict[str, object]:
    return {
        "id": FIRST_DROPLET + index,
        "name": f"trainer-{index:03}",
        "memory": 245760,
        "vcpus": 20,
        "disk": 720,
        "locked": False,
        "status": "active",
        "kernel": None,
        "created_at": "2024-09-30T15:23:36Z",
        "features": ["droplet_agent", "private_networking"],
        "backup_ids": [],
        "next_backup_window": None,
        "snapshot_ids": [],
        "image": _image(),
        "volume_ids": [],
        "size": _size(),
        "size_slug": "gpu-h100x1-80gb",
        "networks": _networks(index),
        "region": _region("tor1"),
        "tags": ["training"],
        "vpc_uuid": "e2fdd15c-6ae6-4c11-8c5d-72dae2ba1ad1",
        **_hardware(),
    }
