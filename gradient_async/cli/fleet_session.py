"""One run: its progress, its interruption, and its result."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve, field, frozen

from gradient_async.cli import picture, progress, rows
from gradient_async.cli.exit_codes import COMPLETED, FAILED, INTERRUPTED, TERMINATED, code_of_report
from gradient_async.cli.interruption import (
    Invocation,
    interruption,
    interruption_without_report,
    started_outcomes,
)
from gradient_async.cli.options import OutputOptions
from gradient_async.cli.printable import printable_json
from gradient_async.cli.screen import LineWriter
from gradient_async.cli.stop_signals import StopSignals
from gradient_async.cli.wording import in_typed_words
from gradient_async.errors import JournalError
from gradient_async.fleet.cancellation import FleetCancelled
from gradient_async.fleet.limits import Limit
from gradient_async.fleet.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.options import ProgressCallback
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.report import FleetReport

# On a terminal, a longer table would scroll the problems out of sight.
_MAX_ROWS: Final = 50
_MAX_SKIPPED_ROWS: Final = 20
_PROBLEMS_FIRST: Final = ("failed", "unknown", "started", "skipped", "completed")

Start: TypeAlias = "Callable[[Fleet, ProgressCallback], Coroutine[Any, Any, FleetReport]]"


@frozen(kw_only=True)
class RunView:
    """The values of a run that the command shows.

    Attributes:
        plan: The steps for each Droplet.
        display: Options of the output.
        typed: The typed options, for the next command.
        total: Number of Droplets; ``None`` if it is not known yet.
        batch_size: Droplets in a batch; ``None`` for no batches.
        only_problems: Whether completed Droplets are left out of the result.
        names: Names of Droplets that are known before the run.
    """

    plan: Plan
    display: OutputOptions
    typed: Invocation
    total: int | None
    batch_size: Limit | None = None
    only_problems: bool = False
    names: Mapping[int, str] = field(factory=dict)


def carry_out(screen: Screen, opened: Account, view: RunView, start: Start) -> int:
    """Run it, show it, and return the exit status."""
    session = _Session(screen, view)
    with StopSignals() as signals:
        is_drawn = True
        with suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(session.run(opened, start, signals))
        report = session.report
        if report is not None:
            with suppress(KeyboardInterrupt):
                session.show(report)
                is_drawn = session.draw(report)
        if not signals.is_received and report is not None:
            code = code_of_report(report)
            follow_up(screen, view.typed, report, is_done=code == COMPLETED)
            return code or (COMPLETED if is_drawn else FAILED)
        screen.say(session.interruption(), style="bold")
        follow_up(screen, view.typed, report, is_done=False)
        return TERMINATED if signals.is_terminated else INTERRUPTED


def follow_up(screen: Screen, typed: Invocation, report: FleetReport | None, *, is_done: bool) -> None:
    """Print the command that continues the run, if anything is left."""
    resume, wait = typed.resume(), typed.wait(started_outcomes(report) if report is not None else ())
    if is_done:
        return
    if resume is not None and typed.journal is not None and is_anything_left(typed.journal):
        screen.say(f"{_purpose(report)}: {shlex.join(resume)}")
    elif wait is not None:
        screen.say(f"to wait for the started actions: {shlex.join(wait)}")
    else:
        return
    if typed.has_hidden_credentials:
        screen.say("the user and the password of --proxy are left out above: add them")


def _purpose(report: FleetReport | None) -> str:
    """Return what resuming the run is for."""
    left = {outcome.status for outcome in report.outcomes} - {"completed"} if report is not None else set()
    # A request is looked up again, and is sent only if it was certainly not executed: that may never be known.
    return "to look the unknown requests up again" if left == {"unknown"} else "to resume"


class _Session:
    """One run, and what was written about it."""

    def __init__(self, screen: Screen, view: RunView) -> None:
        self._screen = screen
        self._view = view
        self._written: set[int] = set()
        self._lines = LineWriter(screen.out) if view.display.output == "jsonl" else None
        self._latest: FleetProgress | None = None
        self.report: FleetReport | None = None

    async def run(self, opened: Account, start: Start, signals: StopSignals) -> None:
        """Run it, and keep its report.

        Raises:
            CancelledError: The run was interrupted. ``report`` is its report if it had begun.
        """
        signals.run_begins()
        try:
            await self._run(opened, start)
        finally:
            signals.run_ends()

    def interruption(self) -> str:
        """Return one line about the interrupted run."""
        if self.report is not None:
            return interruption(self.report)
        return interruption_without_report(self._latest)

    async def _run(self, opened: Account, start: Start) -> None:
        view = self._view
        shown = progress.progress_display(self._screen, view.plan, view.total, opened.budget, view.batch_size)
        with shown as watch, progress.ticking(watch):

            def update(one: FleetProgress) -> None:
                self._latest = named = evolve(one, latest=with_name(one.latest, view.names))
                watch.update(named)
                self._write_line(named.latest)

            try:
                async with opened.client() as client:
                    self.report = with_all_names(await start(client.fleet, update), view.names)
            except FleetCancelled as cancelled:
                self.report = with_all_names(cancelled.report, view.names)
                raise

    def show(self, report: FleetReport) -> None:
        """Write the result and the summary."""
        match self._view.display.output:
            case "jsonl":
                for outcome in report.outcomes:
                    self._write_line(outcome)
                if self._lines is not None:
                    self._lines.close()
            case "json":
                self._screen.write_json(document(report, only_problems=self._view.only_problems), indent=2)
            case "table":
                shown, left_out = shown_outcomes(
                    report, is_terminal=self._screen.out.isatty(), only_problems=self._view.only_problems
                )
                if shown:
                    self._screen.table(rows.OUTCOME_COLUMNS, [rows.outcome_row(outcome) for outcome in shown])
                if left_out:
                    self._screen.say(f"and {left_out:,} more skipped; --output json shows all")
        for line in summary(report):
            self._screen.say(line)

    def draw(self, report: FleetReport) -> bool:
        """Write the picture if one is wanted. Return ``False`` if that failed."""
        return picture.write(self._screen, self._view.typed.picture, report)

    def _write_line(self, outcome: Outcome) -> None:
        if self._view.only_problems and outcome.is_completed:
            return
        if self._lines is not None and outcome.droplet_id not in self._written:
            self._written.add(outcome.droplet_id)
            self._lines.put(printable_json(json.dumps(outcome.to_row())))


def is_anything_left(journal: str) -> bool:
    """Return whether a resumed run would do something."""
    from gradient_async.fleet.finish import finish_of
    from gradient_async.fleet.journal import recorded_droplets

    try:
        known = recorded_droplets(journal)
    except JournalError:
        return False
    return known is not None and finish_of(known) is None


def with_all_names(report: FleetReport, names: Mapping[int, str]) -> FleetReport:
    """Return the report with names that the run itself did not read. Pure."""
    return evolve(report, outcomes=tuple(with_name(outcome, names) for outcome in report.outcomes))


def with_name(outcome: Outcome, names: Mapping[int, str]) -> Outcome:
    """Return the outcome with the Droplet's name, if it is known. Pure."""
    name = names.get(outcome.droplet_id)
    return outcome if name is None or outcome.name is not None else evolve(outcome, name=name)


def shown_outcomes(
    report: FleetReport, *, is_terminal: bool, only_problems: bool = False
) -> tuple[Sequence[Outcome], int]:
    """Return the outcomes of the table, problems first, and the number of skipped ones that are left out. Pure.

    On a terminal, a long table shows only problems.
    """
    priority = {status: number for number, status in enumerate(_PROBLEMS_FIRST)}
    ordered = sorted(report.outcomes, key=lambda outcome: priority.get(outcome.status, len(priority)))
    is_long = is_terminal and len(ordered) > _MAX_ROWS
    if is_long or only_problems:
        ordered = [outcome for outcome in ordered if not outcome.is_completed]
    if not is_long:
        return ordered, 0
    skipped = [outcome for outcome in ordered if outcome.status == "skipped"]
    others = [outcome for outcome in ordered if outcome.status != "skipped"]
    return [*others, *skipped[:_MAX_SKIPPED_ROWS]], max(len(skipped) - _MAX_SKIPPED_ROWS, 0)


def document(report: FleetReport, *, only_problems: bool) -> dict[str, object]:
    """Return the report for programs. Pure."""
    whole: dict[str, Any] = json.loads(report.to_json())
    if only_problems:
        whole["outcomes"] = [row for row in whole["outcomes"] if row["status"] != "completed"]
    return whole


def summary(report: FleetReport) -> Sequence[str]:
    """Return the run in a few lines. Pure."""
    lines = [str(report).partition("\n")[0].replace(report.action, report.action.replace("_", "-"), 1)]
    resumed = sum(outcome.is_resumed for outcome in report.outcomes)
    if resumed:
        lines.append(f"by an earlier run on the journal: {resumed:,}")
    if report.stopped_by:
        lines.append(f"stopped: {in_typed_words(report.stopped_by)}")
    return lines
