"""Reads Droplets for many callers together: from the list if that takes fewer requests, else one by one."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

import anyio
from attrs import define, field

from gradient_async.endpoints import droplets
from gradient_async.errors import APIError, GradientAIError
from gradient_async.http.request import Priority
from gradient_async.models.droplet import Droplet
from gradient_async.task_group import TaskGroup
from gradient_async.waiting.poller import TRANSIENT_ERRORS, min_gap

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.outage import Outage

_PAGE_LENGTH: Final = 200
# Up to this many, reading them one by one takes no more requests than a list and a Droplet that it may not show.
_FEW: Final = 2
# Reads that are requested within this time share the same requests.
_GATHERING_SECONDS: Final = 0.02


@define(eq=False)
class _PendingRead:
    """A Droplet that waits to be read."""

    priority: Priority
    answered: asyncio.Event = field(factory=asyncio.Event)
    droplet: Droplet | None = None
    error: GradientAIError | None = None


class DropletStates:
    """Reads Droplets for a fleet run; ``serve`` has to run at the same time.

    Args:
        sender: Sends the requests.
        outage: Counts failing reads.
    """

    def __init__(self, sender: Sender, outage: Outage) -> None:
        self._sender = sender
        self._outage = outage
        self._pending: dict[int, _PendingRead] = {}
        self._has_pending = asyncio.Event()
        self._last_round = -math.inf

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        """Return the Droplet as it is now.

        Args:
            droplet_id: The Droplet's id.
            priority: ``ACT`` if an action waits for the read, ``POLL`` if the Droplet is only polled.

        Raises:
            APIError: It cannot be read.
        """
        read = self._pending.get(droplet_id)
        if read is None:
            read = self._pending[droplet_id] = _PendingRead(priority)
        read.priority = min(read.priority, priority)
        self._has_pending.set()
        await read.answered.wait()
        if read.error is not None:
            raise read.error
        assert read.droplet is not None  # noqa: S101 - a read ends with either
        return read.droplet

    async def serve(self) -> None:
        """Serve the pending reads, until cancelled."""
        while True:
            await self._has_pending.wait()
            await anyio.sleep(_GATHERING_SECONDS)
            await anyio.sleep(max(0.0, self._last_round + self._gap() - anyio.current_time()))
            reads, self._pending = self._pending, {}
            self._has_pending.clear()
            began = anyio.current_time()
            try:
                await self._answer(dict(reads))
            except GradientAIError as error:
                _fail_all(reads, error)
            self._last_round = anyio.current_time()
            self._outage.polled(_outage_of(reads), began=began, now=self._last_round)

    def _gap(self) -> float:
        budget = self._sender.budget
        is_pressing = any(read.priority is Priority.ACT for read in self._pending.values())
        if budget is None or is_pressing:
            return 0.0
        return min_gap(math.ceil(len(self._pending) / _PAGE_LENGTH), budget.snapshot())

    async def _answer(self, reads: dict[int, _PendingRead]) -> None:
        """Read the Droplets from lists while a list serves several of them, and the others one by one."""
        priority = min(read.priority for read in reads.values())
        for droplet_type in ("gpus", "droplets"):
            if len(reads) > _FEW:
                await self._read_list(droplet_type, reads, priority)
        async with TaskGroup() as group:
            for droplet_id, read in reads.items():
                group.start_soon(self._read_one, droplet_id, read, priority)

    async def _read_one(self, droplet_id: int, read: _PendingRead, priority: Priority) -> None:
        request = droplets.RETRIEVE.request({}, droplet_id)._replace(priority=priority)
        try:
            read.droplet = (await self._sender.send(request)).parse().droplet
        except GradientAIError as error:
            read.error = error
        read.answered.set()

    async def _read_list(self, droplet_type: str, reads: dict[int, _PendingRead], priority: Priority) -> None:
        """Read pages while that takes fewer requests than reading the Droplets one by one."""
        number = 1
        while True:
            query = {"type": droplet_type, "page": number, "per_page": _PAGE_LENGTH}
            request = droplets.LIST.request({}, query=query)._replace(priority=priority)
            try:
                page = (await self._sender.send(request)).parse()
            except APIError:
                return  # they are read one by one, each with its own error
            for droplet in page.droplets:
                if read := reads.pop(droplet.id, None):
                    read.droplet = droplet
                    read.answered.set()
            pages = math.ceil((page.meta.total or 0) / _PAGE_LENGTH)
            if number >= pages or len(reads) < max(_FEW + 1, pages - number):
                return
            number += 1


def _outage_of(reads: dict[int, _PendingRead]) -> APIError | None:
    """Return the error of a round in which no Droplet could be read, if the next round may succeed."""
    error: APIError | None = None
    for read in reads.values():
        if not isinstance(read.error, TRANSIENT_ERRORS):
            return None
        error = read.error
    return error


def _fail_all(reads: dict[int, _PendingRead], error: GradientAIError) -> None:
    """End the reads that are not answered with this error."""
    for read in reads.values():
        if not read.answered.is_set():
            read.error = error
            read.answered.set()
