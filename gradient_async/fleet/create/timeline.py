"""The picture of a creation run. Pure: report in, SVG out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.fleet.create.outcomes import CREATION_STATUSES
from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.picture import Mark, Picture
from gradient_async.fleet.timeline import drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.fleet.create.outcomes import CreationOutcome, CreationStatus, CreationTry
    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.outcome import OutcomeStatus

# The colours are those of the outcomes of a fleet run.
_COLOUR_OF: Final[Mapping[CreationStatus, OutcomeStatus]] = {
    "delivered": "completed",
    "destroyed": "skipped",
    "lost": "failed",
    "destroying": "started",
    "left": "failed",
    "unknown": "unknown",
}
_TRY_COLOURS: Final[Mapping[str, OutcomeStatus]] = {
    "accepted": "completed",
    "refused": "failed",
    "unknown": "unknown",
}


@frozen(kw_only=True)
class _Bar(Outcome):
    """A Droplet of a creation run as the picture's drawing takes it."""

    word: str = ""


def creation_timeline(report: CreationReport) -> str:
    """Return the picture of a run: the tries over time, and a bar for each Droplet from its create to its end.

    The bar of a delivered Droplet ends when it was usable. The bar of another ends when it was gone, or with the run.
    """
    end = report.began_at + timedelta(seconds=report.duration)
    counts = report.counts
    picture = Picture(
        headline=report.headline,
        stopped_by=report.stopped_by,
        began_at=report.began_at,
        duration=report.duration,
        outcomes=tuple(_bar(one, end) for one in report.outcomes),
        legend=tuple(
            (_COLOUR_OF[status], f"{status} {counts[status]:,}")
            for status in CREATION_STATUSES
            if counts[status] or status == "delivered"
        ),
        request_times=report.request_times,
        limit=report.limit,
        rows_heading="Droplets, from the create until they are usable or gone",
        marks_heading=_tries_heading(report),
        marks=tuple(_mark(one) for one in report.tries),
    )
    return drawn(picture)


def _bar(one: CreationOutcome, end: datetime) -> _Bar:
    until = one.ready_at if one.status == "delivered" else one.ended_at
    facts = [f"{one.size} in {one.region}", *([one.reason] if one.reason else [])]
    return _Bar(
        droplet_id=one.droplet_id or 0,
        status=_COLOUR_OF[one.status],
        name=one.name,
        reason="; ".join(facts),
        started_at=one.sent_at,
        ended_at=until or end,
        is_resumed=one.sent_at is None,
        word=one.status,
    )


def _tries_heading(report: CreationReport) -> str:
    if not report.tries:
        return ""
    counted = {status: sum(one.status == status for one in report.tries) for status in _TRY_COLOURS}
    facts = ", ".join(f"{count:,} {status}" for status, count in counted.items() if count)
    return f"Creates: {facts}"


def _mark(one: CreationTry) -> Mark:
    why = f": {one.message}" if one.message else ""
    asked = f"{one.count:,} of {one.size} in {one.region}"
    return Mark(
        at=one.at.astimezone(UTC).timestamp(), colour=_TRY_COLOURS[one.status], text=f"{asked}, {one.status}{why}"
    )
