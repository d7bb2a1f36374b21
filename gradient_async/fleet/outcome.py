"""What became of each Droplet of a fleet run."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from gradient_async.errors import Attempt
from gradient_async.models.action import Action

OutcomeStatus: TypeAlias = Literal["completed", "started", "failed", "unknown", "skipped"]
"""How a Droplet's part in a run can end."""

STATUSES: Final[tuple[OutcomeStatus, ...]] = ("completed", "started", "failed", "unknown", "skipped")


@frozen(kw_only=True)
class Outcome:
    """What became of one Droplet of a fleet run. Each Droplet has exactly one.

    Attributes:
        droplet_id: The Droplet's id.
        status: ``"completed"``: all that the run asks of it is done (with ``wait=False``: accepted). ``"started"``: its
            action was in progress when the run ended early, by a cancellation or its ``timeout``, and goes on by
            itself. ``"failed"``: its action ended as ``errored``, was refused, or did not end within
            ``action_timeout``, or the Droplet did not become what it should. ``"unknown"``: an action may or may not
            have been executed, or the run ended early between two of its steps. ``"skipped"``: nothing was started.
        name: The Droplet's name, where the run has read it; else ``None``.
        reason: Why, for people; empty where there is nothing to say.
        action: The last action that was started for it, as last read; ``None`` if there is none.
        error: What went wrong; set if it is ``"failed"`` or ``"unknown"`` and the run was not cancelled.
        attempts: Every try at sending its action requests, oldest first; those of earlier runs on the same journal are
            not among them.
        started_at: When the first of them was sent, UTC; ``None`` if none was.
        ended_at: When the outcome was known, UTC.
        batch: Number of its batch, from 1.
        is_resumed: Whether it comes from the journal of an earlier run, and the Droplet was not touched in this one.
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
        """Whether all that the run asks of the Droplet is done."""
        return self.status == "completed"

    @property
    def is_problem(self) -> bool:
        """Whether it counts towards ``max_errors``: it failed, or its fate is unknown."""
        return self.status in {"failed", "unknown"}

    @property
    def label(self) -> str:
        """The Droplet in a text: its id, and its name where that is known, as in ``3164444 (trainer-01)``."""
        name = " ".join((self.name or "").split())
        return f"{self.droplet_id} ({name})" if name else str(self.droplet_id)

    def __repr__(self) -> str:
        facts = [f"droplet_id={self.droplet_id}", f"name={self.name!r:.80}", f"status={self.status!r}"]
        facts += [f"reason={self.reason!r:.160}"] if self.reason else []
        facts += [f"action={self.action!r}"] if self.action else []
        return f"Outcome({', '.join(facts)})"

    def to_row(self) -> dict[str, str | int | float | bool | None]:
        """A flat row for a table, a log or a line of JSON. Times are ISO 8601, UTC."""
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
    """How far a fleet run has come.

    Attributes:
        total: How many Droplets it has; ``None`` while they are still being counted.
        started: Droplets that it has begun with.
        completed: Outcomes of that status so far.
        failed: Likewise.
        unknown: Likewise.
        skipped: Likewise.
        not_awaited: Outcomes of the status ``"started"`` so far.
        elapsed: Seconds since the run began.
        latest: The outcome that is being told.
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
        """Droplets that have an outcome."""
        return self.completed + self.not_awaited + self.failed + self.unknown + self.skipped
