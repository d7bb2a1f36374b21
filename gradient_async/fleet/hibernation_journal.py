"""The journal of hibernated Droplets: each is written down before it is destroyed."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from gradient_async.errors import JournalDamagedError, JournalError
from gradient_async.fleet import journal_file, journal_opening, journal_text
from gradient_async.fleet.hibernation_records import HibernatedDroplet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RUN: Final = {"event": "run", "version": 1, "kind": "hibernate"}


class HibernationJournal:
    """The Droplets that have a snapshot, and the file in which they are kept, if there is one.

    Args:
        descriptor: The open file; ``None`` if none is kept.
        records: The Droplets of earlier runs, by their former ids.
        restoring: When creates of earlier runs were sent, by the id of the snapshot, in seconds since the epoch.

    Attributes:
        records: All Droplets that have a snapshot, by their former ids.
        restoring: When creates were sent, by the id of the snapshot, in seconds since the epoch.
    """

    def __init__(
        self,
        descriptor: int | None,
        records: Mapping[int, HibernatedDroplet],
        restoring: Mapping[int, float] | None = None,
    ) -> None:
        self.records: dict[int, HibernatedDroplet] = dict(records)
        self.restoring: dict[int, float] = dict(restoring or {})
        self._descriptor = descriptor

    def add(self, droplet: HibernatedDroplet) -> None:
        """Record a Droplet. When this returns, it is on the disk.

        Raises:
            OSError: The file cannot be written.
        """
        self._write({"event": "hibernated", **droplet.to_dict()})
        _take(self.records, droplet)

    def note_restoring(self, snapshot_id: int) -> None:
        """Record that a create from a snapshot is about to be sent.

        Raises:
            OSError: The file cannot be written.
        """
        self.restoring[snapshot_id] = time.time()
        self._write({"event": "restoring", "snapshot_id": snapshot_id, "at": self.restoring[snapshot_id]})

    def note_refused(self, snapshot_id: int) -> None:
        """Record that a create from a snapshot was refused, so that nothing has to be looked up.

        Raises:
            OSError: The file cannot be written.
        """
        self.restoring.pop(snapshot_id, None)
        self._write({"event": "refused", "snapshot_id": snapshot_id})

    def _write(self, line: journal_text.Line) -> None:
        if self._descriptor is not None:
            journal_file.write(self._descriptor, journal_text.encode(line))
            os.fsync(self._descriptor)


@contextmanager
def opened_hibernation(path: str | None) -> Iterator[HibernationJournal]:
    """Open a journal to write; begin it if there is none.

    Raises:
        JournalInUseError: Another run is writing it.
        JournalDamagedError: It was changed, or is the journal of another kind of run.
        JournalError: It cannot be opened or written.
    """
    if path is None:
        yield HibernationJournal(None, {})
        return
    with journal_opening.opened(path) as descriptor:
        opened = HibernationJournal(descriptor, *_begun(path, descriptor))
    try:
        yield opened
    finally:
        os.close(descriptor)


@contextmanager
def opened_source(path: str) -> Iterator[HibernationJournal]:
    """Open a file with hibernated Droplets: a journal, or a report as JSON, which is only read.

    Raises:
        JournalInUseError: Another run is writing it.
        JournalDamagedError: It is neither.
        JournalError: It does not exist, or cannot be read.
    """
    content = _content_of(path)
    try:
        droplets = HibernatedDroplet.all_from_json(content.decode())
    except ValueError:  # also what cannot be decoded: then it is no report
        with opened_hibernation(path) as opened:
            yield opened
        return
    yield HibernationJournal(None, {one.droplet_id or -number: one for number, one in enumerate(droplets)})


def read_hibernation(path: str) -> tuple[HibernatedDroplet, ...]:
    """Return the Droplets in a file, a journal or a report as JSON. It is only read, also while a run writes it.

    Raises:
        JournalDamagedError: It is neither.
        JournalError: It does not exist, or cannot be read.
    """
    content = _content_of(path)
    try:
        return HibernatedDroplet.all_from_json(content.decode())
    except ValueError:  # also what cannot be decoded: then it is no report
        return tuple(_records(path, _decoded(path, content)).values())


def _begun(path: str, descriptor: int) -> tuple[dict[int, HibernatedDroplet], dict[int, float]]:
    """Return the Droplets in an open journal, and when creates were sent. Write its first line if there is none."""
    with journal_opening.named_damage(path):
        text = journal_opening.read_or_begin(path, descriptor, _RUN)
    if text is None:
        return {}, {}
    records = _records(path, text)  # before anything is cut off: the journal of another kind of run stays as it is
    journal_opening.cut_off_torn_line(path, descriptor, text)
    return records, _sent_in(text)


def _sent_in(text: journal_text.JournalText) -> dict[int, float]:
    """Return when creates were sent that were not refused, by the ids of the snapshots."""
    sent: dict[int, float] = {}
    for line in text.lines:
        if line["event"] == "restoring":
            sent[cast("int", line["snapshot_id"])] = cast("float", line["at"])
        elif line["event"] == "refused":
            sent.pop(cast("int", line["snapshot_id"]), None)
    return sent


def _decoded(path: str, content: bytes) -> journal_text.JournalText:
    with journal_opening.named_damage(path):
        return journal_text.decode(content)


def _records(path: str, text: journal_text.JournalText) -> dict[int, HibernatedDroplet]:
    if text.lines and text.lines[0].get("kind") != _RUN["kind"]:
        raise JournalDamagedError(
            f"{path}: this journal is of another kind of run, and not of fleet.hibernate. Pass the right file, or a "
            "new one",
            path=path,
        )
    try:
        found = [HibernatedDroplet.from_dict(line) for line in text.lines[1:] if line["event"] == "hibernated"]
    except (KeyError, ValueError, TypeError) as error:
        raise JournalDamagedError(f"{path}: this journal cannot be used: {error}", path=path) from None
    records: dict[int, HibernatedDroplet] = {}
    for one in found:
        _take(records, one)
    return records


def _take(records: dict[int, HibernatedDroplet], droplet: HibernatedDroplet) -> None:
    """Add a record. A Droplet that was restored, and is hibernated again, replaces its earlier record."""
    earlier = [key for key, one in records.items() if one.snapshot_id == droplet.made_from]
    for key in earlier:
        del records[key]
    records[cast("int", droplet.droplet_id)] = droplet


def _content_of(path: str) -> bytes:
    content = journal_file.read(path)
    if content is None:
        raise JournalError(f"{path}: there is no such file. Nothing was sent", path=path)
    return content
