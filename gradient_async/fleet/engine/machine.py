"""The state machine of one Droplet: state and event in, next state and commands out. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from gradient_async.fleet.engine import events, finishing, starting
from gradient_async.fleet.engine.commands import (
    AwaitAction,
    CheckHealth,
    Command,
    Finish,
    LookUpEvent,
    NamePowerState,
    PollPause,
    ReadDroplet,
    Resolve,
    Send,
    Sleep,
)
from gradient_async.fleet.engine.endings import early_ending, ended
from gradient_async.fleet.engine.state import STARTING, DropletState, Phase, StepState, changed
from gradient_async.fleet.engine.steps import checked, fail, next_step
from gradient_async.http.request import Priority
from gradient_async.waiting.poller import TRANSIENT_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from gradient_async.fleet.engine.commands import Inquiry
    from gradient_async.fleet.engine.events import Event
    from gradient_async.fleet.engine.state import RunRules
    from gradient_async.fleet.engine.steps import Change
    from gradient_async.fleet.journal_format import DropletRecord
    from gradient_async.fleet.plan import Plan
    from gradient_async.models.action_requests import ActionRequest

T = TypeVar("T")

# An action request with less time than this is more likely to end unknown than executed.
_MIN_SEND_SECONDS: Final = 2.0
# A poll that is in progress at the deadline may still return the answer.
_LAST_POLL_SECONDS: Final = 1.0
# The initial state of most Droplets.
_NEW: Final = DropletState(0, ())
_NEW_STEP: Final = StepState()
_SENDING: Final = frozenset({Phase.SEND, Phase.RECORD, Phase.TRANSMIT})
_UNRESOLVED: Final = frozenset({Phase.RESOLVE, Phase.RESOLVE_UNNEEDED, Phase.TRANSMIT})
_STOPPABLE: Final = STARTING | {Phase.RECORD}


class Transition(NamedTuple):
    """The next state, and the commands that follow an event."""

    state: DropletState
    commands: tuple[Command, ...]


class UnexpectedEventError(Exception):
    """An event that is impossible in the Droplet's phase."""


def state_from(droplet_id: int, plan: Plan, record: DropletRecord, name: str | None = None) -> DropletState:
    """Return the state of a Droplet at the start of this run.

    Args:
        droplet_id: The Droplet's id.
        plan: The run's plan.
        record: What earlier runs on the journal did to it.
        name: The Droplet's name, if it is known.
    """
    known = record.steps
    if not known:
        return changed(_NEW, droplet_id=droplet_id, steps=(_NEW_STEP,) * len(plan.steps), name=name)
    steps = tuple(
        StepState(
            end=one.end,
            action_id=one.action_id,
            action=one.action,
            is_unresolved=one.first_sent is not None and one.action_id is None,
            error=one.error,
            failure=one.failure,
        )
        if (one := known.get(number)) is not None
        else StepState()
        for number in range(len(plan.steps))
    )
    is_recorded = any(
        step.first_sent is not None or step.action_id is not None or step.end in {"acted", "failed"}
        for step in known.values()
    )
    return DropletState(droplet_id, steps, is_recorded, is_recorded, name)


def start(state: DropletState, at: float, rules: RunRules) -> Transition:
    """Return the first transition of a Droplet."""
    if not state.is_recorded and (rules.plan.is_needed is not None or rules.size is not None):
        state = changed(state, phase=Phase.CHECK)
    return _settled(state, (), at, rules)


def advance(state: DropletState, event: Event, rules: RunRules) -> Transition:
    """Return the transition that follows an event.

    Raises:
        UnexpectedEventError: The event is impossible in the present phase.
    """
    handler = _HANDLERS.get((state.phase, type(event)))
    if handler is not None:
        state, notes = handler(state, event, rules)
    elif isinstance(event, events.Failed) and state.phase is not Phase.ENDED:
        state, notes = fail(state, event.error, event.at, rules)
    elif isinstance(event, events.Stopped) and not state.is_touched and state.phase in _STOPPABLE:
        state, notes = ended(state, early_ending(state, event.reason, rules)), ()
    else:
        raise UnexpectedEventError(f"{type(event).__name__} in the phase {state.phase.name}")
    return _settled(state, notes, event.at, rules)


def _settled(state: DropletState, commands: tuple[Command, ...], at: float, rules: RunRules) -> Transition:
    while state.phase is Phase.NEXT:
        state, notes = next_step(state, at, rules)
        commands = (*commands, *notes)
    inquire = _INQUIRIES[state.phase]
    if inquire is not None:
        commands = (*commands, inquire(state, at, rules))
    return Transition(state, commands)


def _send(state: DropletState, at: float, rules: RunRules) -> Send:
    seconds = max(_MIN_SEND_SECONDS, state.until - at) if rules.state_decides else None
    return Send(state.number, _request(state), seconds)


def _await_event(state: DropletState, at: float) -> AwaitAction:
    running = _known(state.event)
    return AwaitAction(running.id, running, state.busy_until - at)


def _step_not_inspected(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle a failed read before a step: continue with the state as it was read before, if there is one."""
    if rules.state_decides and state.droplet is not None and isinstance(event.error, TRANSIENT_ERRORS):
        return starting.step_inspected(state, events.DropletRead(event.at, None), rules)
    return fail(state, event.error, event.at, rules)


def _plan_checked(state: DropletState, event: events.DropletRead, rules: RunRules) -> Change:
    return checked(state, rules, _known(event.droplet)), ()


def _request(state: DropletState) -> ActionRequest:
    assert state.request is not None  # noqa: S101 - the phase implies it
    return state.request


def _known(value: T | None) -> T:
    """Return a value that the phase implies."""
    assert value is not None  # noqa: S101 - see above
    return value


_HANDLERS: Final[Mapping[tuple[Phase, type[Any]], Callable[[DropletState, Any, RunRules], Any]]] = {
    (Phase.CHECK, events.DropletRead): _plan_checked,
    (Phase.INSPECT, events.DropletRead): starting.step_inspected,
    (Phase.INSPECT, events.Failed): _step_not_inspected,
    (Phase.RESOLVE, events.Resolved): starting.resolved,
    (Phase.RESOLVE_UNNEEDED, events.Resolved): starting.resolved,
    (Phase.SEND, events.ReadyToSend): starting.ready_to_send,
    (Phase.SEND, events.Accepted): starting.request_known,
    (Phase.RECORD, events.SendingRecorded): starting.sending_recorded,
    (Phase.TRANSMIT, events.ReadyToSend): starting.ready_to_send,
    (Phase.TRANSMIT, events.Accepted): starting.request_accepted,
    **{(phase, events.Refused): starting.refused for phase in _SENDING},
    **{(phase, events.Failed): starting.request_raised for phase in _UNRESOLVED},
    (Phase.LOOK_UP_EVENT, events.EventLookedUp): starting.event_looked_up,
    (Phase.AWAIT_EVENT, events.ActionEnded): starting.event_ended,
    (Phase.AWAIT_EVENT, events.Failed): starting.event_not_awaited,
    (Phase.RETRY_LATER, events.Slept): starting.pause_over,
    (Phase.POLL_LATER, events.Slept): starting.pause_over,
    (Phase.NAME_STATE, events.DropletRead): starting.state_named,
    (Phase.NAME_STATE, events.Failed): starting.state_not_named,
    (Phase.AWAIT_ACTION, events.ActionEnded): finishing.action_ended,
    (Phase.AWAIT_ACTION, events.Failed): finishing.action_not_completed,
    (Phase.REACH, events.DropletRead): finishing.state_read,
    (Phase.REACH, events.Failed): finishing.state_not_read,
    (Phase.REACH_LATER, events.Slept): finishing.poll_again,
    (Phase.HEALTH, events.Healthy): finishing.healthy,
    (Phase.HEALTH, events.Failed): finishing.unhealthy,
}
# The command of each phase; ``None`` for the two that have none of their own.
_INQUIRIES: Final[Mapping[Phase, Callable[[DropletState, float, RunRules], Inquiry | Finish] | None]] = {
    Phase.CHECK: lambda *_: ReadDroplet(Priority.ACT, math.inf),
    Phase.INSPECT: lambda state, _, rules: ReadDroplet(Priority.ACT, state.until if rules.state_decides else math.inf),
    Phase.RESOLVE: lambda state, *_: Resolve(state.number, _request(state)),
    Phase.RESOLVE_UNNEEDED: lambda state, *_: Resolve(state.number, _request(state)),
    Phase.SEND: _send,
    Phase.RECORD: None,
    Phase.TRANSMIT: None,
    Phase.LOOK_UP_EVENT: lambda state, *_: LookUpEvent(starting.refusal_of(state)),
    Phase.AWAIT_EVENT: lambda state, at, _: _await_event(state, at),
    Phase.RETRY_LATER: lambda state, *_: Sleep(state.pause),
    Phase.POLL_LATER: lambda state, at, _: PollPause(state.polls, max(0.0, state.busy_until - at)),
    Phase.NAME_STATE: lambda state, *_: NamePowerState(starting.refusal_of(state)),
    Phase.AWAIT_ACTION: lambda state, at, _: AwaitAction(
        _known(state.action_id), state.action, max(0.0, state.until - at)
    ),
    Phase.REACH: lambda state, at, _: ReadDroplet(Priority.POLL, max(state.until, at) + _LAST_POLL_SECONDS),
    Phase.REACH_LATER: lambda state, at, _: PollPause(state.polls, max(0.0, state.until - at)),
    Phase.HEALTH: lambda *_: CheckHealth(),
    Phase.ENDED: lambda state, *_: Finish(_known(state.ending)),
}
