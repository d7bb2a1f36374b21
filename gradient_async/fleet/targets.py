"""Which Droplets a fleet run is about."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from gradient_async import log
from gradient_async.arguments import checked_id, checked_tag
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async.resources.gpu_droplets import GPUDroplets

Targets: TypeAlias = Iterable[int | Droplet] | AsyncIterable[int | Droplet]
"""Droplets, or their ids, from anything that can be iterated over."""


def check_targets(droplets: object, tag: object) -> None:
    """Refuse anything but one of the two.

    Raises:
        TypeError: Both, neither, or nothing that can be iterated over.
        ValueError: An impossible tag.
    """
    if (droplets is None) == (tag is None):
        given = "neither" if droplets is None else "both"
        raise TypeError(f"droplets, tag: expected one of the two, got {given}")
    if tag is not None:
        checked_tag("tag", tag)
    elif isinstance(droplets, str | bytes) or not isinstance(droplets, Iterable | AsyncIterable):
        raise TypeError(f"droplets: expected ids or Droplets in a list or the like, got {type(droplets).__name__}")


async def ids_of(droplets: Targets) -> AsyncIterator[int]:
    """The ids, in order, each once.

    Raises:
        TypeError: One of them is neither an id nor a Droplet.
        ValueError: One of them is no possible id.
    """
    seen: set[int] = set()
    if isinstance(droplets, AsyncIterable):
        async for one in droplets:
            if (droplet_id := _id_of(one)) not in seen:
                seen.add(droplet_id)
                yield droplet_id
        return
    for one in droplets:
        if (droplet_id := _id_of(one)) not in seen:
            seen.add(droplet_id)
            yield droplet_id


async def ids_with_tag(droplets: GPUDroplets, tag: str) -> AsyncIterator[int]:
    """The ids of all Droplets with a tag.

    Nothing tells whether the API's list by tag shows GPU Droplets, which its plain list leaves out. So all GPU Droplets
    are listed too, and those with the tag taken from there.
    """
    seen: set[int] = set()
    async for droplet in droplets.list_all(tag_name=tag):
        if droplet.id not in seen:
            seen.add(droplet.id)
            yield droplet.id
    async for droplet in droplets.list_all(type="gpus"):
        if tag in droplet.tags and droplet.id not in seen:
            seen.add(droplet.id)
            yield droplet.id
    if not seen:
        log.nothing_tagged(tag)


def _id_of(one: object) -> int:
    return checked_id("droplets", one.id if isinstance(one, Droplet) else one)
