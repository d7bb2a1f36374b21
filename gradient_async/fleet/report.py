"""The report of a fleet run."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.fleet.outcome import STATUSES, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.fleet.outcome import OutcomeStatus

_MAX_SHOWN: Final = 20


@frozen(kw_only=True)
class FleetReport:
    """The report of a fleet run, with the outcome of each Droplet. ``print`` shows it as text.

    Attributes:
        action: The run's action, such as ``"reboot"``.
        outcomes: One for each Droplet, in the order in which they became known.
        began_at: Start of the run, UTC.
        duration: Length of the run, in seconds.
        requests: Number of requests that the run sent, with polls and look-ups. All waits of a client share their
            polls, so polls for other waits at the same time are counted too.
        refused_for_rate: Number of those that were answered with 429.
        stopped_by: The reason why the run was stopped; ``None`` if it was not.
        is_waited_for: ``False`` for a run with ``wait=False``, whose ``"completed"`` means accepted.
        request_times: The time at the end of each request, in seconds since the epoch.
        limit: Requests that the rate budget's shortest window allows, and its span in seconds; ``None`` without one.
    """

    action: str
    outcomes: tuple[Outcome, ...]
    began_at: datetime
    duration: float
    requests: int
    refused_for_rate: int
    stopped_by: str | None = None
    is_waited_for: bool = True
    request_times: tuple[float, ...] = field(default=(), repr=False)
    limit: tuple[int, float] | None = None

    @property
    def completed(self) -> tuple[Outcome, ...]:
        """Droplets for which all steps were done."""
        return self._with_status("completed")

    @property
    def started(self) -> tuple[Outcome, ...]:
        """Droplets whose action was in progress when the run ended early. It continues on the server."""
        return self._with_status("started")

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Droplets whose action failed or was refused, or that did not reach the expected state."""
        return self._with_status("failed")

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Droplets for which it is not known whether their action was executed, or how it ended."""
        return self._with_status("unknown")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """Droplets for which nothing was started."""
        return self._with_status("skipped")

    @property
    def counts(self) -> Mapping[OutcomeStatus, int]:
        """Number of Droplets of each status."""
        statuses = [outcome.status for outcome in self.outcomes]
        return {status: statuses.count(status) for status in STATUSES}

    def raise_for_failures(self) -> None:
        """Raise if any Droplet failed or is unknown; those that were skipped or only started raise nothing.

        Raises:
            ExceptionGroup: With the error of each Droplet that failed or is unknown.
        """
        problems = [outcome for outcome in self.outcomes if outcome.is_problem]
        if problems:
            failed, unknown = len(self.failed), len(self.unknown)
            raise ExceptionGroup(
                f"{self.action} of {len(self.outcomes)} Droplets: {failed} failed, {unknown} unknown",
                [outcome.error or _error_for(outcome) for outcome in problems],
            )

    def to_rows(self) -> list[dict[str, str | int | float | bool | None]]:
        """Return a flat row for each Droplet, for a table or a data frame. Times are ISO 8601, UTC."""
        return [outcome.to_row() for outcome in self.outcomes]

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the whole report as JSON.

        Args:
            indent: Spaces for each level, ``None`` for one line.
        """
        report = {
            "action": self.action,
            "began_at": self.began_at.isoformat(),
            "duration": round(self.duration, 3),
            "requests": self.requests,
            "refused_for_rate": self.refused_for_rate,
            "stopped_by": self.stopped_by,
            "is_waited_for": self.is_waited_for,
            "counts": self.counts,
            "outcomes": self.to_rows(),
        }
        return json.dumps(report, indent=indent)

    def timeline(self) -> str:
        """Return a picture of the run as a self-contained SVG: a bar for each Droplet, batches, and requests over time.

        Write it to a file and open that in a browser. A bar shows the facts of its Droplet under the pointer.
        """
        from gradient_async.fleet.timeline import timeline_of

        return timeline_of(self)

    @property
    def headline(self) -> str:
        """The run in one line: the action, the duration, and the counts."""
        counts = self.counts
        done = "completed" if self.is_waited_for else "accepted (not waited for)"
        facts = [f"{counts['completed']:,} {done}"]
        facts += [f"{counts[status]:,} {status}" for status in STATUSES[1:] if counts[status]]
        return (
            f"{self.action} of {_count(len(self.outcomes), 'Droplet')} in {_clock(self.duration)}: {', '.join(facts)}"
            f" ({_count(self.requests, 'request')}, {self.refused_for_rate:,} rate-limited (429))"
        )

    def __str__(self) -> str:
        resumed = sum(outcome.is_resumed for outcome in self.outcomes)
        lines = [self.headline]
        if resumed:
            lines.append(f"  {resumed:,} were done by an earlier run on the journal")
        if self.stopped_by:
            lines.append(f"  stopped: {self.stopped_by}")
        for status in ("failed", "unknown", "started", "skipped"):
            of_status = self._with_status(status)
            lines += [f"  {status}  {one.label}  {' '.join(one.reason.split())}" for one in of_status[:_MAX_SHOWN]]
            if len(of_status) > _MAX_SHOWN:
                lines.append(f"  {status}  and {len(of_status) - _MAX_SHOWN:,} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<FleetReport {self.headline}>"

    def _repr_html_(self) -> str:
        """Return a short table, which notebooks show in place of the text."""
        from gradient_async.fleet.report_table import table_of

        return table_of(self)

    def _with_status(self, status: str) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)


def _error_for(outcome: Outcome) -> Exception:
    from gradient_async.errors import DropletError

    return DropletError(f"Droplet {outcome.droplet_id}: {outcome.reason}", droplet_id=outcome.droplet_id)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _clock(seconds: float) -> str:
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
