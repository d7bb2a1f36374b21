"""The verb ``wake``: it makes hibernated Droplets again. ``restore`` is another verb: it overwrites a disk."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from attrs import evolve, frozen
from cyclopts import Group, Parameter

from gradient_async.cli import account as accounts
from gradient_async.cli import question
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, FAILED, REFUSED, UsageError, is_refusal
from gradient_async.cli.follow_up import say_next
from gradient_async.cli.journal_paths import check_existing_journal
from gradient_async.cli.life_session import LifeSession
from gradient_async.cli.options import DEFAULTS, LIST_OUTPUT, RUN, AccountOptions, ListOutputOptions
from gradient_async.cli.prices import an_hour, dollars
from gradient_async.cli.report_output import NEW_DROPLET_COLUMNS, write_report
from gradient_async.cli.rows import address_of
from gradient_async.cli.ssh_keys import GivenKeys, given_keys, registered
from gradient_async.cli.token_source import check_standard_input
from gradient_async.cli.until_words import USUAL_SSH_PORT, needs_ssh, until_of, words_in
from gradient_async.cli.word_lists import listed
from gradient_async.cli.wording import in_typed_words
from gradient_async.fleet.hibernation_records import HibernatedDroplet
from gradient_async.fleet.restore_report import RestoreReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.restore_report import RestoreOutcome

EXAMPLES: Final = """\
Examples:

  gpu-droplets wake night-2026-11-30.journal
  gpu-droplets wake night-2026-11-30.journal --region nyc2 --until address
  gpu-droplets wake --snapshot 119192817 --size gpu-h100x1-80gb
"""
_ASLEEP: Final = Group("What was hibernated", sort_key=0)
_MAX_SHOWN: Final = 5
_MAX_NAMED: Final = 20


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class WakeChoices:
    """How Droplets are made again.

    Attributes:
        size: Slug of a size, in place of the former ones.
        region: Slug of a region, in place of the former ones. The snapshot has to be there.
        ssh_key: A key that may log in besides those on the disk: id, fingerprint or name of a registered one.
        until: When a Droplet is ready: active (it is on), address (it has one), ssh (its SSH port answers), and by a
            command over your own ssh: cloud-init, nvidia-smi, rocm-smi. Several with commas.
        timeout: Time in which each has to be ready.
        dry_run: Show the Droplets and their prices. Create nothing.
        yes: Do not ask for confirmation.
    """

    size: Annotated[str | None, Parameter(metavar="SLUG")] = None
    region: Annotated[str | None, Parameter(metavar="SLUG")] = None
    ssh_key: Annotated[tuple[str, ...], Parameter(metavar="KEY", negative=(), show_default=False)] = ()
    until: Annotated[tuple[str, ...], Parameter(metavar="WHAT", negative=(), show_default=",".join)] = ("active",)
    timeout: Annotated[str, Parameter(metavar="TIME")] = "15m"
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


CHOICES: Final = WakeChoices()
# Parameters of the Python package that are --snapshot here.
_SNAPSHOT: Final = re.compile(r"^(source|snapshot_id):")


@frozen(kw_only=True)
class Sleeping:
    """Hibernated Droplets that are about to be made again.

    Attributes:
        droplets: The Droplets.
        key_ids: Ids of the keys that may log in too.
    """

    droplets: tuple[HibernatedDroplet, ...]
    key_ids: tuple[int, ...] = ()

    @property
    def price(self) -> str:
        """What all of them cost, in a few words."""
        prices = [one.price_hourly for one in self.droplets]
        known = [price for price in prices if price is not None]
        if len(known) < len(prices):
            return f"{an_hour(sum(known))}, and an unknown price" if known else "the price is not known"
        return an_hour(sum(known))

    @property
    def described(self) -> str:
        """The Droplets in a few words."""
        names = ", ".join(one.name for one in self.droplets[:_MAX_SHOWN])
        more = len(self.droplets) - _MAX_SHOWN
        count = f"{len(self.droplets):,} Droplet{'' if len(self.droplets) == 1 else 's'}"
        return f"{count} ({names}{f' and {more:,} more' if more > 0 else ''})"


@frozen(kw_only=True)
class WakeCommand:
    """The command behind ``wake``.

    Attributes:
        file: The journal of ``hibernate``, or its result as JSON.
        snapshots: Ids and names of snapshots, in place of a file.
        choices: How Droplets are made again.
        keys: SSH keys that may log in too.
        account: Options of the account.
        display: Options of the output.
    """

    file: Path | None
    snapshots: tuple[int | str, ...]
    choices: WakeChoices
    keys: GivenKeys
    account: AccountOptions
    display: ListOutputOptions

    def run(self, screen: Screen) -> int:
        """Make the Droplets again, and return the exit status.

        Raises:
            UsageError: The command line is invalid. Nothing was sent.
            JournalError: The file does not exist, or is neither a journal nor a report. Nothing was sent.
        """
        choices = self.choices
        timeout = seconds_in("--timeout", choices.timeout) or 0.0
        words = words_in(choices.until)
        with accounts.opened(self.account, with_ssh=needs_ssh(words)) as opened:
            until = until_of(words, port=opened.ssh_port or USUAL_SSH_PORT, user="root", ssh_options=())
            asleep = asyncio.run(self._asleep(opened))
            if choices.dry_run:
                self._rehearse(screen, asleep)
                return COMPLETED
            if not choices.yes and asleep.droplets and not question.is_agreed(screen, _warning(asleep)):
                return FAILED
            session = LifeSession(screen=screen, name="wake", kind=RestoreReport)

            async def begin(client: AsyncGradientAI, _: Callable[[str], None]) -> RestoreReport:
                # The journal itself is passed on: it notes what is created, so that a second try creates no twin.
                return await client.fleet.restore(
                    self.file if self.file is not None else asleep.droplets,
                    size=choices.size,
                    region=choices.region,
                    ssh_keys=asleep.key_ids or None,
                    until=until,
                    timeout=timeout,
                )

            session.run(opened, begin)
            if session.report is not None:
                _show(screen, self.display, session.report)
            if session.stopped_with is not None:
                screen.say("interrupted: nothing more is created", style="bold")
            if (session.report is None or not session.report.is_complete) and self.file is not None:
                say_next(screen, "to try again what is missing", ["wake", str(self.file)], self.account)
            self._say_next(screen, session.report)
            return session.stopped_with or _code_of(session.report)

    def _say_next(self, screen: Screen, report: RestoreReport | None) -> None:
        """Show how to get rid of the snapshots, which are billed on."""
        restored = [one for one in report.outcomes if one.status == "restored"] if report is not None else []
        if 0 < len(restored) <= _MAX_NAMED:
            words = ["snapshots", "delete", *(str(one.source.snapshot_id) for one in restored)]
            say_next(screen, "the snapshots stay, and are billed; to delete them", words, self.account)

    async def _asleep(self, opened: Account) -> Sleeping:
        from gradient_async.fleet.droplet_lists import listed_prices
        from gradient_async.fleet.hibernation_journal import read_hibernation
        from gradient_async.fleet.restoring import RestoreOptions, sources_of

        items = read_hibernation(str(self.file)) if self.file is not None else self.snapshots
        async with opened.client() as client:
            keys, missing = await registered(client, self.keys)
            if missing:
                raise UsageError("--ssh-key: the key is not registered; gpu-droplets keys create registers it")
            droplets = client.gpu_droplets
            try:
                found = await sources_of(
                    droplets, items, RestoreOptions(size=self.choices.size, region=self.choices.region)
                )
            except ValueError as error:
                raise UsageError(_SNAPSHOT.sub("snapshot:", str(error))) from None
            prices = await listed_prices(droplets)
        named = [evolve(one, price_hourly=prices.get(one.size or "")) for one in found]
        return Sleeping(droplets=tuple(named), key_ids=tuple(key.id for key in keys))

    def _rehearse(self, screen: Screen, asleep: Sleeping) -> None:
        if self.display.output != "table":
            plan = {"dry_run": True, "action": "wake", "droplets": [one.to_dict() for one in asleep.droplets]}
            screen.write_json(plan, indent=2 if self.display.output == "json" else None)
            return
        screen.write(f"wake {asleep.described}; nothing is sent (--dry-run)", "")
        for one in asleep.droplets:
            where = f"{one.size or 'unknown size'} in {one.region or 'unknown region'}"
            screen.write(f"  {one.name}  snapshot {one.snapshot_id}, {where}, {an_hour(one.price_hourly)}")
        screen.write("", f"  price      {asleep.price}")


def wake(
    file: Annotated[Path | None, Parameter(group=_ASLEEP, metavar="FILE")] = None,
    /,
    *,
    snapshot: Annotated[
        tuple[str, ...], Parameter(group=_ASLEEP, metavar="ID|NAME", negative=(), show_default=False)
    ] = (),
    choices: WakeChoices = CHOICES,
    account: AccountOptions = DEFAULTS.account,
    display: ListOutputOptions = LIST_OUTPUT,
) -> WakeCommand:
    """Make hibernated Droplets again from their snapshots, each once. Asks for confirmation.

    They have their names, sizes, regions, tags, VPCs and volumes again, and new
    ids and addresses. What exists already is not made a second time. The snapshots
    stay, and are billed.

    Args:
        file: The journal of hibernate, or its result as JSON.
        snapshot: Ids or names of snapshots, in place of a file; pass --size too. Can be repeated.
    """
    named = listed("--snapshot", snapshot)
    if (file is None) == (not named):
        raise UsageError("expected the journal of hibernate, or --snapshot")
    for option, slug in (("size", choices.size), ("region", choices.region)):
        if slug is not None and not slug.strip():
            raise UsageError(f"--{option}: expected a slug, got an empty text")
    if file is not None:
        check_existing_journal(str(file))
    check_standard_input(account, [])
    return WakeCommand(
        file=file,
        snapshots=tuple(int(one) if one.isascii() and one.isdigit() else one for one in named),
        choices=choices,
        keys=given_keys(listed("--ssh-key", choices.ssh_key)),
        account=account,
        display=display,
    )


def _warning(asleep: Sleeping) -> str:
    return f"wake {asleep.described}: {asleep.price}. The snapshots stay, and are billed."


def _code_of(report: RestoreReport | None) -> int:
    if report is None:
        return FAILED
    if report.is_complete:
        return COMPLETED
    problems = [one for one in report.outcomes if one.status != "restored"]
    return REFUSED if not report.droplets and all(is_refusal(one.error) for one in problems) else FAILED


def _show(screen: Screen, display: ListOutputOptions, report: RestoreReport) -> None:
    write_report(
        screen,
        display.output,
        document=report.to_json(),
        lines=report.to_rows(),
        table=lambda: (NEW_DROPLET_COLUMNS, [_row(one) for one in report.outcomes]),
        droplets=report.droplets,
    )
    hourly = sum(one.source.price_hourly or 0.0 for one in report.outcomes if one.status == "restored")
    screen.say(f"{report.headline.replace('restore', 'wake', 1)}; {an_hour(hourly)}")


def _row(one: RestoreOutcome) -> Sequence[str]:
    return (
        str(one.droplet.id) if one.droplet else "",
        one.source.name,
        one.status,
        one.source.size or "",
        one.source.region or "",
        address_of(one.droplet) if one.droplet else "",
        dollars(one.source.price_hourly),
        in_typed_words(one.reason),
    )
