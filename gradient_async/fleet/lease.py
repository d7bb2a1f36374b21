"""A lease: Droplets that exist for the time of a ``with`` block, and no longer than a given time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
from attrs import evolve, frozen

from gradient_async import log
from gradient_async.fleet.cost import price_of
from gradient_async.fleet.create.report import CreationCancelled, CreationReport
from gradient_async.fleet.destroy.engine import DestroyOptions
from gradient_async.fleet.destroy.outcomes import UnseenDroplet
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.lease_errors import LeaseExpiredError, LeaseLeftoverError
from gradient_async.fleet.lease_journal import LeaseJournal
from gradient_async.fleet.lease_search import LeaseSearch
from gradient_async.fleet.lease_tags import lease_tags
from gradient_async.fleet.persistence import shielded_result
from gradient_async.fleet.termination import on_termination
from gradient_async.http import retry
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from gradient_async.fleet.create.outcomes import CreationOutcome
    from gradient_async.fleet.destroy.report import DestroyReport
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.watcher import Watcher

Create: TypeAlias = Callable[[tuple[str, ...], float], Awaitable[CreationReport]]
"""Creates the Droplets, given the tags of the lease and the seconds that are left."""

# The event loop's clock can stop while a machine sleeps, so the wall clock is read repeatedly.
_MAX_SLICE_SECONDS: Final = 5.0
_TERMINATED: Final = 128 + 15
_MAX_SEARCH_SECONDS: Final = 86_400.0


@frozen(kw_only=True)
class LeaseTerms:
    """How long a lease lasts.

    Attributes:
        ttl: Seconds from the beginning of the block, creating included.
        destroy_timeout: Seconds in which the Droplets have to be gone at its end.
        poll_interval: Seconds until the first reads of the proof that they are gone; ``None`` means 1.
        journal: The file of the journal; ``None`` without one.
    """

    ttl: float
    destroy_timeout: float
    poll_interval: float | None = None
    journal: str | None = None


class DropletLease:
    """Creates Droplets, and destroys them at the end.

    ``begin`` and ``finish`` serve both flavours. ``async with`` adds the cancellation of the task.

    Args:
        sender: The client's.
        watcher: The client's.
        terms: How long it lasts.
        create: Creates the Droplets.
        has_sent: Returns whether a create was sent. If none was, nothing is searched for at the end.

    Attributes:
        id: Its id.
        until: When it ends at the latest, UTC; ``None`` before it begins.
        creation: The report of creating; ``None`` before that has ended.
        report: The outcome of each Droplet; ``None`` before they are destroyed.
        is_expired: Whether its time was over before the block ended.
        on_expiry: Called when its time is over.
    """

    def __init__(
        self, sender: Sender, watcher: Watcher, terms: LeaseTerms, create: Create, has_sent: Callable[[], bool]
    ) -> None:
        self._sender = sender
        self._watcher = watcher
        self._terms = terms
        self._create = create
        self._has_sent = has_sent
        self._journal = LeaseJournal(terms.journal)
        self.id: str = secrets.token_hex(4)
        self.until: datetime | None = None
        self.creation: CreationReport | None = None
        self.report: DestroyReport | None = None
        self.is_expired: bool = False
        self.on_expiry: Callable[[], object] = _nothing
        self._has_created = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[DestroyReport] | None = None
        self._host: asyncio.Task[object] | None = None
        self._cancels_before: int  # of the host, once there is one
        self._is_terminated = False
        self._release: Callable[[], object] = _nothing

    async def begin(self) -> tuple[Droplet, ...]:
        """Create the Droplets. If that fails, those that exist are destroyed, and a note names those that may be left.

        Raises:
            RuntimeError: The lease was used before.
            NotEnoughDropletsError: There are too few.
            GradientAIError: They could not be created.
        """
        if self.until is not None:
            raise RuntimeError("a lease is for one block. Call client.fleet.lease() again")
        self.until = _now() + timedelta(seconds=self._terms.ttl)
        try:
            try:
                self.creation = await self._create(lease_tags(self.id, self.until), self._terms.ttl)
            except CreationCancelled as cancelled:
                self.creation = cancelled.report
                raise
            finally:
                self._has_created.set()
            self.creation.raise_for_shortage()
            self._journal.hold()
        except BaseException as error:
            await self.finish()
            self.check(error)
            raise
        self._watch = asyncio.create_task(self._expire(self.until), name="lease")
        return self.creation.droplets

    async def finish(self) -> DestroyReport:
        """Destroy all Droplets of the lease. A cancellation is raised only after that.

        Raises:
            asyncio.CancelledError: It was cancelled; ``report`` has the outcomes.
        """
        if self._watch is not None:
            self._watch.cancel()
        try:
            return await shielded_result(self._end, self._note)
        except asyncio.CancelledError as cancelled:
            self.check(cancelled)
            raise

    async def __aenter__(self) -> tuple[Droplet, ...]:
        self._host = asyncio.current_task()
        if self._host is not None:
            self._cancels_before = self._host.cancelling()
        self.on_expiry = self._cancel_body
        self._release = on_termination(self._terminate)
        try:
            return await self.begin()
        except BaseException as error:
            self._release()
            self._raise_if_terminated()
            if isinstance(error, CreationCancelled):
                # Until Python 3.12, ``asyncio.timeout`` knows only the plain class. ``creation`` has the report.
                cancelled = asyncio.CancelledError(*error.args)
                self.check(cancelled)
                raise cancelled from error
            raise

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self.finish()
        finally:
            self._release()
            self._raise_if_terminated()
            if self.is_expired:
                self._raise_expired(exc_value)
        self.check(exc_value)

    def check(self, error: BaseException | None) -> None:
        """Raise if Droplets are not known to be gone.

        Args:
            error: What the block raised; it gets a note then, and nothing is raised.

        Raises:
            LeaseLeftoverError: The block raised nothing.
        """
        report = self.report
        if report is None or report.is_complete:
            return
        text = f"lease {self.id}: {self._left_text(report)}"
        if error is None:
            raise LeaseLeftoverError(text, report=report)
        if text not in getattr(error, "__notes__", ()):
            error.add_note(text)

    def note_unfinished(self, error: BaseException) -> None:
        """Note in an error that kept the Droplets from being destroyed which of them may be left."""
        if self.report is not None or not self._has_sent():
            return
        known = [f"{one.id} ({one.name})" for one in self._delivered()] + [one.label for one in self._left()]
        listed = f"these Droplets are not known to be gone, and may be billed: {', '.join(known)}"
        which = listed if known else "Droplets may be left and billed"
        text = f"lease {self.id}: {which}. Find them with: gpu-droplets destroy --tag {self._tag}"
        log.lease_left(text)
        error.add_note(text)

    def expired_error(self) -> LeaseExpiredError:
        """Return the error of a lease whose time was over."""
        assert self.report is not None  # noqa: S101 - it is called after ``finish``
        counts = ", ".join(f"{count:,} {status}" for status, count in self.report.counts.items() if count)
        left = "" if self.report.is_complete else f". Of the lease, {self._left_text(self.report)}"
        return LeaseExpiredError(
            f"lease {self.id}: its time of {self._terms.ttl:g} s was over at {self.until:%Y-%m-%d %H:%M:%S} UTC. "
            f"Droplets: {counts or 'none'}{left}",
            report=self.report,
        )

    def _left_text(self, report: DestroyReport) -> str:
        """Return which Droplets may be left and billed, and how to find them."""
        labels = [one.label for one in report.outcomes if not one.is_absent]
        labels += [one.name for one in report.unseen]
        texts = [f"these Droplets are not known to be gone, and may be billed: {', '.join(labels)}"] if labels else []
        if report.search_error is not None:
            texts.append(
                "Droplets that the report does not show may be left and billed, since the lists could not be read: "
                f"{str(report.search_error).removesuffix('.')}. Find them with: gpu-droplets destroy --tag {self._tag}"
            )
        return "; ".join(texts)

    def _raise_expired(self, error: BaseException | None) -> None:
        host = self._host
        # As in asyncio.timeout: a cancellation from elsewhere stays one.
        if host is not None and host.uncancel() > self._cancels_before:
            return
        cause = None if isinstance(error, asyncio.CancelledError) else error
        raise self.expired_error() from cause

    def _raise_if_terminated(self) -> None:
        if self._is_terminated and self._host is not None:
            self._host.uncancel()
            raise SystemExit(_TERMINATED)

    def _terminate(self) -> None:
        """The process is asked to end: end the block, and the program after that."""
        if self._host is not None and not self._is_terminated:
            self._is_terminated = True
            self._host.cancel()

    def _cancel_body(self) -> None:
        if self._host is not None:
            self._host.cancel()

    async def _expire(self, until: datetime) -> None:
        while (left := (until - _now()).total_seconds()) > 0:  # noqa: ASYNC110 - of a clock, which no event follows
            await asyncio.sleep(min(left, _MAX_SLICE_SECONDS))
        self.is_expired = True
        log.lease_expired(self.id)
        self._ending = asyncio.create_task(self._destroy(), name="end of a lease")
        self.on_expiry()

    def _end(self) -> asyncio.Task[DestroyReport]:
        """Return the task that destroys the Droplets. A new one begins if it was cancelled."""
        if self._ending is None or self._ending.cancelled():
            self._ending = asyncio.create_task(self._destroy(), name="end of a lease")
        return self._ending

    def _note(self, report: DestroyReport) -> None:
        if report is not self.report and not report.is_complete:
            log.lease_left(f"lease {self.id}: {self._left_text(report)}")
        self.report = report

    async def _destroy(self) -> DestroyReport:
        """Destroy all Droplets of the lease, and no others: at once those that are known, then those that are found."""
        await self._has_created.wait()
        began, known = anyio.current_time(), self._known_prices()
        until = began + self._terms.destroy_timeout
        search = LeaseSearch(self._sender, self._watcher, self._tag, self._left(), known)
        reports: list[DestroyReport] = []
        async with TaskGroup() as group:
            group.start_soon(self._destroy_some, known, reports)
            for pause in self._search_pauses():
                await anyio.sleep(min(pause, max(0.0, until - anyio.current_time())))
                if pause and anyio.current_time() >= until:
                    break  # the time is over
                if found := await search.run(_now(), until):
                    group.start_soon(self._destroy_some, found, reports)
                if not search.may_find_more:
                    break
        report = evolve(
            reports[0],
            began_at=min(one.began_at for one in reports),
            outcomes=tuple(outcome for one in reports for outcome in one.outcomes),
            duration=anyio.current_time() - began,
            requests=sum(one.requests for one in reports),
            refused_for_rate=sum(one.refused_for_rate for one in reports),
            unseen=tuple(UnseenDroplet(name=one.name, price_hourly=one.price_hourly) for one in search.unseen),
            search_error=search.failure,
        )
        self._journal.close(report)
        return report

    def _search_pauses(self) -> tuple[float, ...]:
        """Return the pauses before the searches for Droplets that are not known; none if no create was sent."""
        if not self._has_sent():
            return ()
        return (0.0, *retry.growing_pauses(min(self._terms.destroy_timeout, _MAX_SEARCH_SECONDS)))

    async def _destroy_some(self, prices: Mapping[int, float | None], reports: list[DestroyReport]) -> None:
        """Destroy Droplets, given their prices by their ids, and add the report."""
        # A Droplet may name no price itself. The report of creating has those of the list of sizes too.
        prices = {**prices, **{one: price for one, price in self._listed_prices().items() if one in prices}}
        delivered = {one.id: one for one in self._delivered()}
        removals = [
            Removal(droplet_id=droplet_id, droplet=delivered.get(droplet_id), price_hourly=price)
            for droplet_id, price in prices.items()
        ]
        options = DestroyOptions(timeout=self._terms.destroy_timeout, poll_interval=self._terms.poll_interval)
        self._journal.begin_to_destroy(prices)
        reports.append(await DestroyRun(self._sender, self._watcher, DestroyPlan(options=options)).run(removals))

    def _known_prices(self) -> dict[int, float | None]:
        """Return the Droplets whose ids are known, with their prices as far as these are known."""
        left = {one.droplet_id: one.price_hourly for one in self._left() if one.droplet_id is not None}
        return {**{one.id: price_of(one, {}) for one in self._delivered()}, **left}

    def _left(self) -> Sequence[CreationOutcome]:
        """Return what creating did not deliver, and may exist."""
        return self.creation.left if self.creation is not None else ()

    def _delivered(self) -> Sequence[Droplet]:
        return self.creation.droplets if self.creation is not None else ()

    def _listed_prices(self) -> dict[int, float]:
        """Return US dollars an hour by the Droplets' ids, as the report of creating has them."""
        outcomes = self.creation.outcomes if self.creation is not None else ()
        return {
            one.droplet_id: one.price_hourly
            for one in outcomes
            if one.droplet_id is not None and one.price_hourly is not None
        }

    @property
    def _tag(self) -> str:
        return lease_tags(self.id, _now())[0]


def _now() -> datetime:
    return datetime.now(UTC)


def _nothing() -> None:
    return None
