"""The verb ``cost``: what Droplets cost an hour, and have cost since they were created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from gradient_async.cli import completions
from gradient_async.cli import ids as ids_in
from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.options import DEFAULTS, DROPLETS, AccountOptions, OutputOptions
from gradient_async.cli.prices import dollars
from gradient_async.cli.read_command import ReadCommand
from gradient_async.cli.reads import check_tag
from gradient_async.cli.report_output import write_report
from gradient_async.cli.rows import timestamp
from gradient_async.cli.tables import Column
from gradient_async.cli.token_source import check_standard_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.fleet.cost import DropletCost, FleetCost

COLUMNS: Final = (
    Column("ID"),
    Column("NAME"),
    Column("STATUS", drop=4),
    Column("SIZE", min_width=11, drop=2),
    Column("REGION", drop=3),
    Column("CREATED", min_width=10, drop=1),
    Column("$/HOUR"),
    Column("SO FAR"),
)
EXAMPLES: Final = """\
Examples:

  gpu-droplets cost
  gpu-droplets cost --tag training -o json
"""


def cost(
    *ids: Annotated[str, Parameter(group=DROPLETS, metavar="ID|NAME", completer=completions.files_of_ids)],
    tag: Annotated[str | None, Parameter(group=DROPLETS, metavar="TAG")] = None,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReadCommand:
    """Show what Droplets cost an hour, and have cost since they were created. By default, all of the account.

    The prices are those that the API has now. A Droplet that is off costs the
    same. Volumes, snapshots, IPs, credits and taxes are not counted.

    Args:
        ids: Ids or names, @FILE for a file of them, or - for standard input.
        tag: All Droplets with this tag, with GPUs or without.
    """
    check_standard_input(account, ids)
    references = ids_in.parse_droplets(ids, ids_in.read_droplets)
    if tag is not None:
        check_tag(tag)
        if references:
            raise UsageError("Droplets and --tag are both given; pass one of the two")

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        from gradient_async.cli.droplet_names import resolved

        if references:
            found = await client.fleet.cost(list(await resolved(client, references)))
        else:
            found = await client.fleet.cost(tag=tag)
        _write(screen, display, found)
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read, tag=tag)


def cost_row(one: DropletCost) -> Sequence[str]:
    """Return a Droplet's row in the table. Pure."""
    return (
        str(one.droplet_id),
        one.name,
        one.status,
        one.size or "",
        one.region or "",
        timestamp(one.created_at),
        dollars(one.price_hourly),
        dollars(one.so_far),
    )


def _write(screen: Screen, display: OutputOptions, found: FleetCost) -> None:
    by_price = sorted(found.droplets, key=lambda one: -(one.price_hourly or 0.0))
    write_report(
        screen,
        display.output,
        document=found.to_json(),
        lines=found.to_rows(),
        table=lambda: (COLUMNS, [cost_row(one) for one in by_price]),
    )
    if display.output == "table":
        screen.write(found.headline)
