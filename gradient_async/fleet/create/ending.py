"""The end of a creation run: what is not delivered is destroyed, and the report says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio
import attrs

from gradient_async.clean_up import announce_clean_up
from gradient_async.fleet.create import lines
from gradient_async.fleet.create import records as formats
from gradient_async.fleet.create.keeping import DestroyTarget, destroy_all, destroy_at_once
from gradient_async.fleet.create.outcomes import CreationOutcome, OfferAnswers
from gradient_async.fleet.create.report import CreationReport
from gradient_async.fleet.create.settling import Settler
from gradient_async.http import retry

if TYPE_CHECKING:
    from array import array

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.create.outcomes import CreationStatus
    from gradient_async.fleet.create.records import NameRecord
    from gradient_async.http.sender import Fact

# After a cancellation, for the report, and for the task to end.
_LAST_SECONDS: Final = 1.0
_CLEAN_UP_SECONDS: Final = 2.0
# For creates that were cut off: before the Droplets are destroyed that are known, and after that once more.
_FIRST_CHECK_SECONDS: Final = 2.5
_NEXT_CHECK_SECONDS: Final = 10.0


class Ending:
    """Ends a creation run.

    Args:
        context: What all parts of the run share.
        began_at: When the run began, UTC.

    Attributes:
        request_times: When each request ended, in seconds since the epoch.
    """

    def __init__(self, context: CreationContext, began_at: datetime) -> None:
        self._context = context
        self._began_at = began_at
        self._settler = Settler(context, _Collector())
        self._tried: set[int] = set()
        self._is_resumed = bool(context.records.names)
        self._requests = context.sender.counter.requests, context.sender.counter.refused
        self.request_times: list[array[float]] = []
        self._polls = context.watcher.counter.requests, context.watcher.counter.refused

    async def end(self) -> CreationReport:
        """Destroy what is not delivered, and return the report."""
        context, records = self._context, self._context.records
        # Destroy the known Droplets first, since each minute is billed.
        await self._destroy()
        unresolved = [record.name for record in records.in_state("sent") if record.name not in context.given_up]
        if unresolved:
            await self._settler.settle(unresolved)
        if any(record.was_unknown or record.state == "lost" for record in records.names.values()):
            await self._settler.sweep()
        await self._destroy()
        await self._write_end()
        return self.report()

    async def end_at_once(self, reason: str) -> None:
        """Destroy all Droplets of the run within ``cancel_timeout``, since it was cancelled or has failed.

        Those that are not seen to be gone in this time are left. Another cancellation ends it.
        """
        context = self._context
        context.hunt.stop(reason)
        context.hunt.has_failed = True
        began = anyio.current_time()
        until = began + context.spec.cancel_timeout
        announce_clean_up(context.spec.cancel_timeout + _CLEAN_UP_SECONDS)
        with anyio.CancelScope(shield=True, deadline=until + _LAST_SECONDS):
            await self._check_lists(_FIRST_CHECK_SECONDS)
            self._tried.clear()
            await destroy_at_once(context, self._untried(), until)
            if context.records.in_state("sent"):
                await self._check_lists(min(_NEXT_CHECK_SECONDS, (until - anyio.current_time()) / 2))
                await destroy_at_once(context, self._untried(), until)

    async def _check_lists(self, seconds: float) -> None:
        """Look for Droplets of creates that were cut off. The API may execute one a moment later."""
        records = self._context.records
        if not any(record.was_unknown or record.state == "sent" for record in records.names.values()):
            return
        seconds = max(0.0, min(seconds, self._context.settle_seconds))
        with anyio.move_on_after(seconds + 1.0):
            for pause in (0.0, *retry.growing_pauses(seconds)):
                await anyio.sleep(pause)
                if await self._settler.sweep() and not records.in_state("sent"):
                    break

    async def report_again(self) -> CreationReport:
        """Return the report of a run that is over, with its Droplets as they are now."""
        await self._settler.sweep()
        return self.report()

    def report(self) -> CreationReport:
        """Return the report so far."""
        context, records, hunt = self._context, self._context.records, self._context.hunt
        delivered = [] if hunt.has_failed else records.in_state("ready")
        requests, refused = self._counts()
        return CreationReport(
            count=context.spec.terms.count,
            min_count=context.spec.terms.min_count,
            droplets=tuple(
                context.droplets[one.name]
                for one in sorted(delivered, key=lambda record: records.run.number_of(record.name))
                if one.name in context.droplets
            ),
            outcomes=tuple(self._outcomes()),
            offers=tuple(
                OfferAnswers(
                    size=counter.offer.size,
                    region=counter.offer.region,
                    price_hourly=counter.offer.price_hourly,
                    posts=counter.posts,
                    accepted=counter.accepted,
                    refusals=dict(counter.refusals),
                    last_message=counter.last_message,
                )
                for counter in hunt.counters.values()
            ),
            began_at=self._began_at,
            duration=anyio.current_time() - context.began,
            requests=requests,
            refused_for_rate=refused,
            rounds=hunt.rounds,
            stopped_by=hunt.stopped_by or (records.end.reason if records.end else "") or None,
            error=hunt.error,
            events=tuple(context.events),
            is_resumed=self._is_resumed,
            tries=tuple(context.tries),
            request_times=tuple(sorted(time for times in self.request_times for time in times)),
            limit=self._limit(),
        )

    def facts(self) -> dict[str, Fact]:
        """Return the run's results as numbers, for its span."""
        report = self.report()
        return {
            "gradient.fleet.action": "create",
            "gradient.fleet.droplets": report.count,
            **{f"gradient.fleet.{status}": count for status, count in report.counts.items()},
            "gradient.fleet.requests": report.requests,
            "gradient.fleet.rate_limited": report.refused_for_rate,
            "gradient.outcome": "completed" if report.is_enough else "failed",
        }

    async def _destroy(self) -> None:
        """Destroy what is not delivered."""
        await destroy_all(self._context, self._untried())

    def _untried(self) -> list[DestroyTarget]:
        """Return what is not delivered. What was tried before is not tried again: it took its time."""
        targets = self._destroy_targets()
        self._tried |= {one.droplet_id for one in targets}
        return targets

    def _destroy_targets(self) -> list[DestroyTarget]:
        """Return the Droplets that are not delivered: those that are not usable, or all if they are too few."""
        context, records = self._context, self._context.records
        ready = records.in_state("ready")
        is_enough = len(ready) >= context.spec.terms.min_count and not context.hunt.has_failed
        why = context.hunt.stopped_by or "it is not needed"
        few = f"only {len(ready):,} of at least {context.spec.terms.min_count:,} Droplets were usable: {why}"
        few = why if context.hunt.has_failed else few
        targets = [
            DestroyTarget(record.name, record.droplet_id, record.reason or (why if is_enough else few))
            for record in records.in_state("created", "destroying", *(() if is_enough else ("ready",)))
            if record.droplet_id is not None
        ]
        surplus = [one for one in records.surplus.values() if not one.is_destroyed]
        targets += [
            DestroyTarget(one.name, one.droplet_id, "it showed after its create counted as lost, and it is not needed")
            for one in surplus
        ]
        return [one for one in targets if one.droplet_id not in self._tried]

    async def _write_end(self) -> None:
        """Record that the run is over, if it has delivered, and a later process has nothing left to do.

        After a run that delivered nothing, the same call tries again.
        """
        records = self._context.records
        is_settled = all(one.state == "ready" for one in records.billable)
        is_clean = all(one.is_destroyed for one in records.surplus.values())
        if not (is_settled and is_clean and self.report().is_enough):
            return
        counts = self.report().counts
        line = lines.ended_line(
            {status: count for status, count in counts.items() if count},
            self._context.hunt.stopped_by,
            datetime.now(UTC),
        )
        await self._context.log.ended(line)

    def _outcomes(self) -> list[CreationOutcome]:
        records = self._context.records
        found = [
            self._outcome(record, _STATUS_OF[record.state])
            for record in records.names.values()
            if record.state in _STATUS_OF
        ]
        found += [self._unlisted(record) for record in records.unlisted]
        for surplus in records.surplus.values():
            record = records.names[surplus.name]
            status: CreationStatus = "destroyed" if surplus.is_destroyed else self._left(surplus.droplet_id)
            reason = self._context.troubles.get(
                surplus.droplet_id, "it showed after its create counted as lost, and it is not needed"
            )
            found.append(
                CreationOutcome(
                    name=surplus.name,
                    droplet_id=surplus.droplet_id,
                    status=status,
                    size=record.size,
                    region=record.region,
                    price_hourly=record.price_hourly,
                    reason=reason,
                )
            )
        return found

    def _outcome(self, record: NameRecord, status: CreationStatus) -> CreationOutcome:
        if status == "delivered" and self._context.hunt.has_failed:
            status = "left"
        trouble = ""
        if status == "left" and record.droplet_id is not None:
            status, trouble = self._left(record.droplet_id), self._context.troubles.get(record.droplet_id, "")
        return CreationOutcome(
            name=record.name,
            droplet_id=record.droplet_id,
            status=status,
            size=record.size,
            region=record.region,
            price_hourly=record.price_hourly,
            reason=trouble or record.reason,
            sent_at=None if record.last_sent is None else datetime.fromtimestamp(record.last_sent.wall, UTC),
            ready_at=_as_time(record.ready_at),
            ended_at=_as_time(record.ended_at),
        )

    def _unlisted(self, record: NameRecord) -> CreationOutcome:
        """Return the outcome of a name that no list shows. The lists can be later than they are expected to be."""
        journal = "" if self._context.log.path is None else "fleet.reap(journal) or "
        reason = (
            "its answer was lost, and the lists do not show it so far: "
            f"look again with {journal}gpu_droplets.list(name={record.name!r})"
        )
        return attrs.evolve(self._outcome(record, "unknown"), reason=reason)

    def _left(self, droplet_id: int) -> CreationStatus:
        """Return the status of a Droplet that is not delivered, and not known to be gone."""
        return "destroying" if droplet_id in self._context.accepted else "left"

    def _limit(self) -> tuple[int, float] | None:
        """Return the shortest window of the rate budget."""
        budget = self._context.sender.budget
        if budget is None:
            return None
        window = min(budget.snapshot().windows, key=lambda use: use.seconds)
        return window.limit, window.seconds

    def _counts(self) -> tuple[int, int]:
        """Return the requests so far, and how many were answered with 429."""
        sender, watcher = self._context.sender.counter, self._context.watcher.counter
        return (
            sender.requests - self._requests[0] + watcher.requests - self._polls[0],
            sender.refused - self._requests[1] + watcher.refused - self._polls[1],
        )


class _Collector:
    """Takes Droplets that are found at the end. They are not watched any more."""

    def watch(self, name: str, droplet: object) -> None:
        """Do nothing: the end destroys it."""


def _as_time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


_STATUS_OF: Final[dict[formats.NameState, CreationStatus]] = {
    "ready": "delivered",
    "created": "left",
    "destroying": "left",
    "sent": "unknown",
    "lost": "lost",
    "destroyed": "destroyed",
}
