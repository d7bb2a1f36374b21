"""Journals of ``create`` and ``hibernate``: how they are shown, and how such a run is continued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.prices import dollars
from gradient_async.cli.printable import printable
from gradient_async.cli.rows import timestamp
from gradient_async.cli.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.options import OutputOptions
    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.create.records import CreationRecords, NameRecord

CREATE: Final = "create"
HIBERNATE: Final = "hibernate"
_MAX_FIRST_LINE: Final = 1 << 20
_CREATED: Final = (
    Column("DROPLET"),
    Column("NAME"),
    Column("STATE"),
    Column("SIZE", min_width=11, drop=2),
    Column("REGION", drop=1),
    Column("$/HOUR"),
    Column("REASON", min_width=24, hangs=True, optional=True),
)
_HIBERNATED: Final = (
    Column("FORMER ID"),
    Column("NAME"),
    Column("SNAPSHOT"),
    Column("SIZE", min_width=11, drop=2),
    Column("REGION", drop=1),
    Column("$/HOUR"),
)


def kind_of(path: str) -> str | None:
    """Return what kind of run a journal is of; ``None`` for one of actions, or if the kind is not known."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            first = json.loads(file.readline(_MAX_FIRST_LINE))
    except (OSError, ValueError):
        return None  # the reader of the journal says what is wrong
    kind = first.get("kind") if isinstance(first, dict) else None
    return kind if kind in {CREATE, HIBERNATE} else None


def refuse_to_resume(path: str) -> None:
    """Say how a run is continued that is no run of actions.

    Raises:
        UsageError: The journal is of such a run.
    """
    file = printable(path)
    match kind_of(path):
        case "create":
            raise UsageError(
                f"{file} is the journal of a create. To continue it, type the same create command again, with "
                f"--journal {file}. To destroy what it has not delivered: gpu-droplets reap {file}"
            )
        case "hibernate":
            raise UsageError(
                f"{file} is the journal of a hibernate. To continue it, type the same hibernate command again. To make "
                f"the Droplets again: gpu-droplets wake {file}"
            )


def show(screen: Screen, path: str, kind: str, display: OutputOptions) -> None:
    """Show the journal of a ``create`` or a ``hibernate``.

    Raises:
        JournalError: It is damaged.
    """
    if kind == CREATE:
        from gradient_async.fleet.create.journal import recorded_creation

        records = recorded_creation(path)
        if records is not None:
            _show_creation(screen, path, records, display)
        return
    from gradient_async.fleet.hibernation_journal import read_hibernation

    found = read_hibernation(path)
    if display.output != "table":
        screen.write_json([one.to_dict() for one in found], indent=display.indent)
        return
    screen.write(f"journal   {path}", f"run       hibernate; {len(found):,} can be made again", "")
    rows = [
        (
            str(one.droplet_id or ""),
            one.name,
            str(one.snapshot_id),
            one.size or "",
            one.region or "",
            dollars(one.price_hourly),
        )
        for one in found
    ]
    screen.table(_HIBERNATED, rows)


def creation_facts(path: str, records: CreationRecords) -> Sequence[str]:
    """Return the run for people: one line for each fact. Pure."""
    run, end = records.run, records.end
    states = [one.state for one in records.names.values()]
    count = run.call.get("count")
    facts = [
        ("journal", path),
        ("run", f"create of {count} Droplet{'' if count == 1 else 's'}, {run.name}, with the nonce {run.nonce}"),
        ("began", timestamp(run.began_at)),
        ("finished", f"{timestamp(end.at)}{f', {end.reason}' if end.reason else ''}" if end else "no"),
        ("droplets", ", ".join(f"{states.count(state):,} {state}" for state in sorted(set(states))) or "none yet"),
    ]
    return [f"{name:<9} {value}" for name, value in facts]


def name_json(one: NameRecord) -> Mapping[str, object]:
    """Return what is known of one name, for programs. Pure."""
    return {
        "name": one.name,
        "state": one.state,
        "droplet_id": one.droplet_id,
        "size": one.size,
        "region": one.region,
        "price_hourly": one.price_hourly,
        "reason": one.reason,
    }


def _show_creation(screen: Screen, path: str, records: CreationRecords, display: OutputOptions) -> None:
    names = list(records.names.values())
    match display.output:
        case "json":
            end = records.end
            facts = {
                "action": CREATE,
                "name": records.run.name,
                "nonce": records.run.nonce,
                "began_at": records.run.began_at.isoformat(),
                "finished_at": end.at.isoformat() if end else None,
                "names": [name_json(one) for one in names],
            }
            screen.write_json(facts, indent=2)
        case "jsonl":
            for one in names:
                screen.write_json(name_json(one))
        case "table":
            screen.write(*creation_facts(path, records), "")
            rows = [
                (
                    str(one.droplet_id or ""),
                    one.name,
                    one.state,
                    one.size,
                    one.region,
                    dollars(one.price_hourly),
                    one.reason,
                )
                for one in names
            ]
            screen.table(_CREATED, rows)
