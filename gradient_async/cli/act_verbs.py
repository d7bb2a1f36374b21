"""The verbs of ``gpu-droplets act`` that differ from the plain verbs of the same names: one action of the API each."""

from __future__ import annotations

from gradient_async.cli.fleet_command import FleetCommand
from gradient_async.cli.options import DEFAULTS, FleetArguments
from gradient_async.cli.verb_parameters import Disk, Ids, Name, Size
from gradient_async.cli.verbs import single_action


def power_off(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Cut the power of each Droplet, without a shutdown.

    The Droplet must be on. Asks for confirmation: what is in memory is lost.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("power_off", ids, arguments)


def power_on(*ids: Ids, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Switch each Droplet on. It must be off.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
    """
    return single_action("power_on", ids, arguments)


def snapshot(*ids: Ids, name: Name, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Take a snapshot of the disk of each Droplet. All have the same name.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        name: Name of the snapshots.
    """
    return single_action("snapshot", ids, arguments, {"name": name})


def resize(*ids: Ids, size: Size, disk: Disk = False, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Change the size of each Droplet. It must be off, and stays off. --disk asks for confirmation.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        size: Slug of the new size, such as gpu-h100x8-640gb.
        disk: Grow the disk too. This cannot be undone.
    """
    return single_action("resize", ids, arguments, {"size": size, "disk": disk}, verb="act resize")
