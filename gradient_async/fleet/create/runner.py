"""One creation run from its beginning to its end."""

from __future__ import annotations

import asyncio
import math
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints.droplet_names import new_nonce
from gradient_async.errors import (
    APIError,
    APIStatusError,
    GradientAIError,
    InternalServerError,
    PreflightError,
    RateLimitError,
)
from gradient_async.event_loops import running_loop
from gradient_async.fleet.create.context import CreationContext
from gradient_async.fleet.create.ending import Ending
from gradient_async.fleet.create.hunt import Hunt
from gradient_async.fleet.create.journal import open_creation, recorded_creation
from gradient_async.fleet.create.keeping import DestroyTarget, Keeper
from gradient_async.fleet.create.offers import offering_of
from gradient_async.fleet.create.places import within_vpc
from gradient_async.fleet.create.plan import objection_to, plan_of
from gradient_async.fleet.create.posting import Poster
from gradient_async.fleet.create.report import CreationCancelled
from gradient_async.fleet.create.settling import Settler
from gradient_async.fleet.journal_opening import check_same_run
from gradient_async.resources.sizes import Sizes
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from gradient_async.fleet.create.offers import Offering
    from gradient_async.fleet.create.plan import CreationPlan
    from gradient_async.fleet.create.records import CreationRecords
    from gradient_async.fleet.create.report import CreationReport
    from gradient_async.fleet.create.spec import CreationSpec
    from gradient_async.fleet.create.terms import Terms
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.watcher import Watcher

# A run of many requests meets faults that are rare for one request.
_MIN_RETRIES: Final = 5


class CreationRunner:
    """One creation run.

    Args:
        sender: The client's.
        watcher: The client's, shared with all its other waits.
        spec: What is asked for.
    """

    def __init__(self, sender: Sender, watcher: Watcher, spec: CreationSpec) -> None:
        running_loop()
        retries = max(_MIN_RETRIES, sender.settings.max_retries)
        self._sender = sender.copy(sender.settings.changed(max_retries=retries), sender.budget)
        self._watcher = watcher
        self._spec = spec
        self._began_at = datetime.now(UTC)
        self._records: CreationRecords | None = None

    @property
    def has_sent(self) -> bool:
        """Whether a create was sent, by this run or by an earlier one with its journal."""
        return self._records is not None and bool(self._records.names)

    async def run(self) -> CreationReport:
        """Create the Droplets, and return the report.

        Raises:
            JournalError: The journal cannot be used. Nothing was sent.
            PreflightError: The run cannot succeed. Nothing was created.
            APIError: The sizes cannot be read. Nothing was created.
            CreationCancelled: It was cancelled; it carries the report.
        """
        spec = self._spec
        journal = open_creation(spec.journal, spec.run(new_nonce(), self._began_at), if_finished=spec.if_finished)
        self._records = journal.records
        try:
            hunt = Hunt(spec.terms, journal.records)
            context = CreationContext(spec, self._sender, self._watcher, journal, hunt, asyncio.Event())
            ending = Ending(context, self._began_at)
            if journal.records.end is not None:
                return await ending.report_again()
            with ExitStack() as stack:
                stack.enter_context(self._sender.span("fleet create", ending.facts))
                counters = (self._sender.counter, self._watcher.counter)
                ending.request_times = [stack.enter_context(counter.recording()) for counter in counters]
                return await _Hunting(context, ending).run()
        finally:
            journal.close()


class _Hunting:
    """The part of a run that creates: rounds, look-ups and watches, until all is there or the time is over.

    Args:
        context: What all parts of the run share.
        ending: Ends the run.
    """

    def __init__(self, context: CreationContext, ending: Ending) -> None:
        self._context = context
        self._ending = ending
        self._spec = context.spec
        self._hunt = context.hunt
        self._deadline = math.inf if self._spec.deadline is None else context.began + self._spec.deadline
        self._gone_before_round: int
        self._imageless = ""
        self._terms: Terms | None = None
        self._poster: Poster
        self._settler: Settler

    async def run(self) -> CreationReport:
        """Hunt, and end the run."""
        try:
            await self._hunted()
            return await self._ending.end()
        except asyncio.CancelledError:
            # A second cancellation ends it, and the report says what is left.
            with suppress(asyncio.CancelledError):
                await self._ending.end_at_once("the run was cancelled")
            raise CreationCancelled(self._ending.report()) from None
        except Exception as error:
            # On a program error too, what was created is destroyed and reported.
            if self._context.records.names:
                await self._ending.end_at_once(f"the run failed: {error!r:.200}")
            raise

    async def _hunted(self) -> None:
        """Hunt, with the watches and look-ups beside it."""
        failure: Exception | None = None
        async with TaskGroup() as group:
            try:
                await self._begin(group)
                await self._hunt_on()
            except Exception as error:  # noqa: BLE001 - raised below, where no group wraps it
                failure = error
            group.cancel()
        if failure is not None:
            raise failure

    async def _begin(self, group: TaskGroup) -> None:
        """Start the parts, and resume what an earlier process left."""
        context, records = self._context, self._context.records
        keeper = Keeper(context, group)
        settler = self._settler = Settler(context, keeper)
        self._poster = Poster(context, keeper, settler, group)
        for record in records.in_state("created", "ready"):
            assert record.droplet_id is not None  # noqa: S101 - in these states it has one
            keeper.watch(record.name, record.droplet_id)
        for record in records.in_state("destroying"):
            assert record.droplet_id is not None  # noqa: S101 - likewise
            keeper.destroy(DestroyTarget(record.name, record.droplet_id, record.reason))
        if unresolved := [record.name for record in records.in_state("sent")]:
            await context.note(f"an earlier process was interrupted: {', '.join(unresolved)} is looked up")
            group.start_soon(settler.settle, unresolved)

    async def _hunt_on(self) -> None:
        """Send creates round by round, until all Droplets are usable, or nothing more can be done."""
        context, hunt = self._context, self._hunt
        next_round = anyio.current_time()
        while True:
            context.news = asyncio.Event()
            now = anyio.current_time()
            if now >= self._deadline:
                hunt.stop(f"the deadline of {self._spec.deadline:g} s is over")
                return
            may_go_on = hunt.needed > 0 and self._may_have_a_round()
            if may_go_on and now >= next_round:
                next_round = now + self._spec.retry_every
                context.next_round = None
                await self._round()
                continue
            context.next_round = next_round if may_go_on else None
            if hunt.has_failed or (not may_go_on and not self._is_pending()):
                self._say_why()
                return
            with anyio.move_on_at(min(self._deadline, next_round if may_go_on else math.inf)):
                await context.news.wait()

    def _may_have_a_round(self) -> bool:
        """Return whether another round is allowed. Without a deadline, it is one, and one after each loss."""
        if self._spec.deadline is not None or self._hunt.rounds == 0:
            return True
        return self._gone() > self._gone_before_round and self._hunt.rounds <= self._spec.terms.count

    def _gone(self) -> int:
        """Return how many Droplets are gone, or were never created."""
        return len(self._context.records.in_state("lost", "destroyed", "absent"))

    def _is_pending(self) -> bool:
        """Return whether a watch or a look-up is in progress that can change what is needed."""
        context = self._context
        is_looked_up = any(record.name not in context.given_up for record in context.records.in_state("sent"))
        return is_looked_up or bool(context.records.in_state("created", "destroying"))

    def _say_why(self) -> None:
        if len(self._context.records.in_state("ready")) < self._spec.terms.count:
            self._hunt.stop_at_limit()
            if self._hunt.is_out_of_money:
                self._hunt.stop(f"max_hourly, ${self._spec.terms.max_hourly:,.2f}, allows no more Droplets")
            if (error := self._hunt.passing_error) is not None:
                self._hunt.stop(f"a create could not be sent: {getattr(error, 'message', error)}", error)
            if self._hunt.is_blind:
                self._hunt.stop("the lists of Droplets cannot be read, to look for a create whose answer was lost")
            rounds = "one round" if self._hunt.rounds == 1 else f"{self._hunt.rounds:,} rounds"
            also = f". {self._imageless}" if self._imageless else ""
            again = "pass deadline=, in seconds, to try again until then"
            self._hunt.stop(f"{rounds} found no more capacity; {again}{also}")

    async def _round(self) -> None:
        """Read the sizes, and try what they offer."""
        offering = await self._read_offering()
        if offering is None:
            return
        self._gone_before_round = self._gone()
        self._hunt.begin_round(offering.offers, offering.cheapest)
        self._imageless = offering.imageless
        if offering.without_image and offering.without_image == offering.excluded and not offering.offers:
            self._hunt.stop(self._imageless)
        while self._hunt.next_post() is not None and anyio.current_time() < self._deadline:
            if not await self._lists_read_again():
                break
            if (post := self._hunt.next_post()) is not None and anyio.current_time() < self._deadline:
                await self._poster.post(post)
        if self._hunt.is_hopeless:
            self._hunt.stop("the API has none of the sizes any more")
        await self._context.note(f"round {self._hunt.rounds:,} is over, {self._hunt.needed:,} more are needed")

    async def _lists_read_again(self) -> bool:
        """Search once more for creates that counted as lost, before the next one is sent in their place.

        Returns:
            Whether a create may be sent: not while the lists cannot be read.
        """
        unlisted = self._context.records.unlisted
        if not await self._settler.read_again():
            self._hunt.is_blind = True
            return False
        # Those that are found are not gone, so that a Droplet that is lost later counts as one more.
        self._gone_before_round -= sum(record.state != "absent" for record in unlisted)
        return True

    async def _read_offering(self) -> Offering | None:
        """Return what can be tried now; ``None`` if the sizes cannot be read now.

        Raises:
            APIError: They cannot be read at all, and nothing was created.
            PreflightError: The run cannot succeed, and nothing was created.
        """
        context, is_untouched = self._context, not self._context.records.names
        try:
            if self._terms is None:
                self._terms = await within_vpc(context.sender, self._spec.terms)
            listed = [size async for size in Sizes(context.sender).list_all()]
        except GradientAIError as error:
            is_passing = isinstance(error, InternalServerError | RateLimitError) or (
                isinstance(error, APIError) and not isinstance(error, APIStatusError)
            )
            if is_untouched and not (is_passing and self._spec.deadline is not None):
                raise
            if not is_passing or self._spec.deadline is None:
                self._hunt.stop(f"the sizes cannot be read: {error.message}", error)
            await context.note(f"the sizes cannot be read: {error.message}")
            return None
        offering = offering_of(self._terms, listed)
        if is_untouched and (objection := objection_to(self._spec.terms, offering)):
            raise PreflightError(f"{objection}. Nothing was created")
        return offering


async def planned(sender: Sender, spec: CreationSpec) -> CreationPlan:
    """Return what a run would do now.

    Raises:
        APIError: The sizes cannot be read.
        JournalError: The journal is damaged, or of another call.
    """
    existing = 0
    if spec.journal is not None and (known := recorded_creation(spec.journal)) is not None:
        check_same_run(spec.journal, known.run.difference(spec.run("", datetime.now(UTC))))
        existing = len(known.billable)
    terms = await within_vpc(sender, spec.terms)
    before = sender.counter.requests
    listed = [size async for size in Sizes(sender).list_all()]
    pages = max(1, sender.counter.requests - before)
    return plan_of(terms, offering_of(terms, listed), pages, existing)
