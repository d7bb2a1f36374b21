"""The Droplets of a fleet run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Collection, Generator, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import anyio

from gradient_async import log
from gradient_async.arguments import checked_id, checked_tag
from gradient_async.endpoints import tags
from gradient_async.errors import APIStatusError, GradientAIError, NotFoundError
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from gradient_async.resources.gpu_droplets import GPUDroplets

Names: TypeAlias = dict[int, str]
"""Names of Droplets, by their ids."""

Targets: TypeAlias = Iterable[int | Droplet] | AsyncIterable[int | Droplet]
"""Droplets, or their ids, from anything that can be iterated over."""

_DROPLETS_EXAMPLE: Final = "droplets=[3164444, 3164445]"
_TAG_EXAMPLE: Final = 'tag="training"'


def checked_targets(droplets: object, tag: object) -> Targets | None:
    """Return the Droplets as an iterable; ``None`` if they are found by tag.

    Raises:
        TypeError: Both or neither are given, or ``droplets`` is something else.
        ValueError: An impossible tag or id.
    """
    if (droplets is None) == (tag is None):
        given = "neither was given" if droplets is None else "both were given"
        raise TypeError(f"droplets, tag: {given}. Pass {_DROPLETS_EXAMPLE} or {_TAG_EXAMPLE}, and not both")
    if tag is not None:
        checked_tag("tag", tag)
        return None
    if isinstance(droplets, Droplet) or hasattr(droplets, "__index__"):
        return (_id_of(droplets),)
    if isinstance(droplets, Collection) and not isinstance(droplets, str | bytes):
        # What can be read twice is checked before anything is sent.
        for one in droplets:
            _id_of(one)
    if isinstance(droplets, Iterable | AsyncIterable) and not isinstance(droplets, str | bytes | type):
        return droplets
    raise TypeError(f"droplets: expected Droplets or their ids, got {_kind_of(droplets)}. {_hint_for(droplets)}")


async def ids_of(droplets: Targets, names: Names | None = None) -> AsyncGenerator[int, None]:
    """Return the ids, in order, each once. If ``droplets`` is a generator, it is closed with this one.

    Args:
        droplets: Ids or Droplets.
        names: Takes the names of those that are given as Droplets.

    Raises:
        TypeError: An item is neither an id nor a Droplet.
        ValueError: An item is no possible id.
    """
    seen: set[int] = set()
    source = _each(droplets)
    try:
        async for one in source:
            if (droplet_id := _id_of(one)) not in seen:
                seen.add(droplet_id)
                if names is not None and isinstance(one, Droplet):
                    names[droplet_id] = one.name
                yield droplet_id
    finally:
        # Nothing can be awaited in a cancelled scope, and closing a generator may have to await.
        with anyio.CancelScope(shield=True):
            await source.aclose()


async def _each(droplets: Targets) -> AsyncGenerator[int | Droplet, None]:
    if isinstance(droplets, AsyncIterable):
        items = aiter(droplets)
        try:
            async for one in items:
                yield one
        finally:
            if isinstance(items, AsyncGenerator):
                await items.aclose()
        return
    given = iter(droplets)
    try:
        for one in given:
            yield one
    finally:
        if isinstance(given, Generator):
            given.close()


async def droplets_with_tag(
    droplets: GPUDroplets, tag: str, type: Literal["gpus", "droplets"] | None = None
) -> AsyncGenerator[Droplet, None]:
    """Return all Droplets with a tag, each once, with as few requests as possible.

    It is not documented whether the API's list by tag shows GPU Droplets, which its plain list leaves out. If it shows
    one, it shows all. Otherwise all GPU Droplets are listed too, and filtered by the tag, unless the account has no
    such tag.

    Args:
        droplets: The client's Droplets.
        tag: The tag.
        type: Only those with GPUs, or only those without; ``None`` for both.

    Raises:
        APIError: The lists cannot be read.
        GradientAIError: The list is not of this tag, or is short.
    """
    seen: set[int] = set()
    is_of_others = False
    shows_gpus = False
    async for droplet in droplets.list_all(tag_name=tag):
        # A token without the scope tag:read sees no tags.
        if droplet.tags and tag not in droplet.tags:
            is_of_others = True
            log.not_tagged(droplet.id, tag, droplet.tags)
            continue
        seen.add(droplet.id)
        shows_gpus = shows_gpus or droplet.has_gpus
        if type is None or droplet.has_gpus is (type == "gpus"):
            yield droplet
    if is_of_others and not seen:
        raise GradientAIError(
            f"no Droplet in the list by tag {tag!r} has this tag: the answer belongs to another request. Run again"
        )
    if type == "droplets" or shows_gpus:
        return
    if not seen and not await _may_exist(droplets, tag):
        return
    async for droplet in droplets.list_all(type="gpus"):
        if tag in droplet.tags and droplet.id not in seen:
            seen.add(droplet.id)
            yield droplet


async def _may_exist(droplets: GPUDroplets, tag: str) -> bool:
    """Return whether the account may have a tag; ``False`` only if the API says that it does not exist."""
    try:
        await droplets._send(tags.RETRIEVE.request({}, tag))  # noqa: SLF001 - there is no method for tags yet
    except NotFoundError:
        return False
    except APIStatusError:
        return True
    return True


async def ids_with_tag(
    droplets: GPUDroplets, tag: str, *, gpus_only: bool = False, names: Names | None = None
) -> AsyncGenerator[int, None]:
    """Return the ids of all Droplets with a tag, or of those with GPUs. ``names`` takes their names."""
    is_found = False
    async with aclosing(droplets_with_tag(droplets, tag, "gpus" if gpus_only else None)) as tagged:
        async for droplet in tagged:
            is_found = True
            if names is not None:
                names[droplet.id] = droplet.name
            yield droplet.id
    if not is_found:
        log.nothing_tagged(tag)


def _id_of(one: object) -> int:
    if isinstance(one, str):
        raise TypeError(f"droplets: expected Droplets or their ids, got {_kind_of(one)}. {_hint_for(one)}")
    return checked_id("droplets", one.id if isinstance(one, Droplet) else one)


def _kind_of(value: object) -> str:
    return f"{type(value).__name__} {value!r:.80}" if isinstance(value, str | bytes) else type(value).__name__


def _hint_for(value: object) -> str:
    """Return what to pass instead of a wrong value."""
    if isinstance(value, str) and value.strip().isdecimal():
        return f"An id is an int: pass {value.strip()}, without quotes"
    if isinstance(value, str):
        return f"For a tag pass {_TAG_EXAMPLE}"
    if isinstance(value, Awaitable):
        return "It has to be awaited first"
    if hasattr(value, "droplets"):
        return "Pass its .droplets"
    if hasattr(value, "droplet"):
        return "Pass its .droplet"
    return f"Pass {_DROPLETS_EXAMPLE}"
