"""The Droplets of a creation run, by its journal.

One without a known id is found by its name. One that is destroyed is recorded in the journal.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints import droplets as endpoints
from gradient_async.errors import JournalError
from gradient_async.fleet.create.journal import open_creation, recorded_creation
from gradient_async.http import retry
from gradient_async.waiting.list_pages import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gradient_async.fleet.create.journal import CreationLog
    from gradient_async.fleet.create.records import CreationRecords, Leftover
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.http.sender import Sender

_PAGE_LENGTH: Final = 200
_WHY: Final = "destroyed by its journal"


@contextmanager
def opened_journal(path: str) -> Iterator[CreationLog]:
    """Open the journal of a creation run, so that no other run can write it.

    Raises:
        JournalInUseError: A run is writing it.
        JournalError: There is no such journal, or it is damaged, or of another kind of run.
    """
    records = recorded_creation(path)
    if records is None:
        raise JournalError(f"{path}: there is no such journal. Nothing was sent", path=path)
    opened = open_creation(path, records.run, if_finished="continue")
    try:
        yield opened
    finally:
        opened.close()


def targets_in(records: CreationRecords, *, with_delivered: bool) -> list[Leftover]:
    """Return the Droplets of a run that may exist. Pure.

    Args:
        records: What the run has done.
        with_delivered: Whether those are among them that a run which is over has delivered. Those of a lease are in any
            case: they are of no use once its program is dead, and while it lives, it holds the journal.
    """
    keeps = records.end is not None and not records.run.is_lease and not with_delivered
    delivered = ("created", "ready") if keeps else ()
    return [one for one in records.leftovers if one.state not in delivered]


async def ids_of_run(sender: Sender, opened: CreationLog, targets: Sequence[Leftover]) -> dict[int, str]:
    """Return the names of Droplets by their ids. Those without a known id are looked up by their names.

    A create that was sent a moment ago can show in the lists only later: it is looked up until its time is over.

    Raises:
        APIError: The lists cannot be read.
    """
    found = {one.droplet_id: one.name for one in targets if one.droplet_id is not None}
    missing = [one.name for one in targets if one.droplet_id is None]
    for pause in (0.0, *retry.growing_pauses(_seconds_left(sender, opened, missing))):
        await anyio.sleep(pause)
        for name in list(missing):
            if ids := await ids_with_name(sender, name):
                found |= dict.fromkeys(ids, name)
                missing.remove(name)
                opened.created(name, ids[0])
                for surplus in ids[1:]:
                    opened.surplus(name, surplus)
        if not missing:
            break
    if missing:
        opened.absent(missing, "no list shows it")
    return found


def note_destroying(opened: CreationLog, names: Mapping[int, str]) -> None:
    """Record that Droplets are about to be destroyed."""
    for droplet_id, name in names.items():
        if droplet_id not in opened.records.surplus:
            opened.destroying(name, droplet_id, _WHY)


def note_destroyed(opened: CreationLog, names: Mapping[int, str], report: DestroyReport) -> None:
    """Record which Droplets are gone."""
    for outcome in report.destroyed:
        if outcome.droplet_id in names:
            opened.destroyed(names[outcome.droplet_id], outcome.droplet_id, _WHY)


def _seconds_left(sender: Sender, opened: CreationLog, names: Sequence[str]) -> float:
    """Return the seconds in which a Droplet of these names may still show up for the first time."""
    sent = [record.last_sent.wall for name in names if (record := opened.records.names.get(name)) and record.last_sent]
    settle = sender.settings.create_settle_seconds
    return min(settle, max(0.0, max(sent, default=0.0) + settle - time.time()))


async def ids_with_name(sender: Sender, name: str) -> list[int]:
    """Return the ids of all Droplets with exactly this name, the oldest first."""
    found: dict[int, str] = {}
    for query in ({"type": "gpus"}, {}):
        pages = {**query, "name": name, "page": 1, "per_page": _PAGE_LENGTH}
        page = page_of(await sender.send(endpoints.LIST.request({}, query=pages)))
        found |= {droplet.id: str(droplet.created_at) for droplet in page.droplets if droplet.name == name}
    return sorted(found, key=lambda droplet_id: (found[droplet_id], droplet_id))
