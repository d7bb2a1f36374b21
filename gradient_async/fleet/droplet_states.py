"""Reading Droplets, many askers together: from the list where that takes fewer requests, else each by itself."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, field

from gradient_async.endpoints import droplets
from gradient_async.errors import APIError, GradientAIError
from gradient_async.fleet.task_group import TaskGroup
from gradient_async.http.request import Priority
from gradient_async.models.droplet import Droplet
from gradient_async.waiting.poller import TRANSIENT_ERRORS, min_gap

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.outage import Outage

_PAGE_LENGTH: Final = 200
# Up to this many, reading each by itself takes no more requests than a list and the one it may not show.
_FEW: Final = 2
# Others who ask within this time are served by the same requests.
_GATHERING_SECONDS: Final = 0.02


@define(eq=False)
class _Ask:
    """A Droplet that waits to be read."""

    priority: Priority
    answered: asyncio.Event = field(factory=asyncio.Event)
    droplet: Droplet | None = None
    error: GradientAIError | None = None


class DropletStates:
    """Reads Droplets for a fleet run; ``serve`` has to run meanwhile.

    Args:
        sender: Sends the requests.
        outage: Counts failing reads.
    """

    def __init__(self, sender: Sender, outage: Outage) -> None:
        self._sender = sender
        self._outage = outage
        self._asks: dict[int, _Ask] = {}
        self._has_asks = asyncio.Event()
        self._last_round = -math.inf

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        """A Droplet as it is now.

        Args:
            droplet_id: The Droplet's id.
            priority: ``ACT`` if something waits to be done to it, ``POLL`` if it is only looked at.

        Raises:
            APIError: It cannot be read.
        """
        ask = self._asks.get(droplet_id)
        if ask is None:
            ask = self._asks[droplet_id] = _Ask(priority)
        ask.priority = min(ask.priority, priority)
        self._has_asks.set()
        await ask.answered.wait()
        if ask.error is not None:
            raise ask.error
        assert ask.droplet is not None  # noqa: S101 - an ask is answered with either
        return ask.droplet

    async def serve(self) -> None:
        """Answer those who ask, until cancelled."""
        while True:
            await self._has_asks.wait()
            await anyio.sleep(_GATHERING_SECONDS)
            await anyio.sleep(max(0.0, self._last_round + self._gap() - anyio.current_time()))
            asks, self._asks = self._asks, {}
            self._has_asks.clear()
            began = anyio.current_time()
            try:
                await self._answer(dict(asks))
            except GradientAIError as error:
                _tell(asks, error)
            self._last_round = anyio.current_time()
            self._outage.polled(_outage_of(asks), began=began, now=self._last_round)

    def _gap(self) -> float:
        budget = self._sender.budget
        is_pressing = any(ask.priority is Priority.ACT for ask in self._asks.values())
        if budget is None or is_pressing:
            return 0.0
        return min_gap(math.ceil(len(self._asks) / _PAGE_LENGTH), budget.snapshot())

    async def _answer(self, asks: dict[int, _Ask]) -> None:
        """Read what is asked for, from lists as long as they serve several, and what is left each by itself."""
        priority = min(ask.priority for ask in asks.values())
        for droplet_type in ("gpus", "droplets"):
            if len(asks) > _FEW:
                await self._read_list(droplet_type, asks, priority)
        async with TaskGroup() as group:
            for droplet_id, ask in asks.items():
                group.start_soon(self._read_one, droplet_id, ask, priority)

    async def _read_one(self, droplet_id: int, ask: _Ask, priority: Priority) -> None:
        request = droplets.RETRIEVE.request({}, droplet_id)._replace(priority=priority)
        try:
            ask.droplet = (await self._sender.send(request)).parse().droplet
        except GradientAIError as error:
            ask.error = error
        ask.answered.set()

    async def _read_list(self, droplet_type: str, asks: dict[int, _Ask], priority: Priority) -> None:
        """Read pages for as long as that is cheaper than reading each Droplet by itself."""
        number = 1
        while True:
            query = {"type": droplet_type, "page": number, "per_page": _PAGE_LENGTH}
            request = droplets.LIST.request({}, query=query)._replace(priority=priority)
            try:
                page = (await self._sender.send(request)).parse()
            except APIError:
                return  # each by itself, and with its own error
            for droplet in page.droplets:
                if ask := asks.pop(droplet.id, None):
                    ask.droplet = droplet
                    ask.answered.set()
            pages = math.ceil((page.meta.total or 0) / _PAGE_LENGTH)
            if number >= pages or len(asks) < max(_FEW + 1, pages - number):
                return
            number += 1


def _outage_of(asks: dict[int, _Ask]) -> APIError | None:
    """Why no Droplet could be read, where the next round may succeed."""
    error: APIError | None = None
    for ask in asks.values():
        if not isinstance(ask.error, TRANSIENT_ERRORS):
            return None
        error = ask.error
    return error


def _tell(asks: dict[int, _Ask], error: GradientAIError) -> None:
    for ask in asks.values():
        if not ask.answered.is_set():
            ask.error = error
            ask.answered.set()
