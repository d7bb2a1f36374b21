"""Typed options as options of a fleet run, and their checks. Pure, but for reading a journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.health_command import health_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli import ids
    from gradient_async.cli.operations import Targets
    from gradient_async.cli.options import FleetArguments, ResumeLimits
    from gradient_async.fleet.journal_format import RunRecord
    from gradient_async.fleet.options import FleetOptions
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.run_spec import RunSpec

# More digits than any count needs, and few enough for Python to read.
_MAX_DIGITS: Final = 18


def fleet_options(arguments: FleetArguments) -> FleetOptions:
    """Return the typed options as options of a fleet run. Pure.

    Raises:
        UsageError: A time is invalid.
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
    """Return the options that were typed for a resumed run. Pure.

    Raises:
        UsageError: A time is invalid.
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


def targets_of(found: Sequence[ids.Reference], tag: str | None) -> Targets:
    """Return the tag or the ids among the references. Pure.

    Raises:
        UsageError: Neither Droplets nor a tag are given, or both.
    """
    if (tag is None) == (not found):
        if found:
            raise UsageError("Droplets and --tag are both given; pass one of the two")
        raise UsageError("no Droplets are given: pass ids, names, @FILE, - for standard input, or --tag TAG")
    return {"droplets": [one for one in found if isinstance(one, int)]} if tag is None else {"tag": tag}


def checked_spec(plan: Plan, options: FleetOptions, targets: Targets) -> RunSpec:
    """Return the checked description of the run. Pure.

    Raises:
        UsageError: A value is invalid, or options contradict each other.
    """
    from gradient_async.fleet.options import run_options
    from gradient_async.fleet.run_spec import RunSpec
    from gradient_async.fleet.targets import checked_targets

    if options.get("gpus_only") and "tag" not in targets:
        raise UsageError("--gpus-only: allowed only with --tag. Droplets that are given by id or name are not filtered")
    if options.get("by_tag") and (len(plan.steps) > 1 or plan.steps[0].reads_droplet):
        verb = plan.name.replace("_", "-")
        raise UsageError(
            f"--by-tag: {verb} reads each Droplet first and cannot start all with one request. Use: act {verb}"
        )
    try:
        droplets = checked_targets(targets.get("droplets"), targets.get("tag"))
        return RunSpec(plan=plan, options=run_options(options), droplets=droplets, tag=targets.get("tag"))
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None


def check_resumed(plan: Plan, recorded: RunRecord, changed: FleetOptions, journal: str) -> RunSpec:
    """Check the typed options together with those of the run in the journal. Pure.

    Raises:
        UsageError: A value is invalid, or options contradict each other.
    """
    from gradient_async.fleet.options import resumed_options

    options = resumed_options(recorded.options, changed, wait=recorded.wait, until=recorded.until, journal=journal)
    targets: Targets = {"droplets": recorded.droplets} if recorded.tag is None else {"tag": recorded.tag}
    return checked_spec(plan, options, targets)


def done_before(spec: RunSpec, found: Sequence[int]) -> frozenset[int]:
    """Return the Droplets that are finished in the run's journal.

    Raises:
        JournalError: The journal is damaged, finished, or belongs to another run.
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


def _limit(text: str | None) -> int | str | None:
    if text is not None and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    return text
