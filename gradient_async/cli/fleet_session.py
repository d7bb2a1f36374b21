"""One run under way: shown as it goes, interrupted if need be, and told at its end."""

from __future__ import annotations

import asyncio
import json
import shlex
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from gradient_async.cli import picture, progress, rows
from gradient_async.cli.exit_codes import COMPLETED, FAILED, INTERRUPTED, TERMINATED, code_of_report
from gradient_async.cli.options import OutputOptions
from gradient_async.cli.printable import printable_json
from gradient_async.cli.screen import LineWriter
from gradient_async.errors import FleetCancelled, JournalError
from gradient_async.fleet.options import Limit
from gradient_async.fleet.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.options import ProgressCallback
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.report import FleetReport

# On a terminal a longer table would push what matters out of sight.
_MOST_ROWS: Final = 50
_MOST_SKIPPED_ROWS: Final = 20

Start: TypeAlias = "Callable[[Fleet, ProgressCallback], Coroutine[Any, Any, FleetReport]]"


@frozen(kw_only=True)
class RunView:
    """What is shown of a run.

    Attributes:
        plan: What is done to each Droplet.
        display: Where and how.
        picture: The file for its picture; ``None`` for none.
        journal: Its journal; ``None`` for none.
        total: How many Droplets there are, where that is known.
        batch_size: How many Droplets a batch has; ``None`` for no batches.
    """

    plan: Plan
    display: OutputOptions
    picture: Path | None
    journal: str | None
    total: int | None
    batch_size: Limit | None = None


def carry_out(screen: Screen, opened: Account, view: RunView, start: Start) -> int:
    """Run it, show it, and give the exit status."""
    session = _Session(screen, view)
    code: int | None = None
    try:
        report = asyncio.run(session.run(opened, start))
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = TERMINATED if session.is_terminated else INTERRUPTED
        if session.cut_off is None:
            raise KeyboardInterrupt from None
        report = session.cut_off
    session.show(report)
    is_drawn = session.draw(report)
    if code is None:
        code = code_of_report(report) or (COMPLETED if is_drawn else FAILED)
    else:
        screen.say("interrupted: nothing more is sent, and what was started goes on by itself", style="bold")
    if view.journal is not None and code != 0 and is_anything_left(view.journal):
        screen.say(f"to go on where it ended: gpu-droplets resume {shlex.quote(view.journal)}")
    return code


class _Session:
    """One run, and what was written of it."""

    def __init__(self, screen: Screen, view: RunView) -> None:
        self._screen = screen
        self._view = view
        self._written: set[int] = set()
        self._lines = LineWriter(screen.out) if view.display.output == "jsonl" else None
        self.cut_off: FleetReport | None = None
        self.is_terminated: bool = False

    async def run(self, opened: Account, start: Start) -> FleetReport:
        """The run.

        Raises:
            FleetCancelled: It was interrupted; what was done until then is in ``cut_off``.
        """
        self._listen_for_termination()
        view = self._view
        shown = progress.watch(self._screen, view.plan, view.total, opened.budget, view.batch_size)
        with shown as watch, progress.ticking(watch):

            def tell(one: FleetProgress) -> None:
                watch.tell(one)
                self._write_line(one.latest)

            try:
                async with opened.client() as client:
                    return await start(client.fleet, tell)
            except FleetCancelled as cancelled:
                self.cut_off = cancelled.report
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
                self._screen.write_json(json.loads(report.to_json()), indent=2)
            case "table":
                shown = shown_outcomes(report, is_terminal=self._screen.out.isatty())
                if shown:
                    self._screen.table(rows.OUTCOME_COLUMNS, [rows.outcome_row(outcome) for outcome in shown])
        for line in summary(report):
            self._screen.say(line)

    def draw(self, report: FleetReport) -> bool:
        """Write the picture where one is wanted; ``False`` if that failed."""
        path = self._view.picture
        if path is None:
            return True
        try:
            path.write_text(picture.content(report, path), encoding="utf-8")
        except OSError as error:
            self._screen.failure(f"--report: {path} cannot be written: {error.strerror}")
            return False
        self._screen.say(f"the picture of the run is in {path}")
        return True

    def _write_line(self, outcome: Outcome) -> None:
        if self._lines is not None and outcome.droplet_id not in self._written:
            self._written.add(outcome.droplet_id)
            self._lines.put(printable_json(json.dumps(outcome.to_row())))

    def _listen_for_termination(self) -> None:
        """Have ``kill`` end the run as Ctrl-C does, with a report."""
        task = asyncio.current_task()

        def terminate() -> None:
            self.is_terminated = True
            if task is not None:
                task.cancel()

        with suppress(NotImplementedError):  # Windows has no such signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)


def is_anything_left(journal: str) -> bool:
    """Whether a later run on the journal would do something."""
    from gradient_async.fleet.finish import finish_of
    from gradient_async.fleet.journal import recorded_droplets

    try:
        known = recorded_droplets(journal)
    except JournalError:
        return False
    return known is not None and finish_of(known) is None


def shown_outcomes(report: FleetReport, *, is_terminal: bool) -> Sequence[Outcome]:
    """The outcomes that the table shows: all, or of many on a terminal those that ask for a look. Pure."""
    if not is_terminal or len(report.outcomes) <= _MOST_ROWS:
        return report.outcomes
    return (*report.failed, *report.unknown, *report.skipped[:_MOST_SKIPPED_ROWS])


def summary(report: FleetReport) -> Sequence[str]:
    """The run in a few lines. Pure."""
    lines = [str(report).partition("\n")[0].replace(report.action, report.action.replace("_", "-"), 1)]
    resumed = sum(outcome.is_resumed for outcome in report.outcomes)
    if resumed:
        lines.append(f"by an earlier run on the journal: {resumed:,}")
    if report.stopped_by:
        lines.append(f"stopped: {report.stopped_by}")
    return lines
