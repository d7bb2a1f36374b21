"""Starting a step's action as soon as the Droplet accepts it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.errors import (
    ActionFailedError,
    ActionTimeoutError,
    APIError,
    GradientAIError,
    PendingEventError,
    RateLimitError,
    WrongPowerStateError,
)
from gradient_async.fleet.engine.commands import PassGate, RecordRefused, RecordSending, SetCause, Transmit
from gradient_async.fleet.engine.endings import early_ending, ended
from gradient_async.fleet.engine.state import Ending, Phase, changed
from gradient_async.fleet.engine.steps import accepted, end_step, fail, inspected

if TYPE_CHECKING:
    from gradient_async.fleet.engine import events
    from gradient_async.fleet.engine.state import DropletState, RunRules
    from gradient_async.fleet.engine.steps import Change

_PASS_GATE: Final = PassGate()
_TRANSMIT: Final = Transmit()
_EXECUTED: Final = frozenset({"answered", "unknown"})
_MAX_RATE_PAUSE_SECONDS: Final = 60.0


def resolved(state: DropletState, event: events.Resolved, rules: RunRules) -> Change:
    """Handle the look-up of an earlier run's request."""
    if event.action is not None:
        return accepted(state, event.action, event.at, rules)
    steps = state.steps_with(state.steps[state.number]._replace(is_unresolved=False))
    state = changed(state, steps=steps)
    if state.phase is Phase.RESOLVE_UNNEEDED:
        return end_step(state, "nothing", rules)
    return changed(state, phase=Phase.SEND), ()


def ready_to_send(
    state: DropletState, event: events.ReadyToSend, rules: RunRules
) -> tuple[DropletState, tuple[PassGate | RecordSending, ...]]:
    """Record the request in the journal before it goes on the wire."""
    record = RecordSending(state.number, state.step_of(rules).request.type)
    if state.is_new and all(one.outcome not in _EXECUTED for one in event.attempts):
        return changed(state, phase=Phase.RECORD, is_touched=False), (_PASS_GATE, record)
    return changed(state, phase=Phase.RECORD), (record,)


def sending_recorded(
    state: DropletState, event: events.SendingRecorded, rules: RunRules
) -> tuple[DropletState, tuple[Transmit, ...]]:
    """Transmit the recorded request. From here on it may have been executed."""
    action_type = state.step_of(rules).request.type
    started_at = state.started_at or event.wall
    return changed(state, phase=Phase.TRANSMIT, is_touched=True, unresolved_type=action_type, started_at=started_at), (
        _TRANSMIT,
    )


def request_accepted(state: DropletState, event: events.Accepted, rules: RunRules) -> Change:
    """Handle the answer of a request that started the action."""
    return accepted(state, event.action, event.at, rules, state.attempts_with(event.attempts))


def request_known(state: DropletState, event: events.Accepted, rules: RunRules) -> Change:
    """Handle the result of another call with the request's key. This run sent nothing."""
    started_at = state.started_at or event.action.started_at
    return request_accepted(changed(state, is_touched=True, started_at=started_at), event, rules)


def refused(state: DropletState, event: events.Refused, rules: RunRules) -> Change:
    """Handle a request that was certainly not executed. If the Droplet had no earlier one, it is unchanged."""
    error = event.error
    notes = (RecordRefused(state.number),) if state.is_touched else ()
    attempts = state.attempts_with(error.attempts) if isinstance(error, APIError) else state.attempts
    is_touched = state.is_touched and not state.is_new
    state = changed(state, unresolved_type=None, is_touched=is_touched, refusal=error, attempts=attempts)
    state, more = _after_refusal(state, error, event.at, rules)
    return state, (*notes, *more)


def request_raised(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle an error of foreign code, such as a middleware, after the request may have been executed."""
    if isinstance(event.error, GradientAIError):
        return fail(state, event.error, event.at, rules)
    what = state.unresolved_type or state.step_of(rules).request.type
    reason = f"its {what} may or may not have been started: {event.error!r}"
    return ended(state, Ending("unknown", reason, event.error)), ()


def _after_refusal(state: DropletState, error: Exception, at: float, rules: RunRules) -> Change:
    if isinstance(error, PendingEventError | WrongPowerStateError) and rules.state_decides:
        return changed(state, phase=Phase.POLL_LATER), ()
    if isinstance(error, PendingEventError):
        on_busy = rules.options.on_busy if state.is_new else "wait"
        if on_busy == "skip":
            return ended(state, early_ending(state, f"busy: {error.message}", rules)), ()
        if on_busy == "wait":
            return changed(state, phase=Phase.LOOK_UP_EVENT), ()
    if isinstance(error, RateLimitError):
        pause = min(error.retry_after or 1.0, _MAX_RATE_PAUSE_SECONDS)
        if at + pause <= min(state.rate_until, rules.deadline):
            return changed(state, phase=Phase.RETRY_LATER, pause=pause), ()
    if isinstance(error, WrongPowerStateError):
        return changed(state, phase=Phase.NAME_STATE), ()
    return fail(state, error, at, rules)


def event_looked_up(state: DropletState, event: events.EventLookedUp, rules: RunRules) -> Change:
    """Wait for the event that keeps the Droplet busy, if there is time, even if the look-up did not find it."""
    if state.busy_until <= event.at:
        return fail(state, refusal_of(state), event.at, rules)
    phase = Phase.POLL_LATER if event.action is None else Phase.AWAIT_EVENT
    return changed(state, phase=phase, event=event.action), ()


def event_ended(state: DropletState, event: events.ActionEnded, rules: RunRules) -> Change:  # noqa: ARG001 - a handler
    """Send the request again after the other event ended."""
    return _send_again(state), ()


def event_not_awaited(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle an error of the wait for the other event."""
    if isinstance(event.error, ActionFailedError):
        return _send_again(state), ()  # it has ended, and how it ended does not matter here
    if isinstance(event.error, ActionTimeoutError):
        busy = refusal_of(state)
        state, notes = fail(state, busy, event.at, rules)
        return state, (SetCause(busy, event.error), *notes)
    return fail(state, event.error, event.at, rules)


def pause_over(state: DropletState, event: events.Slept, rules: RunRules) -> Change:
    """Send the request again after the pause, or read the Droplet first."""
    if state.phase is Phase.RETRY_LATER or not rules.state_decides:
        polls = state.polls + (state.phase is Phase.POLL_LATER)
        return changed(state, phase=Phase.SEND, polls=polls), ()
    if event.at >= state.until:
        return end_step(state, "nothing", rules)  # the next step follows, if the Droplet still needs it
    return changed(state, phase=Phase.INSPECT, polls=state.polls + 1), ()


def state_named(state: DropletState, event: events.DropletRead, rules: RunRules) -> Change:
    """Handle the read of a Droplet in the wrong power state."""
    return _in_wrong_state(changed(state, droplet=event.droplet or state.droplet), event.at, rules)


def state_not_named(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle a failed read of a Droplet in the wrong power state."""
    if isinstance(event.error, APIError):
        return _in_wrong_state(state, event.at, rules)
    return fail(state, event.error, event.at, rules)


def _in_wrong_state(state: DropletState, at: float, rules: RunRules) -> Change:
    if state.step_of(rules).grace is not None:
        return end_step(state, "nothing", rules)  # it has shut down by itself
    return fail(state, refusal_of(state), at, rules)


def step_inspected(state: DropletState, event: events.DropletRead, rules: RunRules) -> Change:
    """Handle the read before a step, which may have taken too long."""
    droplet = event.droplet or state.droplet
    if event.at >= state.until and rules.state_decides and state.polls:
        return end_step(changed(state, droplet=droplet), "nothing", rules)
    if droplet is None:
        return fail(state, TimeoutError("the Droplet could not be read in time"), event.at, rules)
    return inspected(state, droplet, event.at, rules)


def _send_again(state: DropletState) -> DropletState:
    return changed(state, phase=Phase.SEND, polls=state.polls + 1)


def refusal_of(state: DropletState) -> Exception:
    """Return the refusal that led to the phase."""
    assert state.refusal is not None  # noqa: S101 - these phases come only after a refusal
    return state.refusal
