"""The Droplets that a command line selects: by id or by tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from gradient_async.cli.dry_run import few
from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.operations import Targets
    from gradient_async.models.droplet import Droplet


@frozen(kw_only=True)
class Selection:
    """Selected Droplets, in order.

    Attributes:
        ids: Their ids.
        without_gpus: Ids of those with the tag that have no GPUs, whether they are selected or left out.
    """

    ids: Sequence[int]
    without_gpus: Sequence[int] = ()


async def selected(opened: Account, targets: Targets, *, gpus_only: bool) -> Selection:
    """Select the Droplets, reading those that are given by a tag.

    Raises:
        UsageError: No Droplet has the tag.
    """
    tag = targets.get("tag")
    if tag is None:
        return Selection(ids=targets["droplets"])
    from gradient_async.fleet.targets import droplets_with_tag

    async with opened.client() as client:
        tagged = [droplet async for droplet in droplets_with_tag(client.gpu_droplets, tag)]
    return selection_of(tagged, tag, gpus_only=gpus_only)


def selection_of(tagged: Sequence[Droplet], tag: str, *, gpus_only: bool) -> Selection:
    """Select among the Droplets with a tag. Pure.

    Raises:
        UsageError: Nothing is left.
    """
    if not tagged:
        raise UsageError(f"no Droplet has the tag {tag!r}; tags tell capitals apart")
    without = [droplet.id for droplet in tagged if not droplet.has_gpus]
    ids = [droplet.id for droplet in tagged if droplet.has_gpus or not gpus_only]
    if not ids:
        raise UsageError(
            f"no Droplet with the tag {tag!r} has GPUs, which --gpus-only asks for; {len(tagged):,} have none"
        )
    return Selection(ids=ids, without_gpus=without)


def described(selection: Selection, tag: str | None) -> str:
    """The selected Droplets in a few words. Pure."""
    noun = "Droplet" if len(selection.ids) == 1 else "Droplets"
    which = f"with the tag {tag!r} " if tag else ""
    without = len(set(selection.ids).intersection(selection.without_gpus))
    gpus = f", {without:,} of them without GPUs" if without else ""
    return f"{len(selection.ids):,} {noun} {which}({few(selection.ids)}){gpus}"
