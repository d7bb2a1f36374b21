"""A run that destroys Droplets, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gradient_async.cli.exit_codes import COMPLETED, FAILED, REFUSED, is_refusal
from gradient_async.cli.follow_up import say_next
from gradient_async.cli.life_session import LifeSession
from gradient_async.cli.prices import an_hour, dollars
from gradient_async.cli.report_output import write_report
from gradient_async.cli.tables import Column
from gradient_async.cli.wording import in_typed_words
from gradient_async.fleet.destroy.outcomes import in_words
from gradient_async.fleet.destroy.report import DestroyReport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.options import AccountOptions, OutputOptions
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.destroy.outcomes import DestroyOutcome, DestroyProgress
    from gradient_async.fleet.fleet import Fleet

COLUMNS: Final = (
    Column("DROPLET"),
    Column("NAME", optional=True),
    Column("STATUS"),
    Column("$/HOUR", drop=2),
    Column("SNAPSHOT", optional=True),
    Column("TOOK", drop=1),
    Column("REASON", min_width=24, hangs=True),
)
_MAX_LEFT: Final = 20
_MAX_NAMED: Final = 20

Start: TypeAlias = "Callable[[Fleet, Callable[[DestroyProgress], None]], Coroutine[Any, Any, DestroyReport]]"


def destroyed(
    screen: Screen,
    opened: Account,
    start: Start,
    *,
    account: AccountOptions,
    display: OutputOptions,
    more: Sequence[str] = (),
    name: str = "destroy",
    again: str = "destroy",
    as_json: Callable[[DestroyReport], str] = DestroyReport.to_json,
) -> int:
    """Run it, show the result, and return the exit status.

    Args:
        screen: Shows it.
        opened: The account.
        start: Starts the run.
        account: Options of the account.
        display: Options of the output.
        more: Options of the command that continues an interrupted run.
        name: What the run does.
        again: The verb of the command that continues an interrupted run.
        as_json: Returns the result for programs.
    """
    session = LifeSession(screen=screen, name=name, kind=DestroyReport)

    async def begin(client: AsyncGradientAI, update: Callable[[str], None]) -> DestroyReport:
        def on_progress(progress: DestroyProgress) -> None:
            update(progress_text(progress))
            _say_problem(screen, progress.latest)

        return await start(client.fleet, on_progress)

    session.run(opened, begin)
    report = session.report
    if report is not None:
        show(screen, display, report, as_json)
        _say_money(screen, report, name)
        # One that is being destroyed can be asked for once more, but no snapshot of it can be made.
        done = ("destroyed", "not_found", *(("unknown",) if again == "hibernate" else ()))
        left = [str(one.droplet_id) for one in report.outcomes if one.status not in done]
        if session.stopped_with is not None and 0 < len(left) <= _MAX_NAMED:
            say_next(screen, f"to {again} the rest", [again, *left, *more], account)
    if session.stopped_with is not None:
        screen.say("interrupted: nothing more is sent", style="bold")
        return session.stopped_with
    return FAILED if report is None else code_of(report)


def code_of(report: DestroyReport) -> int:
    """Return 0 if every Droplet is gone, 3 if the API refused the token everywhere, else 1. Pure."""
    if report.is_complete:
        return COMPLETED
    problems = [one for one in report.outcomes if not one.is_absent]
    is_refused = not report.destroyed and all(is_refusal(one.error) for one in problems)
    return REFUSED if is_refused else FAILED


def progress_text(progress: DestroyProgress) -> str:
    """Return how far it has come in a few words. Pure."""
    counts = (
        (progress.not_found, "not found"),
        (progress.kept, "kept"),
        (progress.failed, "failed"),
        (progress.unknown, "unknown"),
    )
    problems = [f"{count:,} {word}" for count, word in counts if count]
    return ", ".join([f"{progress.ended:,}/{progress.total:,}", *problems])


def show(
    screen: Screen, display: OutputOptions, report: DestroyReport, as_json: Callable[[DestroyReport], str]
) -> None:
    """Write the result."""
    write_report(
        screen,
        display.output,
        document=as_json(report),
        lines=report.to_rows(),
        table=lambda: (COLUMNS, [outcome_row(one) for one in report.outcomes]),
    )


def _say_money(screen: Screen, report: DestroyReport, name: str) -> None:
    """Show the sums, and what is still billed."""
    screen.say(report.headline.replace("destroy", name, 1))
    for one in report.left[:_MAX_LEFT]:
        screen.say(f"still billed: {one}")
    if len(report.left) > _MAX_LEFT:
        screen.say(f"still billed: {len(report.left) - _MAX_LEFT:,} more; --output json shows all")


def outcome_row(one: DestroyOutcome) -> Sequence[str]:
    """Return a Droplet's row in the table. Pure."""
    took = f"{(one.ended_at - one.started_at).total_seconds():.1f} s" if one.started_at is not None else ""
    snapshot = "" if one.snapshot_id is None else str(one.snapshot_id)
    reason = in_typed_words(one.reason)
    return str(one.droplet_id), one.name or "", in_words(one.status), dollars(one.price_hourly), snapshot, took, reason


def _say_problem(screen: Screen, one: DestroyOutcome) -> None:
    if one.status in {"failed", "unknown"}:
        style = "red" if one.status == "failed" else "yellow"
        price = f" ({an_hour(one.price_hourly)})" if one.price_hourly is not None else ""
        screen.say((one.status, style), f"  {one.label}{price}  {in_typed_words(one.reason)}")
