"""A fleet run: when each Droplet is started, and when no more are."""

from __future__ import annotations

import inspect
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, evolve, frozen

from gradient_async import log
from gradient_async.errors import GradientAIError, JournalError, UnhealthyDropletError
from gradient_async.fleet.engine import endings, machine
from gradient_async.fleet.journal_format import DropletRecord
from gradient_async.fleet.options import DEFAULT_CONCURRENCY
from gradient_async.fleet.outcome import STATUSES, FleetProgress, Outcome
from gradient_async.fleet.runner import DropletRunner
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping

    from gradient_async.fleet.engine.state import DropletState, Ending
    from gradient_async.fleet.journal import Journal
    from gradient_async.fleet.outcome import OutcomeStatus
    from gradient_async.fleet.run_context import RunContext

# The next run has to look up each request that was on the wire when the process died.
MAX_ON_THE_WIRE: Final = 50


@define
class BatchCounter:
    """Counts the outcomes of one batch. Pure.

    Attributes:
        ended: Number of outcomes.
        problems: Number of outcomes that are failed or unknown.
        has_fresh: Whether one of those comes from this run, and not from an earlier one on its journal.
        unhealthy: Number of Droplets that failed their health check in this run.
    """

    ended: int = 0
    problems: int = 0
    has_fresh: bool = False
    unhealthy: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.ended += 1
        self.problems += outcome.is_problem
        if outcome.is_problem and not outcome.is_resumed:
            self.has_fresh = True
            self.unhealthy += isinstance(outcome.error, UnhealthyDropletError)

    def objection(self, batch: int) -> str | None:
        """Return why no further batch should start; ``None`` if it may.

        A batch that failed entirely in an earlier run does not stop the run that resumes it.
        """
        go_on = "pass max_errors, such as '100%', to continue anyway"
        if self.unhealthy:
            noun = "Droplet" if self.unhealthy == 1 else "Droplets"
            return f"{self.unhealthy:,} {noun} of batch {batch:,} did not pass the health check"
        if self.has_fresh and self.problems == self.ended:
            which = "the only Droplet" if self.ended == 1 else f"all {self.ended:,} Droplets"
            return f"{which} of batch {batch:,} failed or {'is' if self.ended == 1 else 'are'} unknown; {go_on}"
        return None


class FleetRun:
    """Runs the Droplets batch by batch, with limited concurrency, and emits their outcomes.

    Args:
        context: The run context, shared by all Droplets of the run.
        serve: Serves the reads of Droplets; it has to run during the whole run.
        emit: Takes each outcome. The Droplet's slot is not free before it returns.
        total: Number of Droplets; ``None`` if it is not known.
        records: What was already done to some of the Droplets.
        names: The known names, by Droplet id. A name is removed when its Droplet starts.

    Attributes:
        counts: Number of emitted outcomes of each status.
        interrupted: After a cancellation, the outcomes of the Droplets that were in progress.
    """

    def __init__(
        self,
        context: RunContext,
        serve: Callable[[], Coroutine[object, object, None]],
        emit: Callable[[Outcome], Awaitable[None]],
        total: int | None,
        records: Mapping[int, DropletRecord],
        names: dict[int, str],
    ) -> None:
        self._context = context
        self._serve = serve
        self._rules = context.rules
        self._records = records
        self._names = names
        self._emit = emit
        self._total = total
        options, of = context.rules.options, total or 0
        concurrency, errors, batch = options.max_concurrency, options.max_errors, options.batch_size
        self._slots = anyio.Semaphore(concurrency.of(of, least=1) if concurrency else DEFAULT_CONCURRENCY)
        self._max_errors = errors.of(of, least=0) if errors else None
        self._batch_size = batch.of(of, least=1) if batch else sys.maxsize
        self.counts: dict[OutcomeStatus, int] = dict.fromkeys(STATUSES, 0)
        self._errors = 0
        self._started = 0
        self._batch = BatchCounter()
        self._is_exhausted = False
        self._source_error: Exception | None = None
        self._began = anyio.current_time()
        self._on_progress = options.on_progress
        self.interrupted: list[Outcome] = []

    async def execute(self, ids: AsyncIterator[int]) -> None:
        """Run all Droplets, and return when each has its outcome.

        Raises:
            Exception: An error of reading the ids. The Droplets that were read before it have their outcomes.
        """
        async with TaskGroup() as group:
            group.start_soon(self._serve)
            if self._rules.options.timeout is not None:
                group.start_soon(self._stop_at_timeout)
            batch, objection = 0, None
            while not self._is_exhausted:
                batch += 1
                self._batch = BatchCounter()
                async with TaskGroup() as members:
                    await self._start_batch(members, ids, batch, objection)
                objection = self._objection_to_next(batch)
            group.cancel()
        if self._source_error is not None:
            raise self._source_error

    async def _start_batch(
        self, members: TaskGroup, ids: AsyncIterator[int], batch: int, objection: str | None
    ) -> None:
        """Start the Droplets of one batch. If there is an objection and a Droplet is left, stop the run instead."""
        size = 0
        while size < self._batch_size:
            try:
                droplet_id = await anext(ids)
            except StopAsyncIteration:
                self._is_exhausted = True
                return
            except Exception as error:  # noqa: BLE001 - it is raised when the started Droplets have ended
                self._is_exhausted, self._source_error = True, error
                self._context.gate.stop(f"the Droplets could not be read: {error}")
                return
            if objection is not None:
                self._context.gate.stop(objection)
            size += 1
            await self._start_droplet(members, droplet_id, batch)

    async def _start_droplet(self, members: TaskGroup, droplet_id: int, batch: int) -> None:
        journal = self._context.journal
        earlier = journal.known.droplets.pop(droplet_id, None) if journal else None
        record = self._records.get(droplet_id) or earlier or DropletRecord()
        name = self._names.pop(droplet_id, None)
        if record.outcome is not None:
            await self.emit_outcome(evolve(record.outcome, name=record.outcome.name or name))
            return
        state = machine.state_from(droplet_id, self._rules.plan, record, name)
        if self._context.gate.stopped_by is None:
            await self._slots.acquire()
            if self._context.gate.stopped_by is None:
                self._started += 1
                members.start_soon(DropletRunner(state, record, self._context).run, _Slot(self, batch))
                return
        ending = endings.early_ending(state, self._context.gate.stopped_by, self._rules)
        await self.emit_outcome(_outcome(state, ending, batch))

    def outcome_of(self, state: DropletState, ending: Ending, batch: int) -> Outcome:
        """Return the outcome of a Droplet, and record it if a later run has nothing to do for the Droplet."""
        outcome = _outcome(state, ending, batch)
        if self._context.journal is not None and endings.is_final(state, ending):
            self._record_outcome(self._context.journal, outcome)
        return outcome

    def interrupt(self, state: DropletState, batch: int) -> None:
        """Keep the outcome of a Droplet whose run was cancelled before it ended."""
        ending = endings.early_ending(state, "the run was cancelled", self._rules)
        self.interrupted.append(_outcome(state, ending, batch))

    def release_slot(self) -> None:
        """Free the slot of a Droplet."""
        self._slots.release()

    def _record_outcome(self, journal: Journal, outcome: Outcome) -> None:
        try:
            journal.ended(outcome)
        except JournalError as error:
            self._context.gate.stop(error.message)

    async def emit_outcome(self, outcome: Outcome) -> None:
        """Count an outcome, and emit it."""
        self.counts[outcome.status] += 1
        self._batch.add(outcome)
        if outcome.is_problem and not outcome.is_resumed:
            self._errors += 1
            if self._max_errors is not None and self._errors > self._max_errors:
                self._context.gate.stop(f"more than {self._max_errors} Droplets failed or are unknown (max_errors)")
        await self._emit(outcome)
        await self._report_progress(outcome)

    async def _report_progress(self, outcome: Outcome) -> None:
        if self._on_progress is None:
            return
        progress = FleetProgress(
            total=self._total,
            started=self._started,
            completed=self.counts["completed"],
            failed=self.counts["failed"],
            unknown=self.counts["unknown"],
            skipped=self.counts["skipped"],
            not_awaited=self.counts["started"],
            elapsed=anyio.current_time() - self._began,
            latest=outcome,
        )
        try:
            answer = self._on_progress(progress)
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:  # noqa: BLE001 - an error of a progress bar must not stop the run
            self._on_progress = None
            log.callback_failed("on_progress", error)

    async def _stop_at_timeout(self) -> None:
        await anyio.sleep_until(self._rules.deadline)
        self._context.gate.stop(f"the run's timeout of {self._rules.options.timeout:g} s is over")

    def _objection_to_next(self, batch: int) -> str | None:
        """Return why the next batch must not start; ``None`` if it may. With ``max_errors``, that alone decides."""
        options = self._rules.options
        if options.batch_size is None or options.max_errors is not None:
            return None
        return self._batch.objection(batch)


@frozen
class _Slot:
    """The slot of one Droplet in a run."""

    run: FleetRun
    batch: int

    async def ended(self, runner: DropletRunner, ending: Ending) -> None:
        await self.run.emit_outcome(self.run.outcome_of(runner.state, ending, self.batch))

    def interrupt(self, runner: DropletRunner) -> None:
        self.run.interrupt(runner.state, self.batch)

    def release(self) -> None:
        self.run.release_slot()


def _outcome(state: DropletState, ending: Ending, batch: int) -> Outcome:
    error = ending.error
    if error is not None:
        if not isinstance(error, GradientAIError):
            log.fleet_fault(state.droplet_id, error)
        # The frames of the traceback would keep all objects of this Droplet's run alive.
        error.__traceback__ = None
    return endings.outcome_of(state, ending, batch, datetime.now(UTC))
