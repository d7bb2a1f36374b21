"""Which Droplets a fleet run is about."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

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


async def droplets_with_tag(
    droplets: GPUDroplets, tag: str, type: Literal["gpus", "droplets"] | None = None
) -> AsyncIterator[Droplet]:
    """All Droplets with a tag, each once.

    It is not documented whether the API's list by tag shows GPU Droplets, which its plain list leaves out. So all GPU
    Droplets are listed too, and those with the tag are taken from there.

    Args:
        droplets: The client's.
        tag: The tag.
        type: Only those with GPUs, or only those without; ``None`` for both.
    """
    seen: set[int] = set()
    async for droplet in droplets.list_all(tag_name=tag, type=type):
        if droplet.id not in seen:
            seen.add(droplet.id)
            yield droplet
    if type == "droplets":
        return
    async for droplet in droplets.list_all(type="gpus"):
        if tag in droplet.tags and droplet.id not in seen:
            seen.add(droplet.id)
            yield droplet


async def ids_with_tag(droplets: GPUDroplets, tag: str, *, gpus_only: bool = False) -> AsyncIterator[int]:
    """The ids of all Droplets with a tag, or of those with GPUs."""
    is_found = False
    async for droplet in droplets_with_tag(droplets, tag, "gpus" if gpus_only else None):
        is_found = True
        yield droplet.id
    if not is_found:
        log.nothing_tagged(tag)


def _id_of(one: object) -> int:
    return checked_id("droplets", one.id if isinstance(one, Droplet) else one)
