"""One Droplet's way through a fleet run, to its one outcome."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
from attrs import evolve, frozen

from gradient_async import log
from gradient_async.endpoints import droplet_actions
from gradient_async.errors import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    ActionTimeoutError,
    APIError,
    APIStatusError,
    ClientClosedError,
    DropletCheckError,
    DropletStateError,
    EarlierFailureError,
    GradientAIError,
    JournalError,
    PendingEventError,
    RateLimitError,
    WrongPowerStateError,
)
from gradient_async.fleet.droplet_states import DropletStates
from gradient_async.fleet.health import check_health
from gradient_async.fleet.journal import Journal
from gradient_async.fleet.options import RunOptions
from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.plan import Plan
from gradient_async.fleet.sent_before import sent_before
from gradient_async.fleet.size_check import has_size, size_objection
from gradient_async.fleet.starts import NotStartedError, Starts
from gradient_async.http.request import Priority, Timestamp
from gradient_async.http.sender import Sender
from gradient_async.models.size import Size
from gradient_async.waiting.poller import TRANSIENT_ERRORS, Awaited, interval
from gradient_async.waiting.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.errors import Attempt
    from gradient_async.fleet.goals import Goal
    from gradient_async.fleet.outcome import OutcomeStatus
    from gradient_async.fleet.plan import Step
    from gradient_async.fleet.records import DropletRecord, StepEnd, StepRecord
    from gradient_async.models.action import Action
    from gradient_async.models.action_requests import ActionRequest
    from gradient_async.models.droplet import Droplet

T = TypeVar("T")

_EXECUTED: Final = frozenset({"answered", "unknown"})
# The longest of the account's windows: a request that is refused for its rate for longer will not get through at all.
_RATE_PATIENCE_SECONDS: Final = 3660.0
_LONGEST_RATE_PAUSE_SECONDS: Final = 60.0


class _SkippedError(Exception):
    """The Droplet is left alone, as the caller asked for."""


@frozen(kw_only=True)
class Tools:
    """What all Droplets of a run share.

    Attributes:
        plan: What is done to each.
        options: How.
        sender: Sends the run's requests.
        watcher: Waits for actions, with the client's other waits.
        states: Reads Droplets.
        starts: Who may still start.
        wire: How many action requests may be on the way at once; after a crash, so many have to be settled.
        journal: What has been done; ``None`` where nobody wants to know.
        began_at: When the run, or the first one on its journal, began.
        deadline: When the run is over, by the event loop's clock.
        size: The size that the plan needs, as the API lists it; ``None`` where nothing is checked against it.
    """

    plan: Plan
    options: RunOptions
    sender: Sender
    watcher: Watcher
    states: DropletStates
    starts: Starts
    wire: anyio.Semaphore
    journal: Journal | None
    began_at: datetime
    deadline: float
    size: Size | None


class DropletRun:
    """One Droplet's part in a run.

    Args:
        droplet_id: The Droplet's id.
        record: What earlier runs on the journal did to it.
        batch: Number of its batch.
        tools: What all Droplets of the run share.
        name: The Droplet's name, where it is known.
    """

    def __init__(
        self, droplet_id: int, record: DropletRecord, batch: int, tools: Tools, name: str | None = None
    ) -> None:
        self._id = droplet_id
        self._name = name
        # The action that was started last, and the step that it is of.
        self._action_id: int | None = None
        self._step = 0
        # The type of an action that was sent and not answered.
        self._in_doubt: str | None = None
        self._record = record
        self._batch = batch
        self._tools = tools
        self._action: Action | None = None
        self._attempts: list[Attempt] = []
        self._started_at: datetime | None = None
        self._droplet: Droplet | None = None
        self._is_recorded = any(
            step.first_sent is not None or step.action_id is not None or step.end in {"acted", "failed"}
            for step in record.steps.values()
        )
        # Whether something was sent that may have been executed, by this run or by an earlier one.
        self._is_touched = self._is_recorded

    async def go(self) -> Outcome:
        """Do to the Droplet what the run does to each."""
        try:
            await self._take_steps()
            if self._tools.options.health_check is not None:
                await check_health(
                    self._id, lambda: self._read_droplet(Priority.POLL), self._tools.options, self._tools.deadline
                )
        except (NotStartedError, _SkippedError) as left_alone:
            return self.left_alone(str(left_alone))
        except JournalError as error:
            self._tools.starts.stop(error.message)
            return self.left_alone(error.message)
        except ClientClosedError as error:
            return self.left_alone(error.message)
        except ActionTimeoutError as error:
            if anyio.current_time() < self._tools.deadline:
                return self._outcome("failed", error.message, error)
            return self.left_alone(f"the run's timeout of {self._tools.options.timeout:g} s is over")
        except ActionOutcomeUnknownError as error:
            self._keep_attempts(error.attempts)
            return self._outcome("unknown", error.message, error)
        except Exception as error:  # noqa: BLE001 - each Droplet has an outcome, whatever happens
            if not isinstance(error, GradientAIError):
                log.fleet_fault(self._id, error)
            return self._outcome("failed", str(error) or repr(error), error)
        reason = "" if self._is_touched else "nothing had to be done"
        return self._outcome("completed", reason, None)

    def left_alone(self, reason: str) -> Outcome:
        """The outcome if nothing more is done; what was started, or may have been, is not known to have ended."""
        if not self._is_touched:
            return self._outcome("skipped", reason, None)
        if self._action_id is None or self._in_doubt is not None:
            what = self._in_doubt or "action"
            return self._outcome("unknown", f"{reason}; its {what} may or may not have been started", None)
        steps = [step.request.type for step in self._tools.plan.steps[self._step + 1 :]]
        rest = f"; not begun after it: {', '.join(steps)}" if steps else ""
        if self._action is not None and self._action.is_finished:
            fate = f"action {self._action.id} was {self._action.status!r}"
            return self._outcome("unknown", f"{reason}; {fate}{rest}", None)
        fate = f"action {self._action_id} was started and goes on by itself; not awaited"
        return self._outcome("started", f"{reason}; {fate}{rest}", None)

    def is_final(self, outcome: Outcome) -> bool:
        """Whether a later run on the journal has nothing to do for the Droplet.

        What has been executed is never executed again. What surely has not (refused, not sent, skipped) is tried again,
        and what is not known, or was not waited for to its end, is looked into.
        """
        if outcome.is_completed or isinstance(outcome.error, ActionFailedError):
            return True
        return isinstance(outcome.error, APIStatusError | EarlierFailureError) and any(
            step.end == "acted" for step in self._record.steps.values()
        )

    async def _take_steps(self) -> None:
        failure: Exception | None = None
        plan = self._tools.plan
        if not self._is_recorded and not await self._is_needed():
            return
        for number, step in enumerate(plan.steps):
            record = self._record.steps.get(number)
            if failure is not None and not step.mends:
                continue
            if step.only_after and not any(self._end_of(earlier) == "acted" for earlier in step.only_after):
                continue
            if record is not None and record.end == "failed":
                failure = record.failure or EarlierFailureError(record.error, droplet_id=self._id, error="APIError")
            elif record is None or record.end is None:
                try:
                    end = await self._take_step(number, step)
                except (APIStatusError, ActionFailedError) as error:
                    if not plan.mends_after(number):
                        raise
                    failure = error
                    self._step_ended(number, "failed", str(error))
                else:
                    self._step_ended(number, end)
        if failure is not None:
            raise failure

    async def _is_needed(self) -> bool:
        """Whether the plan has anything to do for the Droplet, as it is now.

        Raises:
            DropletCheckError: The API would refuse a later step.
        """
        plan, size = self._tools.plan, self._tools.size
        if plan.is_needed is None and size is None:
            return True
        droplet = await self._read_droplet()
        if (plan.is_needed is not None and not plan.is_needed(droplet)) or (size and has_size(droplet, size)):
            return False
        if size is not None and (objection := size_objection(droplet, size)):
            raise DropletCheckError(objection, droplet_id=self._id, droplet=droplet)
        return True

    def _end_of(self, number: int) -> StepEnd | None:
        return self._record.steps[number].end if number in self._record.steps else None

    async def _take_step(self, number: int, step: Step) -> StepEnd:
        known = self._record.steps.get(number)
        is_fresh = known is None or (known.first_sent is None and known.action_id is None)
        if step.reads_droplet:
            droplet = await self._read_droplet()
            if step.is_needed is not None and not step.is_needed(droplet):
                request = step.request_for(droplet, self._tools.began_at)
                # An earlier run's request may be what has brought the Droplet there: then its action is the step's.
                if is_fresh or (not _has_action(known) and await self._settle(number, request) is None):
                    return "nothing"
                known = self._record.steps.get(number)
        if known is not None and known.action_id is not None:
            self._action, self._action_id, self._step = known.action, known.action_id, number
            awaited = Awaited(id=known.action_id, droplet_id=self._id, last=known.action)
        else:
            try:
                self._action = await self._start(number, step.request_for(self._droplet, self._tools.began_at))
            except WrongPowerStateError:
                if step.grace is None:
                    raise
                return "nothing"  # it went off by itself meanwhile
            awaited = Awaited(id=self._action.id, droplet_id=self._id, last=self._action)
        if self._tools.options.wait:
            await self._finish(step, awaited)
        return "acted"

    # Starting.

    async def _start(self, number: int, action: ActionRequest) -> Action:
        """Start an action, once the Droplet can take it."""
        with anyio.CancelScope() as scope:
            if not self._is_touched:
                self._tools.starts.enter(scope)
            try:
                return await self._start_when_free(number, action, scope)
            finally:
                self._tools.starts.leave(scope)
        raise NotStartedError(self._tools.starts.stopped_by or "")

    async def _start_when_free(self, number: int, action: ActionRequest, scope: anyio.CancelScope) -> Action:
        seconds = self._tools.options.action_timeout_of(action.type)
        busy_until = min(anyio.current_time() + seconds, self._tools.deadline)
        rate_patience_until = anyio.current_time() + _RATE_PATIENCE_SECONDS
        looks = 0
        while True:
            found = await self._settle(number, action)
            if found is not None:
                return found
            try:
                return await self._send(number, action, scope)
            except PendingEventError as busy:
                await self._until_free(busy, busy_until, looks)
                looks += 1
            except RateLimitError as refused:
                pause = min(refused.retry_after or 1.0, _LONGEST_RATE_PAUSE_SECONDS)
                if anyio.current_time() + pause > min(rate_patience_until, self._tools.deadline):
                    raise
                await anyio.sleep(pause)
            except WrongPowerStateError as wrong:
                await self._name_state(wrong)
                raise

    async def _settle(self, number: int, action: ActionRequest) -> Action | None:
        """Find out what became of a request that an earlier run may have sent."""
        record = self._record.steps.get(number)
        before = None if record is None else sent_before(record, Timestamp.now())
        if before is None:
            return None
        reply = await self._tools.sender.settle(
            droplet_actions.initiate(self._id, action, {}),
            since=before.since,
            waited=before.waited,
            detail=before.detail,
            clock_error=before.clock_error,
        )
        if reply is None:
            return None
        found = reply.parse().action
        self._accepted(number, found)
        return found

    async def _send(self, number: int, action: ActionRequest, scope: anyio.CancelScope) -> Action:
        async def before(attempts: Sequence[Attempt]) -> None:
            if self._is_new and all(one.outcome not in _EXECUTED for one in attempts):
                self._is_touched = False
                self._tools.starts.commit(scope)
            if self._tools.journal is not None:
                await self._tools.journal.sending(self._id, number, action.type)
            self._is_touched, self._in_doubt = True, action.type
            self._started_at = self._started_at or datetime.now(UTC)

        request = droplet_actions.initiate(self._id, action, {})
        async with self._tools.wire:
            try:
                reply = await self._tools.sender.send(request, before=before)
            except (APIError, ClientClosedError) as error:
                # Surely not executed: a Droplet that nothing else was done to is as it was.
                self._in_doubt = None
                self._keep_attempts(error.attempts if isinstance(error, APIError) else ())
                if self._is_touched:
                    self._note(lambda journal: journal.refused(self._id, number))
                if self._is_new:
                    self._is_touched = False
                    self._tools.starts.enter(scope)
                raise
        self._keep_attempts(reply.attempts)
        started = reply.parse().action
        self._accepted(number, started)
        return started

    def _accepted(self, number: int, action: Action) -> None:
        self._action, self._action_id, self._step, self._in_doubt = action, action.id, number, None
        step = self._record.step(number)
        step.action_id, step.action = action.id, action
        self._note(lambda journal: journal.started(self._id, number, action.id))

    @property
    def _is_new(self) -> bool:
        """Whether nothing was executed so far, by this run or, as far as its journal tells, by an earlier one."""
        return not self._is_recorded and self._action is None

    async def _until_free(self, busy: PendingEventError, deadline: float, looks: int) -> None:
        """Wait for the event that keeps the Droplet busy, or do with it what the options say.

        Raises:
            PendingEventError: It is busy, and nobody wants to wait, or not any longer.
        """
        on_busy = self._tools.options.on_busy if self._is_new else "wait"
        if on_busy == "skip":
            raise _SkippedError(f"busy: {busy.message}")
        if on_busy == "fail":
            raise busy
        blocking = await self._blocking_action()
        busy.hint = f"{blocking.type} (action {blocking.id}) runs on it." if blocking else busy.hint
        left = deadline - anyio.current_time()
        if left <= 0:
            raise busy
        if blocking is None:
            await anyio.sleep(min(left, interval(looks, self._first_interval, _jitter())))
            return
        try:
            awaited = Awaited(id=blocking.id, droplet_id=self._id, last=blocking)
            await self._wait([awaited], left)
        except ActionFailedError:
            pass  # it is over, and that is all that matters here
        except ActionTimeoutError as error:
            raise busy from error

    async def _blocking_action(self) -> Action | None:
        """The event that runs on the Droplet; ``None`` if its list shows none, or cannot be read."""
        try:
            page = await self._tools.sender.send(droplet_actions.LIST.request({}, self._id, query={"per_page": 20}))
            return next((action for action in page.parse().actions if not action.is_finished), None)
        except APIError:
            return None

    async def _name_state(self, wrong: WrongPowerStateError) -> None:
        try:
            wrong.hint = f"The Droplet's status is {(await self._read_droplet(Priority.POLL)).status!r}."
        except APIError:
            return

    # Finishing.

    async def _finish(self, step: Step, awaited: Awaited) -> None:
        """See an action, and the state that it promises, through."""
        seconds = self._tools.options.action_timeout_of(step.request.type)
        deadline = min(anyio.current_time() + seconds, self._tools.deadline)
        if step.grace is not None:
            grace_ends = min(anyio.current_time() + step.grace, self._tools.deadline)
            try:
                self._action = (await self._wait([awaited], grace_ends - anyio.current_time()))[0]
                if step.goal is not None:
                    await self._reach(step.goal, grace_ends)
            except (ActionFailedError, ActionTimeoutError, DropletStateError) as ignored:
                if anyio.current_time() >= self._tools.deadline:
                    raise
                self._action = getattr(ignored, "action", None) or self._action
            return
        try:
            self._action = (await self._wait([awaited], deadline - anyio.current_time()))[0]
        except (ActionFailedError, ActionTimeoutError) as error:
            self._action = error.action or self._action
            raise
        if step.goal is not None:
            await self._reach(step.goal, deadline)

    async def _wait(self, awaited: Sequence[Awaited], seconds: float) -> tuple[Action, ...]:
        return await self._tools.watcher.wait(
            awaited, timeout=max(0.0, seconds), poll_interval=self._tools.options.poll_interval, options={}
        )

    async def _reach(self, goal: Goal, deadline: float) -> None:
        """Wait until the Droplet is in a state.

        Raises:
            DropletStateError: It was not when the time was over.
        """
        looks = 0
        while True:
            try:
                with anyio.CancelScope(deadline=deadline + 1):
                    if goal.is_reached(await self._read_droplet(Priority.POLL)):
                        return
            except TRANSIENT_ERRORS:
                pass  # the next look may go through
            if anyio.current_time() >= deadline:
                status = self._droplet.status if self._droplet else None
                raise DropletStateError(
                    f"the action is completed, but Droplet {self._id} has not come to {goal.text}; "
                    f"its status was last read as {status!r}",
                    droplet_id=self._id,
                    droplet=self._droplet,
                )
            pause = interval(looks, self._first_interval, _jitter())
            await anyio.sleep(min(pause, max(0.0, deadline - anyio.current_time())))
            looks += 1

    async def _read_droplet(self, priority: Priority = Priority.ACT) -> Droplet:
        self._droplet = await self._tools.states.read(self._id, priority)
        return self._droplet

    @property
    def _first_interval(self) -> float:
        return self._tools.options.poll_interval or self._tools.watcher.pace().first

    # Writing down.

    def _step_ended(self, number: int, end: StepEnd, error: str = "") -> None:
        step = self._record.step(number)
        step.end, step.error = end, error
        if len(self._tools.plan.steps) > 1:
            self._note(lambda journal: journal.step_ended(self._id, number, end, error))

    def _note(self, write: Callable[[Journal], None]) -> None:
        """Write what has happened down; a journal that cannot be written stops the run, and undoes nothing."""
        if self._tools.journal is None:
            return
        try:
            write(self._tools.journal)
        except JournalError as error:
            self._tools.starts.stop(error.message)

    def _keep_attempts(self, attempts: Sequence[Attempt]) -> None:
        self._attempts += [attempt for attempt in attempts if attempt not in self._attempts]

    def _outcome(self, status: OutcomeStatus, reason: str, error: Exception | None) -> Outcome:
        if error is not None:
            # Its frames would keep all that this Droplet's way has touched.
            error.__traceback__ = None
        return Outcome(
            droplet_id=self._id,
            name=self._droplet.name if self._droplet is not None else self._name,
            status=status,
            reason=reason,
            action=self._action,
            error=error,
            attempts=tuple(evolve(one, number=number) for number, one in enumerate(self._attempts, 1)),
            started_at=self._started_at,
            ended_at=datetime.now(UTC),
            batch=self._batch,
        )


def _has_action(step: StepRecord | None) -> bool:
    return step is not None and step.action_id is not None


def _jitter() -> float:
    return random.random()  # noqa: S311 - it spreads load, it guards nothing
