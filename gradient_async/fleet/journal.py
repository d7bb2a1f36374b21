"""A fleet run's journal: opening, writing and reading it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gradient_async import log
from gradient_async.boot import boot_id
from gradient_async.errors import JournalError, JournalFinishedError
from gradient_async.fleet import journal_file, journal_format, journal_opening
from gradient_async.fleet.differences import difference_of
from gradient_async.fleet.finish import finish_of
from gradient_async.fleet.journal_view import view_of
from gradient_async.fleet.journal_writer import JournalWriter
from gradient_async.fleet.plan import DEFAULT_GRACE_SECONDS, recorded_plan
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradient_async.fleet.journal_format import Records, RunRecord, StepEnd
    from gradient_async.fleet.journal_view import JournalView
    from gradient_async.fleet.options import IfFinished
    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.plan import Plan


class Journal(JournalWriter):
    """The journal of a run in progress. ``open_journal`` opens it.

    Nothing is sent before its ``sending`` line is on the disk.
    """

    def __init__(self, path: str, descriptor: int, known: Records, boot: str | None) -> None:
        super().__init__(path, descriptor)
        self.known = known
        self._boot = boot

    async def sending(self, droplet_id: int, step: int, action_type: str) -> None:
        """Record that an action request is about to go on the wire, and wait until the record is on the disk.

        Raises:
            JournalError: It cannot be written.
        """
        self.append(journal_format.sending_line(droplet_id, step, action_type, Timestamp.now(), self._boot))
        await self.sync()

    async def sending_to_all(self, droplet_ids: Iterable[int], action_type: str) -> None:
        """Record that one request for several Droplets is about to go on the wire, and wait for the disk.

        Raises:
            JournalError: It cannot be written.
        """
        now = Timestamp.now()
        for droplet_id in droplet_ids:
            self.append(journal_format.sending_line(droplet_id, 0, action_type, now, self._boot))
        await self.sync()

    def refused(self, droplet_id: int, step: int) -> None:
        """Record that a request was refused, or never sent."""
        self.append(journal_format.refused_line(droplet_id, step, time.time()))

    def started(self, droplet_id: int, step: int, action_id: int) -> None:
        """Record that the API accepted a request."""
        self.append(journal_format.started_line(droplet_id, step, action_id, time.time()))

    def step_ended(self, droplet_id: int, step: int, end: StepEnd, error: str = "") -> None:
        """Record that a step has ended."""
        self.append(journal_format.step_line(droplet_id, step, end, error, time.time()))

    def ended(self, outcome: Outcome) -> None:
        """Record a Droplet's final outcome."""
        self.append(journal_format.ended_line(outcome, time.time()))


def open_journal(
    path: str, run: RunRecord, runs_after_failure: Sequence[bool], *, if_finished: IfFinished = "error"
) -> Journal:
    """Start a journal, or continue the existing one.

    Args:
        path: The file.
        run: The run to record or to resume.
        runs_after_failure: For each step of its plan, whether it runs even if an earlier one failed.
        if_finished: What to do if nothing is left to do: raise an error, or open it for the report.

    Raises:
        JournalInUseError: Another run is writing it.
        JournalDamagedError: It was changed, or is no journal.
        JournalMismatchError: It belongs to another run.
        JournalFinishedError: Its run is finished.
        JournalError: It is no regular file, or cannot be opened.
    """
    with journal_opening.opened(path) as descriptor:
        boot = boot_id()
        known = _read(path, descriptor, run, runs_after_failure, boot)
        if known.run is not run:
            if _is_finished(path, known, if_finished):
                log.nothing_left(path)
            if count := known.unanswered:
                log.pending_requests(path, count)
        return Journal(path, descriptor, known, boot)


def recorded_run(path: str) -> RunRecord | None:
    """Return the run of a journal; ``None`` if there is no journal yet.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalError: It is no regular file, or cannot be read.
    """
    text = journal_opening.recorded_text(path)
    with journal_opening.named_damage(path):
        return journal_format.replay(text.lines[:1], None).run if text.lines else None


def recorded_droplets(path: str) -> Records | None:
    """Return the content of a journal; ``None`` if there is no journal yet. The file is only read.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalError: It is no regular file, or cannot be read.
    """
    text = journal_opening.recorded_text(path)
    with journal_opening.named_damage(path):
        return journal_format.replay(text.lines, boot_id()) if text.lines else None


def finished_droplets(path: str, run: RunRecord, *, if_finished: IfFinished = "error") -> frozenset[int]:
    """Return the Droplets on which a run on this journal would not act again. The file is only read, if it exists.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalMismatchError: It belongs to another run.
        JournalFinishedError: Its run is finished.
        JournalError: It is no regular file, or cannot be read.
    """
    known = recorded_droplets(path)
    if known is None:
        return frozenset()
    journal_opening.check_same_run(path, difference_of(known.run, run))
    _is_finished(path, known, if_finished)
    return frozenset(droplet_id for droplet_id, record in known.droplets.items() if record.outcome is not None)


def recorded_run_to_resume(path: str) -> RunRecord:
    """Return the run of a journal that must exist.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalError: There is none, or it cannot be read.
    """
    run = recorded_run(path)
    if run is None:
        raise JournalError(f"{path}: there is no journal to resume, or it holds nothing yet", path=path)
    return run


def journal_view(path: str, runs_after_failure: Sequence[bool] = ()) -> JournalView:
    """Return the progress of a journal's run. The file is only read.

    Args:
        path: The file.
        runs_after_failure: For each step of its plan, whether it runs after an earlier one failed, if that is known.

    Raises:
        JournalDamagedError: It was changed, or is no journal.
        JournalError: There is none, or it cannot be read.
    """
    content = journal_file.read(path)
    if not content:
        raise JournalError(f"{path}: there is no journal, or it holds nothing yet", path=path)
    with journal_opening.named_damage(path):
        return view_of(path, content, runs_after_failure)


def plan_to_resume(run: RunRecord, path: str) -> Plan:
    """Return the plan of a run to resume.

    Raises:
        JournalError: This version does not make such a plan.
    """
    grace = run.options.get("grace")
    try:
        return recorded_plan(run.plan, float(grace) if isinstance(grace, int | float) else DEFAULT_GRACE_SECONDS)
    except ValueError as error:
        raise JournalError(f"{path}: this journal cannot be resumed: {error}", path=path) from None


def _read(path: str, descriptor: int, run: RunRecord, runs_after_failure: Sequence[bool], boot: str | None) -> Records:
    with journal_opening.named_damage(path):
        text = journal_opening.read_or_begin(path, descriptor, run.as_line())
        if text is None:
            return journal_format.Records(run=run)
        known = journal_format.replay(text.lines, boot)
    journal_opening.check_same_run(path, difference_of(known.run, run))
    if text.torn:
        journal_opening.cut_off_torn_line(path, descriptor, text)
        known.assume_lost(
            runs_after_failure, since=journal_format.last_timestamp(text.lines, boot), until=Timestamp.now()
        )
    return known


def _is_finished(path: str, known: Records, if_finished: IfFinished) -> bool:
    """Return whether the run is finished.

    Raises:
        JournalFinishedError: It is, and that is an error.
    """
    finish = finish_of(known)
    if finish is None or if_finished == "report":
        return finish is not None
    raise JournalFinishedError(
        f"{path}: this journal's run is finished: it ended {finish}. Nothing was sent. Pass another file name for a "
        "new run, if_finished='report' for the report of this one, or delete the file",
        path=path,
        finished_at=finish.at,
        counts=finish.counts,
    )
