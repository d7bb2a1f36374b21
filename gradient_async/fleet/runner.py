"""The runner of one Droplet: performs the engine's commands, and reports the events."""

from __future__ import annotations

import asyncio
import math
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import anyio

from gradient_async.endpoints import droplet_actions
from gradient_async.errors import APIError, ClientClosedError, JournalError, RequestKeyError
from gradient_async.fleet.engine import commands, events, machine
from gradient_async.fleet.health import check_health
from gradient_async.fleet.sent_before import sent_before
from gradient_async.fleet.start_gate import NotStartedError
from gradient_async.http.request import Priority, Timestamp
from gradient_async.waiting.poller import Awaited, interval

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from gradient_async.errors import Attempt
    from gradient_async.fleet.engine.events import Event
    from gradient_async.fleet.engine.state import DropletState, Ending
    from gradient_async.fleet.journal_format import DropletRecord
    from gradient_async.fleet.run_context import RunContext
    from gradient_async.http.endpoint import Request
    from gradient_async.models.action_requests import ActionRequest
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.responses import ActionInitiateResponse


# A read that is in progress at the end of the run's timeout may still return an answer.
_LAST_READ_SECONDS: Final = 1.0


class RunSlot(Protocol):
    """The slot that a Droplet occupies in a run of several."""

    async def ended(self, runner: DropletRunner, ending: Ending) -> None:
        """Take the Droplet's ending."""

    def interrupt(self, runner: DropletRunner) -> None:
        """Take a Droplet whose run was cancelled before it ended."""

    def release(self) -> None:
        """Free the slot."""


class DropletRunner:
    """Runs a plan on one Droplet.

    Args:
        state: The Droplet's first state.
        record: What earlier runs on the journal did to it.
        context: The run context, shared by all Droplets of the run.

    Attributes:
        state: The Droplet's present state.
    """

    def __init__(self, state: DropletState, record: DropletRecord, context: RunContext) -> None:
        self.state: DropletState = state
        self._record = record
        self._context = context
        self._scope: anyio.CancelScope | None = None

    async def run(self, slot: RunSlot | None = None) -> Ending:
        """Execute the run's plan for the Droplet.

        Args:
            slot: Takes the ending too; ``None`` if only the caller does.
        """
        rules, gate = self._context.rules, self._context.gate
        ending: Ending | None = None
        try:
            command = self._follow(await self._first_transition())
            while not isinstance(command, commands.Finish):
                event: Event | None = None
                try:
                    if not self.state.can_be_stopped:
                        event = await self._PERFORMERS[type(command)](self, command)
                    else:
                        with anyio.CancelScope() as scope:
                            self._scope = scope
                            gate.enter(scope)
                            try:
                                event = await self._PERFORMERS[type(command)](self, command)
                            finally:
                                gate.leave(scope)
                except NotStartedError as stopped:
                    event = events.Stopped(_now(), str(stopped))
                except Exception as error:  # noqa: BLE001 - each Droplet has an outcome, after any error
                    event = events.Failed(_now(), error)
                if event is None:
                    event = events.Stopped(_now(), gate.stopped_by or "")
                command = self._follow(machine.advance(self.state, event, rules))
            ending = command.ending
            if slot is not None:
                await slot.ended(self, ending)
        except anyio.get_cancelled_exc_class():
            if slot is not None and ending is None:
                slot.interrupt(self)
            raise
        finally:
            if slot is not None:
                slot.release()
        return ending

    async def _first_transition(self) -> machine.Transition:
        rules, keys = self._context.rules, self._context.keys
        if keys is not None:
            try:
                record = await keys.recall(self.state.droplet_id, self._record)
            except RequestKeyError as error:
                return machine.advance(self.state, events.Failed(_now(), error), rules)
            self.state = machine.state_from(self.state.droplet_id, rules.plan, record, self.state.name)
        return machine.start(self.state, _now(), rules)

    def _follow(self, transition: machine.Transition) -> commands.Command:
        """Take the next state, perform the notes, and return the command that an event answers."""
        self.state = transition.state
        for note in transition.commands[:-1]:
            self._perform_note(note)
        return transition.commands[-1]

    # Commands that an event answers.

    async def _read_droplet(self, command: commands.ReadDroplet) -> Event:
        droplet: Droplet | None = None
        with anyio.CancelScope(deadline=min(command.until, self._last_read())) as scope:
            droplet = await self._context.droplets.read(self.state.droplet_id, command.priority)
        if scope.cancelled_caught and command.until == math.inf:
            raise TimeoutError("the Droplet could not be read before the run's timeout was over")
        return events.DropletRead(_now(), droplet)

    async def _resolve(self, command: commands.Resolve) -> Event:
        request, keys = self._request(command.request, command.step), self._context.keys
        if keys is not None:
            call = keys.call(request, command.step)
            known = await call.find(self._context.rules.deadline)
            if known is not None:
                return events.Resolved(_now(), known.parse().action)
            request = call.request
        record = self._record.steps.get(command.step)
        before = None if record is None else sent_before(record, Timestamp.now())
        if before is None:
            return events.Resolved(_now(), None)
        reply = await self._context.sender.settle(
            request,
            since=before.since,
            waited=before.waited,
            detail=before.detail,
            clock_error=before.clock_error,
            until=self._context.rules.deadline,
        )
        return events.Resolved(_now(), None if reply is None else reply.parse().action)

    async def _send(self, command: commands.Send) -> Event:
        request = self._request(command.request, command.step)
        sender = self._context.sender
        if command.seconds is not None:
            request = request._replace(timeout=min(command.seconds, sender.settings.timeout))
        async with self._context.wire:
            try:
                reply = await sender.send(request, before=self._record_sending, until=self._context.rules.deadline)
            except (APIError, ClientClosedError, RequestKeyError) as error:
                return events.Refused(_now(), error)
        return events.Accepted(_now(), reply.parse().action, reply.attempts)

    async def _record_sending(self, attempts: Sequence[Attempt]) -> None:
        """Perform the engine's commands before the request goes on the wire."""
        rules, journal = self._context.rules, self._context.journal
        transition = machine.advance(self.state, events.ReadyToSend(_now(), attempts), rules)
        self.state = transition.state
        for command in transition.commands:
            if isinstance(command, commands.PassGate):
                if self._scope is not None:
                    self._context.gate.commit(self._scope)
            elif isinstance(command, commands.RecordSending) and journal is not None:
                await journal.sending(self.state.droplet_id, command.step, command.action_type)
        recorded = events.SendingRecorded(_now(), datetime.now(UTC))
        self.state = machine.advance(self.state, recorded, rules).state

    async def _look_up_event(self, command: commands.LookUpEvent) -> Event:
        request = droplet_actions.LIST.request(
            self._context.request_options, self.state.droplet_id, query={"per_page": 20}
        )
        try:
            with anyio.fail_after(self._last_read() - _now()):
                page = (await self._context.sender.send(request)).parse()
        except (APIError, TimeoutError):
            return events.EventLookedUp(_now(), None)
        running = next((action for action in page.actions if not action.is_finished), None)
        if running is not None:
            _explain(command.refusal, f"{running.type} (action {running.id}) runs on it.")
        return events.EventLookedUp(_now(), running)

    async def _name_power_state(self, command: commands.NamePowerState) -> Event:
        with anyio.fail_after(self._last_read() - _now()):
            droplet = await self._context.droplets.read(self.state.droplet_id, Priority.POLL)
        _explain(command.refusal, f"The Droplet's status is {droplet.status!r}.")
        return events.DropletRead(_now(), droplet)

    async def _await_action(self, command: commands.AwaitAction) -> Event:
        ended = await self._context.watcher.wait(
            [Awaited(id=command.action_id, owner=droplet_actions.owner_of(self.state.droplet_id), last=command.last)],
            timeout=command.seconds,
            poll_interval=self._context.rules.options.poll_interval,
            options=self._context.request_options,
        )
        return events.ActionEnded(_now(), ended[0])

    async def _pause(self, command: commands.PollPause) -> Event:
        first = self._context.rules.options.poll_interval or self._context.watcher.pace().first
        jitter = random.random()  # noqa: S311 - it spreads load, it guards nothing
        await anyio.sleep(min(command.longest, interval(command.polls, first, jitter)))
        return events.Slept(_now())

    async def _sleep(self, command: commands.Sleep) -> Event:
        await anyio.sleep(command.seconds)
        return events.Slept(_now())

    async def _check_health(self, command: commands.CheckHealth) -> Event:  # noqa: ARG002 - it has no fields
        rules = self._context.rules
        droplets, droplet_id = self._context.droplets, self.state.droplet_id
        droplet = await check_health(
            droplet_id, lambda: droplets.read(droplet_id, Priority.POLL), rules.options, rules.deadline
        )
        return events.Healthy(_now(), droplet)

    def _last_read(self) -> float:
        """Return the deadline of a read on the event loop's clock: shortly after the run's timeout."""
        return max(self._context.rules.deadline, _now()) + _LAST_READ_SECONDS

    def _request(self, action: ActionRequest, step: int) -> Request[ActionInitiateResponse]:
        context, droplet_id = self._context, self.state.droplet_id
        request = droplet_actions.initiate(droplet_id, action, context.request_options)
        if context.keys is not None:
            request = request._replace(key=context.keys.of(droplet_id, step))
        if context.journal is None:
            return request
        return request._replace(origin=f"run {context.rules.began_at.isoformat()} {droplet_id} {step}")

    # Notes.

    def _perform_note(self, note: commands.Command) -> None:
        """Perform a note. If the journal cannot be written, stop the run, and undo nothing."""
        context, droplet_id = self._context, self.state.droplet_id
        if isinstance(note, commands.StopRun):
            context.gate.stop(note.reason)
        elif isinstance(note, commands.SetCause):
            note.error.__cause__ = note.cause
        elif context.journal is not None:
            try:
                match note:
                    case commands.RecordRefused():
                        context.journal.refused(droplet_id, note.step)
                    case commands.RecordStarted():
                        context.journal.started(droplet_id, note.step, note.action_id)
                    case commands.RecordStepEnd():
                        context.journal.step_ended(droplet_id, note.step, note.end, note.error)
            except JournalError as error:
                context.gate.stop(error.message)

    # The methods by command. They are this class's functions, so that only one frame lies between command and work.
    _PERFORMERS: ClassVar[Mapping[type[Any], Callable[[Any, Any], Coroutine[Any, Any, Event]]]] = {
        commands.ReadDroplet: _read_droplet,
        commands.Resolve: _resolve,
        commands.Send: _send,
        commands.LookUpEvent: _look_up_event,
        commands.NamePowerState: _name_power_state,
        commands.AwaitAction: _await_action,
        commands.PollPause: _pause,
        commands.Sleep: _sleep,
        commands.CheckHealth: _check_health,
    }


def _now() -> float:
    """Return the event loop's time, as ``anyio.current_time`` does, ten times faster."""
    return asyncio.get_running_loop().time()


def _explain(error: Exception, hint: str) -> None:
    if isinstance(error, APIError):
        error.hint = hint
