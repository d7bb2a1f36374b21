"""The verbs that act: one for each of the 16 action types, and what operators mean by four of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from cyclopts import App, Group, Parameter

from gradient_async.cli import completions, journals, operations
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.fleet_command import FleetCommand, ResumeCommand
from gradient_async.cli.options import (
    ACTION,
    DEFAULTS,
    DROPLETS,
    RUN,
    UNCHANGED,
    AccountOptions,
    FleetArguments,
    OutputOptions,
    ResumeLimits,
)

POWER: Final = Group("Power", sort_key=1)
DISK: Final = Group("Disk and size", sort_key=2)
SETTINGS: Final = Group("Settings", sort_key=3)
RUNS: Final = Group("Any action, and runs that were interrupted", sort_key=4)

Ids = Annotated[str, Parameter(group=DROPLETS, metavar="ID|NAME", completer=completions.files_of_ids)]
Image = Annotated[str, Parameter(group=ACTION, metavar="ID|SLUG")]
BackupImage = Annotated[int, Parameter(group=ACTION, metavar="ID")]
Size = Annotated[str, Parameter(group=ACTION, metavar="SLUG")]
Disk = Annotated[bool, Parameter(group=ACTION, negative=(), show_default=False)]
Name = Annotated[str, Parameter(group=ACTION, metavar="NAME")]
Kernel = Annotated[int, Parameter(group=ACTION, metavar="ID")]
Graceful = Annotated[bool, Parameter(group=ACTION)]
Grace = Annotated[str, Parameter(group=ACTION, metavar="TIME")]
BackupPlan = Annotated[Literal["daily", "weekly"], Parameter(group=ACTION)]
Weekday = Annotated[Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] | None, Parameter(group=ACTION)]
Hour = Annotated[Literal[0, 4, 8, 12, 16, 20] | None, Parameter(group=ACTION)]


def reboot(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Restart the guest of each Droplet, as reboot inside it would. Needs it on.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("reboot", ids, arguments)


def power_cycle(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Cut each Droplet's power and give it back. Needs it on; the guest is not asked. Asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("power_cycle", ids, arguments)


def shutdown(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Ask the guest of each Droplet to shut down, which it may ignore; see power-off.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("shutdown", ids, arguments)


def power_off(
    *ids: Ids, graceful: Graceful = True, grace: Grace = "120s", arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Have each Droplet off; one that is off already is left alone. It is still billed.

    Gracefully, the guest is asked to shut down, and its power is cut only if it
    does not go off in time. With --no-graceful it is cut at once; that asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        graceful: Ask the guest first, or cut the power at once.
        grace: How long the guest is given to go off.
    """
    seconds = seconds_in("--grace", grace) or 0.0
    return FleetCommand(
        verb="power_off",
        words=ids,
        arguments=arguments,
        make=lambda _: operations.power_off(graceful=graceful, grace=seconds),
    )


def power_on(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Have each Droplet on; one that is on already is left alone.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return FleetCommand(verb="power_on", words=ids, arguments=arguments, make=lambda _: operations.power_on())


def snapshot(*ids: Ids, name: Name = "{name}-{date}", arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Take a snapshot of each Droplet's disk. A scratch disk is not part of it.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        name: Name of the snapshots; {name}, {id} and {date} stand for the Droplet's name, its id and today's date.
    """
    return FleetCommand(verb="snapshot", words=ids, arguments=arguments, make=lambda _: operations.snapshot(name))


def resize(
    *ids: Ids, size: Size, disk: Disk = False, grace: Grace = "120s", arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Give each Droplet another size: off (gracefully), resize, and on again if it was on.

    One that has the size already is left alone. With --disk it asks first: a disk never shrinks again.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        size: Slug of the new size, such as gpu-h100x8-640gb.
        disk: Let the disk grow too.
        grace: How long the guest is given to go off before its power is cut.
    """
    seconds = seconds_in("--grace", grace) or 0.0
    return FleetCommand(
        verb="resize",
        words=ids,
        arguments=arguments,
        make=lambda _: operations.resize(size, disk=disk, grace=seconds),
    )


def rebuild(*ids: Ids, image: Image, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Make each Droplet's disk anew from an image. What is on it now is lost. Asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        image: Id or slug of the image, such as gpu-h100x1-base.
    """
    return _single("rebuild", ids, arguments, {"image": int(image) if image.isascii() and image.isdigit() else image})


def restore(*ids: Ids, image: BackupImage, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Put a Droplet's disk back to one of its backups. What is on it now is lost. Asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        image: Id of the backup; gpu-droplets show ID lists them.
    """
    return _single("restore", ids, arguments, {"image": image})


def rename(*ids: Ids, name: Name, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Give a Droplet another name.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        name: Letters, digits, dots and dashes. A full domain name also sets the PTR record.
    """
    return _single("rename", ids, arguments, {"name": name})


def password_reset(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Reset each Droplet's root password and mail the new one. Power-cycles it. Asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("password_reset", ids, arguments)


def enable_ipv6(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Give each Droplet an IPv6 address, which cannot be taken away again.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("enable_ipv6", ids, arguments)


def enable_backups(
    *ids: Ids,
    plan: BackupPlan | None = None,
    weekday: Weekday = None,
    hour: Hour = None,
    arguments: FleetArguments = DEFAULTS,
) -> FleetCommand:
    """Take backups of each Droplet from now on.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        plan: How often; the API takes daily if nothing is said.
        weekday: On which day, for the weekly plan.
        hour: From which hour, UTC.
    """
    policy = _policy(plan, weekday, hour)
    return _single("enable_backups", ids, arguments, {"backup_policy": policy or None})


def disable_backups(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Take no more backups of each Droplet. Those that exist stay.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("disable_backups", ids, arguments)


def change_backup_policy(
    *ids: Ids, plan: BackupPlan, weekday: Weekday = None, hour: Hour = None, arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Change when backups of each Droplet are taken. Needs backups enabled.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        plan: How often.
        weekday: On which day, for the weekly plan.
        hour: From which hour, UTC.
    """
    return _single("change_backup_policy", ids, arguments, {"backup_policy": _policy(plan, weekday, hour)})


def change_kernel(*ids: Ids, kernel: Kernel, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Change each Droplet's kernel. Only for Droplets from before March 2017.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        kernel: Id of the kernel.
    """
    return _single("change_kernel", ids, arguments, {"kernel": kernel})


def resume(
    journal: Annotated[Path, Parameter(group=RUN, metavar="FILE")],
    /,
    *,
    limits: ResumeLimits = UNCHANGED,
    health_check: Annotated[str | None, Parameter(group=RUN, metavar="COMMAND")] = None,
    report: Annotated[Path | None, Parameter(group=RUN, metavar="FILE")] = None,
    without_health_check: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    if_finished: Annotated[Literal["error", "report"], Parameter(group=RUN, metavar="WHAT")] = "error",
    only_problems: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    dry_run: Annotated[bool, Parameter(group=RUN, negative=(), show_default=False)] = False,
    yes: Annotated[bool, Parameter(group=RUN, alias="-y", negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ResumeCommand:
    """Go on with a run that was interrupted, from its journal.

    What was executed is not executed again, what was on its way is looked up
    first, what was refused or skipped is tried again. Action and Droplets are
    those that the run began with, and so are its options but for those that are
    given here. Its --timeout begins anew.

    Args:
        journal: The journal.
        limits: What takes the place of the run's own options.
        report: Write a picture of the run to this file, .html or .svg.
        health_check: The health check, which no journal can hold; see gpu-droplets reboot --help.
        without_health_check: Go on without the health check that the run had.
        if_finished: What to do if nothing is left to do: refuse it, or report how the run ended.
        only_problems: Leave completed Droplets out of the result; the summary counts them.
        dry_run: Show what is left to do for each Droplet; send nothing.
        yes: Do not ask, even if what is on the Droplets is lost.
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


def power_off_action(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Cut each Droplet's power, one request for each. Needs it on; the guest is not asked. Asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("power_off", ids, arguments)


def power_on_action(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Switch each Droplet's power on, one request for each. Needs it off.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
    """
    return _single("power_on", ids, arguments)


def snapshot_action(*ids: Ids, name: Name, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Take a snapshot of each Droplet's disk, all under the same name.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        name: Name of the snapshots.
    """
    return _single("snapshot", ids, arguments, {"name": name})


def resize_action(*ids: Ids, size: Size, disk: Disk = False, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Change each Droplet's size. Needs it off, and leaves it off. With --disk it asks first.

    Args:
        ids: Ids or names, @FILE with them, or - for standard input.
        size: Slug of the new size, such as gpu-h100x8-640gb.
        disk: Let the disk grow too, which can never be undone.
    """
    return _single("resize", ids, arguments, {"size": size, "disk": disk}, verb="act resize")


_USAGE: Final = "Usage: {path} {name} ID|NAME...|@FILE|-|--tag TAG [OPTIONS]"
Verb: TypeAlias = Callable[..., FleetCommand]

_SAME_EVERYWHERE: Final[Mapping[Group, tuple[Verb, ...]]] = {
    POWER: (reboot, power_cycle, shutdown),
    DISK: (rebuild, restore),
    SETTINGS: (
        rename,
        password_reset,
        enable_ipv6,
        enable_backups,
        disable_backups,
        change_backup_policy,
        change_kernel,
    ),
}
_BY_THEMSELVES: Final[Mapping[Group, tuple[Verb, ...]]] = {POWER: (power_off, power_on), DISK: (snapshot, resize)}
# Group, verb, and what follows the name in its example.
_AS_ACTIONS: Final[Mapping[str, tuple[Group, Verb, str]]] = {
    "power-off": (POWER, power_off_action, "--tag idle --by-tag"),
    "power-on": (POWER, power_on_action, "@trainers.txt"),
    "snapshot": (DISK, snapshot_action, "3164444 --name trainer-01-before-upgrade"),
    "resize": (DISK, resize_action, "3164444 --size gpu-h100x8-640gb"),
}
_EXAMPLES: Final = {
    "reboot": """
        gpu-droplets reboot 3164444 3164445
        gpu-droplets reboot --tag training --batch-size 10% --max-errors 5%
        gpu-droplets reboot --tag t --batch-size 1 --health-check 'nc -z {address} 22'
        gpu-droplets reboot --tag training --journal reboot-$(date +%F).journal
        gpu-droplets list --region atl1 -o id | gpu-droplets reboot -
    """,
    "power-cycle": "gpu-droplets power-cycle 3164444 --until status",
    "shutdown": "gpu-droplets shutdown --tag idle --by-tag",
    "power-off": """
        gpu-droplets power-off --tag idle --grace 5m
        gpu-droplets power-off 3164444 --no-graceful --yes
    """,
    "power-on": "gpu-droplets power-on @trainers.txt",
    "snapshot": "gpu-droplets snapshot --tag training --name '{name}-{date}-idle'",
    "resize": "gpu-droplets resize 3164444 --size gpu-h100x8-640gb --grace 5m",
    "rebuild": "gpu-droplets rebuild --tag training --image gpu-h100x1-base --batch-size 1",
    "restore": "gpu-droplets restore 3164444 --image 7938291",
    "rename": "gpu-droplets rename 3164444 --name trainer-01",
    "password-reset": "gpu-droplets password-reset 3164444",
    "enable-ipv6": "gpu-droplets enable-ipv6 --tag training",
    "enable-backups": "gpu-droplets enable-backups 3164444 --plan weekly --weekday SUN",
    "disable-backups": "gpu-droplets disable-backups --tag scratch",
    "change-backup-policy": "gpu-droplets change-backup-policy 3164444 --plan daily --hour 20",
    "change-kernel": "gpu-droplets change-kernel 3164444 --kernel 7515",
}


def register(app: App) -> None:
    """Give the application its verbs, and under ``act`` the 16 types as the API has them."""
    act = App(
        "act",
        help="One action of the API for each Droplet, as it is documented, and nothing besides.\n\n"
        "The verbs of the same names do what is meant by them: power-on and power-off\n"
        "leave alone what is so already, resize switches off and on again, snapshot\n"
        "names each snapshot after its Droplet.",
        help_epilogue="Example:\n\n  gpu-droplets act resize 3164444 --size gpu-h100x8-640gb",
        group=RUNS,
    )
    for group, verbs in _SAME_EVERYWHERE.items():
        for verb in verbs:
            _add(app, verb, group)
            _add(act, verb, group)
    for group, verbs in _BY_THEMSELVES.items():
        for verb in verbs:
            _add(app, verb, group)
    for name, (group, verb, words) in _AS_ACTIONS.items():
        _add(act, verb, group, name=name, examples=[f"gpu-droplets act {name} {words}"])
    app.command(act)
    app.command(
        resume,
        group=RUNS,
        help_epilogue="Examples:\n\n  gpu-droplets resume reboot-2026-11-30.journal --dry-run\n"
        "  gpu-droplets resume reboot-2026-11-30.journal --report reboot.html",
    )
    journals.register(app, RUNS)


def _add(app: App, verb: Verb, group: Group, *, name: str | None = None, examples: Sequence[str] = ()) -> None:
    name = name or verb.__name__.replace("_", "-")
    path = "gpu-droplets act" if app.name[0] == "act" else "gpu-droplets"
    lines = examples or [line.strip() for line in _EXAMPLES[name].strip().splitlines()]
    lines = [line.replace(f"gpu-droplets {name}", f"{path} {name}") for line in lines]
    heading = "Example:" if len(lines) == 1 else "Examples:"
    epilogue = "\n".join([heading, "", *(f"  {line}" for line in lines)])
    app.command(verb, name=name, group=group, usage=_USAGE.format(path=path, name=name), help_epilogue=epilogue)


def _single(
    action_type: str,
    ids: tuple[str, ...],
    arguments: FleetArguments,
    parameters: Mapping[str, object] | None = None,
    *,
    verb: str | None = None,
) -> FleetCommand:
    return FleetCommand(
        verb=verb or action_type,
        words=ids,
        arguments=arguments,
        make=lambda until_status: operations.single_action(action_type, parameters or {}, until_status=until_status),
    )


def _policy(plan: str | None, weekday: str | None, hour: int | None) -> dict[str, object]:
    """The parts of a backup policy that were given; its own class checks them."""
    given = {"plan": plan, "weekday": weekday, "hour": hour}
    return {name: value for name, value in given.items() if value is not None}
