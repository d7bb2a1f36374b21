"""The verb ``resume``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from gradient_async.cli.options import (
    DEFAULTS,
    IF_FINISHED,
    RUN,
    UNCHANGED,
    AccountOptions,
    OutputOptions,
    ResumeLimits,
)
from gradient_async.cli.resume_command import ResumeCommand


def resume(
    journal: Annotated[Path, Parameter(group=RUN, metavar="FILE")],
    /,
    *,
    limits: ResumeLimits = UNCHANGED,
    health_check: Annotated[str | None, Parameter(group=RUN, metavar="COMMAND")] = None,
    report: Annotated[Path | None, Parameter(group=RUN, metavar="FILE")] = None,
    without_health_check: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    if_finished: Annotated[Literal["error", "report"], Parameter(group=RUN), IF_FINISHED] = "error",
    only_problems: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    dry_run: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    yes: Annotated[bool, Parameter(group=RUN, alias="-y", negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ResumeCommand:
    """Resume an interrupted run from its journal.

    A completed Droplet is left alone. A request without an answer is looked up
    first. A refused or skipped Droplet is tried again. The action, the Droplets
    and the options are those of the run; options given here replace them.
    --timeout starts from zero.

    Args:
        journal: The journal file.
        limits: Options that replace those of the run.
        report: Write a picture of the run to this file, .html or .svg.
        health_check: The health check; a journal does not store it. See gpu-droplets reboot --help.
        without_health_check: Resume without the health check that the run had.
        only_problems: Leave completed Droplets out of the result. The summary counts them.
        dry_run: Show what is left to do for each Droplet. Send nothing.
        yes: Do not ask for confirmation, even if data is lost.
    """
    return ResumeCommand(
        journal=str(journal),
        limits=limits,
        picture=report,
        health_check=health_check,
        without_health_check=without_health_check,
        if_finished=if_finished,
        dry_run=dry_run,
        yes=yes,
        only_problems=only_problems,
        account=account,
        display=display,
    )
