"""The report of Droplets that had to be destroyed."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.errors import DropletError, GradientAIError
from gradient_async.fleet.cost import total_of
from gradient_async.fleet.destroy.outcomes import (
    DESTROY_STATUSES,
    BillingResource,
    DestroyOutcome,
    UnseenDroplet,
    in_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.fleet.destroy.outcomes import DestroyStatus
    from gradient_async.models.rows import Cell

_MAX_SHOWN: Final = 20
_UNSEEN: Final = "its create may have been executed, and no list has shown it"


@frozen(kw_only=True)
class DestroyReport:
    """The report of Droplets that had to be destroyed. ``print`` shows it, with all that is still billed.

    Attributes:
        outcomes: One for each Droplet.
        began_at: When it began, UTC.
        duration: Seconds that it took.
        requests: Requests that were sent.
        refused_for_rate: How many of them were answered with 429.
        unseen: Droplets of a lease that may exist, and whose ids are not known.
        search_error: Why it is not known whether the lease has more Droplets: their lists could not be read; ``None``
            if they could.
    """

    outcomes: tuple[DestroyOutcome, ...]
    began_at: datetime
    duration: float
    requests: int = 0
    refused_for_rate: int = 0
    unseen: tuple[UnseenDroplet, ...] = ()
    search_error: Exception | None = field(default=None, eq=False)

    @property
    def destroyed(self) -> tuple[DestroyOutcome, ...]:
        """Droplets that are gone."""
        return self._with_status("destroyed")

    @property
    def not_found(self) -> tuple[DestroyOutcome, ...]:
        """Ids that no Droplet of the account has, or not any more. Check them for a typing error."""
        return self._with_status("not_found")

    @property
    def kept(self) -> tuple[DestroyOutcome, ...]:
        """Droplets for which no request to destroy them was sent."""
        return self._with_status("kept")

    @property
    def failed(self) -> tuple[DestroyOutcome, ...]:
        """Droplets that the API refused to destroy."""
        return self._with_status("failed")

    @property
    def unknown(self) -> tuple[DestroyOutcome, ...]:
        """Droplets of which it is not known that they are gone."""
        return self._with_status("unknown")

    @property
    def counts(self) -> Mapping[DestroyStatus, int]:
        """How many Droplets there are of each status."""
        statuses = [outcome.status for outcome in self.outcomes]
        return {status: statuses.count(status) for status in DESTROY_STATUSES}

    @property
    def is_complete(self) -> bool:
        """Whether there is none of the Droplets now: each is destroyed, or was not found. All of them are known."""
        return self.search_error is None and not self.unseen and all(outcome.is_absent for outcome in self.outcomes)

    @property
    def stopped_hourly(self) -> float:
        """US dollars an hour that are not billed any more, of Droplets whose price is known."""
        return _hourly(self.destroyed)

    @property
    def still_hourly(self) -> float:
        """US dollars an hour of the Droplets that are not gone, or may not be, where the price is known."""
        return _hourly(one for one in self.outcomes if not one.is_absent) + _hourly(self.unseen)

    @property
    def left(self) -> tuple[BillingResource, ...]:
        """Volumes, snapshots and IPs of the Droplets that still exist and are billed."""
        return tuple(resource for outcome in self.outcomes for resource in outcome.left or ())

    def raise_for_failures(self) -> None:
        """Raise if any Droplet is not gone, or may not be known. One that was not found raises nothing.

        Raises:
            ExceptionGroup: With an error for each such Droplet.
        """
        problems = [outcome for outcome in self.outcomes if not outcome.is_absent]
        errors = [outcome.error or _error_for(outcome) for outcome in problems]
        errors += [GradientAIError(f"Droplet {one.name}: {_UNSEEN}") for one in self.unseen]
        errors += [] if self.search_error is None else [self.search_error]
        if errors:
            count = len(problems) + len(self.unseen)
            more = "" if self.search_error is None else ", and there may be more"
            raise ExceptionGroup(
                f"{count:,} of {len(self.outcomes) + len(self.unseen):,} Droplets are not destroyed{more}", errors
            )

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each Droplet, for a table or a data frame."""
        return [outcome.to_row() for outcome in self.outcomes]

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the whole report as JSON.

        Args:
            indent: Spaces for each level, ``None`` for one line.
        """
        report = {
            "action": "destroy",
            "began_at": self.began_at.isoformat(),
            "duration": round(self.duration, 3),
            "requests": self.requests,
            "refused_for_rate": self.refused_for_rate,
            "counts": self.counts,
            "stopped_hourly": round(self.stopped_hourly, 4),
            "still_hourly": round(self.still_hourly, 4),
            "left": [{"kind": one.kind, "id": one.id, "name": one.name, "cost": one.cost} for one in self.left],
            "unseen": [{"name": one.name, "price_hourly": one.price_hourly} for one in self.unseen],
            "search_error": None if self.search_error is None else str(self.search_error),
            "outcomes": self.to_rows(),
        }
        return json.dumps(report, indent=indent)

    @property
    def headline(self) -> str:
        """All in one line: the counts and the prices."""
        count = len(self.outcomes)
        facts = [
            f"{number:,} {in_words(status)}"
            for status, number in self.counts.items()
            if number or status == "destroyed"
        ]
        facts += [f"{len(self.unseen):,} unseen"] if self.unseen else []
        facts += ["there may be more"] if self.search_error is not None else []
        money = f"${self.stopped_hourly:,.2f} an hour less"
        if self.still_hourly:
            money += f", ${self.still_hourly:,.2f} an hour may still be billed"
        return f"destroy of {count:,} Droplet{'' if count == 1 else 's'}: {', '.join(facts)}; {money}"

    def __str__(self) -> str:
        lines = [self.headline]
        for status in DESTROY_STATUSES[1:]:
            of_status = self._with_status(status)
            word = in_words(status)
            lines += [f"  {word}  {one.label}  {' '.join(one.reason.split())}" for one in of_status[:_MAX_SHOWN]]
            lines += [f"  {word}  and {len(of_status) - _MAX_SHOWN:,} more"] if len(of_status) > _MAX_SHOWN else []
        lines += [f"  unseen  {one.name}  {_UNSEEN}" for one in self.unseen[:_MAX_SHOWN]]
        lines += [f"  unseen  and {len(self.unseen) - _MAX_SHOWN:,} more"] if len(self.unseen) > _MAX_SHOWN else []
        lines += [] if self.search_error is None else [f"  there may be more: {self.search_error}"]
        lines += [f"  still billed  {one}" for one in self.left[:_MAX_SHOWN]]
        lines += [f"  still billed  and {len(self.left) - _MAX_SHOWN:,} more"] if len(self.left) > _MAX_SHOWN else []
        unread = sum(one.left is None for one in self.outcomes)
        lines += [f"  of {unread:,} Droplets it is not known what is left and billed"] if unread else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<DestroyReport {self.headline}>"

    def _repr_html_(self) -> str:
        """Return a short table, which notebooks show in place of the text."""
        from gradient_async.models.html_table import table_of_rows

        order = ("failed", "unknown", "kept", "not_found", "destroyed")
        rows = sorted(self.to_rows(), key=lambda row: order.index(str(row["status"])))
        return table_of_rows(self.headline, rows)

    def _with_status(self, status: str) -> tuple[DestroyOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)


class DestroyCancelled(asyncio.CancelledError):
    """Destroying was cancelled, or interrupted by Ctrl-C. Nothing was sent afterwards.

    Task groups and cancel scopes treat it as a cancellation, since it is a ``CancelledError``. The sync client raises
    ``KeyboardInterrupt``, with this as its ``__context__``.

    Attributes:
        report: The report up to the cancellation, with an outcome for each Droplet; without any if it came while the
            Droplets were looked up.
    """

    def __init__(self, report: DestroyReport) -> None:
        counts = ", ".join(f"{count:,} {in_words(status)}" for status, count in report.counts.items() if count)
        super().__init__(f"cancelled: {counts or 'no Droplets'}; .report has each")
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.report,)


def _hourly(outcomes: Iterable[DestroyOutcome | UnseenDroplet]) -> float:
    return total_of(outcome.price_hourly for outcome in outcomes)


def _error_for(outcome: DestroyOutcome) -> Exception:
    return DropletError(f"Droplet {outcome.droplet_id}: {outcome.reason}", droplet_id=outcome.droplet_id)
