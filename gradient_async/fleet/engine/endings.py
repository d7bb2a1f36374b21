"""The endings of a Droplet's run. Pure."""

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
    """Return the final state."""
    return changed(state, phase=Phase.ENDED, ending=ending)


def completed(state: DropletState) -> DropletState:
    """Return the final state of a Droplet whose steps are all done."""
    return ended(state, Ending("completed", "" if state.is_touched else "nothing had to be done"))


def early_ending(state: DropletState, reason: str, rules: RunRules) -> Ending:
    """Return the ending of a Droplet for which the run does no more.

    An action that was started, or may have been, is not known to have ended.
    """
    if not state.is_touched:
        return Ending("skipped", reason)
    if state.action_id is None or state.unresolved_type is not None:
        what = state.unresolved_type or "action"
        return Ending("unknown", f"{reason}; its {what} may or may not have been started")
    steps = [step.request.type for step in rules.plan.steps[state.action_step + 1 :]]
    rest = f"; not started after it: {', '.join(steps)}" if steps else ""
    if state.action is not None and state.action.is_finished:
        return Ending("unknown", f"{reason}; action {state.action.id} was {state.action.status!r}{rest}")
    fate = f"action {state.action_id} was started and continues on the server; not awaited"
    return Ending("started", f"{reason}; {fate}{rest}")


def ended_with_error(
    state: DropletState, error: Exception, at: float, rules: RunRules
) -> tuple[DropletState, tuple[Note, ...]]:
    """Return the final state of a Droplet that ends with an error."""
    if isinstance(error, JournalError):
        return ended(state, early_ending(state, error.message, rules)), (StopRun(error.message),)
    if isinstance(error, ClientClosedError):
        return ended(state, early_ending(state, error.message, rules)), ()
    if isinstance(error, TimeoutError) and not isinstance(error, APIError) and at >= rules.deadline:
        reason = f"the run's timeout of {rules.options.timeout:g} s is over"
        return ended(state, early_ending(state, reason, rules)), ()
    if isinstance(error, ActionOutcomeUnknownError):
        state = changed(state, attempts=state.attempts_with(error.attempts))
        return ended(state, Ending("unknown", error.message, error)), ()
    return ended(state, Ending("failed", str(error) or repr(error), error)), ()


def outcome_of(state: DropletState, ending: Ending, batch: int, ended_at: datetime) -> Outcome:
    """Return the Droplet's outcome for this ending."""
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
    """Return whether a later run on the journal has nothing to do for the Droplet.

    A request that was executed is never sent again. A request that was certainly not executed (refused, not sent,
    skipped) is tried again. If this is not known, or the action was not awaited to its end, the later run looks it up.
    """
    if ending.status == "completed" or isinstance(ending.error, ActionFailedError):
        return True
    return isinstance(ending.error, APIStatusError | EarlierFailureError) and any(
        step.end == "acted" for step in state.steps
    )
