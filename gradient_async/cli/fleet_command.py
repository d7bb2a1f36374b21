"""A run on many Droplets, from the command line to the exit status."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from gradient_async.cli import account, dangers, ids, picture, progress, rows
from gradient_async.cli.dry_run import DryRun, few
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.estimate import estimate_of
from gradient_async.cli.exit_codes import (
    FAILED,
    INTERRUPTED,
    TERMINATED,
    UsageError,
    code_of_report,
)
from gradient_async.cli.operations import Operation
from gradient_async.cli.options import AccountOptions, FleetArguments, OutputOptions
from gradient_async.errors import FleetCancelled, PermissionDeniedError
from gradient_async.fleet.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gradient_async.cli.account import Account
    from gradient_async.cli.operations import Targets
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.execution import Order
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.options import FleetOptions, ProgressCallback
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.report import FleetReport

# On a terminal a longer table would push what matters out of sight.
_MOST_ROWS: Final = 50
_MOST_SKIPPED_ROWS: Final = 20

Start: TypeAlias = "Callable[[Fleet, ProgressCallback], Coroutine[Any, Any, FleetReport]]"


@frozen(kw_only=True)
class FleetCommand:
    """A verb that acts.

    Attributes:
        verb: The verb, which says in what state emulated Droplets begin.
        words: Ids, or the files that hold them.
        arguments: What else was typed.
        make: Makes the operation, told whether the Droplet's state counts.
    """

    verb: str
    words: Sequence[str]
    arguments: FleetArguments
    make: Callable[[bool], Operation] = field(repr=False)

    @property
    def display(self) -> OutputOptions:
        """What is written."""
        return self.arguments.display

    def run(self, screen: Screen) -> int:
        """Do it, and give the exit status.

        Raises:
            UsageError: What was typed makes no sense.
            GradientAIError: Nothing was sent.
        """
        arguments = self.arguments
        options = fleet_options(arguments)
        operation = self.make(options.get("until") == "status")
        targets = targets_of(ids.parse(self.words, ids.read, kind="droplet"), arguments.tag)
        order = checked_order(operation.plan, options, targets)
        picture.check_path(arguments.run.report)
        check_journal_path(arguments.run.journal)
        with account.opened(arguments.account, tag=arguments.tag, verb=self.verb) as opened:
            if arguments.run.dry_run:
                return self._rehearse(screen, opened, order)
            loss = dangers.loss_of(operation.plan)
            if loss is not None and not arguments.run.yes:
                found = asyncio.run(found_ids(opened, targets))
                if not is_agreed(screen, dangers.warning(operation.plan, _named(found, arguments.tag), loss)):
                    return FAILED
            if len(targets.get("droplets", ())) > 1:
                asyncio.run(check_access(opened))
            view = RunView(
                plan=operation.plan,
                display=arguments.display,
                picture=arguments.run.report,
                journal=arguments.run.journal,
                total=len(targets["droplets"]) if "droplets" in targets else None,
            )
            return carry_out(
                screen,
                opened,
                view,
                lambda fleet, tell: operation.begin(fleet, targets, {**options, "on_progress": tell}),
            )

    def _rehearse(self, screen: Screen, opened: Account, order: Order) -> int:
        found = asyncio.run(found_ids(opened, targets_of_order(order)))
        done = done_before(order, found)
        found = [droplet_id for droplet_id in found if droplet_id not in done]
        windows = opened.budget.snapshot().windows
        batch = order.options.batch_size
        rehearsal = DryRun(
            plan=order.plan,
            ids=found,
            done=len(done),
            tag=order.tag,
            by_tag=order.options.by_tag,
            batch_size=batch.of(len(found), least=1) if batch else None,
            windows=windows,
            estimate=estimate_of(
                order.plan, len(found), windows, waits=order.options.wait, by_tag=order.options.by_tag
            ),
            waits=order.options.wait,
        )
        as_json = json.dumps(rehearsal.as_json(), indent=2 if self.display.output == "json" else None)
        screen.write(rehearsal.as_text() if self.display.output == "table" else as_json)
        return 0


@frozen(kw_only=True)
class ResumeCommand:
    """The verb that goes on with a run.

    Attributes:
        journal: Its journal.
        picture: The file for its picture; ``None`` for none.
        without_health_check: Whether a health check that the run had is given up.
        yes: Whether nobody is asked.
        account: Which account.
        display: What is written.
    """

    journal: str
    picture: Path | None
    without_health_check: bool
    yes: bool
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Do it, and give the exit status.

        Raises:
            UsageError: What was typed makes no sense.
            JournalError: The journal cannot be resumed.
        """
        from gradient_async.fleet.journal import plan_to_resume, recorded_run_to_resume

        picture.check_path(self.picture)
        recorded = recorded_run_to_resume(self.journal)
        plan = plan_to_resume(recorded, self.journal)
        if recorded.options.get("has_health_check") and not self.without_health_check:
            raise UsageError(
                "the run had a health check, which no journal can hold: resume it from the program that began it, "
                "or pass --without-health-check"
            )
        with account.opened(self.account, tag=recorded.tag) as opened:
            loss = dangers.loss_of(plan)
            if loss is not None and not self.yes:
                warning = dangers.warning(plan, _named(recorded.droplets, recorded.tag), loss)
                if not is_agreed(screen, warning):
                    return FAILED
            asyncio.run(check_access(opened))
            view = RunView(
                plan=plan,
                display=self.display,
                picture=self.picture,
                journal=self.journal,
                total=len(recorded.droplets),
            )
            return carry_out(screen, opened, view, self._begin)

    def _begin(self, fleet: Fleet, tell: ProgressCallback) -> Coroutine[Any, Any, FleetReport]:
        options: FleetOptions = {"on_progress": tell}
        if self.without_health_check:
            options["health_check"] = None
        return fleet.resume(self.journal, **options)


@frozen(kw_only=True)
class RunView:
    """What is shown of a run.

    Attributes:
        plan: What is done to each Droplet.
        display: Where and how.
        picture: The file for its picture; ``None`` for none.
        journal: Its journal; ``None`` for none.
        total: How many Droplets there are, where that is known.
    """

    plan: Plan
    display: OutputOptions
    picture: Path | None
    journal: str | None
    total: int | None


def fleet_options(arguments: FleetArguments) -> FleetOptions:
    """What was typed, as options of a fleet run. Pure.

    Raises:
        UsageError: A time that is none.
    """
    run = arguments.run
    given: FleetOptions = {
        "wait": run.wait,
        "until": run.until,
        "on_busy": run.on_busy,
        "max_concurrency": _limit(run.max_concurrency),
        "max_errors": _limit(run.max_errors),
        "batch_size": _limit(run.batch_size),
        "timeout": seconds_in("--timeout", run.timeout),
        "action_timeout": seconds_in("--action-timeout", run.action_timeout),
        "journal": run.journal,
        "by_tag": arguments.by_tag,
    }
    return given


def targets_of(found: Sequence[int], tag: str | None) -> Targets:
    """Which Droplets. Pure.

    Raises:
        UsageError: Neither ids nor a tag, or both.
    """
    if (tag is None) == (not found):
        given = "both were given" if found else "neither was given"
        raise UsageError(f"expected the ids of Droplets, @FILE, - for standard input, or --tag: {given}")
    return {"droplets": found} if tag is None else {"tag": tag}


def check_journal_path(path: str | None) -> None:
    """Refuse a journal that could not be begun.

    Raises:
        UsageError: It is a folder, or its folder is not there.
    """
    if path is not None and (Path(path).is_dir() or not Path(path).absolute().parent.is_dir()):
        raise UsageError(f"--journal: {path} cannot be written: it is a folder, or there is no such folder")


def done_before(order: Order, found: Sequence[int]) -> frozenset[int]:
    """The Droplets with which the order's journal is done.

    Raises:
        JournalError: It is damaged, or of another run.
    """
    path = order.options.journal
    if path is None:
        return frozenset()
    from gradient_async.fleet.journal import finished_droplets
    from gradient_async.fleet.records import RunRecord

    run = RunRecord(
        plan=order.plan.as_json(),
        wait=order.options.wait,
        until=order.options.until,
        tag=order.tag,
        droplets=found,
        began_at=datetime.now(UTC),
    )
    return finished_droplets(path, run)


def targets_of_order(order: Order) -> Targets:
    """The same, of a checked order."""
    return {"tag": order.tag} if order.tag is not None else {"droplets": list(order.droplets or ())}  # type: ignore[arg-type]  # ids, by targets_of


def checked_order(plan: Plan, options: FleetOptions, targets: Targets) -> Order:
    """All of it, checked before anything is sent. Pure.

    Raises:
        UsageError: An impossible value, or options that exclude each other.
    """
    from gradient_async.fleet.execution import Order
    from gradient_async.fleet.options import run_options
    from gradient_async.fleet.targets import check_targets

    if options.get("by_tag") and (len(plan.steps) > 1 or plan.steps[0].reads_droplet):
        verb = plan.name.replace("_", "-")
        raise UsageError(f"--by-tag: {verb} looks at each Droplet first; act {verb} does not")
    try:
        check_targets(targets.get("droplets"), targets.get("tag"))
        return Order(plan=plan, options=run_options(options), droplets=targets.get("droplets"), tag=targets.get("tag"))
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None


def is_agreed(screen: Screen, warning: str) -> bool:
    """Tell the operator what will be lost, and ask.

    Raises:
        UsageError: There is nobody to ask.
    """
    if not screen.is_interactive:
        raise UsageError(f"{warning} There is no terminal to ask at: pass --yes if that is wanted")
    screen.say(warning)
    screen.error.write("Go on? [y/N] ")
    screen.error.flush()
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        screen.say("")
        raise
    if dangers.is_yes(answer):
        return True
    screen.say("nothing was sent")
    return False


async def found_ids(opened: Account, targets: Targets) -> Sequence[int]:
    """The Droplets, looked for if they are given by a tag.

    Raises:
        UsageError: No Droplet has the tag.
    """
    tag = targets.get("tag")
    if tag is None:
        return targets["droplets"]
    from gradient_async.fleet.targets import ids_with_tag

    async with opened.client() as client:
        found = [droplet_id async for droplet_id in ids_with_tag(client.gpu_droplets, tag)]
    if not found:
        raise UsageError(f"no Droplet has the tag {tag!r}; tags tell capitals apart")
    return found


async def check_access(opened: Account) -> None:
    """Find out with one request that nobody would get in, before as many fail as there are Droplets.

    Raises:
        APIError: Nobody gets in.
    """
    async with opened.client() as client:
        # A token that may act and not read is a token.
        with suppress(PermissionDeniedError):
            await client.gpu_droplets.list(per_page=1)


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
    if code is None:
        code = code_of_report(report)
    else:
        screen.say("interrupted: nothing more is sent, and what was started goes on by itself", style="bold")
    if view.journal is not None and code != 0:
        screen.say(f"to go on where it ended: gpu-droplets resume {view.journal}")
    return code


class _Session:
    """One run, and what was written of it."""

    def __init__(self, screen: Screen, view: RunView) -> None:
        self._screen = screen
        self._view = view
        self._written: set[int] = set()
        self.cut_off: FleetReport | None = None
        self.is_terminated: bool = False

    async def run(self, opened: Account, start: Start) -> FleetReport:
        """The run.

        Raises:
            FleetCancelled: It was interrupted; what was done until then is in ``cut_off``.
        """
        self._listen_for_termination()
        with progress.watch(self._screen, self._view.plan, self._view.total, opened.budget) as watch:

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
        """The result, the summary and the picture."""
        match self._view.display.output:
            case "jsonl":
                for outcome in report.outcomes:
                    self._write_line(outcome)
            case "json":
                self._screen.write(report.to_json(indent=2))
            case "table":
                shown = shown_outcomes(report, is_terminal=self._screen.out.isatty())
                if shown:
                    self._screen.table(rows.OUTCOME_COLUMNS, [rows.outcome_row(outcome) for outcome in shown])
        for line in summary(report):
            self._screen.say(line)
        self._draw(report)

    def _write_line(self, outcome: Outcome) -> None:
        if self._view.display.output == "jsonl" and outcome.droplet_id not in self._written:
            self._written.add(outcome.droplet_id)
            self._screen.write(json.dumps(rows.outcome_json(outcome)))

    def _draw(self, report: FleetReport) -> None:
        path = self._view.picture
        if path is None:
            return
        try:
            path.write_text(picture.content(report, path), encoding="utf-8")
        except OSError as error:
            self._screen.failure(f"--report: {path} cannot be written: {error.strerror}")
        else:
            self._screen.say(f"the picture of the run is in {path}")

    def _listen_for_termination(self) -> None:
        """Have ``kill`` end the run as Ctrl-C does, with a report."""
        task = asyncio.current_task()

        def terminate() -> None:
            self.is_terminated = True
            if task is not None:
                task.cancel()

        with suppress(NotImplementedError):  # Windows has no such signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)


def shown_outcomes(report: FleetReport, *, is_terminal: bool) -> Sequence[Outcome]:
    """The outcomes that the table shows: all, or of many on a terminal those that ask for a look. Pure."""
    if not is_terminal or len(report.outcomes) <= _MOST_ROWS:
        return report.outcomes
    return (*report.failed, *report.unknown, *report.skipped[:_MOST_SKIPPED_ROWS])


def summary(report: FleetReport) -> Sequence[str]:
    """The run in a few lines. Pure."""
    lines = [str(report).partition("\n")[0]]
    resumed = sum(outcome.is_resumed for outcome in report.outcomes)
    if resumed:
        lines.append(f"by an earlier run on the journal: {resumed:,}")
    if report.stopped_by:
        lines.append(f"stopped: {report.stopped_by}")
    return lines


def _named(found: Sequence[int], tag: str | None) -> str:
    noun = "Droplet" if len(found) == 1 else "Droplets"
    which = f"with the tag {tag!r} " if tag else ""
    return f"{len(found):,} {noun} {which}({few(found)})"


def _limit(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else text
