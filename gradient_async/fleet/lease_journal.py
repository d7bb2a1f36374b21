"""The journal of a lease's Droplets, which is kept locked for as long as the lease lives."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from gradient_async.errors import JournalError
from gradient_async.fleet.journal_targets import note_destroyed, note_destroying, opened_journal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.fleet.create.journal import CreationLog
    from gradient_async.fleet.destroy.report import DestroyReport


class LeaseJournal:
    """The journal of a lease, from the end of creating to the end of the lease.

    While it is held, ``fleet.reap`` and ``fleet.destroy`` with this journal are refused. The system gives the lock back
    when the process dies, and the journal still says that its Droplets are a lease's.

    Args:
        path: The file; ``None`` without a journal.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._stack = ExitStack()
        self._opened: CreationLog | None = None

    def hold(self) -> None:
        """Lock the journal.

        Raises:
            JournalError: It cannot be opened, such as while another program reaps it.
        """
        if self._path is not None and self._opened is None:
            self._opened = self._stack.enter_context(opened_journal(self._path))

    def begin_to_destroy(self, droplet_ids: Iterable[int]) -> None:
        """Write down that Droplets are about to be destroyed, if the journal can be opened."""
        with suppress(JournalError):
            self.hold()
        if self._opened is not None:
            note_destroying(self._opened, self._named(self._opened, droplet_ids))

    def close(self, report: DestroyReport) -> None:
        """Record the outcomes of the Droplets, and close the journal."""
        if self._opened is not None:
            note_destroyed(self._opened, self._named(self._opened, [one.droplet_id for one in report.outcomes]), report)
        self._opened = None
        self._stack.close()

    @staticmethod
    def _named(opened: CreationLog, droplet_ids: Iterable[int]) -> dict[int, str]:
        """Return the names of the Droplets that the journal knows, by their ids."""
        records = opened.records
        known = {one.droplet_id: one.name for one in records.names.values()}
        known |= {one.droplet_id: one.name for one in records.surplus.values()}
        return {droplet_id: known[droplet_id] for droplet_id in droplet_ids if droplet_id in known}
