"""Faults at random on real sockets: no action is executed twice, and every result is correct (promise P1).

Run it as ``python tests/soak/faulted_actions.py --seconds 60 --seed 1``. It exits with 1 at the first fault found, and
prints the seed and the case. The same seed draws the same cases; how they interleave is the machine's affair.

Cases that no client can distinguish are left out: an action that is executed after the settling time, and a foreign
action that begins in the second of the sending, by the server's ``Date``.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import logging
import random
import sys
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

from attrs import define, field

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from flavours import FLAVOURS, Flavour  # noqa: E402 - found by the path above
from lost_answers import LOST, REFUSED  # noqa: E402 - likewise
from wire_server import Reply, WireRequest, WireServer, action, html, listed, reply  # noqa: E402 - likewise

from gradient_async import ActionOutcomeUnknownError, APIError  # noqa: E402 - likewise

CALLS_IN_A_WORLD = 120
WORLDS_AT_A_TIME = 4
TYPES = ("reboot", "power_cycle", "snapshot")
DAY = 86_400
# Seconds by which Date is ahead of the clock that stamps actions; None draws anew for each answer.
SKEWS: tuple[float | None, ...] = (0, 0, 0, 0, 15, 60, 300, 3600, -15, -60, -300, -3600, None)
# Seconds by which both of the server's clocks are ahead of this machine's.
SERVER_AHEAD = (0.0, 0.0, 0.0, 0.4, -0.4, 30.0, -30.0, 3600.0, -3600.0)


@define
class Case:
    """One call on one Droplet of its own.

    Attributes:
        droplet_id: The Droplet.
        type: The action's type.
        rng: Draws what happens to each of its requests.
        events: What has happened, for people.
        actions: The Droplet's actions, newest first.
        own: Ids of those that its requests started.
        wrong: What was found wrong with its result.
    """

    droplet_id: int
    type: str
    rng: random.Random
    events: list[str] = field(factory=list)
    actions: list[dict[str, object]] = field(factory=list)
    own: list[object] = field(factory=list)
    wrong: str = ""


class World:
    """A server with clocks of its own, and the calls that are made to it."""

    def __init__(self, seed: str, ids: itertools.count[int]) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.skew = self.rng.choice(SKEWS)
        self.ahead = self.rng.choice(SERVER_AHEAD)
        self.ids = ids
        self.posts = 0
        self.faults = 0
        self.cases: dict[int, Case] = {}
        self.wire = WireServer()
        self.wire.script("POST", self._start)
        self.wire.script("GET", self._list)
        self.last_answer: dict[str, Any] | None = None
        for number in range(CALLS_IN_A_WORLD):
            self._add(number)

    def _add(self, number: int) -> None:
        droplet_id = 3_000_000 + number
        case = Case(droplet_id, self.rng.choice(TYPES), random.Random(f"{self.seed}/{number}"))
        case.actions.append(self._action(case, age=2 * DAY, type="create", status="completed"))
        if case.rng.random() < 0.3:
            age = case.rng.choice([1.3, 2.5, 5.0, 20.0, 100.0, 1000.0, 5000.0, 8000.0, 1.5 * DAY])
            if self._is_distinct(age):
                case.events.append(f"another program's action {age:g} s before")
                case.actions.insert(0, self._action(case, age=age))
        self.cases[droplet_id] = case

    def _is_distinct(self, age: float) -> bool:
        """Return whether an action of that age differs from the request's own, by the server's Date."""
        return self.skew is not None and (self.skew >= 0 or abs(age + self.skew) > 3)

    def _action(self, case: Case, *, age: float = 0.0, **changes: Any) -> dict[str, object]:
        made = {"type": case.type, "resource_id": case.droplet_id, **changes}
        return action(next(self.ids), age=age - self.ahead, **made)

    def _dated(self, answer: Reply) -> Reply:
        """Return the same answer, with the Date of this world."""
        skew = random.choice((0, 15, -15, 300, -300, 3600)) if self.skew is None else self.skew
        date = formatdate(time.time() + self.ahead + skew, usegmt=True).encode()
        head, separator, body = answer.data.partition(b"\r\n\r\n")
        lines = [b"Date: " + date if line.startswith(b"Date:") else line for line in head.split(b"\r\n")]
        return Reply(data=b"\r\n".join(lines) + separator + body, then=answer.then, delay_seconds=answer.delay_seconds)

    def _start(self, request: WireRequest) -> Reply:
        case = self._case_of(request)
        self.posts += 1
        drawn = case.rng.random()
        if drawn < 0.1:
            name = case.rng.choice(list(REFUSED))
            self.faults += 1
            case.events.append(f"POST refused: {name}")
            return self._dated(REFUSED[name]())
        is_fault = drawn < 0.85
        name = case.rng.choice([*LOST, "earlier-answer"]) if is_fault else "answered"
        is_executed = not is_fault or case.rng.random() < 0.5
        started = self._action(case)
        if is_executed:
            case.actions.insert(0, started)
            case.own.append(started["id"])
        case.events.append(f"POST {name}{', executed' if is_executed else ''}")
        body: dict[str, Any] = {"action": started}
        if not is_fault:
            self.last_answer = body
            return self._dated(reply(201, body))
        self.faults += 1
        if name == "earlier-answer":
            body = self.last_answer or {"action": started | {"id": 5, "resource_id": 17}}
            return self._dated(reply(201, body))
        return self._dated(LOST[name](body))

    def _list(self, request: WireRequest) -> Reply:
        case = self._case_of(request)
        drawn = case.rng.random()
        if drawn < 0.05:
            case.events.append("GET 502")
            return self._dated(html(502))
        if drawn < 0.1:
            case.events.append("GET reset")
            return Reply(then="reset")
        if drawn < 0.12:
            case.events.append("GET another Droplet's list")
            other = self.cases[3_000_000 + (case.droplet_id + 1) % CALLS_IN_A_WORLD]
            return self._dated(listed(other.actions))
        case.events.append("GET")
        return self._dated(listed(case.actions))

    def _case_of(self, request: WireRequest) -> Case:
        return self.cases[int(request.path.split("/")[3])]

    async def play(self, flavour: Flavour) -> None:
        """Make all calls, and check the result of each."""
        await self.wire.start()
        try:
            client = flavour.client(self.wire, timeout=0.5, settle_seconds=0.05)
            limit = asyncio.Semaphore(40)

            async def call(case: Case) -> None:
                async with limit:
                    for _ in range(2 if case.rng.random() < 0.15 else 1):
                        await self._call(flavour, client, case)

            async with asyncio.TaskGroup() as group:
                for case in self.cases.values():
                    group.create_task(call(case))
            await flavour.close_all()
        finally:
            await self.wire.stop()

    async def _call(self, flavour: Flavour, client: Any, case: Case) -> None:
        first = len(case.own)
        parameters = {"name": "soak"} if case.type == "snapshot" else {}
        try:
            result = await flavour.call(
                client.gpu_droplets.actions.initiate, case.droplet_id, type=case.type, **parameters
            )
        except (ActionOutcomeUnknownError, APIError) as error:
            result = error
        own = case.own[first:]
        case.events.append(f"-> {type(result).__name__} {getattr(result, 'message', None) or result!s:.300}")
        if len(own) > 1:
            case.wrong = f"executed {len(own)} times"
        elif isinstance(result, ActionOutcomeUnknownError):
            return
        elif isinstance(result, APIError):
            case.wrong = f"executed, and reported as {type(result).__name__}" if own else case.wrong
        elif result.action.id not in own:
            case.wrong = f"reported action {result.action.id}, and started {own}"


def report(world: World, name: str) -> bool:
    """Print what went wrong in a world, and return whether anything did."""
    wrong = [case for case in world.cases.values() if case.wrong]
    for case in wrong[:3]:
        print(f"seed and world {world.seed} ({name}, Date {world.skew} s off, server {world.ahead} s ahead):")
        print(f"  Droplet {case.droplet_id}, {case.type}: {case.wrong}")
        print("  " + "\n  ".join(case.events), flush=True)
    return bool(wrong)


async def play_worlds(seconds: float, seed: int, posts: int) -> int:
    """Play worlds until the time is over, or so many faulted POSTs are made; returns the exit status."""
    began, ids, numbers = time.monotonic(), itertools.count(1_000), itertools.count()
    counts: collections.Counter[str] = collections.Counter()

    async def lane() -> None:
        while time.monotonic() - began < seconds and not counts["wrong worlds"]:
            if posts and counts["faulted POSTs"] >= posts:
                return
            number = next(numbers)
            name = ("async", "sync")[number % 2]
            world = World(f"{seed}/{number}", ids)
            await world.play(FLAVOURS[name]())
            counts.update({"POSTs": world.posts, "faulted POSTs": world.faults, "worlds": 1})
            for case in world.cases.values():
                counts.update(line.split()[1] for line in case.events if line.startswith("->"))
            counts["wrong worlds"] += report(world, name)

    async with asyncio.TaskGroup() as group:
        for _ in range(WORLDS_AT_A_TIME):
            group.create_task(lane())
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["wrong worlds"] else 0


def main() -> int:
    """Read the command line, and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--posts", type=int, default=0, help="end after so many faulted POSTs; 0 for no limit")
    options = parser.parse_args()
    logging.getLogger("gradient_async").setLevel(logging.CRITICAL)
    return asyncio.run(play_worlds(options.seconds, options.seed, options.posts))


if __name__ == "__main__":
    sys.exit(main())
