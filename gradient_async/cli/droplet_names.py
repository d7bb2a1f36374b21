"""Droplets by name: names are looked up in the account's lists, and become ids."""

from __future__ import annotations

import difflib
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.id_texts import found_in_text
from gradient_async.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradient_async.cli.references import Reference
    from gradient_async.client import AsyncGradientAI
    from gradient_async.models.droplet import Droplet

# Each name takes two requests. More names than this are looked up in the complete lists.
_MAX_FILTERED: Final = 10
_MAX_CANDIDATES: Final = 5
_TYPES: Final = ("gpus", "droplets")


async def resolved(client: AsyncGradientAI, references: Sequence[Reference]) -> Mapping[int, str | None]:
    """Return the Droplets' ids in order, each once, with the names of those that were given by name.

    Sends nothing if all references are ids.

    Raises:
        UsageError: No Droplet has the name, or several have it.
    """
    names = [one for one in references if isinstance(one, str)]
    if not names:
        return {one: None for one in references if isinstance(one, int)}
    found = await _with_names(client, names)
    known = {droplet.name.casefold() for droplet in found}
    others: Sequence[Droplet] = ()
    if any(name.casefold() not in known for name in names):
        others = [droplet async for droplet in client.gpu_droplets.list_all(type="gpus")]
    return ids_of(references, found, others)


async def resolved_one(client: AsyncGradientAI, reference: Reference) -> int:
    """Return the id of one Droplet.

    Raises:
        UsageError: No Droplet has the name, or several have it.
    """
    return next(iter(await resolved(client, [reference])))


def ids_of(
    references: Sequence[Reference], found: Iterable[Droplet], others: Iterable[Droplet] = ()
) -> Mapping[int, str | None]:
    """Return the ids in order, each once, with the names of those that were given by name. Pure.

    Args:
        references: Ids and names.
        found: The Droplets with those names (case does not count); it may hold more.
        others: Droplets whose names may be suggested.

    Raises:
        UsageError: No Droplet has the name, or several have it.
    """
    by_name: dict[str, dict[int, Droplet]] = defaultdict(dict)
    for droplet in found:
        by_name[droplet.name.casefold()][droplet.id] = droplet
    ids: dict[int, str | None] = {}
    for reference in references:
        if isinstance(reference, int):
            ids.setdefault(reference, None)
            continue
        candidates = list(by_name.get(reference.casefold(), {}).values())
        if not candidates:
            raise UsageError(_unknown(reference, list(others)))
        if len(candidates) > 1:
            raise UsageError(
                f"{len(candidates):,} Droplets have the name {reference!r}: {_listed(candidates)}. Pass the id of the "
                "one that is meant"
            )
        ids[candidates[0].id] = candidates[0].name
    return ids


def check_names(droplets: Sequence[Droplet]) -> None:
    """Refuse names that a command reads back as something else, such as the id of another Droplet. Pure.

    Names that no command can read are allowed: such a command raises an error, and does nothing.

    Raises:
        UsageError: One of the names is such a name.
    """
    for droplet in droplets:
        if not _is_read_back([droplet]):
            raise UsageError(
                f"--output name: the name {droplet.name!r} of Droplet {droplet.id} looks like an id or a "
                "heading, and another command could act on another Droplet. Pass --output id"
            )
    if not _is_read_back(droplets):
        raise UsageError("--output name: another command would not read these names back as they are. Pass --output id")


def _is_read_back(droplets: Sequence[Droplet]) -> bool:
    """Return whether a command that reads the names, one on each line, finds them as they are, or refuses them."""
    names = [printable(droplet.name) for droplet in droplets]
    try:
        return list(found_in_text("\n".join(names), "", "droplet").references) == names
    except UsageError:
        return True


async def _with_names(client: AsyncGradientAI, names: Sequence[str]) -> list[Droplet]:
    found: list[Droplet] = []
    wanted: Sequence[str | None] = list(dict.fromkeys(names))
    # The API has separate lists of GPU Droplets and of others.
    for name in wanted if len(wanted) <= _MAX_FILTERED else (None,):
        for kind in _TYPES:
            found += [droplet async for droplet in client.gpu_droplets.list_all(name=name, type=kind)]
    return found


def _unknown(name: str, others: Sequence[Droplet]) -> str:
    said = f"no Droplet has the name {name!r}"
    if any(name in droplet.tags for droplet in others):
        return f"{said}, but it is a tag: pass --tag {name}"
    by_name = {droplet.name.casefold(): droplet for droplet in others}
    near = difflib.get_close_matches(name.casefold(), by_name, n=_MAX_CANDIDATES)
    if near:
        return f"{said}. Similar names: {_listed([by_name[one] for one in near])}"
    return f"{said}. gpu-droplets list shows the names; an id has digits only"


def _listed(droplets: Sequence[Droplet]) -> str:
    shown = ", ".join(
        f"{droplet.id} ({', '.join([droplet.name, droplet.status, *_region_of(droplet)])})"
        for droplet in droplets[:_MAX_CANDIDATES]
    )
    more = len(droplets) - _MAX_CANDIDATES
    return f"{shown} and {more:,} more" if more > 0 else shown


def _region_of(droplet: Droplet) -> tuple[str, ...]:
    return (droplet.region.slug,) if droplet.region is not None and droplet.region.slug else ()
