"""The verbs that act: one for each of the 16 action types, and what operators mean by some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.cli import operations
from gradient_async.cli.fleet_command import FleetCommand
from gradient_async.cli.options import DEFAULTS, FleetArguments

if TYPE_CHECKING:
    from cyclopts import App


def reboot(*ids: str, arguments: FleetArguments = DEFAULTS) -> FleetCommand:
    """Restart the guest of each Droplet, as reboot inside it would. It must be on.

    Args:
        ids: Ids, @FILE with ids, or - for standard input.
    """
    return _single("reboot", ids, arguments)


def _single(action_type: str, ids: tuple[str, ...], arguments: FleetArguments, **parameters: object) -> FleetCommand:
    return FleetCommand(
        verb=action_type,
        words=ids,
        arguments=arguments,
        make=lambda until_status: operations.single_action(action_type, parameters, until_status=until_status),
    )


def register(app: App) -> None:
    """Give the application its verbs."""
    app.command(reboot)
