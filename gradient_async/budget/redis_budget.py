"""The rate budget of several hosts: one token's budget on a Redis or Valkey server, as one process uses it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from gradient_async.budget.redis_ledger import RedisLedger
from gradient_async.budget.redis_member import MemberSlot, RedisMember, Report
from gradient_async.event_loops import running_loop
from gradient_async.http.budget import RateBudget, RateBudgetSnapshot
from gradient_async.http.windows import RateWindow

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Mapping

    from gradient_async.budget.outage import OnOutage
    from gradient_async.budget.redis_connection import RedisConnection
    from gradient_async.http.request import Priority
    from gradient_async.http.slot import Slot
    from gradient_async.http.windows import ProcessUse, SpecialWindow


class RedisRateBudget(RateBudget):
    """The budget of one token, which processes on several hosts share by a server.

    Each event loop is a process of its own to the server, with its own connection and queue.

    Attributes:
        connection: The connection to the server.
        name: Prefix of the budget's keys, with the token's digest.

    Args:
        windows: Pairs of a number of requests and a span in seconds.
        reserve: The share of each window that is left to other programs.
        connection: The connection to the server.
        name: Prefix of the budget's keys.
        on_outage: What to do while the server is away.
    """

    def __init__(
        self,
        windows: Iterable[tuple[int, float]],
        *,
        reserve: float,
        connection: RedisConnection,
        name: str,
        on_outage: OnOutage,
    ) -> None:
        super().__init__(windows, reserve=reserve)
        self._given = tuple(RateWindow(*window) for window in self._windows.windows)
        self._reserve = reserve
        self.connection: RedisConnection = connection
        self.name: str = name
        self._on_outage: OnOutage = on_outage
        self._members: dict[asyncio.AbstractEventLoop, RedisMember] = {}
        self._uses: tuple[ProcessUse, ...] = ()

    def snapshot(self) -> RateBudgetSnapshot:
        """Return the state in the server's last answer, which is at most one request old. See ``refresh``."""
        members = tuple(self._members.values())
        waiting = sum(member.waiting for member in members)
        known = [last for member in members if (last := member.ledger.last) is not None]
        if not known:
            own = super().snapshot()
            return RateBudgetSnapshot(
                windows=own.windows, next_free_in=own.next_free_in, paused_for=own.paused_for, waiting=waiting
            )
        at, answer = max(known, key=lambda one: one[0])
        age = time.monotonic() - at
        return RateBudgetSnapshot(
            windows=answer.windows,
            next_free_in=None if answer.next_in is None else max(0.0, answer.next_in - age),
            paused_for=max(0.0, answer.paused_for - age),
            waiting=waiting,
        )

    def processes(self) -> tuple[ProcessUse, ...]:
        """Return what each process did with the budget at the last ``refresh``; ``()`` while the server is away."""
        if any(member.ledger.has_lost_the_store for member in tuple(self._members.values())):
            return ()
        return self._uses

    async def refresh(self) -> None:
        """Ask the server for what ``snapshot`` and ``processes`` return.

        Raises:
            RateBudgetStoreError: The server was never reached.
        """
        answer = await self._member().ask_for_uses()
        if answer is not None:
            self._uses = answer.uses

    def acquire_at_once(self) -> bool:
        """Return ``False``: the queue asks the server, by the request's priority."""
        return False

    def give_back(self, window: SpecialWindow | None = None, slot: Slot | None = None) -> Report | None:
        """Return the slot of a request that was not sent. A second call does nothing."""
        slot = slot or self._oldest_slot()
        if not isinstance(slot, MemberSlot):
            return None
        slot.member.ledger.give_back(slot)
        if window is None or not isinstance(slot.special, MemberSlot):
            return _report(slot.member)
        slot.special.member.ledger.give_back(slot.special)
        return _report(slot.special.member, slot.member)

    def release(
        self,
        status: int | None,
        headers: Mapping[str, str],
        window: SpecialWindow | None = None,
        slot: Slot | None = None,
    ) -> Report | None:
        """Record the end of a request that had a slot. A second call does nothing."""
        slot = slot or self._oldest_slot()
        if not isinstance(slot, MemberSlot):
            return None
        slot.member.ledger.end(slot, status, headers)
        if window is None or not isinstance(slot.special, MemberSlot):
            return _report(slot.member)
        slot.special.member.ledger.end(slot.special, None, {})
        return _report(slot.special.member, slot.member)

    async def _wait(self, priority: Priority, timeout: float) -> Slot | None:
        return await self._member().acquire(priority, timeout)

    def _member(self) -> RedisMember:
        """Return this event loop's part. It takes over the state of a closed loop."""
        loop = running_loop()
        member = self._members.get(loop)
        if member is not None:
            return member
        with self._lock:
            for ended in [other for other in self._members if other.is_closed()]:
                member = self._members.pop(ended)
                member.move_to_new_loop()
            if member is None:
                ledger = RedisLedger(self.connection, self.name, self._given, self._reserve, self._on_outage)
                member = RedisMember(ledger, self._on_outage)
            self._members[loop] = member
            return member

    def _oldest_slot(self) -> Slot | None:
        return self._member().ledger.oldest_slot()

    def _special_budget(self, window: SpecialWindow) -> RateBudget:
        with self._lock:
            if window.name not in self._special:
                letters = "".join(letter if letter.isalnum() else "_" for letter in window.name)
                self._special[window.name] = RedisRateBudget(
                    ((window.limit, window.seconds),),
                    reserve=0.0,
                    connection=self.connection,
                    name=f"{self.name}:special:{letters}",
                    on_outage=self._on_outage,
                )
            return self._special[window.name]

    def _forget_other_threads(self) -> None:
        super()._forget_other_threads()
        _parked.append(self._members)
        self._members = {}


def _report(*members: RedisMember) -> Report | None:
    """Return what reports; ``None`` in a coroutine that is discarded, which cannot wait. The next request reports."""
    return None if isinstance(sys.exception(), GeneratorExit) else Report(*members)


# What belongs to the parent process, in a forked child.
_parked: Final[list[object]] = []
