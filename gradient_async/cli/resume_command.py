"""The command behind ``resume``: from the command line to the exit status."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, frozen

from gradient_async.cli import account, dangers, picture
from gradient_async.cli.exit_codes import FAILED, INTERRUPTED, UsageError
from gradient_async.cli.fleet_session import RunView, carry_out, follow_up
from gradient_async.cli.health_command import for_account, health_check
from gradient_async.cli.interruption import Invocation
from gradient_async.cli.journal_paths import check_existing_journal
from gradient_async.cli.journals import show_what_is_left
from gradient_async.cli.options import AccountOptions, OutputOptions, ResumeLimits
from gradient_async.cli.other_journals import refuse_to_resume
from gradient_async.cli.preflight import is_agreed, known_names
from gradient_async.cli.run_options import check_resumed, resume_options
from gradient_async.cli.selection import Selection, with_names
from gradient_async.fleet.options import IfFinished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.journal_format import RunRecord
    from gradient_async.fleet.options import FleetOptions, ProgressCallback
    from gradient_async.fleet.report import FleetReport
    from gradient_async.fleet.run_spec import RunSpec


@frozen(kw_only=True)
class ResumeCommand:
    """A verb that resumes a run.

    Attributes:
        journal: The run's journal.
        limits: Options that replace those of the run.
        picture: File for the run's picture; ``None`` for none.
        health_check: Command that checks whether a Droplet is healthy; ``None`` for none.
        without_health_check: Whether the run's health check is dropped.
        if_finished: Whether a finished journal is an error or is reported.
        dry_run: Whether to show only what is left to do.
        yes: Whether to skip the confirmation.
        only_problems: Whether completed Droplets are left out of the result.
        account: Options of the account.
        display: Options of the output.
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
        """Resume the run, and return the exit status.

        Raises:
            UsageError: The command line is invalid.
            JournalError: The journal cannot be resumed.
        """
        from gradient_async.fleet.journal import (
            finished_droplets,
            journal_view,
            plan_to_resume,
            recorded_run_to_resume,
        )

        check_existing_journal(self.journal)
        refuse_to_resume(self.journal)
        limits = resume_options(self.limits)
        picture.check_path(self.picture)
        recorded = recorded_run_to_resume(self.journal)
        plan = plan_to_resume(recorded, self.journal)
        self._check_health_check(recorded)
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
            return self._resume(screen, opened, spec, recorded, changed)

    def _resume(
        self, screen: Screen, opened: Account, spec: RunSpec, recorded: RunRecord, changed: FleetOptions
    ) -> int:
        chosen = Selection(ids=recorded.droplets)
        loss = dangers.loss_of(spec.plan, len(chosen.ids))
        if loss is not None and not self.yes:
            if screen.is_interactive:
                chosen = asyncio.run(with_names(opened, chosen))
            if not is_agreed(screen, spec.plan, chosen, tag=recorded.tag, loss=loss):
                return FAILED
        run = self._view(spec, recorded, chosen.names)
        try:
            names = asyncio.run(known_names(opened, recorded.droplets, recorded.tag))
        except KeyboardInterrupt:  # where the API asks for a pause, this read can take a minute
            screen.say("interrupted: no action was sent", style="bold")
            follow_up(screen, run.typed, None, is_done=False)
            return INTERRUPTED
        run = evolve(run, names={**run.names, **names})

        async def resumed(fleet: Fleet, update: ProgressCallback) -> FleetReport:
            options: FleetOptions = {**for_account(changed, opened.token.value, {}), "on_progress": update}
            # A resumed run takes all of these: see resume_options.
            return await fleet.resume(self.journal, **cast("dict[str, Any]", options))

        return carry_out(screen, opened, run, resumed)

    def _check_health_check(self, recorded: RunRecord) -> None:
        if recorded.options.get("has_health_check") and self.health_check is None and not self.without_health_check:
            raise UsageError(
                "the run had a health check, which a journal does not store: pass --health-check again, or "
                "--without-health-check"
            )

    def _view(self, spec: RunSpec, recorded: RunRecord, names: Mapping[int, str]) -> RunView:
        return RunView(
            plan=spec.plan,
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
            names=names,
            batch_size=spec.options.batch_size,
            only_problems=self.only_problems,
        )
