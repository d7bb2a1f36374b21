"""The outcomes of the Droplets of a fleet run."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from gradient_async.errors import Attempt
from gradient_async.models.action import Action

OutcomeStatus: TypeAlias = Literal["completed", "started", "failed", "unknown", "skipped"]
"""The possible outcomes of a Droplet."""

STATUSES: Final[tuple[OutcomeStatus, ...]] = ("completed", "started", "failed", "unknown", "skipped")


def label_of(droplet_id: int, name: str | None) -> str:
    """Return a Droplet's id, with its name if that is known, on one line."""
    words = " ".join((name or "").split())
    return f"{droplet_id} ({words})" if words else str(droplet_id)


@frozen(kw_only=True)
class Outcome:
    """The outcome of one Droplet of a fleet run. Each Droplet has exactly one.

    Attributes:
        droplet_id: The Droplet's id.
        status: ``"completed"``: all steps are done (with ``wait=False``: the action was accepted). ``"started"``: its
            action was in progress when the run ended early, by a cancellation or its ``timeout``, and continues on
            the server. ``"failed"``: its action ended as ``errored``, was refused, or did not end within
            ``action_timeout``, or the Droplet did not reach the expected state. ``"unknown"``: an action may or may
            not have been executed, or the run ended early between two of its steps. ``"skipped"``: nothing was
            started.
        name: The Droplet's name if the run has read it; else ``None``.
        reason: The reason of the outcome as text; empty if there is none.
        action: The last action that was started for it, as last read; ``None`` if there is none.
        error: The error; set if it is ``"failed"`` or ``"unknown"`` and the run was not cancelled.
        attempts: Every attempt to send its action requests, oldest first, without those of earlier runs on the same
            journal.
        started_at: The time of the first attempt, UTC; ``None`` if there was none.
        ended_at: The time of the outcome, UTC.
        batch: Number of its batch, from 1.
        is_resumed: Whether it comes from the journal of an earlier run. This run then did nothing to the Droplet.
    """

    droplet_id: int
    status: OutcomeStatus
    name: str | None = None
    reason: str = ""
    action: Action | None = None
    error: Exception | None = field(default=None, eq=False)
    attempts: tuple[Attempt, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime
    batch: int = 1
    is_resumed: bool = False

    @property
    def is_completed(self) -> bool:
        """Whether all steps of the Droplet are done."""
        return self.status == "completed"

    @property
    def is_problem(self) -> bool:
        """Whether it counts towards ``max_errors``: it is failed or unknown."""
        return self.status in {"failed", "unknown"}

    @property
    def label(self) -> str:
        """The Droplet's id, with its name if that is known, such as ``3164444 (trainer-01)``."""
        return label_of(self.droplet_id, self.name)

    def __repr__(self) -> str:
        facts = [f"droplet_id={self.droplet_id}", f"name={self.name!r:.80}", f"status={self.status!r}"]
        facts += [f"reason={self.reason!r:.160}"] if self.reason else []
        facts += [f"action={self.action!r}"] if self.action else []
        return f"Outcome({', '.join(facts)})"

    def to_row(self) -> dict[str, str | int | float | bool | None]:
        """Return a flat row for a table, a log or a line of JSON. Times are ISO 8601, UTC."""
        action = self.action
        request_ids = [attempt.request_id for attempt in self.attempts if attempt.request_id]
        seconds = (self.ended_at - self.started_at).total_seconds() if self.started_at else None
        return {
            "droplet_id": self.droplet_id,
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "action_id": action.id if action else None,
            "action_type": action.type if action else None,
            "action_status": action.status if action else None,
            "error": type(self.error).__name__ if self.error else None,
            "request_id": request_ids[-1] if request_ids else None,
            "attempts": len(self.attempts),
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "ended_at": self.ended_at.isoformat(),
            "seconds": None if seconds is None else round(seconds, 3),
            "batch": self.batch,
            "is_resumed": self.is_resumed,
        }


@frozen(kw_only=True)
class FleetProgress:
    """The progress of a fleet run.

    Attributes:
        total: Number of Droplets; ``None`` while it is not known.
        started: Number of Droplets that were started.
        completed: Number of outcomes of that status so far.
        failed: Likewise.
        unknown: Likewise.
        skipped: Likewise.
        not_awaited: Number of outcomes of the status ``"started"`` so far.
        elapsed: Seconds since the run began.
        latest: The latest outcome.
    """

    total: int | None
    started: int
    completed: int
    failed: int
    unknown: int
    skipped: int
    not_awaited: int = 0
    elapsed: float
    latest: Outcome

    @property
    def ended(self) -> int:
        """Number of Droplets that have an outcome."""
        return self.completed + self.not_awaited + self.failed + self.unknown + self.skipped
