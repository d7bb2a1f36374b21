"""The end of a journal's run: whether it is finished, and with which outcomes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from gradient_async.fleet.journal_format import Records


@frozen(kw_only=True)
class Finish:
    """The end of a run that leaves nothing to do for a later one.

    Attributes:
        at: The time of the last Droplet's outcome, UTC.
        counts: Number of Droplets with each outcome, such as ``{"completed": 40}``.
    """

    at: datetime
    counts: Mapping[str, int]

    def __str__(self) -> str:
        """Return a text such as ``2026-08-07 02:13:45 UTC with 38 completed, 2 failed``."""
        counted = ", ".join(f"{count:,} {status}" for status, count in self.counts.items())
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC with {counted}"


def finish_of(known: Records) -> Finish | None:
    """Return how the run ended; ``None`` if a later run has something left to do, or if it has no Droplets."""
    outcomes = []
    for droplet_id in known.run.droplets:
        record = known.droplets.get(droplet_id)
        if record is None or record.outcome is None:
            return None
        outcomes.append(record.outcome)
    if not outcomes:
        return None
    return Finish(
        at=max(outcome.ended_at for outcome in outcomes),
        counts=Counter(outcome.status for outcome in sorted(outcomes, key=lambda one: one.status)),
    )
