"""Waiting for a step's action, and for the state that it leads to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors import ActionFailedError, ActionTimeoutError, DropletStateError, UnhealthyDropletError
from gradient_async.fleet.engine.endings import completed
from gradient_async.fleet.engine.state import Phase, changed
from gradient_async.fleet.engine.steps import end_step, fail
from gradient_async.waiting.poller import TRANSIENT_ERRORS

if TYPE_CHECKING:
    from gradient_async.fleet.engine import events
    from gradient_async.fleet.engine.state import DropletState, RunRules
    from gradient_async.fleet.engine.steps import Change
    from gradient_async.models.action import Action


def action_ended(state: DropletState, event: events.ActionEnded, rules: RunRules) -> Change:
    """Handle a completed action. The expected state can follow later."""
    if state.step_of(rules).expected_state is None:
        return end_step(state, "acted", rules, action=event.action)
    return changed(_with_action(state, event.action), phase=Phase.REACH, polls=0), ()


def action_not_completed(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle an action that failed, did not end in time, or cannot be read."""
    error = event.error
    if isinstance(error, ActionFailedError | ActionTimeoutError) and error.action is not None:
        state = _with_action(state, error.action)
    if isinstance(error, ActionTimeoutError) and rules.state_decides and state.step_of(rules).expected_state:
        return changed(state, phase=Phase.REACH, polls=0), ()
    return _missed(state, error, event.at, rules)


def state_read(state: DropletState, event: events.DropletRead, rules: RunRules) -> Change:
    """Handle a poll for the expected state, which may have taken too long."""
    expected = state.step_of(rules).expected_state
    if event.droplet is not None:
        state = changed(state, droplet=event.droplet)
        if expected is None or expected.is_reached(event.droplet):
            return end_step(state, "acted", rules)
    return _not_reached(state, event.at, rules)


def state_not_read(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Handle a poll that raised an error. The next one may succeed."""
    if isinstance(event.error, TRANSIENT_ERRORS):
        return _not_reached(state, event.at, rules)
    return _missed(state, event.error, event.at, rules)


def poll_again(state: DropletState, event: events.Slept, rules: RunRules) -> Change:  # noqa: ARG001 - a handler
    """Poll the Droplet again after the pause."""
    return changed(state, phase=Phase.REACH, polls=state.polls + 1), ()


def healthy(state: DropletState, event: events.Healthy, rules: RunRules) -> Change:  # noqa: ARG001 - a handler
    """Complete the Droplet after it passed the health check."""
    return completed(changed(state, droplet=event.droplet or state.droplet)), ()


def unhealthy(state: DropletState, event: events.Failed, rules: RunRules) -> Change:
    """Fail the Droplet: it did not pass the health check, or the check could not be made."""
    if isinstance(event.error, UnhealthyDropletError):
        state = changed(state, droplet=event.error.droplet or state.droplet)
    return fail(state, event.error, event.at, rules)


def _with_action(state: DropletState, action: Action) -> DropletState:
    step = state.steps[state.number]._replace(action=action)
    return changed(state, action=action, steps=state.steps_with(step))


def _not_reached(state: DropletState, at: float, rules: RunRules) -> Change:
    if at < state.until:
        return changed(state, phase=Phase.REACH_LATER), ()
    expected = state.step_of(rules).expected_state
    status = state.droplet.status if state.droplet else None
    error = DropletStateError(
        f"the action is completed, but Droplet {state.droplet_id} has not reached {expected.text if expected else ''}; "
        f"its status was last read as {status!r}",
        droplet_id=state.droplet_id,
        droplet=state.droplet,
    )
    return _missed(state, error, at, rules)


def _missed(state: DropletState, error: Exception, at: float, rules: RunRules) -> Change:
    """Handle an action or a state that was not reached.

    If the guest can ignore the action, the step ends and the next one follows; otherwise the step fails.
    """
    is_ignorable = isinstance(error, ActionFailedError | ActionTimeoutError | DropletStateError)
    if is_ignorable and state.step_of(rules).grace is not None and at < rules.deadline:
        return end_step(state, "acted", rules)
    return fail(state, error, at, rules)
