"""A readable view of a journal: the run, and the progress of each Droplet. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from gradient_async.fleet import journal_format, journal_text
from gradient_async.fleet.finish import Finish, finish_of
from gradient_async.fleet.outcome import OutcomeStatus

if TYPE_CHECKING:
    from gradient_async.fleet.journal_format import DropletRecord, Records

DropletState: TypeAlias = Literal["ended", "started", "sent", "between steps", "refused", "not begun"]
"""The progress of a Droplet.

``"ended"``: its outcome is final. ``"started"``: the API accepted its action, whose end is not recorded. ``"sent"``: a
request may have been sent, and its answer is not recorded. ``"between steps"``: a step has ended, and another one
follows or the outcome is not recorded. ``"refused"``: the API refused its request, and nothing was executed.
``"not begun"``: nothing was sent.
"""


@frozen(kw_only=True)
class DropletView:
    """The progress of one Droplet.

    Attributes:
        droplet_id: The Droplet's id.
        step: Number of its present step, from 1; ``None`` if it has not begun, or had nothing to do.
        step_type: Type of that step's action.
        state: Its progress.
        action_id: Id of its last known action.
        outcome: Its final outcome.
        reason: The reason of the outcome, as text.
        next: What a later run does for it, as text; empty if nothing.
    """

    droplet_id: int
    step: int | None
    step_type: str | None
    state: DropletState
    action_id: int | None
    outcome: OutcomeStatus | None
    reason: str
    next: str

    def as_json(self) -> Mapping[str, object]:
        """Return the Droplet as JSON values."""
        return {
            "droplet_id": self.droplet_id,
            "step": self.step,
            "step_type": self.step_type,
            "state": self.state,
            "action_id": self.action_id,
            "outcome": self.outcome,
            "reason": self.reason,
            "next": self.next,
        }


@frozen(kw_only=True)
class JournalView:
    """A journal.

    Attributes:
        path: The file.
        action: The run's action, such as ``reboot``.
        steps: The types of the actions of its steps.
        tag: The tag by which the Droplets were found; ``None`` if they were given.
        wait: Whether the run waits for the end of the actions.
        until: When a Droplet is completed.
        options: The other options of the first run.
        began_at: Start of the first run, UTC.
        written_at: Time of the last line, UTC.
        finish: How the run ended; ``None`` if something is left to do.
        torn: Number of bytes at the end of the file, of a line that was cut off.
        droplets: All Droplets.
    """

    path: str
    action: str
    steps: Sequence[str]
    tag: str | None
    wait: bool
    until: str
    options: Mapping[str, object]
    began_at: datetime
    written_at: datetime
    finish: Finish | None
    torn: int
    droplets: Sequence[DropletView]

    @property
    def left(self) -> Sequence[DropletView]:
        """Droplets for which a later run has something to do."""
        return [droplet for droplet in self.droplets if droplet.next]

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of Droplets with each outcome, and in each state if they have none."""
        return Counter(droplet.outcome or droplet.state for droplet in self.droplets)

    def as_json(self) -> Mapping[str, object]:
        """Return the journal as JSON values. Times are ISO 8601, UTC."""
        return {
            "journal": self.path,
            "action": self.action,
            "steps": list(self.steps),
            "tag": self.tag,
            "wait": self.wait,
            "until": self.until,
            "options": dict(self.options),
            "began_at": self.began_at.isoformat(),
            "written_at": self.written_at.isoformat(),
            "finished_at": self.finish.at.isoformat() if self.finish else None,
            "is_finished": self.finish is not None,
            "torn_bytes": self.torn,
            "counts": dict(self.counts),
            "droplets": [droplet.as_json() for droplet in self.droplets],
        }


def view_of(path: str, content: bytes, runs_after_failure: Sequence[bool] = ()) -> JournalView:
    """Return the view of a journal.

    Args:
        path: The file.
        content: The file's content.
        runs_after_failure: For each step of its plan, whether it runs after an earlier one failed, if that is known.

    Raises:
        DamagedError: The file was changed, or is no journal.
    """
    text = journal_text.decode(content)
    if not text.lines:
        raise journal_text.DamagedError("it holds nothing yet")
    known = journal_format.replay(text.lines, None)
    run = known.run
    steps = _step_types(run.plan)
    run_after_failure = [*runs_after_failure, *(False for _ in steps[len(runs_after_failure) :])]
    ids = [*run.droplets, *(one for one in known.droplets if one not in set(run.droplets))]
    return JournalView(
        path=path,
        action=str(run.plan.get("name", "")),
        steps=steps,
        tag=run.tag,
        wait=run.wait,
        until=run.until,
        options=run.options,
        began_at=run.began_at.astimezone(UTC),
        written_at=datetime.fromtimestamp(journal_format.last_timestamp(text.lines).wall, UTC),
        finish=finish_of(known),
        torn=text.torn,
        droplets=[
            _droplet_view(droplet_id, known, steps, run_after_failure, is_torn=text.torn > 0) for droplet_id in ids
        ],
    )


def _droplet_view(
    droplet_id: int, known: Records, steps: Sequence[str], runs_after_failure: Sequence[bool], *, is_torn: bool
) -> DropletView:
    record = known.droplets.get(droplet_id) or journal_format.DropletRecord()
    number = _current_step(record)
    action_ids = [step.action_id for _, step in sorted(record.steps.items()) if step.action_id is not None]
    outcome = record.outcome
    if outcome is not None and outcome.action is not None:
        action_ids.append(outcome.action.id)
    return DropletView(
        droplet_id=droplet_id,
        step=None if number is None else number + 1,
        step_type=None if number is None else _type_of(steps, number),
        state=_state_of(record, number),
        action_id=action_ids[-1] if action_ids else None,
        outcome=None if outcome is None else outcome.status,
        reason="" if outcome is None else outcome.reason,
        next="" if outcome is not None else _next(record, steps, runs_after_failure, is_torn=is_torn),
    )


def _current_step(record: DropletRecord) -> int | None:
    """Return the last step with a record."""
    begun = [
        number
        for number, step in record.steps.items()
        if step.first_sent is not None or step.action_id is not None or step.end is not None
    ]
    return max(begun, default=None)


def _state_of(record: DropletRecord, number: int | None) -> DropletState:
    if record.outcome is not None:
        return "ended"
    if number is None:
        return "refused" if any(step.is_refused for step in record.steps.values()) else "not begun"
    step = record.steps[number]
    if step.end is not None:
        return "between steps"
    return "started" if step.action_id is not None else "sent"


def _next(record: DropletRecord, steps: Sequence[str], runs_after_failure: Sequence[bool], *, is_torn: bool) -> str:
    """Return what a later run does."""
    number = record.next_step(runs_after_failure)
    if number is None:
        return "report how it ended"
    step, name = record.steps.get(number), _type_of(steps, number)
    if step is not None and step.action_id is not None:
        return f"wait for action {step.action_id} ({name})"
    if is_torn or (step is not None and step.first_sent is not None):
        return f"look {name} up, and send it only if it was not executed"
    return f"send {name}" if len(steps) == 1 else f"continue with {name} (step {number + 1} of {len(steps)}), if needed"


def _step_types(plan: Mapping[str, object]) -> Sequence[str]:
    steps = plan.get("steps")
    return [str(step.get("type")) for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []


def _type_of(steps: Sequence[str], number: int) -> str:
    return steps[number] if number < len(steps) else f"step {number + 1}"
