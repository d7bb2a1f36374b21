"""Tracks creates: what each request created, and look-ups of unresolved creates (promise P1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from gradient_async import log
from gradient_async.http.correspondence import Mismatch
from gradient_async.http.create_rule import CreateTrace, Listing, shown_by, trace_of
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import Timestamp
from gradient_async.http.token_budgets import account_of
from gradient_async.waiting.claims import creates_of
from gradient_async.waiting.create_lookup import CreateLookup
from gradient_async.waiting.found_things import created_at_of, described
from gradient_async.waiting.look_up_time import limited
from gradient_async.waiting.settlement import LATE_SECONDS
from gradient_async.waiting.unresolved_create import UnresolvedCreate

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.settlement import Send
    from gradient_async.settings import Settings

T = TypeVar("T")

_FRESH_SECONDS: Final = 7200.0


class CreateSettlement:
    """Tracks creates whose endpoint states how to find the thing again. It is given no other requests.

    Args:
        send: Sends a request that reads a list.
        settings: The sender's settings.
    """

    def __init__(self, send: Send, settings: Settings) -> None:
        self._settings = settings
        self._account = account_of(settings)
        self._claims = creates_of(settings.base_url)
        self._lookup = CreateLookup(send, self._claims, settings, self._account)

    def begin(self, call: Call[T]) -> None:
        """Record that a call's request is about to be sent."""
        self._claims.begin(call, _trace(call))

    def end(self, call: Call[T]) -> None:
        """Record that a call's request was answered or lost."""
        self._claims.end(call)

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return a mismatch if an answer names what an earlier request has created."""
        trace = _trace(call)
        things = trace.rule.things_in(answer)
        if not things and trace.rule.care is not None:
            return Mismatch("$", f"the answer names no {trace.rule.title}")
        for thing in things:
            created_at = created_at_of(thing, trace.rule)
            # A test server may answer every request with the same thing, of a fixed time.
            is_fresh = created_at is not None and abs(created_at.timestamp() - call.sent_at.wall) < _FRESH_SECONDS
            name = getattr(thing, "name", None)
            if is_fresh and trace.rule.care is not None and name is not None and name not in trace.names:
                return Mismatch("$", f"the answer is about {described((thing,))}, and not about {trace.names}")
            if is_fresh and trace.rule.key_of(thing, trace.rule.lists[0]) in self._claims:
                return Mismatch("$", f"the answer is about {described((thing,))}, which an earlier request created")
        return None

    def accept(self, reply: RawResponse[T]) -> None:
        """Record a request's own answer: claim its things, and measure the server's clocks."""
        trace = trace_of(reply.request)
        assert trace is not None  # noqa: S101 - no other requests come here
        after, before, date = reply.results[-1].started, reply.response.received_at, reply.headers.get("date")
        for thing in trace.rule.things_in(reply.parse()):
            created_at = created_at_of(thing, trace.rule)
            if isinstance(created_at, datetime):
                self._claims.measure((created_at, date, after, before))
            self._claims.add(trace.rule.key_of(thing, trace.rule.lists[0]), trace, reply.request.origin)

    async def publish(self, reply: RawResponse[T]) -> None:
        """Do nothing: a created thing is found by its name, which other processes do not ask for."""

    def abandon(self, call: Call[T]) -> None:
        """Record that a call ends without a result although its request may have been executed."""
        if call.is_open:
            trace = _trace(call)
            self._claims.abandon(call, trace, call.sent_since, self._settle_seconds(trace) + LATE_SECONDS)

    def note_results(self, answer: object) -> None:
        """Record what a list shows: it is not the result of a request that is sent later."""
        found = shown_by(type(answer))
        if found is None:
            return
        rule, listing = found
        things = getattr(answer, listing.endpoint.items)
        now = Timestamp.now()
        self._claims.note_existing((rule.key_of(thing, listing) for thing in things), now)
        if not rule.created and _is_whole(answer, len(things), listing):
            self._claims.note_whole((self._account, rule.title), now)

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the lost answer, made from a list; ``None`` if nothing was created.

        Args:
            call: The call; its request may have been executed.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            RequestOutcomeUnknownError: The look-up did not resolve the request.
        """
        unresolved = UnresolvedCreate.of(call, _trace(call), self._settings.max_retries)
        found = None
        settle_seconds = self._settle_seconds(unresolved.trace)
        with limited(call, self._settings, unresolved.error, settle_seconds=settle_seconds):
            found = await self._lookup.find(unresolved, waited)
        if found is None:
            return None
        log.found_again(call.request, described(found.things), is_expected=call.is_of_another_process)
        for key in found.keys:
            self._claims.add(key, unresolved.trace, call.request.origin)
        return RawResponse(found.as_response(), call.request, call.results, is_adopted=True, others=found.others)

    def _settle_seconds(self, trace: CreateTrace) -> float:
        settings = self._settings
        return settings.settle_seconds if trace.rule.care is None else settings.create_settle_seconds


def _trace(call: Call[T]) -> CreateTrace:
    trace = trace_of(call.request)
    assert trace is not None  # noqa: S101 - no other requests come here
    return trace


def _is_whole(answer: object, length: int, listing: Listing) -> bool:
    """Return whether a page shows all that exists. A filtered list does not."""
    total = getattr(getattr(answer, "meta", None), "total", None)
    return not listing.endpoint.query and total == length
