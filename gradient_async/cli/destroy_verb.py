"""The verb ``destroy``: it asks with the names and the price, destroys, and shows each outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

from attrs import frozen
from cyclopts import Parameter

from gradient_async.cli import account as accounts
from gradient_async.cli import completions, question
from gradient_async.cli import ids as ids_in
from gradient_async.cli.destroy_session import destroyed
from gradient_async.cli.destroy_targets import (
    DestroyTargets,
    check_count,
    destroy_targets,
    destroy_targets_in_journal,
    resources_of,
)
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.journal_paths import check_existing_journal
from gradient_async.cli.options import DEFAULTS, DROPLETS, RUN, AccountOptions, OutputOptions
from gradient_async.cli.reads import check_tag
from gradient_async.cli.references import Reference
from gradient_async.cli.token_source import check_standard_input
from gradient_async.cli.whole_numbers import within
from gradient_async.cli.word_lists import listed
from gradient_async.fleet.destroy.resource_choice import RESOURCE_KINDS, chosen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.cli.account import Account
    from gradient_async.cli.destroy_targets import Resources
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.destroy.resource_choice import ResourceKind

EXAMPLES: Final = """\
Examples:

  gpu-droplets destroy 3164444 3164445
  gpu-droplets destroy --tag training --confirm-count 8
  gpu-droplets destroy trainer-01 --snapshot --yes
  gpu-droplets destroy --tag training --dry-run
"""
_MAX_RESOURCES: Final = 20
_REST: Final = "Volumes, snapshots and reserved IPs stay and are billed"


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class DestroyChoices:
    """How Droplets are destroyed.

    Attributes:
        confirm_count: Do nothing unless there are exactly this many.
        snapshot: Take a snapshot of each first, and keep the Droplet if that fails.
        with_resources: Also destroy their volumes, snapshots and reserved IPs. That data is lost.
        with_: Also destroy only some of these: volumes, snapshots, volume_snapshots, reserved_ips. Separated by commas.
        timeout: Time in which each has to be gone.
        dry_run: Show the Droplets, their prices and the requests. Destroy nothing.
        yes: Do not ask for confirmation.
    """

    confirm_count: Annotated[int | None, Parameter(metavar="N", validator=within(0))] = None
    snapshot: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    with_resources: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    with_: Annotated[tuple[str, ...], Parameter(name="--with", metavar="A,B", negative=(), show_default=False)] = ()
    timeout: Annotated[str, Parameter(metavar="TIME")] = "10m"
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of resources that are destroyed with the Droplets."""
        return RESOURCE_KINDS if self.with_resources else listed("--with", self.with_)


CHOICES: Final = DestroyChoices()


@frozen(kw_only=True)
class DestroyCommand:
    """The command behind ``destroy``.

    Attributes:
        references: Ids and names of the Droplets.
        tag: Their tag, in place of ids and names.
        journal: The journal of the run that created them, in place of ids and names.
        gpus_only: Whether Droplets with the tag and without GPUs are left out.
        choices: How they are destroyed.
        account: Options of the account.
        display: Options of the output.
    """

    references: Sequence[Reference]
    tag: str | None
    journal: str | None
    gpus_only: bool
    choices: DestroyChoices
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Destroy the Droplets, and return the exit status.

        Raises:
            UsageError: The command line is invalid. Nothing was sent.
            GradientAIError: The Droplets could not be read. Nothing was destroyed.
        """
        choices = self.choices
        timeout = seconds_in("--timeout", choices.timeout) or 0.0
        with accounts.opened(self.account, tag=self.tag) as opened:
            found = asyncio.run(self._found(opened))
            check_count(found, choices.confirm_count)
            if found.gone:
                screen.say(("warning: ", "yellow"), found.without_droplet)
            if choices.dry_run:
                self._rehearse(screen, found, asyncio.run(self._resources(opened, found)))
                return COMPLETED
            if not choices.yes and found.cost.droplets and not question.is_agreed(screen, self._warning(found)):
                return FAILED
            return destroyed(
                screen,
                opened,
                lambda fleet, update: fleet.destroy(
                    found.ids if self.journal is None else None,
                    journal=self.journal,
                    snapshot=choices.snapshot,
                    with_resources=cast("tuple[ResourceKind, ...]", choices.kinds),
                    timeout=timeout,
                    on_progress=update,
                ),
                account=self.account,
                display=self.display,
                more=self._more_words(),
            )

    async def _found(self, opened: Account) -> DestroyTargets:
        async with opened.client() as client:
            if self.journal is not None:
                return await destroy_targets_in_journal(client, self.journal)
            return await destroy_targets(client, self.references, self.tag, gpus_only=self.gpus_only)

    async def _resources(self, opened: Account, found: DestroyTargets) -> Mapping[int, Resources]:
        async with opened.client() as client:
            return await resources_of(client, [one.droplet_id for one in found.cost.droplets])

    def _warning(self, found: DestroyTargets) -> str:
        choices = self.choices
        before = "after a snapshot of each, " if choices.snapshot else ""
        lost = f"{before}the Droplets and their disks are lost"
        return f"destroy {found.described(self._which)}: {lost}, and {found.saving}. {self._rest}."

    def _more_words(self) -> list[str]:
        """Return the words of the options that the same command needs again."""
        choices = self.choices
        words = ["--snapshot"] if choices.snapshot else []
        return [*words, "--with", ",".join(choices.kinds)] if choices.kinds else words

    @property
    def _rest(self) -> str:
        """What happens to the resources of the Droplets."""
        kinds = self.choices.kinds
        return f"Their {_and([kind.replace('_', ' ') for kind in kinds])} are destroyed too" if kinds else _REST

    @property
    def _which(self) -> str:
        """What the Droplets have in common."""
        if self.journal is not None:
            return f" of the journal {self.journal}"
        return f" with the tag {self.tag!r}" if self.tag is not None else ""

    def _rehearse(self, screen: Screen, found: DestroyTargets, resources: Mapping[int, Resources]) -> None:
        if self.display.output != "table":
            screen.write_json(self._as_json(found, resources), indent=self.display.indent)
            return
        screen.write(f"destroy {found.described(self._which)}; nothing is sent (--dry-run)")
        if found.cost.droplets or found.gone:
            screen.write("")
        for one in found.cost.droplets:
            screen.write(f"  DELETE {self._path(one.droplet_id)}")
        if found.gone:
            screen.write(f"  not found: {', '.join(map(str, found.gone))}")
        screen.write("", f"  price      {found.saving}", f"  resources  {self._rest[:1].lower()}{self._rest[1:]}")
        for line in self._resource_lines(resources):
            screen.write(f"             {line}")
        if self.choices.snapshot:
            screen.write("  snapshots  one of each Droplet first; a Droplet without one is kept")

    def _resource_lines(self, resources: Mapping[int, Resources]) -> list[str]:
        """Return what becomes of each resource, with its cost as the API says it."""
        listed = [one for each in resources.values() for one in each or ()]
        to_destroy = chosen(listed, self.choices.kinds, None)
        lines = [f"{'is destroyed' if one in to_destroy else 'stays'}: {one}" for one in listed[:_MAX_RESOURCES]]
        if len(listed) > _MAX_RESOURCES:
            lines.append(f"and {len(listed) - _MAX_RESOURCES:,} more; --output json shows all")
        unread = sum(each is None for each in resources.values())
        return [*lines, *([f"those of {unread:,} Droplets cannot be read"] if unread else [])]

    def _as_json(self, found: DestroyTargets, resources: Mapping[int, Resources]) -> Mapping[str, object]:
        return {
            "dry_run": True,
            "action": "destroy",
            "droplets": found.cost.to_rows(),
            "gone": list(found.gone),
            "tag": self.tag,
            "price_hourly": round(found.cost.price_hourly, 4),
            "requests": [{"method": "DELETE", "path": self._path(one.droplet_id)} for one in found.cost.droplets],
            "snapshot": self.choices.snapshot,
            "with_resources": list(self.choices.kinds),
            "resources": [
                {
                    "droplet_id": droplet_id,
                    "kind": one.kind,
                    "id": one.id,
                    "name": one.name,
                    "cost": one.cost,
                    "stays": one.kind not in self.choices.kinds,
                }
                for droplet_id, each in resources.items()
                for one in each or ()
            ],
        }

    def _path(self, droplet_id: int) -> str:
        with_them = "/destroy_with_associated_resources/selective" if self.choices.kinds else ""
        return f"/v2/droplets/{droplet_id}{with_them}"


def destroy(
    *ids: Annotated[str, Parameter(group=DROPLETS, metavar="ID|NAME", completer=completions.files_of_ids)],
    tag: Annotated[str | None, Parameter(group=DROPLETS, metavar="TAG")] = None,
    journal: Annotated[Path | None, Parameter(group=DROPLETS, metavar="FILE")] = None,
    gpus_only: Annotated[bool, Parameter(group=DROPLETS, negative=(), show_default=False)] = False,
    choices: DestroyChoices = CHOICES,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> DestroyCommand:
    """Destroy Droplets, and wait until they are gone. Their disks are lost. Asks for confirmation.

    A Droplet counts as destroyed when the API does not know it and no list shows
    it. Only then its billing has ended. A Droplet that is only off is billed.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        tag: All Droplets with this tag, with GPUs or without, as they are when the command begins.
        journal: All Droplets that the run with this journal created (gpu-droplets create --journal).
        gpus_only: With --tag, leave out Droplets without GPUs.
    """
    check_standard_input(account, ids)
    references = ids_in.parse_droplets(ids, ids_in.read_droplets)
    given = [references or None, tag, journal]
    if given.count(None) < 2:
        raise UsageError("Droplets, --tag and --journal: more than one is given; pass one of the three")
    if given.count(None) == len(given):
        raise UsageError("no Droplets are given: pass ids, names, @FILE, -, --tag TAG or --journal FILE")
    strange = [kind for kind in choices.kinds if kind not in RESOURCE_KINDS]
    if strange:
        raise UsageError(f"--with: expected some of {', '.join(RESOURCE_KINDS)}, got {strange[0]!r:.80}")
    if journal is not None:
        check_existing_journal(str(journal))
    if tag is not None:
        check_tag(tag)
    elif gpus_only:
        raise UsageError("--gpus-only: allowed only with --tag. Droplets that are given by id or name are not filtered")
    return DestroyCommand(
        references=references,
        tag=tag,
        journal=None if journal is None else str(journal),
        gpus_only=gpus_only,
        choices=choices,
        account=account,
        display=display,
    )


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
