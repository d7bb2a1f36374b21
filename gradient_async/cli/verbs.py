"""The verbs that act on Droplets: one for each of the 16 action types.

``power_off``, ``power_on``, ``snapshot`` and ``resize`` do more than the action of the API. The plain ones are in
``act_verbs``.
"""

from __future__ import annotations

from collections.abc import Mapping

from gradient_async.cli import operations
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.fleet_command import FleetCommand
from gradient_async.cli.options import DEFAULTS, FleetArguments
from gradient_async.cli.verb_parameters import (
    BackupImage,
    BackupPlan,
    Disk,
    Grace,
    Graceful,
    Hour,
    Ids,
    Image,
    Kernel,
    Name,
    Size,
    Weekday,
)


def reboot(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Ask the operating system of each Droplet to reboot. The Droplet must be on.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("reboot", ids, arguments)


def power_cycle(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Cut the power of each Droplet and switch it on again, without a shutdown.

    The Droplet must be on. Asks for confirmation: what is in memory is lost.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("power_cycle", ids, arguments)


def shutdown(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Ask the operating system of each Droplet to shut down. It may ignore this; see power-off.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("shutdown", ids, arguments)


def power_off(
    *ids: Ids, graceful: Graceful = True, grace: Grace = "120s", arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Switch each Droplet off. One that is off already stays as it is.

    The operating system is asked to shut down first. The power is cut only if
    the Droplet is not off in time. With --no-graceful, the power is cut at once,
    after a confirmation. A Droplet that is off is still billed.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        graceful: Ask the operating system to shut down first, or cut the power at once.
        grace: Time for the shutdown, before the power is cut.
    """
    seconds = seconds_in("--grace", grace) or 0.0
    return FleetCommand(
        verb="power_off",
        words=ids,
        arguments=arguments,
        make=lambda _: operations.power_off(graceful=graceful, grace=seconds),
    )


def power_on(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Switch each Droplet on. One that is on already stays as it is.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return FleetCommand(verb="power_on", words=ids, arguments=arguments, make=lambda _: operations.power_on())


def snapshot(*ids: Ids, name: Name = "{name}-{date}", arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Take a snapshot of the disk of each Droplet, without its scratch disk.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        name: Name of each snapshot. {name}, {id} and {date} become the Droplet's name, its id and today's date.
    """
    return FleetCommand(verb="snapshot", words=ids, arguments=arguments, make=lambda _: operations.snapshot(name))


def resize(
    *ids: Ids, size: Size, disk: Disk = False, grace: Grace = "120s", arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Change the size of each Droplet: shut it down, resize it, and switch it on again if it was on.

    A Droplet that has the size already stays as it is. --disk asks for
    confirmation: a disk that has grown cannot shrink.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        size: Slug of the new size, such as gpu-h100x8-640gb.
        disk: Grow the disk too.
        grace: Time for the shutdown, before the power is cut.
    """
    seconds = seconds_in("--grace", grace) or 0.0
    return FleetCommand(
        verb="resize",
        words=ids,
        arguments=arguments,
        make=lambda _: operations.resize(size, disk=disk, grace=seconds),
    )


def rebuild(*ids: Ids, image: Image, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Replace the disk of each Droplet by an image. The data on it is lost. Asks for confirmation.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        image: Id or slug of the image, such as gpu-h100x1-base.
    """
    return single_action(
        "rebuild", ids, arguments, {"image": int(image) if image.isascii() and image.isdigit() else image}
    )


def restore(*ids: Ids, image: BackupImage, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Replace the disk of a Droplet by one of its backups. The data on it is lost. Asks for confirmation.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        image: Id of the backup. gpu-droplets show ID lists the ids.
    """
    return single_action("restore", ids, arguments, {"image": image})


def rename(*ids: Ids, name: Name, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Change the name of a Droplet.

    Asks for confirmation if several Droplets would get the same name.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        name: The new name: letters, digits, dots and dashes. A full domain name also sets the PTR record.
    """
    return single_action("rename", ids, arguments, {"name": name})


def password_reset(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Reset the root password of each Droplet and mail the new one.

    Power-cycles the Droplet. Asks for confirmation.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("password_reset", ids, arguments)


def enable_ipv6(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Give each Droplet an IPv6 address. It cannot be removed again.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("enable_ipv6", ids, arguments)


def enable_backups(
    *ids: Ids,
    plan: BackupPlan | None = None,
    weekday: Weekday = None,
    hour: Hour = None,
    arguments: FleetArguments = DEFAULTS,
) -> FleetCommand:
    """Take backups of each Droplet regularly.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        plan: How often. The API's default is daily.
        weekday: Day of the backup, for the weekly plan.
        hour: Hour in which the backup begins, UTC.
    """
    policy = _policy(plan, weekday, hour)
    return single_action("enable_backups", ids, arguments, {"backup_policy": policy or None})


def disable_backups(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Stop the backups of each Droplet. Existing backups stay.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("disable_backups", ids, arguments)


def change_backup_policy(
    *ids: Ids, plan: BackupPlan, weekday: Weekday = None, hour: Hour = None, arguments: FleetArguments = DEFAULTS
) -> FleetCommand:
    """Change the time of the backups of each Droplet. Backups must be enabled.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        plan: How often.
        weekday: Day of the backup, for the weekly plan.
        hour: Hour in which the backup begins, UTC.
    """
    return single_action("change_backup_policy", ids, arguments, {"backup_policy": _policy(plan, weekday, hour)})


def change_kernel(*ids: Ids, kernel: Kernel, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Change the kernel of each Droplet. Works only for Droplets made before March 2017.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        kernel: Id of the kernel.
    """
    return single_action("change_kernel", ids, arguments, {"kernel": kernel})


def single_action(
    action_type: str,
    ids: tuple[str, ...],
    arguments: FleetArguments,
    parameters: Mapping[str, object] | None = None,
    *,
    verb: str | None = None,
) -> FleetCommand:
    """Return the command for one action of the API.

    Args:
        action_type: The API's name of the action.
        ids: Words that name the Droplets.
        arguments: The options.
        parameters: The action's own parameters.
        verb: The verb, if it is not the action's name.
    """
    return FleetCommand(
        verb=verb or action_type,
        words=ids,
        arguments=arguments,
        make=lambda until_status: operations.single_action(action_type, parameters or {}, until_status=until_status),
    )


def _policy(plan: str | None, weekday: str | None, hour: int | None) -> dict[str, object]:
    """Return the given parts of a backup policy. The policy's own class checks them."""
    given = {"plan": plan, "weekday": weekday, "hour": hour}
    return {name: value for name, value in given.items() if value is not None}
