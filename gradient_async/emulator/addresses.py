"""The addresses of Droplets. Pure."""

from __future__ import annotations

from typing import Literal

#: Where public and private addresses are taken from.
AddressKind = Literal["reserved", "loopback"]


def public_address(droplet_id: int, kind: AddressKind) -> str:
    """Return the public IPv4 address of a Droplet.

    Args:
        droplet_id: The Droplet.
        kind: `"reserved"`: in 198.18.0.0/15, which no real machine has; `"loopback"`: on this machine, in 127.0.0.0/9.
    """
    low, middle, high = _bytes_of(droplet_id)
    return f"127.{high}.{middle}.{low}" if kind == "loopback" else f"198.18.{middle}.{low}"


def private_address(droplet_id: int, kind: AddressKind) -> str:
    """Return the private IPv4 address of a Droplet; for `"loopback"` it is in 127.128.0.0/9."""
    low, middle, high = _bytes_of(droplet_id)
    return f"127.{high + 128}.{middle}.{low}" if kind == "loopback" else f"10.118.{middle}.{low}"


def _bytes_of(droplet_id: int) -> tuple[int, int, int]:
    return droplet_id & 0xFF, (droplet_id >> 8) & 0xFF, (droplet_id >> 16) & 0x7F
