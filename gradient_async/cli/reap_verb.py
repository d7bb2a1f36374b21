"""The verb ``reap``: it destroys what a dead program left, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen
from cyclopts import Group, Parameter

from gradient_async.cli import account as accounts
from gradient_async.cli import question
from gradient_async.cli.destroy_session import destroyed
from gradient_async.cli.destroy_targets import DestroyTargets, check_count
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.journal_paths import check_existing_journal
from gradient_async.cli.options import DEFAULTS, RUN, AccountOptions, OutputOptions
from gradient_async.cli.reads import check_tag
from gradient_async.cli.whole_numbers import within
from gradient_async.cli.wording import about_an_option
from gradient_async.errors import GradientAIError

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.cost import FleetCost

EXAMPLES: Final = """\
Examples:

  gpu-droplets reap create-2026-11-30.journal
  gpu-droplets reap --older-than 0 --dry-run
  */10 * * * * gpu-droplets reap --older-than 10m --yes
"""
_LEFT: Final = Group("What was left", sort_key=0)


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class ReapChoices:
    """How it is destroyed.

    Attributes:
        confirm_count: Do nothing unless there are exactly this many Droplets.
        timeout: Time in which each has to be gone.
        dry_run: Show the Droplets and their prices. Destroy nothing.
        yes: Do not ask for confirmation.
    """

    confirm_count: Annotated[int | None, Parameter(metavar="N", validator=within(0))] = None
    timeout: Annotated[str, Parameter(metavar="TIME")] = "10m"
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


CHOICES: Final = ReapChoices()


@frozen(kw_only=True)
class ReapCommand:
    """The command behind ``reap``.

    Attributes:
        journal: The journal of a creation run.
        older_than: How long ago a lease must have ended, in place of a journal.
        tag: Tag that the Droplets of leases have to have too.
        choices: How it is destroyed.
        account: Options of the account.
        display: Options of the output.
    """

    journal: str | None
    older_than: str | None
    tag: str | None
    choices: ReapChoices
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Destroy what was left, and return the exit status.

        Raises:
            UsageError: The command line is invalid. Nothing was sent.
            JournalError: There is no such journal, or it is damaged, or its run is still active. Nothing was sent.
        """
        choices = self.choices
        timeout = seconds_in("--timeout", choices.timeout) or 0.0
        with accounts.opened(self.account) as opened:
            found = asyncio.run(self._found(opened))
            check_count(found, choices.confirm_count)
            if choices.dry_run:
                self._rehearse(screen, found)
                return COMPLETED
            if self.journal is None and not found.cost.droplets:
                screen.say("no lease is over: there is nothing to destroy")
                return COMPLETED
            if not choices.yes and found.cost.droplets and not question.is_agreed(screen, self._warning(found)):
                return FAILED
            return destroyed(
                screen,
                opened,
                lambda fleet, update: fleet.reap(
                    self.journal, older_than=self.older_than, tag=self.tag, timeout=timeout, on_progress=update
                ),
                account=self.account,
                display=self.display,
                name="reap",
            )

    async def _found(self, opened: Account) -> DestroyTargets:
        async with opened.client() as client:
            return DestroyTargets(cost=await self._plan(client))

    async def _plan(self, client: AsyncGradientAI) -> FleetCost:
        try:
            return await client.fleet.plan_reap(self.journal, older_than=self.older_than, tag=self.tag)
        except GradientAIError:
            raise  # of the journal, for example
        except (TypeError, ValueError) as error:
            raise UsageError(about_an_option(str(error))) from None

    @property
    def _which(self) -> str:
        return f" of the journal {self.journal}" if self.journal is not None else " of leases that are over"

    def _warning(self, found: DestroyTargets) -> str:
        which = found.described(self._which)
        return f"reap {which}: the Droplets and their disks are lost, and {found.saving}."

    def _rehearse(self, screen: Screen, found: DestroyTargets) -> None:
        if self.display.output == "table":
            screen.write(f"reap {found.described(self._which)}; nothing is sent (--dry-run)")
            if found.cost.droplets:
                screen.write("")
            for one in found.cost.droplets:
                screen.write(f"  DELETE /v2/droplets/{one.droplet_id}")
            screen.write("", f"  price      {found.saving}")
            return
        plan = {
            "dry_run": True,
            "action": "reap",
            "droplets": found.cost.to_rows(),
            "price_hourly": round(found.cost.price_hourly, 4),
        }
        screen.write_json(plan, indent=self.display.indent)


def reap(
    journal: Annotated[Path | None, Parameter(group=_LEFT, metavar="JOURNAL")] = None,
    /,
    *,
    older_than: Annotated[str | None, Parameter(group=_LEFT, metavar="TIME")] = None,
    tag: Annotated[str | None, Parameter(group=_LEFT, metavar="TAG")] = None,
    choices: ReapChoices = CHOICES,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReapCommand:
    """Destroy the Droplets that a dead program left, and no others. Asks for confirmation.

    With a journal of create: what that run has not delivered. With a journal of a
    lease: all its Droplets. With --older-than: the Droplets of leases that ended so
    long ago. Only the tags of a lease decide, so this can run in a cron job on any
    machine.

    Args:
        journal: The journal of a run that creates Droplets, or of a lease.
        older_than: How long ago a lease must have ended, such as 10m or 2h; 0 for all that are over.
        tag: Only Droplets that have this tag too.
    """
    if (journal is None) == (older_than is None):
        raise UsageError("expected a journal, or --older-than TIME for the leases that are over")
    if journal is not None:
        check_existing_journal(str(journal))
    if tag is not None:
        check_tag(tag)
    return ReapCommand(
        journal=None if journal is None else str(journal),
        older_than=older_than,
        tag=tag,
        choices=choices,
        account=account,
        display=display,
    )
