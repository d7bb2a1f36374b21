"""The report of Droplets that were made from snapshots again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field, frozen

from gradient_async.fleet.hibernation_records import HibernatedDroplet
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.models.rows import Cell

RestoreStatus: TypeAlias = Literal["restored", "skipped", "failed", "unknown"]
"""The possible outcomes of a Droplet that has to be restored."""

RESTORE_STATUSES: Final[tuple[RestoreStatus, ...]] = ("restored", "skipped", "failed", "unknown")
_MAX_SHOWN: Final = 20


@frozen(kw_only=True)
class RestoreOutcome:
    """The outcome of one Droplet that had to be restored.

    Attributes:
        source: The Droplet as it was.
        status: ``"restored"``: it exists and is usable. ``"skipped"``: nothing was sent. ``"failed"``: it was not
            created, or is not usable: ``droplet`` says whether it exists. ``"unknown"``: it may have been created.
        droplet: The new Droplet, as last read; ``None`` if there is none.
        reason: Why, for people.
        error: What went wrong.
    """

    source: HibernatedDroplet
    status: RestoreStatus
    droplet: Droplet | None = None
    reason: str = ""
    error: Exception | None = field(default=None, eq=False)

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row for a table, a log or a line of JSON."""
        return {
            "name": self.source.name,
            "status": self.status,
            "droplet_id": self.droplet.id if self.droplet else None,
            "snapshot_id": self.source.snapshot_id,
            "size": self.source.size,
            "region": self.source.region,
            "price_hourly": self.source.price_hourly,
            "reason": self.reason,
            "error": type(self.error).__name__ if self.error else None,
        }


@frozen(kw_only=True)
class RestoreReport:
    """The report of Droplets that had to be restored. ``print`` shows it. The snapshots stay, and are billed.

    Attributes:
        outcomes: One for each Droplet.
        began_at: When it began, UTC.
        duration: Seconds that it took.
    """

    outcomes: tuple[RestoreOutcome, ...]
    began_at: datetime
    duration: float

    @property
    def droplets(self) -> tuple[Droplet, ...]:
        """The Droplets that are restored."""
        return tuple(one.droplet for one in self.outcomes if one.status == "restored" and one.droplet is not None)

    @property
    def is_complete(self) -> bool:
        """Whether all Droplets are restored."""
        return all(one.status == "restored" for one in self.outcomes)

    @property
    def counts(self) -> Mapping[RestoreStatus, int]:
        """How many Droplets there are of each status."""
        statuses = [outcome.status for outcome in self.outcomes]
        return {status: statuses.count(status) for status in RESTORE_STATUSES}

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each Droplet, for a table or a data frame."""
        return [one.to_row() for one in self.outcomes]

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the whole report as JSON.

        Args:
            indent: Spaces for each level, ``None`` for one line.
        """
        facts = {
            "action": "restore",
            "began_at": self.began_at.isoformat(),
            "duration": round(self.duration, 3),
            "counts": self.counts,
            "outcomes": self.to_rows(),
        }
        return json.dumps(facts, indent=indent)

    @property
    def headline(self) -> str:
        """All in one line."""
        facts = [f"{number:,} {status}" for status, number in self.counts.items() if number or status == "restored"]
        count = len(self.outcomes)
        return f"restore of {count:,} Droplet{'' if count == 1 else 's'}: {', '.join(facts)}"

    def __str__(self) -> str:
        problems = [one for one in self.outcomes if one.status != "restored"]
        lines = [f"  {one.status}  {one.source.name}  {' '.join(one.reason.split())}" for one in problems[:_MAX_SHOWN]]
        rest = len(problems) - _MAX_SHOWN
        return "\n".join([self.headline, *lines, *([f"  and {rest:,} more"] if rest > 0 else [])])

    def __repr__(self) -> str:
        return f"<RestoreReport {self.headline}>"
