"""The selected Droplets of a command line: by id, name or tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from gradient_async.cli.dry_run import MAX_SHOWN, few
from gradient_async.cli.exit_codes import UsageError
from gradient_async.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.references import Reference
    from gradient_async.models.droplet import Droplet


@frozen(kw_only=True)
class Selection:
    """Selected Droplets, in order.

    Attributes:
        ids: Their ids.
        without_gpus: Ids of those with the tag that have no GPUs, selected or left out.
        names: Their known names.
    """

    ids: Sequence[int]
    without_gpus: Sequence[int] = ()
    names: Mapping[int, str] = field(factory=dict)


async def referenced(opened: Account, references: Sequence[Reference]) -> Selection:
    """Select Droplets by ids and names. Only names need requests.

    Raises:
        UsageError: No Droplet has the name, or several have it.
    """
    from gradient_async.cli.droplet_names import resolved

    if all(isinstance(one, int) for one in references):
        return Selection(ids=[one for one in references if isinstance(one, int)])
    async with opened.client() as client:
        found = await resolved(client, references)
    names = {droplet_id: name for droplet_id, name in found.items() if name is not None}
    return Selection(ids=list(found), names=names)


async def tagged(opened: Account, tag: str, *, gpus_only: bool) -> Selection:
    """Select the Droplets with a tag.

    Raises:
        UsageError: No Droplet has the tag.
    """
    from gradient_async.fleet.targets import droplets_with_tag

    async with opened.client() as client:
        found = [droplet async for droplet in droplets_with_tag(client.gpu_droplets, tag)]
    return selection_of(found, tag, gpus_only=gpus_only)


def selection_of(found: Sequence[Droplet], tag: str, *, gpus_only: bool) -> Selection:
    """Select among the Droplets with a tag. Pure.

    Raises:
        UsageError: No Droplet is selected.
    """
    if not found:
        raise UsageError(f"no Droplet has the tag {tag!r}. Check the spelling: tags are case-sensitive")
    without = [droplet.id for droplet in found if not droplet.has_gpus]
    ids = [droplet.id for droplet in found if droplet.has_gpus or not gpus_only]
    if not ids:
        raise UsageError(f"--gpus-only: no Droplet with the tag {tag!r} has GPUs; {len(found):,} have none")
    return Selection(ids=ids, without_gpus=without, names={droplet.id: droplet.name for droplet in found})


async def with_names(opened: Account, selection: Selection) -> Selection:
    """Read the unknown names that a question shows, with one request for each.

    A Droplet that cannot be read is shown by its id alone.
    """
    names = dict(selection.names)
    unnamed = [droplet_id for droplet_id in selection.ids[:MAX_SHOWN] if droplet_id not in names]
    if not unnamed:
        return selection
    async with opened.client() as client:
        for droplet_id in unnamed:
            with suppress(NotFoundError, PermissionDeniedError):
                names[droplet_id] = (await client.gpu_droplets.retrieve(droplet_id)).droplet.name
    return evolve(selection, names=names)


def described(selection: Selection, tag: str | None) -> str:
    """Return the selected Droplets in a few words. Pure."""
    noun = "Droplet" if len(selection.ids) == 1 else "Droplets"
    which = f"with the tag {tag!r} " if tag else ""
    without = len(set(selection.ids).intersection(selection.without_gpus))
    gpus = f", {without:,} of them without GPUs" if without else ""
    return f"{len(selection.ids):,} {noun} {which}({few(selection.ids, selection.names)}){gpus}"
