"""The journal of a creation run: begun, continued, and written to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from gradient_async import log
from gradient_async.boot import boot_id
from gradient_async.errors import JournalError, JournalFinishedError
from gradient_async.fleet import journal_opening
from gradient_async.fleet.create import lines
from gradient_async.fleet.create.records import CreationRecords, replay
from gradient_async.fleet.journal_writer import JournalWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.create.creation_run import CreationRun
    from gradient_async.fleet.journal_text import Line
    from gradient_async.fleet.options import IfFinished
    from gradient_async.http.request import Timestamp


class CreationLog:
    """The records of a run, and the journal in which they are kept, if there is one.

    Each change is one line. It is written down and applied to the records at once.

    Args:
        records: What the run has done so far.
        boot: This machine's present boot.
        writer: The journal; ``None`` if none is kept.

    Attributes:
        records: What the run has done so far.
        failure: Why the journal could not be written; ``None`` while it can. No create is sent after that.
    """

    def __init__(self, records: CreationRecords, boot: str | None, writer: JournalWriter | None = None) -> None:
        self.records = records
        self.failure: JournalError | None = None
        self._boot = boot
        self._writer = writer

    @property
    def path(self) -> str | None:
        """The journal's file; ``None`` without one."""
        return None if self._writer is None else self._writer.path

    async def sending(
        self, names: Sequence[str], *, size: str, region: str, price_hourly: float | None, now: Timestamp
    ) -> None:
        """Record that a create of these names is about to go on the wire. When this returns, it is on the disk.

        Raises:
            JournalError: It cannot be written.
        """
        line = lines.sending_line(names, size=size, region=region, price_hourly=price_hourly, now=now, boot=self._boot)
        await self._write_synced(line)

    def refused(self, names: Sequence[str], reason: str) -> None:
        """Record that a create was surely not executed."""
        self._write(lines.names_line("refused", names, reason, time.time()))

    def unknown(self, names: Sequence[str], reason: str) -> None:
        """Record that the outcome of a create is not known."""
        self._write(lines.names_line("unknown", names, reason, time.time()))

    def absent(self, names: Sequence[str], reason: str, *, is_answered: bool = False) -> None:
        """Record that the API shows no Droplets with these names after the settle time, or that its answer says so."""
        self._write(lines.names_line("absent", names, reason, time.time(), is_answered=is_answered))

    def created(self, name: str, droplet_id: int) -> None:
        """Record that the Droplet of a name exists."""
        self._write(lines.droplet_line("created", name, droplet_id, time.time()))

    def ready(self, name: str, droplet_id: int) -> None:
        """Record that a Droplet is usable."""
        self._write(lines.droplet_line("ready", name, droplet_id, time.time()))

    def lost(self, name: str, droplet_id: int, reason: str) -> None:
        """Record that a Droplet is gone, and that the run did not destroy it."""
        self._write(lines.droplet_line("lost", name, droplet_id, time.time(), reason))

    def surplus(self, name: str, droplet_id: int) -> None:
        """Record that another Droplet has a name of the run."""
        self._write(lines.droplet_line("surplus", name, droplet_id, time.time()))

    def destroying(self, name: str, droplet_id: int, reason: str) -> None:
        """Record that a Droplet is about to be destroyed."""
        self._write(lines.droplet_line("destroying", name, droplet_id, time.time(), reason))

    def destroyed(self, name: str, droplet_id: int, reason: str) -> None:
        """Record that a Droplet is destroyed."""
        self._write(lines.droplet_line("destroyed", name, droplet_id, time.time(), reason))

    async def ended(self, line: Line) -> None:
        """Record that the run is over."""
        self._write(line)
        if self._writer is not None and self.failure is None:
            try:
                await self._writer.sync()
            except JournalError as error:
                self.failure = error

    def close(self) -> None:
        """Write all of it to the disk, and close the file."""
        if self._writer is not None:
            self._writer.close()

    def _write(self, line: Line) -> None:
        # The records have the change even if the disk is full.
        self.records.apply(line, self._boot)
        if self._writer is not None and self.failure is None:
            try:
                self._writer.append(line)
            except JournalError as error:
                self.failure = error

    async def _write_synced(self, line: Line) -> None:
        if self._writer is not None:
            self._writer.append(line)
        self.records.apply(line, self._boot)
        if self._writer is not None:
            await self._writer.sync()


def open_creation(
    path: str | None, run: CreationRun, *, if_finished: IfFinished | Literal["continue"] = "error"
) -> CreationLog:
    """Begin the journal of a creation run, or continue the one that is there.

    Args:
        path: The file; ``None`` for no journal.
        run: What is asked for. A run that is continued keeps its nonce.
        if_finished: What to do if the run is over: refuse it, or open it for its report, or to record
            changes of its Droplets.

    Raises:
        JournalInUseError: Another run is writing it.
        JournalDamagedError: It was changed, or is no journal of a creation run.
        JournalMismatchError: It is of another call.
        JournalFinishedError: Its run is over.
        JournalError: It is no regular file, or cannot be opened.
    """
    boot = boot_id()
    if path is None:
        return CreationLog(CreationRecords(run=run), boot)
    with journal_opening.opened(path) as descriptor:
        records = _read(path, descriptor, run, boot)
        _check_unfinished(path, records, if_finished)
        if count := len(records.in_state("sent")):
            log.pending_requests(path, count)
        return CreationLog(records, boot, JournalWriter(path, descriptor))


def recorded_creation(path: str) -> CreationRecords | None:
    """Return all that the journal of a creation run says; ``None`` if there is no journal. It is only read.

    Raises:
        JournalDamagedError: It was changed, or is no journal of a creation run.
        JournalError: It is no regular file, or cannot be read.
    """
    text = journal_opening.recorded_text(path)
    with journal_opening.named_damage(path):
        return replay(text.lines, boot_id()) if text.lines else None


def _read(path: str, descriptor: int, run: CreationRun, boot: str | None) -> CreationRecords:
    with journal_opening.named_damage(path):
        text = journal_opening.read_or_begin(path, descriptor, run.as_line())
        if text is None:
            return CreationRecords(run=run)
        records = replay(text.lines, boot)
    journal_opening.check_same_run(path, records.run.difference(run))
    # A torn line was never synced. No create was sent for it, or its result is looked up again.
    journal_opening.cut_off_torn_line(path, descriptor, text)
    return records


def _check_unfinished(path: str, records: CreationRecords, if_finished: str) -> None:
    end = records.end
    if end is None or if_finished == "continue":
        return
    if if_finished == "report":
        log.nothing_left(path)
        return
    counted = ", ".join(f"{count:,} {name}" for name, count in end.counts.items() if count) or "no Droplets"
    raise JournalFinishedError(
        f"{path}: this journal's run is over: it ended {end.at:%Y-%m-%d %H:%M:%S} UTC with {counted}. Nothing was "
        "sent. Pass another file name for a new run, if_finished='report' for the report of this one, or delete the "
        "file",
        path=path,
        finished_at=end.at,
        counts=end.counts,
    )
