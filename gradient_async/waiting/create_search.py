"""The search for what one create made, in the account's lists."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gradient_async.errors import (
    APIError,
    ClientClosedError,
)
from gradient_async.http.create_rule import Listing, ThingKey, Witness
from gradient_async.http.request import Response
from gradient_async.waiting import create_decision, reconciliation
from gradient_async.waiting.create_decision import Ending, Signs
from gradient_async.waiting.create_witness import witnessed
from gradient_async.waiting.found_things import Adopted, Found, created_at_of, described
from gradient_async.waiting.list_pages import page_of
from gradient_async.waiting.reconciliation import Sending, Verdict

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.settlement import Send
    from gradient_async.waiting.claims import CreateClaims
    from gradient_async.waiting.unresolved_create import UnresolvedCreate

_Things = dict[ThingKey, tuple[object, Listing | None, Response]]

_MAX_PAGES: Final = 10
_PAGE_LENGTH: Final = 200


class Search:
    """The search for what one request created.

    Args:
        send: Sends a request.
        claims: What the requests of this process created.
        unresolved: The request.
        account: Key of the account.

    Attributes:
        may_become_clear: Whether a better reading of the server's clock may decide about an unclear thing.
        is_patient: Whether lists are read again after they could not be read.
    """

    def __init__(self, send: Send, claims: CreateClaims, unresolved: UnresolvedCreate, account: Hashable) -> None:
        self._send = send
        self._claims = claims
        self._unresolved = unresolved
        self._rule = unresolved.trace.rule
        self._readings: list[reconciliation.Reading] = []
        self._newest_stamp = -math.inf
        self._found: list[list[Found]] = []
        self._is_any_shown: bool
        self._listing = (account, self._rule.title)
        self.may_become_clear: bool = False
        self.is_patient: bool = self._rule.care is not None

    async def read(self, *, is_last: bool) -> Ending:
        """Read the lists, and return what to do.

        Args:
            is_last: Whether what was created is certainly in the lists now.
        """
        unresolved, things, is_whole = self._unresolved, _Things(), True
        for listing in self._rule.lists:
            is_whole &= await self._read(listing, things)
        if is_last and self._rule.witness is not None and not self._are_all_in(things):
            await self._add_witnessed(self._rule.witness, things)
        sending = self._sending()
        self._found = [
            [one for one in self._judged(things, wanted, sending) if one.verdict is not Verdict.BEFORE]
            for wanted in unresolved.trace.wanted
        ]
        self._is_any_shown = any(
            unresolved.trace.is_shown_by(thing, wanted)
            for thing, _, _ in things.values()
            for wanted in unresolved.trace.wanted
        )
        self.may_become_clear = any(
            reconciliation.stamp_may_become_clear(created_at_of(one.thing, self._rule), sending)
            for found in self._found
            for one in found
            if one.verdict is Verdict.UNCLEAR
        )
        self._claims.note_existing(things, self._received_at)
        if is_whole:
            self._claims.note_whole(self._listing, self._received_at)
        reading = create_decision.Reading(
            [[one.verdict for one in found] for found in self._found],
            is_contested=self._claims.is_contested(
                unresolved.trace, unresolved.since, is_of_another_process=unresolved.is_of_another_process
            ),
            is_consistent=sending.is_consistent,
            is_whole=is_whole,
        )
        return create_decision.ending_of(
            reading,
            is_last=is_last,
            was_accepted=unresolved.was_accepted,
            adopts_oldest=self._rule.care is not None and self._rule.care.adopts_oldest,
        )

    def resolved(self, ending: Ending) -> Adopted | None:
        """Return what the request created, or ``None`` for nothing.

        Args:
            ending: The result of the last reading of the lists.

        Raises:
            RequestOutcomeUnknownError: The lists do not say it.
        """
        if ending is Ending.SEND_AGAIN:
            if self._unresolved.exists_by_refusal and not self._is_any_shown:
                raise self._unresolved.error(
                    f"the API then refused it: one like it exists, and the list of {self._rule.title}s shows none yet"
                )
            if self._rule.care is not None and not self._unresolved.can_be_sent_again:
                raise self._unresolved.error(f"the lists of {self._rule.title}s do not show it")
            return None
        if ending is Ending.ADOPT:
            sorted_results = [self._likeliest_first(found) for found in self._found]
            results = [found[0] for found in sorted_results]
            others = {one.key: one.thing for found in sorted_results for one in found[1:]}
            is_several = bool(self._rule.several) and isinstance(
                (self._unresolved.request.body or {}).get(self._rule.several), list
            )
            return Adopted(found=tuple(results), rule=self._rule, is_several=is_several, others=tuple(others.values()))
        candidates = tuple({one.key: one.thing for found in self._found for one in found}.values())
        text = _TEXTS[ending].format(title=self._rule.title, candidates=described(candidates))
        raise self._unresolved.error(text, candidates)

    def _likeliest_first(self, found: Iterable[Found]) -> list[Found]:
        """Return the results: first those with all tags that were asked for, and the oldest first."""
        asked = _tags_in((self._unresolved.request.body or {}).get("tags"))

        def preference(one: Found) -> tuple[bool, str, tuple[int, str]]:
            has_tags = asked <= _tags_in(getattr(one.thing, "tags", None))
            return not has_tags, str(created_at_of(one.thing, self._rule)), _order_of(one.key[1])

        return sorted((one for one in found if one.verdict is Verdict.RESULT), key=preference)

    def _are_all_in(self, things: _Things) -> bool:
        trace = self._unresolved.trace
        shown = [thing for key, (thing, _, _) in things.items() if not self._is_anothers(key)]
        return all(any(trace.is_shown_by(thing, wanted) for thing in shown) for wanted in trace.wanted)

    async def _add_witnessed(self, witness: Witness, things: _Things) -> None:
        """Add the things that the account's actions show and the lists do not."""
        since = self._unresolved.since.wall - create_decision.PLAUSIBLE_SKEW_SECONDS
        title = self._rule.title

        def is_known(thing_id: object) -> bool:
            return (title, thing_id) in things or self._is_anothers((title, thing_id))

        for thing_id, read in (await witnessed(self._send, witness, since=since, is_known=is_known)).items():
            things[title, thing_id] = (getattr(read.parse(), self._rule.item), None, read.response)

    async def _read(self, listing: Listing, things: _Things) -> bool:
        """Read a list to its end. Return whether it shows all that it announces."""
        items_read = 0
        for number in range(1, _MAX_PAGES + 1):
            page = await self._page(listing, number)
            answer = page.parse()
            items = getattr(answer, listing.endpoint.items)
            items_read += len(items)
            self._learn(page, items)
            for thing in items:
                things.setdefault(self._rule.key_of(thing, listing), (thing, listing, page.response))
            is_more_announced = reconciliation.announces_more(answer, items_read)
            if not items or not is_more_announced:
                return not is_more_announced
        raise self._unresolved.error(f"{_MAX_PAGES} pages of the list of {self._rule.title}s are not the whole list")

    async def _page(self, listing: Listing, number: int) -> RawResponse[Any]:
        try:
            page = await self._send(listing.page(self._unresolved.request, number, _PAGE_LENGTH))
            page_of(page)
        except (APIError, ClientClosedError) as error:
            raise self._unresolved.error(f"the list of {self._rule.title}s cannot be read: {error}") from error
        return page

    def _learn(self, page: RawResponse[Any], items: Iterable[object]) -> None:
        """Record the clocks of a page."""
        sent_at, self._received_at = page.results[-1].started, page.response.received_at
        reading = reconciliation.reading_of(page.headers, sent_at, self._received_at)
        if reading is not None:
            self._readings.append(reading)
        stamps = [stamp.timestamp() for stamp in (created_at_of(one, self._rule) for one in items) if stamp is not None]
        self._newest_stamp = max([self._newest_stamp, *stamps])

    def _sending(self) -> Sending:
        """Return when the request was sent, by the server's clock."""
        unresolved = self._unresolved
        sending = reconciliation.sending_of(
            unresolved.since,
            self._received_at,
            self._readings,
            self._newest_stamp,
            self._claims.skews,
            unresolved.clock_error,
        )
        if sending.elapsed < unresolved.clock_error:
            raise unresolved.error("by this machine's clock it was sent in the future, so its age is not known")
        return sending

    def _judged(
        self,
        things: _Things,
        wanted: tuple[object, ...],
        sending: Sending,
    ) -> Iterator[Found]:
        """Return the things that may be the one that was asked for, without those of other requests."""
        for key, (thing, listing, page) in things.items():
            is_shown = self._unresolved.trace.is_shown_by(thing, wanted)
            if is_shown is not False and not self._is_anothers(key):
                verdict = create_decision.verdict_on(self._signs(key, thing, is_shown=bool(is_shown)), sending)
                yield Found(thing=thing, key=key, listing=listing, page=page, verdict=verdict)

    def _is_anothers(self, key: ThingKey) -> bool:
        return self._claims.is_of_another(key, self._unresolved.request.origin)

    def _signs(self, key: ThingKey, thing: object, *, is_shown: bool) -> Signs:
        unresolved, claims = self._unresolved, self._claims
        return Signs(
            is_shown=is_shown,
            created_at=created_at_of(thing, self._rule),
            was_seen_before=not unresolved.is_of_another_process and claims.was_seen_before(key, unresolved.since),
            was_absent=not self._rule.created and claims.was_absent(key, self._listing, unresolved.since),
            is_sole=self._rule.is_unique and unresolved.was_created,
        )


def _order_of(thing_id: object) -> tuple[int, str]:
    """Return a key to sort ids by. Numbers count up with time. UUIDs do not, so their order is only repeatable."""
    return (thing_id, "") if isinstance(thing_id, int) else (0, str(thing_id))


def _tags_in(tags: object) -> set[str]:
    return {str(tag).lower() for tag in tags} if isinstance(tags, list | tuple) else set()


_TEXTS: Final = {
    Ending.SEVERAL: "each of the {title}s {candidates} may be its result",
    Ending.CONTESTED: "{title} {candidates} may be its result, or that of another such request of this process",
    Ending.UNCLEAR: "{title} {candidates} may be its result, or may have existed before the request was sent",
    Ending.PART: "the lists show only some of what it asked for: {candidates}",
    Ending.CONTRADICTORY: "the Date headers of the lists of {title}s contradict each other",
    Ending.NOT_WHOLE: "the list of {title}s is shorter than the list itself announces",
    Ending.MISSING: "the list of {title}s shows none, though the server answered with a success",
}
