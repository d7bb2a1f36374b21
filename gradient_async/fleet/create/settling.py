"""Looks up the creates whose answers were lost, by the names of their Droplets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import anyio

from gradient_async.endpoints import droplet_creation
from gradient_async.errors import APIError, ClientClosedError
from gradient_async.fleet.droplet_lists import all_droplets
from gradient_async.http import retry
from gradient_async.http.request import Timestamp
from gradient_async.resources.gpu_droplets import GPUDroplets
from gradient_async.waiting.create_witness import witnessed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.models.droplet import Droplet

# The largest plausible difference between the clocks of the API and of this machine, and between those of two machines
# that resume one journal. A name has a nonce, so this only limits how many actions are read.
_SKEW_SECONDS = 86_400.0
_UNREADABLE_PAUSE_SECONDS = 15.0
_MAX_LAST_LOOKUPS = 8


class Taker(Protocol):
    """Takes the Droplets that are found."""

    def watch(self, name: str, droplet: Droplet) -> None:
        """Take a Droplet with a name of the run."""


class Settler:
    """Looks up names whose creates have an unknown outcome. A name has a nonce: a Droplet with it is the run's.

    Args:
        context: What all parts of the run share.
        taker: Takes the Droplets that are found.
    """

    def __init__(self, context: CreationContext, taker: Taker) -> None:
        self._context = context
        self._taker = taker
        self._client = GPUDroplets(context.sender, context.watcher)

    async def settle(self, names: Sequence[str]) -> None:
        """Read the lists until each name has its Droplet, or until it certainly has none.

        That is so ``create_settle_seconds`` after the last create was sent.
        """
        left = [name for name in names if self._context.records.names[name].state == "sent"]
        for pause in (0.0, *retry.growing_pauses(self._seconds_left(left))):
            await anyio.sleep(pause)
            await self._read_lists(left)
            left = [name for name in left if self._context.records.names[name].state == "sent"]
            if not left:
                return
        for _ in range(_MAX_LAST_LOOKUPS):
            if await self._read_lists(left, is_last=True):
                left = [name for name in left if self._context.records.names[name].state == "sent"]
                if left:
                    await self._conclude(left)
                return
            await anyio.sleep(_UNREADABLE_PAUSE_SECONDS)
        self._leave(left, "the lists of Droplets cannot be read")

    async def read_again(self) -> bool:
        """Adopt the Droplets that show only after their creates counted as lost. Return whether the lists can be read.

        Without such creates, nothing is read.
        """
        unlisted = [record.name for record in self._context.records.unlisted]
        return not unlisted or await self._read_lists(unlisted)

    async def sweep(self) -> bool:
        """Find Droplets with the run's names that have no record. Return whether the lists could be read."""
        try:
            shown = await all_droplets(self._client)
        except (APIError, ClientClosedError):
            return False
        records = self._context.records
        for droplet in shown:
            record = records.names.get(droplet.name)
            if record is None:
                continue
            if record.droplet_id is None:
                await self._adopt(droplet)
            elif droplet.id != record.droplet_id:
                await self._note_surplus(droplet)
            elif record.state in {"created", "ready"}:
                self._context.droplets[droplet.name] = droplet
            elif record.state == "lost":
                await self._note_surplus(droplet)
        return True

    def _seconds_left(self, names: Collection[str]) -> float:
        """Return the seconds until the Droplets of all names would show, by the clocks that can be compared."""
        now, settle = Timestamp.now(), self._context.settle_seconds
        left = [0.0]
        for name in names:
            sent = self._context.records.names[name].last_sent
            if sent is None or math.isinf(sent.monotonic):
                left.append(settle)
            else:
                left.append(settle - max(0.0, sent.min_seconds_until(now)))
        return max(left)

    async def _read_lists(self, names: Sequence[str], *, is_last: bool = False) -> bool:
        """Adopt the Droplets that the lists show. Return whether the lists could be read."""
        try:
            shown = await all_droplets(self._client)
        except (APIError, ClientClosedError):
            return False
        if is_last and not {*names} <= {one.name for one in shown}:
            shown += await self._witnessed({one.id for one in shown})
        wanted = {*names}
        # The oldest is adopted. Another one with its name is the run's too, and not needed.
        for droplet in sorted(shown, key=lambda one: one.id):
            if droplet.name not in wanted:
                continue
            record = self._context.records.names[droplet.name]
            if record.state in {"sent", "absent"}:
                await self._adopt(droplet)
            elif record.droplet_id != droplet.id:
                await self._note_surplus(droplet)
        return True

    async def _witnessed(self, known: Collection[int]) -> list[Droplet]:
        """Return Droplets that only their ``create`` actions show."""
        rule = droplet_creation.CREATE.lookup
        assert rule is not None  # noqa: S101 - the create of Droplets has one
        assert rule.witness is not None  # noqa: S101 - likewise
        ids = {*known, *(one.droplet_id for one in self._context.records.names.values())}
        since = Timestamp.now().wall - _SKEW_SECONDS
        found = await witnessed(self._context.sender.send, rule.witness, since=since, is_known=lambda one: one in ids)
        return [read.parse().droplet for read in found.values()]

    async def _adopt(self, droplet: Droplet) -> None:
        """Take a Droplet that a lost create made, if it is needed."""
        context = self._context
        if not context.hunt.has_place_for(context.records.names[droplet.name]):
            await self._note_surplus(droplet)
            return
        context.log.created(droplet.name, droplet.id)
        await context.note(f"{droplet.name} was created, although the answer was lost: Droplet {droplet.id}")
        self._taker.watch(droplet.name, droplet)

    async def _note_surplus(self, droplet: Droplet) -> None:
        if droplet.id not in self._context.records.surplus:
            self._context.log.surplus(droplet.name, droplet.id)
            await self._context.note(f"Droplet {droplet.id} has the name {droplet.name} too, and is not needed")

    async def _conclude(self, names: Sequence[str]) -> None:
        """Assume that no Droplets have these names, unless the caller forbids it."""
        context = self._context
        if context.spec.on_unknown == "raise":
            self._leave(names, "no list shows it")
            return
        context.log.absent(names, "the answer was lost, and no list shows it")
        await context.note(f"{', '.join(names)}: no list shows it, so another one may be created in its place")

    def _leave(self, names: Sequence[str], why: str) -> None:
        """Leave the outcome of names unknown, and create nothing more."""
        self._context.given_up |= {*names}
        self._context.hunt.stop(f"the outcome of the create of {', '.join(names)} is not known: {why}")
        self._context.news.set()
