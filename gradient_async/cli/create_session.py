"""A run that creates Droplets, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradient_async.cli import picture
from gradient_async.cli.durations import span
from gradient_async.cli.exit_codes import COMPLETED, FAILED, REFUSED, is_refusal
from gradient_async.cli.follow_up import say_next
from gradient_async.cli.life_session import LifeSession
from gradient_async.cli.prices import an_hour, dollars
from gradient_async.cli.report_output import NEW_DROPLET_COLUMNS, write_report
from gradient_async.cli.rows import address_of
from gradient_async.cli.wording import in_typed_words
from gradient_async.fleet.create.report import CreationReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gradient_async.cli.account import Account
    from gradient_async.cli.options import AccountOptions, ListOutputOptions
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.create.outcomes import CreationOutcome, CreationProgress

_MAX_NAMED: Final = 20


def created(
    screen: Screen,
    opened: Account,
    arguments: dict[str, Any],
    *,
    account: AccountOptions,
    display: ListOutputOptions,
    picture_file: Path | None = None,
) -> int:
    """Run it, show the result, and return the exit status.

    Args:
        screen: Shows it.
        opened: The account.
        arguments: Arguments of ``client.fleet.create``.
        account: Options of the account.
        display: Options of the output.
        picture_file: File for the picture of the run; ``None`` for none.
    """
    session = LifeSession(screen=screen, name="create", kind=CreationReport, clean_up="what was created is destroyed")

    async def begin(client: AsyncGradientAI, update: Callable[[str], None]) -> CreationReport:
        def on_progress(progress: CreationProgress) -> None:
            update(progress_text(progress))

        return await client.fleet.create(**arguments, on_progress=on_progress)

    session.run(opened, begin)
    report = session.report
    if report is not None:
        show(screen, display, report)
    if session.stopped_with is not None:
        screen.say("interrupted: nothing more is created", style="bold")
    is_drawn = report is None or picture.write(screen, picture_file, report)
    _say_next(screen, report, arguments.get("journal"), account)
    return session.stopped_with or code_of(report) or (COMPLETED if is_drawn else FAILED)


def code_of(report: CreationReport | None) -> int:
    """Return 0 if enough Droplets are ready and no other may be billed, 3 if the token is refused, else 1. Pure."""
    if report is None:
        return FAILED
    if report.is_enough and not report.left:
        return COMPLETED
    return REFUSED if is_refusal(report.error) else FAILED


def progress_text(progress: CreationProgress) -> str:
    """Return how far it has come in a few words. Pure."""
    facts = [f"{progress.ready:,} of {progress.count:,} ready"]
    if progress.created > progress.ready:
        facts.append(f"{progress.created:,} created")
    if progress.unknown:
        facts.append(f"{progress.unknown:,} unknown")
    if progress.hourly:
        facts.append(an_hour(progress.hourly))
    if progress.rounds > 1:
        facts.append(f"round {progress.rounds:,}")
    if progress.next_round is not None:
        facts.append(f"next round in {span(round(progress.next_round))}")
    return ", ".join([*facts, in_typed_words(progress.event)])


def show(screen: Screen, display: ListOutputOptions, report: CreationReport) -> None:
    """Write the result, and what it costs."""
    addresses = {droplet.id: address_of(droplet) for droplet in report.droplets}
    write_report(
        screen,
        display.output,
        document=report.to_json(),
        lines=report.to_rows(),
        table=lambda: (NEW_DROPLET_COLUMNS, [outcome_row(one, addresses) for one in report.outcomes]),
        droplets=report.droplets,
    )
    screen.say(report.headline)
    if report.stopped_by:
        screen.say(f"stopped: {in_typed_words(report.stopped_by)}")
    for offer in report.offers:
        if offer.refusals:
            said = f": {in_typed_words(offer.last_message)}" if offer.last_message else ""
            screen.say(f"{sum(offer.refusals.values()):,} refused of {offer.size} in {offer.region}{said}")
    for left in report.left:
        screen.say(("may be billed", "yellow"), f"  {left.label}  {in_typed_words(left.reason)}")


def outcome_row(one: CreationOutcome, addresses: dict[int, str]) -> Sequence[str]:
    """Return a Droplet's row in the table. Pure."""
    return (
        str(one.droplet_id or ""),
        one.name,
        one.status,
        one.size,
        one.region,
        addresses.get(one.droplet_id or 0, ""),
        dollars(one.price_hourly),
        in_typed_words(one.reason),
    )


def _say_next(screen: Screen, report: CreationReport | None, journal: str | None, account: AccountOptions) -> None:
    """Show how to destroy the Droplets: those that were delivered, and those that may be left."""
    ids = [str(droplet.id) for droplet in report.droplets] if report is not None else []
    if 0 < len(ids) <= _MAX_NAMED:
        say_next(screen, "to destroy them", ["destroy", *ids], account)
    if (report is None or report.left) and journal is not None:
        say_next(screen, "to destroy what is left", ["reap", journal], account)
