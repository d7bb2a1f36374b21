"""Proves that Droplets are gone: their ids are unknown, and no list shows them. Many share the reads."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, field

from gradient_async import log
from gradient_async.endpoints import droplets as endpoints
from gradient_async.errors import GradientAIError, NotFoundError
from gradient_async.fleet.destroy.removal import Sight
from gradient_async.http.request import Priority
from gradient_async.task_group import TaskGroup
from gradient_async.waiting.list_pages import page_of
from gradient_async.waiting.poller import min_gap

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender

_PAGE_LENGTH: Final = 200
# A list that changes while it is read has no more pages than this times what it announced.
_MAX_PAGES: Final = 1000
# Up to this many are read by id first. While an id is known, no list has to be read.
_FEW: Final = 2
_FIRST_GAP_SECONDS: Final = 1.0
_MAX_GAP_SECONDS: Final = 10.0
# The pause before a round, as a share of the time since the latest request was accepted.
_SHARE_OF_AGE: Final = 0.25
_LISTS: Final[tuple[dict[str, str], ...]] = ({"type": "gpus"}, {})


@define(eq=False)
class _Ask:
    """A Droplet whose destruction has to be proved."""

    since: float
    sight: Sight = Sight.UNCLEAR
    answered: asyncio.Event = field(factory=asyncio.Event)


class GoneProof:
    """Reads Droplets that are being destroyed, all together, while ``serve`` runs.

    Args:
        sender: Sends the requests.
        poll_interval: Seconds until the first reads; the next are further apart.
    """

    def __init__(self, sender: Sender, poll_interval: float | None) -> None:
        self._sender = sender
        self._first_gap = _FIRST_GAP_SECONDS if poll_interval is None else poll_interval
        self._asks: dict[int, _Ask] = {}
        self._has_asks = asyncio.Event()

    async def check(self, droplet_id: int, since: float) -> Sight:
        """Return what the next reads show of a Droplet.

        Args:
            droplet_id: The Droplet's id.
            since: When the API accepted to destroy it, in the event loop's time. It decides when the reads come.
        """
        ask = self._asks.setdefault(droplet_id, _Ask(since))
        self._has_asks.set()
        await ask.answered.wait()
        return ask.sight

    async def serve(self) -> None:
        """Answer the calls of ``check``, until cancelled."""
        while True:
            await self._has_asks.wait()
            await anyio.sleep(self._gap())
            asks, self._asks = self._asks, {}
            self._has_asks.clear()
            try:
                await self._answer(asks)
            except Exception as error:  # noqa: BLE001 - such as of a middleware; the next round reads again
                log.proof_failed(error)
            finally:
                for ask in asks.values():
                    ask.answered.set()

    def _gap(self) -> float:
        youngest = max(ask.since for ask in self._asks.values())
        by_age = _SHARE_OF_AGE * (anyio.current_time() - youngest)
        gap = min(max(by_age, self._first_gap), max(_MAX_GAP_SECONDS, self._first_gap))
        budget = self._sender.budget
        requests = min(len(self._asks), len(_LISTS))
        return gap if budget is None else max(gap, min_gap(requests, budget.snapshot()))

    async def _answer(self, asks: dict[int, _Ask]) -> None:
        if len(asks) <= _FEW:
            absent = await self._absent(asks)
            listed = await self._listed(asks) if absent else set[int]()
        else:
            listed = await self._listed(asks)
            absent = await self._absent({one: ask for one, ask in asks.items() if listed is None or one not in listed})
        for droplet_id, ask in asks.items():
            if listed is not None and droplet_id in listed:
                ask.sight = Sight.SHOWN
            elif droplet_id in absent:
                ask.sight = Sight.GONE if listed is not None else Sight.UNCLEAR

    async def _absent(self, asks: dict[int, _Ask]) -> set[int]:
        """Read each by its id. Return those that the API does not know; the others are answered at once."""
        absent: set[int] = set()
        async with TaskGroup() as group:
            for droplet_id, ask in asks.items():
                group.start_soon(self._read, droplet_id, ask, absent)
        return absent

    async def _read(self, droplet_id: int, ask: _Ask, absent: set[int]) -> None:
        request = endpoints.RETRIEVE.request({}, droplet_id)._replace(priority=Priority.POLL)
        try:
            (await self._sender.send(request)).parse()
            ask.sight = Sight.SHOWN
        except NotFoundError:
            absent.add(droplet_id)
        except GradientAIError:
            ask.sight = Sight.UNCLEAR

    async def _listed(self, asks: dict[int, _Ask]) -> set[int] | None:
        """Return which of the Droplets a list shows; ``None`` if a list cannot be read completely."""
        found: set[int] = set()
        try:
            for query in _LISTS:
                found |= await self._in_list(query)
        except GradientAIError:
            return None
        return found & asks.keys()

    async def _in_list(self, query: dict[str, str]) -> set[int]:
        found: set[int] = set()
        for number in range(1, _MAX_PAGES):
            pages = {**query, "page": number, "per_page": _PAGE_LENGTH}
            request = endpoints.LIST.request({}, query=pages)._replace(priority=Priority.POLL)
            page = page_of(await self._sender.send(request))
            found.update(droplet.id for droplet in page.droplets)
            total = page.meta.total
            is_last = len(page.droplets) < _PAGE_LENGTH if total is None else number >= math.ceil(total / _PAGE_LENGTH)
            if is_last:
                break
        return found
