"""The verb ``hibernate``: a snapshot of each Droplet, and then the Droplet is destroyed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen
from cyclopts import Parameter

from gradient_async.cli import account as accounts
from gradient_async.cli import completions, question
from gradient_async.cli import ids as ids_in
from gradient_async.cli.destroy_session import destroyed
from gradient_async.cli.destroy_targets import DestroyTargets, check_count, destroy_targets
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, INTERRUPTED, TERMINATED, UsageError
from gradient_async.cli.follow_up import say_next
from gradient_async.cli.journal_paths import check_new_journal
from gradient_async.cli.options import DEFAULTS, DROPLETS, RUN, AccountOptions, OutputOptions
from gradient_async.cli.reads import check_tag
from gradient_async.cli.references import Reference
from gradient_async.cli.token_source import check_standard_input
from gradient_async.cli.whole_numbers import within
from gradient_async.fleet.destroy.report import DestroyCancelled
from gradient_async.fleet.hibernation_records import HibernationCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.destroy.outcomes import DestroyProgress
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.hibernation_records import HibernationReport

EXAMPLES: Final = """\
Examples:

  gpu-droplets hibernate --tag training --journal night-$(date +%F).journal
  gpu-droplets wake night-2026-11-30.journal
"""
_MAX_NAMED: Final = 20
_LOST: Final = "memory, scratch disk and addresses are lost"
_WITHOUT_JOURNAL: Final = "Without --journal FILE, wake knows neither tags, VPC nor volumes"


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class HibernateChoices:
    """How Droplets are hibernated.

    Attributes:
        journal: Write down in this file what wake needs, before a Droplet is destroyed.
        confirm_count: Do nothing unless there are exactly this many.
        grace: Time for the shutdown, before the power is cut.
        dry_run: Show the Droplets and their prices. Send nothing to them.
        yes: Do not ask for confirmation.
    """

    journal: Annotated[Path | None, Parameter(metavar="FILE")] = None
    confirm_count: Annotated[int | None, Parameter(metavar="N", validator=within(0))] = None
    grace: Annotated[str, Parameter(metavar="TIME")] = "120s"
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


CHOICES: Final = HibernateChoices()


@frozen(kw_only=True)
class HibernateCommand:
    """The command behind ``hibernate``.

    Attributes:
        references: Ids and names of the Droplets.
        tag: Their tag, in place of ids and names.
        choices: How they are hibernated.
        account: Options of the account.
        display: Options of the output.
    """

    references: Sequence[Reference]
    tag: str | None
    choices: HibernateChoices
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Hibernate the Droplets, and return the exit status.

        Raises:
            UsageError: The command line is invalid. Nothing was sent.
            JournalError: The journal is damaged, in use, or of another kind of run. Nothing was sent.
        """
        choices = self.choices
        grace = seconds_in("--grace", choices.grace) or 0.0
        check_new_journal(self._journal)
        with accounts.opened(self.account, tag=self.tag) as opened:
            found = asyncio.run(self._found(opened))
            if found.gone:
                raise UsageError(found.without_droplet)
            check_count(found, choices.confirm_count)
            if choices.dry_run:
                self._rehearse(screen, found)
                return COMPLETED
            if not choices.yes and found.cost.droplets and not question.is_agreed(screen, self._warning(found)):
                return FAILED
            if choices.yes and self._journal is None and self.display.output != "json":
                screen.say(("hint: ", "yellow"), f"{_WITHOUT_JOURNAL}; also not after a crash")
            reports: list[HibernationReport] = []

            async def start(fleet: Fleet, update: Callable[[DestroyProgress], None]) -> DestroyReport:
                try:
                    reports.append(
                        await fleet.hibernate(found.ids, journal=self._journal, grace=grace, on_progress=update)
                    )
                except HibernationCancelled as cancelled:
                    reports.append(cancelled.report)
                    raise DestroyCancelled(cancelled.report.destroyed) from None
                return reports[0].destroyed

            code = destroyed(
                screen,
                opened,
                start,
                account=self.account,
                display=self.display,
                more=[] if self._journal is None else ["--journal", self._journal],
                name="hibernate",
                again="hibernate",
                as_json=lambda report: reports[0].to_json() if reports else report.to_json(),
            )
            if code in {INTERRUPTED, TERMINATED} and reports:
                self._say_how_to_switch_on(screen, reports[0])
            self._say_how_to_wake(screen, reports)
            return code

    @property
    def _journal(self) -> str | None:
        return None if self.choices.journal is None else str(self.choices.journal)

    @property
    def _which(self) -> str:
        return f" with the tag {self.tag!r}" if self.tag is not None else ""

    async def _found(self, opened: Account) -> DestroyTargets:
        async with opened.client() as client:
            return await destroy_targets(client, self.references, self.tag)

    def _warning(self, found: DestroyTargets) -> str:
        return (
            f"hibernate {found.described(self._which)}: each is destroyed after a snapshot of its disk; {_LOST}, and "
            f"{found.saving}. Snapshots and volumes are billed.{'' if self._journal else f' {_WITHOUT_JOURNAL}.'}"
        )

    def _say_how_to_switch_on(self, screen: Screen, report: HibernationReport) -> None:
        """Show how to undo what an interrupted run has begun: it leaves Droplets switched off."""
        kept = [str(one.droplet_id) for one in report.destroyed.kept]
        if 0 < len(kept) <= _MAX_NAMED:
            say_next(screen, "to switch on again what is kept", ["power-on", *kept], self.account)

    def _say_how_to_wake(self, screen: Screen, reports: Sequence[HibernationReport]) -> None:
        if self._journal is not None:
            if not reports or reports[0].droplets:
                say_next(screen, "to bring them back", ["wake", self._journal], self.account)
            return
        by_size: dict[str, list[str]] = {}
        for one in reports[0].droplets if reports else ():
            by_size.setdefault(one.size or "SLUG", []).append(str(one.snapshot_id))
        for size, snapshots in by_size.items():
            words = ["wake", "--snapshot", ",".join(snapshots), "--size", size]
            say_next(screen, "to bring them back, without tags and volumes", words, self.account)

    def _rehearse(self, screen: Screen, found: DestroyTargets) -> None:
        if self.display.output == "table":
            screen.write(f"hibernate {found.described(self._which)}; nothing is sent to them (--dry-run)", "")
            screen.write("To each: shut down, snapshot, check of the snapshot, DELETE", "")
            screen.write(f"  price      {found.saving}; snapshots and volumes are billed", f"  lost       {_LOST}")
            return
        plan = {
            "dry_run": True,
            "action": "hibernate",
            "droplets": found.cost.to_rows(),
            "gone": list(found.gone),
            "tag": self.tag,
            "price_hourly": round(found.cost.price_hourly, 4),
        }
        screen.write_json(plan, indent=self.display.indent)


def hibernate(
    *ids: Annotated[str, Parameter(group=DROPLETS, metavar="ID|NAME", completer=completions.files_of_ids)],
    tag: Annotated[str | None, Parameter(group=DROPLETS, metavar="TAG")] = None,
    choices: HibernateChoices = CHOICES,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> HibernateCommand:
    """Switch Droplets off, take a snapshot of each, and destroy them. wake brings them back. Asks for confirmation.

    A Droplet that is only off is billed in full; a snapshot costs a small part of
    that. A Droplet whose snapshot failed is kept. The scratch disk and the memory
    are in no snapshot, and the addresses are lost.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        tag: All Droplets with this tag.
    """
    check_standard_input(account, ids)
    references = ids_in.parse_droplets(ids, ids_in.read_droplets)
    if (tag is None) == (not references):
        if tag is not None:
            raise UsageError("Droplets and --tag are both given; pass one of the two")
        raise UsageError("no Droplets are given: pass ids, names, @FILE, - for standard input, or --tag TAG")
    if tag is not None:
        check_tag(tag)
    return HibernateCommand(references=references, tag=tag, choices=choices, account=account, display=display)
