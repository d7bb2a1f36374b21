"""Decides which create is sent next, and when a hunt for capacity is over. Pure: no I/O, no clock.

A round goes through the offers once. An offer that is refused is left until the next round. After a create that
succeeded, the same offer is asked for more, as long as more Droplets are needed.

The first create asks for all: a limit of the account shows before anything exists. Once an offer was full, creates
ask for one Droplet, so that capacity for a few is found as well. While more than ten are needed, they ask for twice as
many after each success.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from gradient_async.endpoints.droplet_creation import MAX_NAMES
from gradient_async.errors import (
    APIConnectionError,
    CapacityError,
    DropletLimitError,
    GpuLimitError,
    InternalServerError,
    RateLimitError,
    SizeRetiredError,
    UnprocessableEntityError,
)
from gradient_async.errors.requests import with_needed_scopes
from gradient_async.fleet.create.offers import Offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.fleet.create.records import CreationRecords, NameRecord
    from gradient_async.fleet.create.terms import Terms

# Prices are decimal fractions, and a sum of them can be a little too large.
_CENT_FRACTION: Final = 1e-6
# Refusals that can pass: the next round can succeed.
_PASSING: Final = (APIConnectionError, InternalServerError, RateLimitError)


@frozen
class Post:
    """A create that is to be sent.

    Attributes:
        offer: The size and the region.
        count: How many Droplets it asks for.
    """

    offer: Offer
    count: int


@define(kw_only=True)
class OfferCounter:
    """The results of the creates of one offer.

    Attributes:
        offer: The offer.
        posts: Creates that were sent.
        accepted: Droplets that the API accepted.
        refusals: How often each error was the answer, by the name of its class.
        last_message: The API's last refusal.
    """

    offer: Offer
    posts: int = 0
    accepted: int = 0
    refusals: dict[str, int] = field(factory=dict)
    last_message: str = ""


class Hunt:
    """The hunt of one run.

    Args:
        terms: What is asked for.
        records: What the run has done so far. The hunt reads it, and does not change it. It is changed first, and then
            the hunt is notified.

    Attributes:
        stopped_by: Why no further create is sent; empty while one may be.
        error: The error that stopped it; ``None`` if none did.
        has_failed: Whether the run cannot deliver what it has.
        passing_error: What ended the last round, and can pass, such as a lost connection; ``None`` if nothing did.
        is_blind: Whether the last round ended since the lists of Droplets could not be read.
        counters: The results of each offer, by size and region.
        rounds: Rounds that have begun.
    """

    def __init__(self, terms: Terms, records: CreationRecords) -> None:
        self._terms = terms
        self._records = records
        self._offers: deque[Offer] = deque()
        self._max_count = terms.count
        self._retired: set[str] = set()
        self._asks: dict[tuple[str, str], int] = {}
        self._ask_in_all = MAX_NAMES
        self._was_full = False
        self._limit: Exception | None = None
        self.passing_error: Exception | None = None
        self.is_blind: bool = False
        self._cheapest: float | None = None
        self.stopped_by: str = ""
        self.error: Exception | None = None
        self.has_failed: bool = False
        self.counters: dict[tuple[str, str], OfferCounter] = {}
        self.rounds: int = 0

    @property
    def needed(self) -> int:
        """How many more Droplets are to be created, by all that is known now."""
        return 0 if self.stopped_by or self.is_out_of_money else max(0, self._max_count - len(self._records.billable))

    @property
    def is_out_of_money(self) -> bool:
        """Whether ``max_hourly`` allows not even the cheapest Droplet beside those that exist or may exist."""
        return self._cheapest is not None and self._money_left < self._cheapest

    @property
    def _money_left(self) -> float:
        limit = self._terms.max_hourly
        return math.inf if limit is None else limit - self._records.hourly + _CENT_FRACTION

    def begin_round(self, offers: Sequence[Offer], cheapest: float | None = None) -> None:
        """Begin a round.

        Args:
            offers: What can be tried now, in order.
            cheapest: The lowest price of the sizes, offered now or not, in US dollars an hour.
        """
        self.rounds += 1
        self._cheapest = cheapest
        self.passing_error = None
        self.is_blind = False
        self._offers = deque(offers)

    def next_post(self) -> Post | None:
        """Return the create that is to be sent now; ``None`` if the round is over."""
        while self.needed and self._offers:
            offer = self._offers[0]
            if count := self._count_for(offer):
                return Post(offer, count)
            self._offers.popleft()
        return None

    def has_place_for(self, record: NameRecord) -> bool:
        """Return whether a Droplet that shows late is needed, and may stand beside those that exist or may exist."""
        if record.is_billable:
            return True
        offer = Offer(size=record.size, region=record.region, price_hourly=record.price_hourly)
        is_needed = len(self._records.billable) < self._terms.count
        return is_needed and self._fits_the_others(offer) and self._affordable(offer) > 0

    def sent(self, post: Post) -> None:
        """Record that a create is sent."""
        self._counter(post.offer).posts += 1

    def accepted(self, post: Post, created: int) -> None:
        """Record that the API accepted a create.

        Args:
            post: The create.
            created: How many Droplets the API accepted. If it is fewer than the create asked for, the offer is full.
        """
        self._counter(post.offer).accepted += created
        if created < post.count:
            self._asks[_key(post.offer)] = 1
            self._offers.popleft()
        else:
            # A few are asked for one by one, so that all the capacity that there is for them is found.
            is_few = self.needed <= MAX_NAMES and self._was_full
            self._asks[_key(post.offer)] = 1 if is_few else min(MAX_NAMES, 2 * post.count)

    def unresolved(self, post: Post) -> None:
        """Record that the outcome of a create is not known. The offer is left until the next round."""
        counter = self._counter(post.offer)
        counter.refusals["unknown"] = counter.refusals.get("unknown", 0) + 1
        self._offers.popleft()

    def refused(self, post: Post, error: Exception) -> None:
        """Record that a create was surely not executed.

        Args:
            post: The create.
            error: The refusal.
        """
        counter = self._counter(post.offer)
        kind = type(error).__name__
        counter.refusals[kind] = counter.refusals.get(kind, 0) + 1
        counter.last_message = getattr(error, "message", str(error))
        is_unknown = type(error) is UnprocessableEntityError and self._terms.retries_unknown_refusals
        if isinstance(error, CapacityError) or is_unknown:
            self._asks[_key(post.offer)] = 1
            self._was_full = True
            self._offers.popleft()
        elif isinstance(error, SizeRetiredError):
            self._retired.add(post.offer.size)
        elif isinstance(error, GpuLimitError | DropletLimitError):
            self._over_limit(post, error)
        elif isinstance(error, _PASSING):
            self.passing_error = error
            self._offers.clear()
        else:
            self.stop(f"a create was refused, and would be again: {with_needed_scopes(error)}", error)

    def stop(self, reason: str, error: Exception | None = None) -> None:
        """Send no further create. The first reason stays."""
        if not self.stopped_by:
            self.stopped_by, self.error = reason, error

    def fail(self, reason: str, error: Exception) -> None:
        """Send no further create, and deliver nothing."""
        self.stop(reason, error)
        self.has_failed = True

    def stop_at_limit(self) -> None:
        """Stop, if a limit of the account was seen: it is why no more Droplets are needed."""
        if self._limit is not None:
            self.stop(f"a limit of the account is reached: {getattr(self._limit, 'message', '')}", self._limit)

    @property
    def is_hopeless(self) -> bool:
        """Whether all sizes are retired."""
        return self._retired.issuperset(self._terms.sizes)

    def _over_limit(self, post: Post, error: Exception) -> None:
        """Ask for fewer, if fewer are enough; else stop."""
        billable = len(self._records.billable)
        self._max_count = min(self._max_count, billable + post.count - 1)
        self._limit = error
        if self._max_count < self._terms.min_count or self._max_count <= billable:
            self.stop_at_limit()
            return
        missing = self._terms.min_count - billable
        self._ask_in_all = missing if missing > 0 else post.count // 2
        self._offers.popleft()

    def _count_for(self, offer: Offer) -> int:
        """Return how many Droplets to ask an offer for; 0 for none."""
        if offer.size in self._retired or not self._fits_the_others(offer):
            return 0
        affordable = self._affordable(offer)
        whole = min(self.needed, MAX_NAMES)
        # Droplets that must be together are asked for together: a part of them may be of no use.
        first = 1 if self._was_full else MAX_NAMES
        ask = MAX_NAMES if self._terms.keeps_together else self._asks.get(_key(offer), first)
        return min(whole, ask, self._ask_in_all, affordable)

    def _fits_the_others(self, offer: Offer) -> bool:
        """Return whether a Droplet of an offer may stand beside those that exist or may exist."""
        billable = self._records.billable
        if self._terms.same_region and any(one.region != offer.region for one in billable):
            return False
        return not (self._terms.same_size and any(one.size != offer.size for one in billable))

    def _affordable(self, offer: Offer) -> int:
        if self._terms.max_hourly is None or offer.price_hourly == 0:
            return MAX_NAMES
        if offer.price_hourly is None:
            return 0
        return max(0, math.floor(self._money_left / offer.price_hourly))

    def _counter(self, offer: Offer) -> OfferCounter:
        counter = self.counters.setdefault(_key(offer), OfferCounter(offer=offer))
        counter.offer = offer
        return counter


def _key(offer: Offer) -> tuple[str, str]:
    return (offer.size, offer.region)
