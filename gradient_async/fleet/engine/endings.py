"""How a Droplet's part in a run ends. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from gradient_async.errors import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    APIError,
    APIStatusError,
    ClientClosedError,
    EarlierFailureError,
    JournalError,
)
from gradient_async.fleet.engine.commands import Note, StopRun
from gradient_async.fleet.engine.state import DropletState, Ending, Phase, RunRules, changed
from gradient_async.fleet.outcome import Outcome

if TYPE_CHECKING:
    from datetime import datetime


def ended(state: DropletState, ending: Ending) -> DropletState:
    """The state at the end."""
    return changed(state, phase=Phase.ENDED, ending=ending)


def completed(state: DropletState) -> DropletState:
    """All that the run asks of the Droplet is done."""
    return ended(state, Ending("completed", "" if state.is_touched else "nothing had to be done"))


def left_alone(state: DropletState, reason: str, rules: RunRules) -> Ending:
    """The ending if nothing more is done; what was started, or may have been, is not known to have ended."""
    if not state.is_touched:
        return Ending("skipped", reason)
    if state.action_id is None or state.in_doubt is not None:
        what = state.in_doubt or "action"
        return Ending("unknown", f"{reason}; its {what} may or may not have been started")
    steps = [step.request.type for step in rules.plan.steps[state.action_step + 1 :]]
    rest = f"; not begun after it: {', '.join(steps)}" if steps else ""
    if state.action is not None and state.action.is_finished:
        return Ending("unknown", f"{reason}; action {state.action.id} was {state.action.status!r}{rest}")
    fate = f"action {state.action_id} was started and goes on by itself; not awaited"
    return Ending("started", f"{reason}; {fate}{rest}")


def ended_by(
    state: DropletState, error: Exception, at: float, rules: RunRules
) -> tuple[DropletState, tuple[Note, ...]]:
    """The state at the end, where an error is the reason for it."""
    if isinstance(error, JournalError):
        return ended(state, left_alone(state, error.message, rules)), (StopRun(error.message),)
    if isinstance(error, ClientClosedError):
        return ended(state, left_alone(state, error.message, rules)), ()
    if isinstance(error, TimeoutError) and not isinstance(error, APIError) and at >= rules.deadline:
        reason = f"the run's timeout of {rules.options.timeout:g} s is over"
        return ended(state, left_alone(state, reason, rules)), ()
    if isinstance(error, ActionOutcomeUnknownError):
        state = changed(state, attempts=state.attempts_with(error.attempts))
        return ended(state, Ending("unknown", error.message, error)), ()
    return ended(state, Ending("failed", str(error) or repr(error), error)), ()


def outcome_of(state: DropletState, ending: Ending, batch: int, ended_at: datetime) -> Outcome:
    """The outcome of a Droplet that ended so."""
    return Outcome(
        droplet_id=state.droplet_id,
        name=state.droplet.name if state.droplet is not None else state.name,
        status=ending.status,
        reason=ending.reason,
        action=state.action,
        error=ending.error,
        attempts=tuple(evolve(one, number=number) for number, one in enumerate(state.attempts, 1)),
        started_at=state.started_at,
        ended_at=ended_at,
        batch=batch,
    )


def is_final(state: DropletState, ending: Ending) -> bool:
    """Whether a later run on the journal has nothing to do for the Droplet.

    What has been executed is never executed again. What surely has not (refused, not sent, skipped) is tried again,
    and what is not known, or was not waited for to its end, is looked into.
    """
    if ending.status == "completed" or isinstance(ending.error, ActionFailedError):
        return True
    return isinstance(ending.error, APIStatusError | EarlierFailureError) and any(
        step.end == "acted" for step in state.steps
    )
