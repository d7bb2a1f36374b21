"""A fleet run: which Droplet is turned to when, and when no more are."""

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
from gradient_async.fleet.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping

    from gradient_async.fleet.engine.state import DropletState, Ending
    from gradient_async.fleet.journal import Journal
    from gradient_async.fleet.outcome import OutcomeStatus
    from gradient_async.fleet.run_context import RunContext

# Whatever is on the wire when the process dies has to be settled by the next run.
MAX_ON_THE_WIRE: Final = 50


@define
class BatchCounter:
    """The outcomes of one batch. Pure.

    Attributes:
        ended: How many there are.
        problems: How many of them are failed or unknown.
        fresh_problems: How many of those come from this run, not from an earlier one on its journal.
        unhealthy: How many failed their health check in this run.
    """

    ended: int = 0
    problems: int = 0
    fresh_problems: int = 0
    unhealthy: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.ended += 1
        self.problems += outcome.is_problem
        if outcome.is_problem and not outcome.is_resumed:
            self.fresh_problems += 1
            self.unhealthy += isinstance(outcome.error, UnhealthyDropletError)

    def objection(self, batch: int) -> str | None:
        """Why no further batch should begin; ``None`` if it may.

        A batch that failed entirely in an earlier run does not stop the run that resumes it.
        """
        go_on = "pass max_errors, such as '100%', to go on all the same"
        if self.unhealthy:
            noun = "Droplet" if self.unhealthy == 1 else "Droplets"
            return f"the health check says no to {self.unhealthy:,} {noun} of batch {batch:,}"
        if self.fresh_problems and self.problems == self.ended:
            which = "the only Droplet" if self.ended == 1 else f"all {self.ended:,} Droplets"
            return f"{which} of batch {batch:,} failed or {'is' if self.ended == 1 else 'are'} unknown; {go_on}"
        return None


class FleetRun:
    """Turns to each Droplet, batch by batch and so many at a time, and hands out the outcomes.

    Args:
        context: What all Droplets of the run share.
        serve: Has to run meanwhile, so that Droplets can be read.
        emit: Takes each outcome; the Droplet's place is not free before it returns.
        total: How many Droplets there are; ``None`` while that is not known.
        records: What was done to some of them already.
        names: The names of those whose name is known; a name is taken out when its Droplet begins.

    Attributes:
        counts: How many outcomes of each status were handed out.
        cut_off: After a cancellation, the outcomes of the Droplets that were under way.
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
        self._most_errors = errors.of(of, least=0) if errors else None
        self._batch_size = batch.of(of, least=1) if batch else sys.maxsize
        self.counts: dict[OutcomeStatus, int] = dict.fromkeys(STATUSES, 0)
        self._errors = 0
        self._started = 0
        self._batch = BatchCounter()
        self._is_exhausted = False
        self._source_error: Exception | None = None
        self._began = anyio.current_time()
        self._tell = options.on_progress
        self.cut_off: list[Outcome] = []

    async def execute(self, ids: AsyncIterator[int]) -> None:
        """Turn to all Droplets, and return when each has its outcome.

        Raises:
            Exception: What reading the ids raised; those that had been read have their outcomes.
        """
        async with TaskGroup() as group:
            group.start_soon(self._serve)
            if self._rules.options.timeout is not None:
                group.start_soon(self._stop_in_time)
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
        """Turn to the Droplets of one batch; if there is an objection and any Droplet is left, stop the run instead."""
        size = 0
        while size < self._batch_size:
            try:
                droplet_id = await anext(ids)
            except StopAsyncIteration:
                self._is_exhausted = True
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, what runs is seen through first
                self._is_exhausted, self._source_error = True, error
                self._context.gate.stop(f"the Droplets could not be read: {error}")
                return
            if objection is not None:
                self._context.gate.stop(objection)
            size += 1
            await self._begin(members, droplet_id, batch)

    async def _begin(self, members: TaskGroup, droplet_id: int, batch: int) -> None:
        journal = self._context.journal
        earlier = journal.known.droplets.pop(droplet_id, None) if journal else None
        record = self._records.get(droplet_id) or earlier or DropletRecord()
        name = self._names.pop(droplet_id, None)
        if record.outcome is not None:
            await self.hand_out(evolve(record.outcome, name=record.outcome.name or name))
            return
        state = machine.state_from(droplet_id, self._rules.plan, record, name)
        if self._context.gate.stopped_by is None:
            await self._slots.acquire()
            if self._context.gate.stopped_by is None:
                self._started += 1
                members.start_soon(DropletRunner(state, record, self._context).run, _Part(self, batch))
                return
            self._slots.release()
        ending = endings.left_alone(state, self._context.gate.stopped_by, self._rules)
        await self.hand_out(_outcome(state, ending, batch))

    def outcome_of(self, state: DropletState, ending: Ending, batch: int) -> Outcome:
        """The outcome of a Droplet; it is written down if a later run has nothing to do for it."""
        outcome = _outcome(state, ending, batch)
        if self._context.journal is not None and endings.is_final(state, ending):
            self._write_down(self._context.journal, outcome)
        return outcome

    def cut_off_now(self, state: DropletState, batch: int) -> None:
        """The run was cancelled while a Droplet was under way."""
        ending = endings.left_alone(state, "the run was cancelled", self._rules)
        self.cut_off.append(_outcome(state, ending, batch))

    def leave(self) -> None:
        """A Droplet's place is free."""
        self._slots.release()

    def _write_down(self, journal: Journal, outcome: Outcome) -> None:
        try:
            journal.ended(outcome)
        except JournalError as error:
            self._context.gate.stop(error.message)

    async def hand_out(self, outcome: Outcome) -> None:
        """Count an outcome, and hand it out."""
        self.counts[outcome.status] += 1
        self._batch.add(outcome)
        if outcome.is_problem and not outcome.is_resumed:
            self._errors += 1
            if self._most_errors is not None and self._errors > self._most_errors:
                self._context.gate.stop(f"more than {self._most_errors} Droplets failed or are unknown (max_errors)")
        await self._emit(outcome)
        await self._tell_progress(outcome)

    async def _tell_progress(self, outcome: Outcome) -> None:
        if self._tell is None:
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
            answer = self._tell(progress)
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:  # noqa: BLE001 - no progress bar may stop a fleet half-way
            self._tell = None
            log.callback_failed("on_progress", error)

    async def _stop_in_time(self) -> None:
        await anyio.sleep_until(self._rules.deadline)
        self._context.gate.stop(f"the run's timeout of {self._rules.options.timeout:g} s is over")

    def _objection_to_next(self, batch: int) -> str | None:
        """Why the next batch must not begin; ``None`` if it may. With ``max_errors``, that alone decides."""
        options = self._rules.options
        if options.batch_size is None or options.max_errors is not None:
            return None
        return self._batch.objection(batch)


@frozen
class _Part:
    """One Droplet's part in a run."""

    run: FleetRun
    batch: int

    async def ended(self, runner: DropletRunner, ending: Ending) -> None:
        await self.run.hand_out(self.run.outcome_of(runner.state, ending, self.batch))

    def cut_off(self, runner: DropletRunner) -> None:
        self.run.cut_off_now(runner.state, self.batch)

    def leave(self) -> None:
        self.run.leave()


def _outcome(state: DropletState, ending: Ending, batch: int) -> Outcome:
    error = ending.error
    if error is not None:
        if not isinstance(error, GradientAIError):
            log.fleet_fault(state.droplet_id, error)
        # Its frames would keep all that was touched on the way of this Droplet.
        error.__traceback__ = None
    return endings.outcome_of(state, ending, batch, datetime.now(UTC))
