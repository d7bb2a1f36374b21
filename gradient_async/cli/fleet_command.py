"""A run on many Droplets, from the command line to the exit status."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import field, frozen

from gradient_async import log
from gradient_async.cli import account, dangers, ids, picture
from gradient_async.cli.dry_run import DryRun
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.estimate import estimate_of
from gradient_async.cli.exit_codes import COMPLETED, FAILED, UsageError
from gradient_async.cli.fleet_session import RunView, carry_out
from gradient_async.cli.health_command import health_check
from gradient_async.cli.interruption import Invocation
from gradient_async.cli.journals import show_what_is_left
from gradient_async.cli.operations import Operation
from gradient_async.cli.options import AccountOptions, FleetArguments, OutputOptions, ResumeLimits
from gradient_async.cli.selection import Selection, described, referenced, tagged, with_names
from gradient_async.cli.token_source import check_standard_input
from gradient_async.errors import APIStatusError, AuthenticationError, MissingAccessTokenError
from gradient_async.fleet.options import IfFinished

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.operations import Targets
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.journal_format import RunRecord
    from gradient_async.fleet.options import FleetOptions, ProgressCallback
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.run_spec import RunSpec


# More than the Droplets of any account, and fewer than Python takes for a number.
_MOST_DIGITS: Final = 18


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
        check_standard_input(arguments.account, self.words)
        references = ids.parse_droplets(self.words, ids.read_droplets)
        spec = checked_spec(operation.plan, options, targets_of(references, arguments.tag))
        picture.check_path(arguments.run.report)
        journal = None if arguments.run.journal is None else str(arguments.run.journal)
        check_journal_path(journal)
        has_names = any(isinstance(one, str) for one in references)
        if not has_names:
            done_before(spec, [one for one in references if isinstance(one, int)])
        with account.opened(arguments.account, tag=arguments.tag, verb=self.verb) as opened:
            loss = None if arguments.run.yes else dangers.loss_of(operation.plan)
            chosen, targets = self._selected(opened, references, is_read=arguments.run.dry_run or loss is not None)
            if has_names:
                done_before(spec, targets.get("droplets", ()))
            if arguments.run.dry_run and chosen is not None:
                return self._rehearse(screen, opened, spec, chosen)
            if loss is not None and chosen is not None:
                if screen.is_interactive:
                    chosen = asyncio.run(with_names(opened, chosen))
                if not is_agreed(screen, operation.plan, chosen, tag=arguments.tag, loss=loss):
                    return FAILED
            if len(targets.get("droplets", ())) > 1:
                asyncio.run(check_access(opened))
            view = RunView(
                plan=operation.plan,
                display=arguments.display,
                typed=Invocation(
                    account=arguments.account,
                    display=arguments.display,
                    journal=journal,
                    picture=arguments.run.report,
                    health_check=arguments.run.health_check,
                ),
                total=len(targets["droplets"]) if "droplets" in targets else None,
                names={} if chosen is None else chosen.names,
                batch_size=spec.options.batch_size,
                only_problems=arguments.run.only_problems,
            )
            return carry_out(
                screen,
                opened,
                view,
                lambda fleet, tell: operation.begin(fleet, targets, {**options, "on_progress": tell}),
            )

    def _selected(
        self, opened: Account, references: Sequence[ids.Reference], *, is_read: bool
    ) -> tuple[Selection | None, Targets]:
        """The Droplets, and what the run is told of them; by tag they are read only if that is asked for."""
        tag, gpus_only = self.arguments.tag, self.arguments.gpus_only
        if tag is not None:
            return asyncio.run(tagged(opened, tag, gpus_only=gpus_only)) if is_read else None, {"tag": tag}
        chosen = asyncio.run(referenced(opened, references))
        return chosen, {"droplets": chosen.ids}

    def _rehearse(self, screen: Screen, opened: Account, spec: RunSpec, chosen: Selection) -> int:
        asyncio.run(check_plan(opened, spec))
        all_ids = chosen.ids
        done = done_before(spec, all_ids)
        found = [droplet_id for droplet_id in all_ids if droplet_id not in done]
        windows = opened.budget.snapshot().windows
        batch = spec.options.batch_size
        rehearsal = DryRun(
            plan=spec.plan,
            ids=found,
            done=len(done),
            tag=spec.tag,
            by_tag=spec.options.by_tag,
            without_gpus=chosen.without_gpus,
            names=chosen.names,
            batch_size=batch.of(len(all_ids), least=1) if batch else None,
            windows=windows,
            is_rate_known=any(window.used for window in windows),
            estimate=estimate_of(spec.plan, len(found), windows, waits=spec.options.wait, by_tag=spec.options.by_tag),
            waits=spec.options.wait,
        )
        if self.display.output == "table":
            screen.write(*rehearsal.as_text().split("\n"))
        else:
            screen.write_json(rehearsal.as_json(), indent=self.display.indent)
        return COMPLETED


@frozen(kw_only=True)
class ResumeCommand:
    """The verb that goes on with a run.

    Attributes:
        journal: Its journal.
        limits: What it shall have otherwise than it began.
        picture: The file for its picture; ``None`` for none.
        health_check: The command that says whether a Droplet is well; ``None`` for none.
        without_health_check: Whether a health check that the run had is given up.
        if_finished: What to do if nothing is left to do.
        dry_run: Whether only what is left to do is shown.
        yes: Whether nobody is asked.
        only_problems: Whether completed Droplets are left out of the result.
        account: Which account.
        display: What is written.
    """

    journal: str
    limits: ResumeLimits
    picture: Path | None
    health_check: str | None
    without_health_check: bool
    if_finished: IfFinished
    dry_run: bool
    yes: bool
    only_problems: bool
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Do it, and give the exit status.

        Raises:
            UsageError: What was typed makes no sense.
            JournalError: The journal cannot be resumed.
        """
        from gradient_async.fleet.journal import (
            finished_droplets,
            journal_view,
            plan_to_resume,
            recorded_run_to_resume,
        )

        limits = resume_options(self.limits)
        picture.check_path(self.picture)
        recorded = recorded_run_to_resume(self.journal)
        plan = plan_to_resume(recorded, self.journal)
        is_checked = self.health_check is not None
        if recorded.options.get("has_health_check") and not (is_checked or self.without_health_check):
            raise UsageError(
                "the run had a health check, which no journal can hold: pass --health-check again, or "
                "--without-health-check"
            )
        changed: FleetOptions = {
            **limits,
            "health_check": health_check(self.health_check),
            "if_finished": self.if_finished,
        }
        spec = check_resumed(plan, recorded, changed, self.journal)
        finished_droplets(self.journal, recorded, if_finished=self.if_finished)
        if self.dry_run:
            view = journal_view(self.journal, [step.runs_after_failure for step in plan.steps])
            return show_what_is_left(screen, view, self.display)
        with account.opened(self.account, tag=recorded.tag) as opened:
            loss, chosen = dangers.loss_of(plan), Selection(ids=recorded.droplets)
            if loss is not None and not self.yes:
                if screen.is_interactive:
                    chosen = asyncio.run(with_names(opened, chosen))
                if not is_agreed(screen, plan, chosen, tag=recorded.tag, loss=loss):
                    return FAILED
            asyncio.run(check_access(opened))
            run = RunView(
                plan=plan,
                display=self.display,
                typed=Invocation(
                    account=self.account,
                    display=self.display,
                    journal=self.journal,
                    picture=self.picture,
                    health_check=self.health_check,
                    without_health_check=self.without_health_check,
                ),
                total=len(recorded.droplets),
                names=chosen.names,
                batch_size=spec.options.batch_size,
                only_problems=self.only_problems,
            )

            async def go_on(fleet: Fleet, tell: ProgressCallback) -> FleetReport:
                options: FleetOptions = {**changed, "on_progress": tell}
                # Only options that a resumed run takes: see resume_options.
                return await fleet.resume(self.journal, **cast("dict[str, Any]", options))

            return carry_out(screen, opened, run, go_on)


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
        "health_check": health_check(run.health_check),
        "health_timeout": seconds_in("--health-timeout", run.health_timeout) or 0.0,
        "health_retries": run.health_retries,
        "health_interval": seconds_in("--health-interval", run.health_interval) or 0.0,
        "timeout": seconds_in("--timeout", run.timeout),
        "action_timeout": seconds_in("--action-timeout", run.action_timeout),
        "journal": run.journal,
        "check_first": run.check,
        "if_finished": run.if_finished,
        "by_tag": arguments.by_tag,
        "gpus_only": arguments.gpus_only,
    }
    return given


def resume_options(limits: ResumeLimits) -> FleetOptions:
    """What was typed for a run that goes on, as options of it; nothing for what was not. Pure.

    Raises:
        UsageError: A time that is none.
    """
    typed: dict[str, object] = {
        "batch_size": _limit(limits.batch_size),
        "max_concurrency": _limit(limits.max_concurrency),
        "max_errors": _limit(limits.max_errors),
        "on_busy": limits.on_busy,
        "timeout": seconds_in("--timeout", limits.timeout),
        "action_timeout": seconds_in("--action-timeout", limits.action_timeout),
    }
    return cast("FleetOptions", {name: value for name, value in typed.items() if value is not None})


def check_resumed(plan: Plan, recorded: RunRecord, changed: FleetOptions, journal: str) -> RunSpec:
    """Refuse what cannot stand beside the options that the run began with. Pure.

    Raises:
        UsageError: An impossible value, or options that exclude each other.
    """
    from gradient_async.fleet.options import resumed_options

    options = resumed_options(recorded.options, changed, wait=recorded.wait, until=recorded.until, journal=journal)
    targets: Targets = {"droplets": recorded.droplets} if recorded.tag is None else {"tag": recorded.tag}
    return checked_spec(plan, options, targets)


def targets_of(found: Sequence[ids.Reference], tag: str | None) -> Targets:
    """Which Droplets, as far as that is known without their names. Pure.

    Raises:
        UsageError: Neither ids nor a tag, or both.
    """
    if (tag is None) == (not found):
        given = "both were given" if found else "neither was given"
        raise UsageError(f"expected ids or names of Droplets, @FILE, - for standard input, or --tag: {given}")
    return {"droplets": [one for one in found if isinstance(one, int)]} if tag is None else {"tag": tag}


def check_journal_path(path: str | None) -> None:
    """Refuse a journal that could not be begun.

    Raises:
        UsageError: It is a folder, or its folder is not there.
    """
    if path is not None and (Path(path).is_dir() or not Path(path).absolute().parent.is_dir()):
        raise UsageError(f"--journal: {path} cannot be written: it is a folder, or there is no such folder")


def done_before(spec: RunSpec, found: Sequence[int]) -> frozenset[int]:
    """The Droplets with which the run's journal is done.

    Raises:
        JournalError: It is damaged, finished, or of another run.
    """
    path = spec.options.journal
    if path is None:
        return frozenset()
    from gradient_async.fleet.journal import finished_droplets
    from gradient_async.fleet.journal_format import RunRecord
    from gradient_async.fleet.options import recorded_options

    run = RunRecord(
        plan=spec.plan.as_json(),
        wait=spec.options.wait,
        until=spec.options.until,
        tag=spec.tag,
        droplets=found,
        began_at=datetime.now(UTC),
        options=recorded_options(spec.options),
    )
    return finished_droplets(path, run, if_finished=spec.options.if_finished)


def checked_spec(plan: Plan, options: FleetOptions, targets: Targets) -> RunSpec:
    """All of it, checked before anything is sent. Pure.

    Raises:
        UsageError: An impossible value, or options that exclude each other.
    """
    from gradient_async.fleet.options import run_options
    from gradient_async.fleet.run_spec import RunSpec
    from gradient_async.fleet.targets import checked_targets

    if options.get("gpus_only") and "tag" not in targets:
        raise UsageError("--gpus-only: only with --tag; Droplets that are named are acted on as they are")
    if options.get("by_tag") and (len(plan.steps) > 1 or plan.steps[0].reads_droplet):
        verb = plan.name.replace("_", "-")
        raise UsageError(f"--by-tag: {verb} looks at each Droplet first; act {verb} does not")
    try:
        droplets = checked_targets(targets.get("droplets"), targets.get("tag"))
        return RunSpec(plan=plan, options=run_options(options), droplets=droplets, tag=targets.get("tag"))
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None


def is_agreed(screen: Screen, plan: Plan, selection: Selection, *, tag: str | None, loss: str) -> bool:
    """Tell the operator what will be lost on which Droplets, and ask.

    Raises:
        UsageError: There is no terminal to ask at.
    """
    warning = dangers.warning(plan, described(selection, tag), loss)
    if not screen.is_interactive:
        raise UsageError(f"{warning} There is no terminal to ask at: pass --yes if that is wanted")
    screen.say(warning)
    try:
        screen.error.write("Go on? [y/N] ")
        screen.error.flush()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        screen.say("")
        screen.say("nothing was sent")
        raise
    if dangers.is_yes(answer):
        return True
    screen.say("nothing was sent")
    return False


async def check_access(opened: Account) -> None:
    """Find out with one request that nobody would get in, before as many fail as there are Droplets.

    Raises:
        AuthenticationError: The token is refused.
        APIConnectionError: Nobody is there.
    """
    async with opened.client() as client:
        try:
            await client.gpu_droplets.list(per_page=1)
        except AuthenticationError:
            raise
        except APIStatusError:
            # A token that may act and not read, or a server that has a bad minute: the run is the one to cope with it.
            return


async def check_plan(opened: Account, spec: RunSpec) -> None:
    """Check what the plan's later steps need, as the run would; without a token nothing can be checked.

    Raises:
        PreflightError: The run would be refused.
    """
    from gradient_async.fleet.size_check import checked_size

    if not spec.options.check_first or spec.plan.needed_size is None:
        return
    try:
        client = opened.client()
    except MissingAccessTokenError:
        log.size_not_checked(spec.plan.needed_size)
        return
    async with client:
        await checked_size(client._sender, spec.plan)  # noqa: SLF001 - the SDK's own command


def _limit(text: str | None) -> int | str | None:
    if text is not None and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    return text
