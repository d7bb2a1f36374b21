"""The reports of runs that create, destroy or wake Droplets, on standard output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gradient_async.cli.tables import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradient_async.cli.options import ListFormat, OutputFormat
    from gradient_async.cli.screen import Screen
    from gradient_async.models.droplet import Droplet

# The columns of Droplets that a run made.
NEW_DROPLET_COLUMNS: Final = (
    Column("ID"),
    Column("NAME"),
    Column("STATUS"),
    Column("SIZE", min_width=11, drop=2),
    Column("REGION", drop=3),
    Column("ADDRESS", drop=1, optional=True),
    Column("$/HOUR"),
    Column("REASON", min_width=24, hangs=True, optional=True),
)


def write_report(
    screen: Screen,
    output: OutputFormat | ListFormat,
    *,
    document: str,
    lines: Sequence[Mapping[str, object]],
    table: Callable[[], tuple[Sequence[Column], Sequence[Sequence[str]]]],
    droplets: Sequence[Droplet] = (),
) -> None:
    """Write a report in the format that the command line asks for.

    Args:
        screen: Writes it.
        output: The format.
        document: The whole report as JSON.
        lines: An object for each Droplet, for ``"jsonl"``.
        table: Returns the columns and the rows. A table without rows is not written.
        droplets: The Droplets whose ids or names are written for ``"id"`` and ``"name"``.
    """
    match output:
        case "json":
            screen.write_json(json.loads(document), indent=2)
        case "jsonl":
            for line in lines:
                screen.write_json(line)
        case "id" | "name":
            for droplet in droplets:
                screen.write(str(droplet.id) if output == "id" else droplet.name)
        case "table":
            columns, rows = table()
            if rows:
                screen.table(columns, rows)
