"""The choice of the next step, and the start and end of a step. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from gradient_async.errors import ActionFailedError, APIStatusError, DropletCheckError, EarlierFailureError
from gradient_async.fleet.engine.commands import Note, RecordStarted, RecordStepEnd
from gradient_async.fleet.engine.endings import completed, ended, ended_with_error
from gradient_async.fleet.engine.state import Ending, Phase, StepState, changed
from gradient_async.fleet.size_fit import has_size, size_objection

if TYPE_CHECKING:
    from gradient_async.errors import Attempt
    from gradient_async.fleet.engine.state import DropletState, RunRules, StepEnd
    from gradient_async.fleet.plan import Step
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet

Change: TypeAlias = "tuple[DropletState, tuple[Note, ...]]"
"""A new state, and the notes to perform at once."""


def checked(state: DropletState, rules: RunRules, droplet: Droplet) -> DropletState:
    """Check the whole plan against the Droplet, as it was just read."""
    state = changed(state, droplet=droplet, phase=Phase.NEXT)
    plan, size = rules.plan, rules.size
    if (plan.is_needed is not None and not plan.is_needed(droplet)) or (size and has_size(droplet, size)):
        return changed(state, number=len(plan.steps))
    if size is not None and (objection := size_objection(droplet, size)):
        error = DropletCheckError(objection, droplet_id=state.droplet_id, droplet=droplet)
        return ended(state, Ending("failed", objection, error))
    return state


def next_step(state: DropletState, at: float, rules: RunRules) -> Change:
    """Start the next step that is needed and not done. After the last one, start the health check, or end."""
    for number in range(state.number + 1, len(rules.plan.steps)):
        step, known = rules.plan.steps[number], state.steps[number]
        if state.failure is not None and not step.runs_after_failure:
            continue
        if step.only_after and not any(state.steps[earlier].end == "acted" for earlier in step.only_after):
            continue
        if known.end == "failed":
            failure = known.failure or EarlierFailureError(known.error, droplet_id=state.droplet_id, error="APIError")
            state = changed(state, failure=failure)
        elif known.end is None:
            return _start_step(state, number, at, rules)
    if state.failure is not None:
        return ended_with_error(state, state.failure, at, rules)
    if rules.options.health_check is not None:
        return changed(state, phase=Phase.HEALTH, number=len(rules.plan.steps)), ()
    return completed(state), ()


def _start_step(state: DropletState, number: int, at: float, rules: RunRules) -> Change:
    step = rules.plan.steps[number]
    if rules.state_decides:
        state = changed(state, number=number, until=at + _seconds(step, rules), polls=0)
        if step.reads_droplet and state.droplet is not None:
            return inspected(state, state.droplet, at, rules)
    if step.reads_droplet:
        return changed(state, number=number, phase=Phase.INSPECT), ()
    return _proceed(state, number, at, rules)


def inspected(state: DropletState, droplet: Droplet, at: float, rules: RunRules) -> Change:
    """Check whether the step is needed by the Droplet, as it was just read."""
    state = changed(state, droplet=droplet)
    step, known = state.step_of(rules), state.steps[state.number]
    if step.is_needed is None or step.is_needed(droplet):
        return _proceed(state, state.number, at, rules)
    if known.action_id is not None:
        return _proceed(state, state.number, at, rules)
    if known.is_unresolved:
        # An earlier run's request may have led to this state. Then its action is the step's.
        request = step.request_for(droplet, rules.began_at)
        return changed(state, phase=Phase.RESOLVE_UNNEEDED, request=request), ()
    return end_step(state, "nothing", rules)


def _proceed(state: DropletState, number: int, at: float, rules: RunRules) -> Change:
    """Wait for the step's action if it has one, else start it."""
    known, step = state.steps[number], rules.plan.steps[number]
    if known.action_id is not None:
        state = changed(state, number=number, action=known.action, action_id=known.action_id, action_step=number)
        return wait_for_action(state, at, rules)
    busy_until = state.until
    if not rules.state_decides:
        busy_until = min(at + rules.options.action_timeout_of(step.request.type), rules.deadline)
    return changed(
        state,
        number=number,
        polls=state.polls if rules.state_decides else 0,
        phase=Phase.RESOLVE if known.is_unresolved else Phase.SEND,
        request=step.request_for(state.droplet, rules.began_at),
        busy_until=busy_until,
        rate_until=at + rules.rate_patience,
    ), ()


def accepted(
    state: DropletState, action: Action, at: float, rules: RunRules, attempts: tuple[Attempt, ...] | None = None
) -> Change:
    """Record the step's action, and wait for it if the run waits."""
    number = state.number
    waits = rules.options.wait
    step = StepState(None if waits else "acted", action.id, action)
    return changed(
        state,
        steps=state.steps_with(step),
        action=action,
        action_id=action.id,
        action_step=number,
        unresolved_type=None,
        attempts=state.attempts if attempts is None else attempts,
        phase=Phase.AWAIT_ACTION if waits else Phase.NEXT,
        until=_wait_until(state, at, rules) if waits else state.until,
    ), (RecordStarted(number, action.id),)


def wait_for_action(state: DropletState, at: float, rules: RunRules) -> Change:
    """Wait for the step's action, if the run waits."""
    if not rules.options.wait:
        return end_step(state, "acted", rules)
    return changed(state, phase=Phase.AWAIT_ACTION, until=_wait_until(state, at, rules)), ()


def _wait_until(state: DropletState, at: float, rules: RunRules) -> float:
    if rules.state_decides:
        return state.until
    return min(at + _seconds(state.step_of(rules), rules), rules.deadline)


def end_step(
    state: DropletState,
    end: StepEnd,
    rules: RunRules,
    failure: Exception | None = None,
    action: Action | None = None,
) -> Change:
    """End the step. The next one follows, even after a failure; ``action`` is its action, if just read."""
    error = "" if failure is None else str(failure)
    step = state.steps[state.number]
    action_of_step = action or step.action
    steps = state.steps_with(StepState(end, step.action_id, action_of_step, step.is_unresolved, error, step.failure))
    state = changed(
        state, steps=steps, phase=Phase.NEXT, failure=failure or state.failure, action=action or state.action
    )
    return state, _end_notes(state.number, end, rules, error)


def _end_notes(number: int, end: StepEnd, rules: RunRules, error: str = "") -> tuple[Note, ...]:
    return (RecordStepEnd(number, end, error),) if len(rules.plan.steps) > 1 else ()


def fail(state: DropletState, error: Exception, at: float, rules: RunRules) -> Change:
    """Handle an error: end the step as failed if others run after a failure, else end the Droplet."""
    is_in_a_step = state.number >= 0
    if (
        is_in_a_step
        and isinstance(error, APIStatusError | ActionFailedError)
        and rules.plan.continues_after_failure(state.number)
    ):
        return end_step(state, "failed", rules, error)
    return ended_with_error(state, error, at, rules)


def _seconds(step: Step, rules: RunRules) -> float:
    """Return the time limit of the step's action, or of the whole step if the state decides."""
    return step.grace if step.grace is not None else rules.options.action_timeout_of(step.request.type)
