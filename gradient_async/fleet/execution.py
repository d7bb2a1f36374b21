"""The execution of one fleet run, from its specification to its report."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async import log
from gradient_async.budget.keyed_call import store_of
from gradient_async.errors import ActionOutcomeUnknownError, APIError, DropletError, GradientAIError, PreflightError
from gradient_async.event_loops import running_loop
from gradient_async.fleet.cancellation import FleetCancelled
from gradient_async.fleet.droplet_states import DropletStates
from gradient_async.fleet.engine.state import RunRules
from gradient_async.fleet.fleet_run import MAX_ON_THE_WIRE, FleetRun
from gradient_async.fleet.journal import open_journal, recorded_run
from gradient_async.fleet.journal_format import DropletRecord, RunRecord
from gradient_async.fleet.options import recorded_options
from gradient_async.fleet.outcome import STATUSES, Outcome
from gradient_async.fleet.report import FleetReport
from gradient_async.fleet.run_context import RunContext
from gradient_async.fleet.size_check import checked_size
from gradient_async.fleet.start_gate import StartGate
from gradient_async.fleet.step_keys import StepKeys
from gradient_async.fleet.targets import Names, ids_of, ids_with_tag
from gradient_async.http.request import Timestamp
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    from array import array
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from gradient_async.fleet.journal import Journal
    from gradient_async.fleet.run_spec import RunSpec
    from gradient_async.http.request import KeyedOptions
    from gradient_async.http.sender import Fact, Sender
    from gradient_async.models.action import Action
    from gradient_async.models.size import Size
    from gradient_async.waiting.watcher import Watcher

# Faults that are rare for one request are common in a fleet.
_MIN_RETRIES: Final = 5


class Execution:
    """One run.

    Args:
        sender: The client's sender.
        watcher: The client's watcher, shared with all its other waits.
        spec: The run's specification.
    """

    def __init__(self, sender: Sender, watcher: Watcher, spec: RunSpec) -> None:
        retries = max(_MIN_RETRIES, sender.settings.max_retries)
        self._sender = sender.copy(sender.settings.changed(max_retries=retries), sender.budget)
        self._watcher = watcher
        self._spec = spec
        self._gate = StartGate()
        self._began_at = datetime.now(UTC)
        running_loop()
        self._began = anyio.current_time()
        self._deadline = math.inf if spec.options.timeout is None else self._began + spec.options.timeout
        self._ids: list[int] | None = None
        self._outcomes: list[Outcome] = []
        self._run: FleetRun | None = None
        self._size: Size | None = None
        self._names: Names = {}
        self._polls_before = watcher.counter.requests, watcher.counter.refused
        self._request_times: list[array[float]] = []

    async def run(self) -> FleetReport:
        """Execute the run, and keep all outcomes.

        Raises:
            FleetCancelled: The run was cancelled. The error has the report so far.
        """

        async def keep(outcome: Outcome) -> None:
            self._outcomes.append(outcome)

        try:
            with self._span(), ExitStack() as stack:
                counters = (self._sender.counter, self._watcher.counter)
                self._request_times = [stack.enter_context(counter.recording()) for counter in counters]
                with self._time_limit():
                    await self._check_first()
                    self._ids = []
                    async with aclosing(self._targets()) as targets:
                        async for droplet_id in targets:
                            self._ids.append(droplet_id)
                async with self._open_run(keep) as run, self._all_targets() as targets:
                    await run.execute(targets)
        except asyncio.CancelledError:
            raise FleetCancelled(self.report()) from None
        return self.report()

    async def execute(self, emit: Callable[[Outcome], Awaitable[None]]) -> None:
        """Execute the run, and emit each outcome."""
        with self._span():
            with self._time_limit():
                await self._check_first()
                if self._spec.options.needs_total or self._spec.options.by_tag:
                    async with aclosing(self._targets()) as targets:
                        self._ids = [droplet_id async for droplet_id in targets]
            async with self._open_run(emit) as run, self._all_targets() as targets:
                await run.execute(targets)

    @contextmanager
    def _time_limit(self) -> Generator[None, None, None]:
        """Apply the run's timeout to what comes before the first Droplet.

        Raises:
            PreflightError: The timeout is over.
        """
        timeout = self._spec.options.timeout
        with anyio.CancelScope(deadline=self._deadline) as scope:
            yield
        if scope.cancelled_caught:
            raise PreflightError(
                f"the run's timeout of {timeout:g} s was over before the Droplets were known. Nothing was sent to any "
                "Droplet. Run again, with a longer timeout"
            )

    async def _check_first(self) -> None:
        """Check the needs of the plan's later steps, before anything is sent or recorded.

        A run that is resumed was checked when it began. Its Droplets may be between two steps, so it continues.

        Raises:
            PreflightError: The plan cannot be executed.
            RequestKeyStoreError: Nothing keeps the run's keys.
        """
        options = self._spec.options
        if options.key_prefix is not None:
            store_of(self._sender)
        if not options.check_first:
            return
        is_resumed = options.journal is not None and recorded_run(options.journal) is not None
        try:
            self._size = await checked_size(self._sender, self._spec.plan)
        except PreflightError:
            if not is_resumed:
                raise

    @asynccontextmanager
    async def _open_run(self, emit: Callable[[Outcome], Awaitable[None]]) -> AsyncGenerator[FleetRun, None]:
        """Open the run on all Droplets with its journal, and close the journal afterwards."""
        spec = self._spec
        journal = None
        # A run without Droplets writes no journal, so that the same call later finds the Droplets with the tag.
        if self._ids is not None and (path := spec.options.journal) and (self._ids or recorded_run(path)):
            journal = self._open_journal(self._ids, path)
        try:
            droplets = DropletStates(self._sender, self._watcher.outage)
            records: Mapping[int, DropletRecord] = {}
            if spec.options.by_tag and self._ids is not None:
                records = await self._start_by_tag(journal, self._ids)
            total = None if self._ids is None else len(self._ids)
            run = self._run = FleetRun(
                self._context(journal, droplets), droplets.serve, emit, total, records, self._names
            )
            try:
                yield run
            finally:
                self._outcomes += run.interrupted
        finally:
            if journal is not None:
                journal.close()

    def _all_targets(self) -> aclosing[AsyncGenerator[int, None]]:
        return aclosing(self._targets() if self._ids is None else _each(self._ids))

    def report(self) -> FleetReport:
        """Return the report so far. Droplets that were not started are ``skipped``."""
        requests, refused = self._requests()
        budget = self._sender.budget
        window = min(budget.snapshot().windows, key=lambda use: use.seconds) if budget else None
        return FleetReport(
            action=self._spec.plan.name,
            outcomes=(*self._outcomes, *self._skipped()),
            began_at=self._began_at,
            duration=anyio.current_time() - self._began,
            requests=requests,
            refused_for_rate=refused,
            stopped_by=self._gate.stopped_by,
            is_waited_for=self._spec.options.wait,
            request_times=tuple(sorted(time for times in self._request_times for time in times)),
            limit=(window.limit, window.seconds) if window else None,
        )

    def _span(self) -> AbstractContextManager[None]:
        return self._sender.span(f"fleet {self._spec.plan.name}", self._facts)

    def _facts(self) -> dict[str, Fact]:
        """Return the run's attributes for its span."""
        counts = Counter(dict.fromkeys(STATUSES, 0))
        if self._run is not None:
            counts.update(self._run.counts)
            counts.update(outcome.status for outcome in self._run.interrupted)
        counts["skipped"] += max(0, len(self._ids or ()) - counts.total())  # not started
        requests, refused = self._requests()
        facts: dict[str, Fact] = {
            "gradient.fleet.action": self._spec.plan.name,
            "gradient.fleet.droplets": counts.total(),
            **{f"gradient.fleet.{status}": count for status, count in counts.items()},
            "gradient.fleet.requests": requests,
            "gradient.fleet.rate_limited": refused,
            "gradient.fleet.is_stopped": self._gate.stopped_by is not None,
            "gradient.outcome": "completed",
        }
        if counts["failed"] or counts["unknown"] or self._gate.stopped_by is not None:
            has_problems = counts["failed"] or counts["unknown"]
            facts |= {"gradient.outcome": "failed", "error.type": "droplets_failed" if has_problems else "run_stopped"}
        return facts

    def _requests(self) -> tuple[int, int]:
        """Return the number of requests so far, with the polls of other waits, and how many of them got a 429."""
        polls, refused_before = self._polls_before
        return (
            self._sender.counter.requests + self._watcher.counter.requests - polls,
            self._sender.counter.refused + self._watcher.counter.refused - refused_before,
        )

    def _skipped(self) -> list[Outcome]:
        known = {outcome.droplet_id for outcome in self._outcomes}
        now = datetime.now(UTC)
        return [
            Outcome(
                droplet_id=droplet_id,
                name=self._names.get(droplet_id),
                status="skipped",
                reason="the run was cancelled",
                ended_at=now,
            )
            for droplet_id in self._ids or ()
            if droplet_id not in known
        ]

    def _targets(self) -> AsyncGenerator[int, None]:
        spec = self._spec
        if spec.droplets is not None:
            return ids_of(spec.droplets, self._names)
        tag = spec.tag or ""
        if spec.options.journal is not None:
            recorded = recorded_run(spec.options.journal)
            if recorded is not None and recorded.tag == tag:
                # The Droplets that had the tag when the first run began. By now, others may have it.
                return _each(recorded.droplets)
        droplets = GPUDroplets(self._sender, self._watcher)
        return ids_with_tag(droplets, tag, gpus_only=spec.options.gpus_only, names=self._names)

    def _open_journal(self, ids: Sequence[int], path: str) -> Journal:
        spec = self._spec
        run = RunRecord(
            plan=spec.plan.as_json(),
            wait=spec.options.wait,
            until=spec.options.until,
            tag=spec.tag,
            droplets=ids,
            began_at=self._began_at,
            options={**recorded_options(spec.options), "grace": spec.plan.grace},
        )
        return open_journal(
            path,
            run,
            [step.runs_after_failure for step in spec.plan.steps],
            if_finished=spec.options.if_finished,
        )

    def _context(self, journal: Journal | None, droplets: DropletStates) -> RunContext:
        rules = RunRules(
            plan=self._spec.plan,
            options=self._spec.options,
            began_at=journal.known.run.began_at if journal else self._began_at,
            deadline=self._deadline,
            size=self._size,
        )
        return RunContext(
            rules=rules,
            sender=self._sender,
            watcher=self._watcher,
            droplets=droplets,
            gate=self._gate,
            wire=anyio.Semaphore(MAX_ON_THE_WIRE, fast_acquire=True),
            request_options={},
            journal=journal,
            keys=self._keys(),
        )

    def _key_of_all(self) -> KeyedOptions:
        """Return the key of a request by tag."""
        options = self._spec.options
        return {} if options.key_prefix is None else {"key": f"{options.key_prefix}:tag", "key_ttl": options.key_ttl}

    def _keys(self) -> StepKeys | None:
        options = self._spec.options
        if options.key_prefix is None:
            return None
        return StepKeys(sender=self._sender, plan=self._spec.plan, prefix=options.key_prefix, ttl=options.key_ttl)

    async def _start_by_tag(self, journal: Journal | None, ids: list[int]) -> Mapping[int, DropletRecord]:
        """Start the action on all Droplets with one request, and return the record of each.

        If the answer is lost, each Droplet's own list of actions decides what is sent to it.
        """
        action = self._spec.plan.steps[0].request
        if not ids or (journal is not None and journal.known.droplets):
            return {}
        since = Timestamp.now()
        if journal is not None:
            await journal.sending_to_all(ids, action.type)
        actions = GPUDroplets(self._sender, self._watcher).actions
        try:
            answer = await actions.bulk_initiate(self._spec.tag or "", action=action, **self._key_of_all())  # type: ignore[arg-type]  # its type was checked
        except ActionOutcomeUnknownError as error:
            return _unresolved_records(ids, _first_sent(error, since))
        except APIError as error:
            return {droplet_id: _failed_record(droplet_id, str(error)) for droplet_id in ids}
        except GradientAIError:
            raise
        except Exception as error:  # noqa: BLE001 - an error of the user's own code, such as a middleware, after the answer
            log.by_tag_failed(self._spec.tag or "", error)
            return _unresolved_records(ids, since)
        started = {one.resource_id: one for one in answer.actions if one.resource_id is not None}
        known = set(ids)
        ids += [droplet_id for droplet_id in started if droplet_id not in known]
        if journal is not None:
            for droplet_id, one in started.items():
                journal.started(droplet_id, 0, one.id)
        why = "the request by tag started nothing on it: it was busy, or in the wrong state"
        return {
            droplet_id: _started_record(started[droplet_id])
            if droplet_id in started
            else _failed_record(droplet_id, why)
            for droplet_id in ids
        }


def _first_sent(error: ActionOutcomeUnknownError, since: Timestamp) -> Timestamp:
    """Return when a request was first sent: an earlier call with its key may have sent it before this one."""
    age = max([0.0, *(since.wall - attempt.started_at.timestamp() for attempt in error.attempts)])
    return Timestamp(since.wall - age, since.monotonic - age)


def _unresolved_records(ids: Sequence[int], since: Timestamp) -> Mapping[int, DropletRecord]:
    records = {droplet_id: DropletRecord() for droplet_id in ids}
    for record in records.values():
        record.step(0).first_sent = since
    return records


def _started_record(action: Action) -> DropletRecord:
    record = DropletRecord()
    record.step(0).action, record.step(0).action_id = action, action.id
    return record


def _failed_record(droplet_id: int, why: str) -> DropletRecord:
    record = DropletRecord()
    record.step(0).end, record.step(0).failure = "failed", DropletError(why, droplet_id=droplet_id)
    return record


async def _each(ids: Sequence[int]) -> AsyncGenerator[int, None]:
    for droplet_id in ids:
        yield droplet_id
