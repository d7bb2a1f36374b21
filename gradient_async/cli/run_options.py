"""Typed options as options of a fleet run, and their checks. Pure, but for reading a journal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from attrs import asdict

from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.health_command import health_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.operations import Targets
    from gradient_async.cli.options import FleetArguments, ResumeLimits
    from gradient_async.cli.references import Reference
    from gradient_async.fleet.journal_format import RunRecord
    from gradient_async.fleet.options import FleetOptions, Option
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.run_spec import RunSpec

# More digits than any count needs, and few enough for Python to read.
_MAX_DIGITS: Final = 18
# Options that say which Droplets, beside those that say how the run goes.
_OF_THE_DROPLETS: Final = frozenset({"by_tag", "gpus_only"})


def fleet_options(arguments: FleetArguments) -> FleetOptions:
    """Return the typed options as options of a fleet run. Pure.

    Raises:
        UsageError: A time is invalid.
    """
    from gradient_async.fleet.options import OPTIONS

    given: dict[str, object] = {}
    for name, option in OPTIONS.items():
        flag = name if option.flag is None else option.flag
        if flag:
            typed = getattr(arguments if name in _OF_THE_DROPLETS else arguments.run, flag)
            given[name] = _value(name, typed, option)
    return cast("FleetOptions", given)


def resume_options(limits: ResumeLimits) -> FleetOptions:
    """Return the options that were typed for a resumed run. Pure.

    Raises:
        UsageError: A time is invalid.
    """
    from gradient_async.fleet.options import OPTIONS

    typed = {name: value for name, value in asdict(limits).items() if value is not None}
    return cast("FleetOptions", {name: _value(name, value, OPTIONS[name]) for name, value in typed.items()})


def targets_of(found: Sequence[Reference], tag: str | None) -> Targets:
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


def _value(name: str, typed: object, option: Option) -> object:
    """Return the value of an option from what was typed for it. Pure.

    Raises:
        UsageError: A time is invalid.
    """
    match option.form:
        case "limit":
            return _limit(cast("str | None", typed))
        case "seconds":
            return seconds_in(f"--{name.replace('_', '-')}", cast("str | None", typed))
        case "command":
            return health_check(cast("str | None", typed))
        case "word":
            return typed


def _limit(text: str | None) -> int | str | None:
    if text is not None and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS:
        return int(text)
    return text
