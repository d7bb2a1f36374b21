"""The state of a rate budget on a Redis or Valkey server: what one process asks, and what the server answers.

``shared_windows.lua`` has the rules. Times are integers, in microseconds from now, so that no clock but the server's
matters.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Final, cast

from attrs import field, frozen

from gradient_async.budget.redis_connection import RedisConnection, Script
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.windows import Allowance, ProcessUse, RateWindow, WindowUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


SCRIPT: Final = Script(files("gradient_async.budget").joinpath("shared_windows.lua").read_text(encoding="utf-8"))
_KEYS: Final = ("answered", "pending", "waiting", "leases", "seen", "facts")
_MICROSECONDS: Final = 1_000_000


@frozen(kw_only=True)
class EndedRequest:
    """A request that had a slot and has ended.

    Attributes:
        slot: The slot's number.
        at: When it ended, by the monotonic clock.
        is_answered: Whether it had an answer.
        pause: Seconds of the pause that its answer asks for; ``None`` if it is no 429.
        allowance: What its answer says about the server's window; ``None`` for nothing.
    """

    slot: int
    at: float
    is_answered: bool
    pause: float | None
    allowance: Allowance | None


@frozen(kw_only=True)
class Wish:
    """What the first waiter of a process asks for.

    Attributes:
        priority: The requests' priority.
        wanted: How many of them wait.
        lease: Seconds after which a slot is taken from the process, if it dies.
        first: Number of the first new slot. The others follow it.
    """

    priority: int
    wanted: int
    lease: float
    first: int


@frozen(kw_only=True)
class OwnState:
    """All that a process knows about its own requests.

    Attributes:
        holds: Its slots: each one's number, and its deadline by the monotonic clock.
        answered: When its requests ended; ``None`` if the store knows.
    """

    holds: tuple[tuple[int, float], ...]
    answered: tuple[float, ...] | None


@frozen(kw_only=True)
class StoreAnswer:
    """The store's answer.

    Attributes:
        epoch: Name of the state. Another name means that the store was empty in between.
        is_anew: Whether it is another name than the process knew. Then nothing else was done.
        got: Number of slots that the process got.
        sleep: Seconds until it is worth asking again.
        processes: Number of processes that used the budget in the last minute.
        promised: Number of requests of other processes that wait.
        free: Number of requests that could be sent now.
        windows: The use of each window by all.
        next_in: Seconds until the next request could be sent; ``None`` while that depends on a pending request.
        paused_for: Seconds that are left of a pause.
        clock: The server's time, in seconds since 1970.
        uses: What each process does, the busiest first; empty if that was not asked.
    """

    epoch: str
    is_anew: bool = False
    got: int = 0
    sleep: float = 0.0
    processes: int = 1
    promised: int = 0
    free: int = 0
    windows: tuple[WindowUse, ...] = ()
    next_in: float | None = None
    paused_for: float = 0.0
    clock: float = 0.0
    uses: tuple[ProcessUse, ...] = ()


@frozen(kw_only=True)
class RedisStore:
    """The state of one budget on a server, as one process uses it.

    Attributes:
        connection: The connection.
        name: Prefix of the budget's keys.
        process: Name of this process, unique on all hosts.
        windows: The token's windows.
        reserve: The share of each window that is left to other programs.
    """

    connection: RedisConnection
    name: str
    process: str
    windows: tuple[RateWindow, ...]
    reserve: float
    script: Script = field(default=SCRIPT, repr=False)

    async def ask(
        self,
        *,
        now: float,
        call: int,
        epoch: str,
        ended: Iterable[EndedRequest] = (),
        returned: Sequence[int] = (),
        own: OwnState | None = None,
        wish: Wish | None = None,
        leaves: bool = False,
        wants_uses: bool = False,
        **more: object,
    ) -> StoreAnswer:
        """Report what happened, ask for slots, and return the answer. The server does all of it, or nothing.

        Args:
            now: The time, by the monotonic clock.
            call: Number of the call. A call with a lower number than an earlier one's changes nothing.
            epoch: Name of the state that this process knows; ``""`` at first.
            ended: Requests that ended.
            returned: Slots of requests that were not sent.
            own: All about this process's requests, if the store may not know it.
            wish: The slots that it asks for.
            leaves: Whether none of its requests waits any more.
            wants_uses: Whether it asks what each process does.
            more: Further members of the question, for tests.

        Raises:
            StoreAwayError: There was no answer.
        """
        question: dict[str, object] = {
            "process": self.process,
            "call": call,
            "epoch": epoch,
            "windows": [[window.limit, _microseconds(window.seconds)] for window in self.windows],
            "share": 1 - self.reserve,
            **more,
        }
        if returned:
            question["returned"] = list(returned)
        if reports := [_report(one, now) for one in ended]:
            question["ended"] = reports
        if own is not None:
            question["holds"] = [[slot, _microseconds(deadline - now)] for slot, deadline in own.holds]
            if own.answered is not None:
                question["history"] = [_microseconds(now - at) for at in own.answered]
        if wish is not None:
            lease = _microseconds(wish.lease)
            question["take"] = {
                "priority": wish.priority,
                "wanted": wish.wanted,
                "lease": lease,
                "first": wish.first,
            }
        if leaves:
            question["leaves"] = True
        if wants_uses:
            question["uses"] = True
        keys = [f"{self.name}:{key}" for key in _KEYS]
        return self._answer(await self.connection.run(self.script, keys, [json.dumps(question)]))

    def _answer(self, text: object) -> StoreAnswer:
        try:
            facts = cast("Mapping[str, object]", json.loads(str(text)))
            if facts.get("is_late"):
                raise StoreAwayError("a later call of this process was carried out before this one")
            if facts.get("is_anew"):
                return StoreAnswer(epoch=str(facts["epoch"]), is_anew=True)
            return self._whole_answer(facts)
        except (ValueError, KeyError, TypeError, AttributeError):
            reason = "its answer cannot be read"
        raise StoreAwayError(reason)

    def _whole_answer(self, facts: Mapping[str, object]) -> StoreAnswer:
        next_in = facts.get("next_in")
        windows = cast("list[tuple[float, float]]", facts["windows"])
        return StoreAnswer(
            epoch=str(facts["epoch"]),
            got=_count(facts["got"]),
            sleep=_seconds(facts["sleep"]),
            processes=_count(facts["processes"]),
            promised=_count(facts["promised"]),
            free=_count(facts["free"]),
            windows=tuple(
                WindowUse(limit=int(limit), seconds=one.seconds, used=int(used), left=max(0, int(limit) - int(used)))
                for one, (limit, used) in zip(self.windows, windows, strict=True)
            ),
            next_in=None if next_in is None else _seconds(next_in),
            paused_for=_seconds(facts["paused_for"]),
            clock=_seconds(facts["clock"]),
            uses=self._uses(cast("list[Mapping[str, object]]", facts.get("uses", ()))),
        )

    def _uses(self, list_of_uses: Iterable[Mapping[str, object]]) -> tuple[ProcessUse, ...]:
        uses = [
            ProcessUse(
                process=str(use["process"]),
                used=tuple(map(_count, cast("list[object]", use["used"]))),
                pending=_count(use["pending"]),
                waiting=_count(use["waiting"]),
                seen_ago=None if "seen_ago" not in use else _seconds(use["seen_ago"]),
                is_this=use["process"] == self.process,
            )
            for use in list_of_uses
        ]
        return tuple(sorted(uses, key=lambda use: (*(-count for count in use.used), use.process)))


def _report(ended: EndedRequest, now: float) -> dict[str, object]:
    report: dict[str, object] = {"slot": ended.slot, "age": _microseconds(now - ended.at)}
    if ended.pause is not None:
        report["pause"] = _microseconds(ended.pause)
    if ended.is_answered:
        report["answered"] = True
    if ended.allowance is not None:
        limit, remaining, reset_in = ended.allowance
        report["news"] = {"limit": limit, "remaining": remaining, "reset": _microseconds(reset_in)}
    return report


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECONDS)


def _seconds(microseconds: object) -> float:
    return float(cast("float", microseconds)) / _MICROSECONDS


def _count(number: object) -> int:
    return int(cast("float", number))
