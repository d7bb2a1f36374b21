"""The report of a creation run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.errors import GradientAIError
from gradient_async.fleet.cost import total_of
from gradient_async.fleet.create.outcomes import (
    CREATION_STATUSES,
    CreationEvent,
    CreationOutcome,
    CreationStatus,
    CreationTry,
    OfferAnswers,
)
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.models.rows import Cell

_MAY_BE_BILLED: Final[tuple[CreationStatus, ...]] = ("left", "unknown", "destroying")
_MAX_SHOWN: Final = 20


@frozen(kw_only=True)
class CreationReport:
    """What a creation run did. ``print`` shows it as an operator would want to read it.

    Attributes:
        count: How many Droplets were wanted.
        min_count: How many would have been enough.
        droplets: The Droplets that are delivered, as last read, by the numbers in their names. They are billed.
        outcomes: The outcome of each Droplet that was created, or may have been.
        offers: What the API answered to the creates of each size and region.
        began_at: When this call began, UTC.
        duration: Seconds that it took.
        requests: Requests that it sent, polls and look-ups included.
        refused_for_rate: How many of them were answered with 429.
        rounds: Rounds through the offers.
        stopped_by: Why the run ended before it had all Droplets; ``None`` if it had.
        error: The error that ended it; ``None`` if none did.
        events: What happened, in order; of a long run, the last 10,000 events.
        is_resumed: Whether an earlier call on the same journal began the run.
        tries: The creates that this call sent, in order; of a long run, the last 10,000.
        request_times: When each request ended, in seconds since the epoch.
        limit: Requests that the rate budget's shortest window allows, and its span in seconds; ``None`` without one.
    """

    count: int
    min_count: int
    droplets: tuple[Droplet, ...]
    outcomes: tuple[CreationOutcome, ...]
    offers: tuple[OfferAnswers, ...] = ()
    began_at: datetime
    duration: float
    requests: int
    refused_for_rate: int = 0
    rounds: int = 0
    stopped_by: str | None = None
    error: Exception | None = field(default=None, eq=False)
    events: tuple[CreationEvent, ...] = field(default=(), repr=False)
    is_resumed: bool = False
    tries: tuple[CreationTry, ...] = field(default=(), repr=False)
    request_times: tuple[float, ...] = field(default=(), repr=False)
    limit: tuple[int, float] | None = None

    @property
    def is_enough(self) -> bool:
        """Whether at least ``min_count`` Droplets are delivered."""
        return len(self.droplets) >= self.min_count

    @property
    def is_complete(self) -> bool:
        """Whether all ``count`` Droplets are delivered. Others may exist beside them: ``left`` has those."""
        return len(self.droplets) >= self.count

    @property
    def destroyed(self) -> tuple[CreationOutcome, ...]:
        """Droplets that the run destroyed."""
        return self._with_status("destroyed")

    @property
    def lost(self) -> tuple[CreationOutcome, ...]:
        """Droplets that are gone, and that the run did not destroy."""
        return self._with_status("lost")

    @property
    def left(self) -> tuple[CreationOutcome, ...]:
        """Droplets that are not delivered, and may exist: they may be billed. Destroy them, or look them up by name."""
        return tuple(one for status in _MAY_BE_BILLED for one in self._with_status(status))

    @property
    def counts(self) -> Mapping[CreationStatus, int]:
        """How many Droplets there are of each status."""
        found = Counter(outcome.status for outcome in self.outcomes)
        return {status: found[status] for status in CREATION_STATUSES}

    @property
    def hourly(self) -> float | None:
        """What the delivered Droplets cost, in US dollars an hour; ``None`` if a price is not known."""
        prices = [one.price_hourly for one in self._with_status("delivered")]
        return None if None in prices else total_of(prices)

    def raise_for_shortage(self) -> None:
        """Raise if fewer than ``min_count`` Droplets are delivered.

        Raises:
            NotEnoughDropletsError: There are fewer. It carries the report, and its cause is ``error``.
        """
        if self.is_enough:
            return
        why = f": {self.stopped_by}" if self.stopped_by else ""
        left = f" {len(self.left):,} may be left, and billed: see .report.left." if self.left else ""
        raise NotEnoughDropletsError(
            f"{len(self.droplets):,} of at least {self.min_count:,} Droplets were created{why}.{left}", report=self
        ) from self.error

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each Droplet, with its addresses if it is delivered, for a table or a data frame."""
        droplets: dict[int | None, Droplet] = {droplet.id: droplet for droplet in self.droplets}
        rows = []
        for outcome in self.outcomes:
            droplet = droplets.get(outcome.droplet_id)
            addresses = (None, None) if droplet is None else (droplet.public_ip, droplet.private_ip)
            rows.append({**outcome.to_row(), "public_ip": addresses[0], "private_ip": addresses[1]})
        return rows

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the whole report as JSON.

        Args:
            indent: Spaces for each level; ``None`` for one line.
        """
        report = {
            "action": "create",
            "count": self.count,
            "min_count": self.min_count,
            "is_enough": self.is_enough,
            "is_complete": self.is_complete,
            "began_at": self.began_at.isoformat(),
            "duration": round(self.duration, 3),
            "requests": self.requests,
            "refused_for_rate": self.refused_for_rate,
            "rounds": self.rounds,
            "hourly": self.hourly,
            "stopped_by": self.stopped_by,
            "error": type(self.error).__name__ if self.error else None,
            "counts": self.counts,
            "outcomes": self.to_rows(),
            "offers": [offer.to_row() for offer in self.offers],
            "tries": [one.to_row() for one in self.tries],
            "events": [{"seconds": round(one.seconds, 3), "text": one.text} for one in self.events],
        }
        return json.dumps(report, indent=indent)

    def timeline(self) -> str:
        """Return a picture of the run as a self-contained SVG: requests, tries, and a bar for each Droplet.

        Write it to a file and open that in a browser. A bar or a try shows its facts under the pointer.
        """
        from gradient_async.fleet.create.timeline import creation_timeline

        return creation_timeline(self)

    @property
    def headline(self) -> str:
        """The run in one line: how many Droplets it delivered, what they cost, and what it took."""
        counts = self.counts
        others = [f"{counts[status]:,} {status}" for status in CREATION_STATUSES[1:] if counts[status]]
        hourly = "" if not self.droplets else f" for {_dollars(self.hourly)} an hour"
        facts = [f"{len(self.droplets):,} of {self.count:,} Droplets{hourly}", *others]
        return f"create: {', '.join(facts)} ({self.requests:,} requests, {_seconds(self.duration)})"

    def __str__(self) -> str:
        lines = [self.headline]
        if self.stopped_by:
            lines.append(f"  stopped: {self.stopped_by}")
        lines += [
            f"  delivered  {one.id} ({one.name})  {one.public_ip or one.private_ip or 'no address yet'}"
            for one in self.droplets[:_MAX_SHOWN]
        ]
        if len(self.droplets) > _MAX_SHOWN:
            lines.append(f"  delivered  and {len(self.droplets) - _MAX_SHOWN:,} more")
        for status in (*_MAY_BE_BILLED, "lost", "destroyed"):
            of_status = self._with_status(status)
            lines += [f"  {status}  {one.label}  {' '.join(one.reason.split())}" for one in of_status[:_MAX_SHOWN]]
            if len(of_status) > _MAX_SHOWN:
                lines.append(f"  {status}  and {len(of_status) - _MAX_SHOWN:,} more")
        for offer in self.offers[:_MAX_SHOWN]:
            refused = ", ".join(f"{count} {name}" for name, count in offer.refusals.items())
            if refused:
                lines.append(f"  {offer.size} in {offer.region}: {offer.accepted:,} accepted, {refused}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<CreationReport {self.headline}>"

    def _repr_html_(self) -> str:
        """Return a short table, which notebooks show in place of the text."""
        from gradient_async.models.html_table import table_of_rows

        order = (*_MAY_BE_BILLED, "lost", "destroyed", "delivered")
        rows = sorted(self.to_rows(), key=lambda row: order.index(str(row["status"])))
        return table_of_rows(self.headline, rows)

    def _with_status(self, status: CreationStatus) -> tuple[CreationOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)


class CreationCancelled(asyncio.CancelledError):
    """A creation run was cancelled, or interrupted by Ctrl-C. Its Droplets were destroyed, as far as time allowed.

    Task groups and cancel scopes treat it as a cancellation, since it is a ``CancelledError``. The sync client raises
    ``KeyboardInterrupt``, with this as its ``__context__``; if another thread closes the client, it raises
    ``ClientClosedError``, with this as its ``__cause__``.

    Attributes:
        report: The report. ``report.left`` has the Droplets that may still exist.
    """

    def __init__(self, report: CreationReport) -> None:
        counts = ", ".join(f"{count:,} {status}" for status, count in report.counts.items() if count)
        super().__init__(f"cancelled: {counts or 'no Droplets'}; .report has each")
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.report,)


def _dollars(amount: float | None) -> str:
    return "an unknown price" if amount is None else f"${amount:,.2f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


class NotEnoughDropletsError(GradientAIError):
    """``fleet.create`` delivered fewer than ``min_count`` Droplets. ``report.raise_for_shortage()`` raises it.

    Attributes:
        report: The report.
    """

    def __init__(self, message: str, *, report: CreationReport) -> None:
        super().__init__(message)
        self.report = report


NotEnoughDropletsError.__module__ = "gradient_async.errors"  # tracebacks and pickles name the package of all errors
