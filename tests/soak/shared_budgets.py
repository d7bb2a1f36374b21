"""Processes that share a rate budget, a server and workers that die: no window is ever exceeded (promise P2).

``python tests/soak/shared_budgets.py --seconds 60 --seed 1`` draws cases. It exits with 1 when more requests than a
window allows were on the wire in any span of it. ``--bars`` runs the fixed cases in turn, on SQLite and on a server,
and prints how long each took beside the least possible time: for that, the machine must have nothing else to do.

A worker does what the SDK's sender does, with a sleep in place of the request. The server of a request counts it at
some time between its start and its end; the time is drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import define, field, frozen

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from redis_servers import RedisServer, programs  # noqa: E402 - found by the path above

from gradient_async.emulator import Emulator, RateLimits  # noqa: E402 - likewise

Engine: TypeAlias = Literal["sqlite", "redis"]
ENGINES: Final[tuple[Engine, ...]] = ("sqlite", "redis")
PATIENCE_SECONDS: Final = 120.0

WORKER: Final = """
import asyncio, json, random, sys, time
real, wall = time.monotonic, time.time
facts = json.loads(sys.argv[1])
step = facts["clock"]
time.time = lambda: wall() + step
if facts["url"].startswith("redis"):
    time.monotonic = lambda: real() + 1000 + step
from gradient_async import RateBudget
from gradient_async.http.request import Priority

draw = random.Random(facts["seed"])
budget = RateBudget.shared(facts["url"], windows=facts["windows"]).bound_to(b"soak")

async def one(number):
    await asyncio.sleep(facts["spread"] * draw.random())
    slot = await budget.acquire(Priority.POLL if number < facts["polls"] else Priority.ACT, timeout=facts["timeout"])
    sent = real()
    latency = draw.uniform(*facts["latency"])
    print(json.dumps([sent, sent + latency * draw.random()]), flush=True)
    await asyncio.sleep(latency)
    if (report := budget.release(200, {}, slot=slot)) is not None:
        await report

async def main():
    first = await budget.acquire()
    if (report := budget.give_back(slot=first)) is not None:
        await report
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(one(number) for number in range(facts["count"])))

asyncio.run(main())
"""
EMULATED: Final = """
import asyncio, json, sys
from gradient_async import AsyncGradientAI, RateBudget

facts = json.loads(sys.argv[1])

async def main():
    budget = RateBudget.shared(facts["url"], windows=facts["windows"])
    async with AsyncGradientAI(facts["token"], base_url=facts["base_url"], rate_budget=budget, max_retries=0) as client:
        print("ready", flush=True)
        sys.stdin.readline()
        first = facts["first"]
        initiate = client.gpu_droplets.actions.initiate
        await asyncio.gather(*(initiate(droplet_id=first + n, type="reboot") for n in range(facts["count"])))

asyncio.run(main())
"""


@frozen(kw_only=True)
class Case:
    """What some processes do together.

    Attributes:
        name: Its name.
        engine: The store.
        counts: Number of requests of each process.
        limit: Number of requests in any span.
        span: Length of the span in seconds.
        latency: Least and most seconds that a request takes.
        spread: Seconds over which the requests begin.
        polls: Number of each process's requests that are polls.
        kill_store_at: When the server is killed; ``None`` for never.
        back_after: Seconds after which it is back, empty; ``None`` for never.
        kill_worker_at: When the first worker is killed; ``None`` for never.
        clock: Seconds by which the clock of every second worker is wrong.
        at_most: The wall time divided by the least one must not be higher; ``None`` if that is not judged.
    """

    name: str
    engine: Engine
    counts: tuple[int, ...]
    limit: int
    span: float
    latency: tuple[float, float] = (0.001, 0.02)
    spread: float = 0.0
    polls: int = 0
    kill_store_at: float | None = None
    back_after: float | None = None
    kill_worker_at: float | None = None
    clock: float = 0.0
    at_most: float | None = None

    @property
    def least(self) -> float:
        """The least possible seconds."""
        return (sum(self.counts) - 1) // self.limit * self.span


@define
class Outcome:
    """What came of a case.

    Attributes:
        sent: When each request was sent.
        arrived: When it was counted.
        lost: Number of requests that were not made, although their worker lived.
    """

    sent: list[float] = field(factory=list)
    arrived: list[float] = field(factory=list)
    lost: int = 0

    @property
    def wall(self) -> float:
        return max(self.sent) - min(self.sent)

    def most_in(self, span: float) -> int:
        """Return the highest number of requests in any span."""
        ordered, first, most = sorted(self.arrived), 0, 0
        for index, at in enumerate(ordered):
            while ordered[first] <= at - span:
                first += 1
            most = max(most, index - first + 1)
        return most


def bars() -> list[Case]:
    """Return the cases that the issue judges."""
    cases = []
    for engine in ENGINES:
        cases += [
            Case(name="8 x 200 with jitter", engine=engine, counts=(200,) * 8, limit=100, span=2.0, at_most=1.03),
            Case(name="one busy of eight", engine=engine, counts=(200, *(0,) * 7), limit=250, span=5.0),
            Case(
                name="a worker killed with 100 in flight",
                engine=engine,
                counts=(100, *(50,) * 7),
                limit=150,
                span=1.0,
                latency=(0.5, 0.9),
                kill_worker_at=0.4,
            ),
            Case(
                name="clocks 30 s off", engine=engine, counts=(50,) * 8, limit=100, span=2.0, clock=30.0, at_most=1.05
            ),
        ]
    for back_after, at_most in ((0.2, 1.05), (5.0, 1.25), (None, 1.4)):
        cases.append(
            Case(
                name=f"server killed, back after {back_after} s",
                engine="redis",
                counts=(100,) * 8,
                limit=100,
                span=2.0,
                kill_store_at=5.0,
                back_after=back_after,
                at_most=at_most,
            )
        )
    return cases


def drawn(draw: random.Random) -> Case:
    """Return a case at random."""
    engine = draw.choice(ENGINES)
    kills_store = engine == "redis" and draw.random() < 0.5
    return Case(
        name="drawn",
        engine=engine,
        counts=(*(draw.choice((0, 5, 20, 60)) for _ in range(draw.randint(2, 6))), 10),
        # In an outage, each process may send one request at least, so more processes than that exceed a window.
        limit=draw.choice((20, 50) if kills_store else (5, 20, 50)),
        span=draw.choice((0.5, 1.0)),
        latency=draw.choice(((0.001, 0.02), (0.0, 0.3))),
        spread=draw.choice((0.0, 0.5, 2.0)),
        polls=draw.choice((0, 10)),
        kill_store_at=draw.uniform(0.1, 2.0) if kills_store else None,
        back_after=draw.choice((0.0, 0.3, 2.0, None)),
        kill_worker_at=draw.choice((None, None, 0.3)),
        clock=draw.choice((0.0, 30.0)),
    )


async def run(case: Case, seed: int) -> Outcome:
    """Run a case on a new store."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(programs()[0], Path(folder)) if case.engine == "redis" else None
        if server is not None:
            server.start()
        url = f"sqlite://{folder}/budget.sqlite3" if server is None else server.url
        try:
            return await asyncio.wait_for(_run_on(case, url, server, seed), PATIENCE_SECONDS)
        finally:
            if server is not None:
                server.kill()


async def _run_on(case: Case, url: str, server: RedisServer | None, seed: int) -> Outcome:
    outcome = Outcome()
    facts = {
        "url": url,
        "windows": [[case.limit, case.span], [5000, 3600.0]],
        "latency": case.latency,
        "spread": case.spread,
        "polls": case.polls,
        "timeout": 1.0,
    }
    workers = [
        await _start(WORKER, {**facts, "count": count, "seed": seed + index, "clock": case.clock * (-1) ** index})
        for index, count in enumerate(case.counts)
    ]
    for worker in workers:
        await _ready(worker)
    for worker in workers:
        _go(worker)
    readers = [asyncio.create_task(_read(worker, outcome)) for worker in workers]
    if case.kill_worker_at is not None:
        await asyncio.sleep(case.kill_worker_at)
        workers[0].kill()
    if server is not None and case.kill_store_at is not None:
        await asyncio.sleep(case.kill_store_at)
        server.kill()
        if case.back_after is not None:
            await asyncio.sleep(case.back_after)
            server.start()
    made = await asyncio.gather(*readers)
    codes = [await worker.wait() for worker in workers]
    for index, (count, wanted) in enumerate(zip(made, case.counts, strict=True)):
        if codes[index] != -signal.SIGKILL:
            outcome.lost += wanted - count
    return outcome


async def _start(program: str, facts: dict[str, object]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", program, json.dumps(facts)]
    return await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


async def _ready(worker: asyncio.subprocess.Process) -> None:
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    assert line == b"ready\n", line


def _go(worker: asyncio.subprocess.Process) -> None:
    assert worker.stdin is not None
    worker.stdin.write(b"go\n")


async def _read(worker: asyncio.subprocess.Process, outcome: Outcome) -> int:
    assert worker.stdout is not None
    made = 0
    async for line in worker.stdout:
        if not line.endswith(b"]\n"):
            continue  # a killed worker's last line
        sent, arrived = json.loads(line)
        outcome.sent.append(sent)
        outcome.arrived.append(arrived)
        made += 1
    return made


async def run_on_emulator(engine: Engine, count: int = 150) -> tuple[float, dict[int, int]]:
    """Send ``8 x count`` actions to an emulator at 20 times the speed. Return the seconds, and the statuses."""
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(programs()[0], Path(folder)) if engine == "redis" else None
        if server is not None:
            server.start()
        try:
            async with Emulator(droplets=8 * count, time_scale=20, limits=RateLimits()) as emulator:
                facts = {
                    "url": f"sqlite://{folder}/budget.sqlite3" if server is None else server.url,
                    "windows": [[250, 3.0], [5000, 180.0]],
                    "token": emulator.token,
                    "base_url": emulator.base_url,
                    "count": count,
                }
                workers = [await _start(EMULATED, {**facts, "first": 3164444 + count * one}) for one in range(8)]
                for worker in workers:
                    await _ready(worker)
                for worker in workers:
                    _go(worker)
                for worker in workers:
                    await worker.wait()
                statuses = [request.status or 0 for request in emulator.requests]
                times = [request.at for request in emulator.requests]
        finally:
            if server is not None:
                server.kill()
    return max(times) - min(times), {status: statuses.count(status) for status in sorted(set(statuses))}


def judge(case: Case, outcome: Outcome) -> bool:
    """Print what came of a case. Return whether all windows were kept, and no request was lost."""
    most, least = outcome.most_in(case.span), case.least
    ratio = outcome.wall / least if least else 0.0
    is_kept = most <= case.limit and not outcome.lost
    limit = "" if case.at_most is None else f" (at most {case.at_most})"
    print(
        f"{'ok  ' if is_kept else 'FAIL'} {case.engine:6} {case.name:36} most in a window {most:3} of {case.limit:3}, "
        f"{outcome.wall:5.2f} s of {least:4.1f}: {ratio:.3f}{limit}"
        f"{f', {outcome.lost} lost' if outcome.lost else ''}",
        flush=True,
    )
    return is_kept


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="draw cases for so long (60)")
    parser.add_argument("--seed", type=int, default=None, help="the default is drawn and printed")
    parser.add_argument("--bars", action="store_true", help="run the fixed cases in turn")
    parser.add_argument("--only", default="", help="with --bars: those whose engine and name contain this text")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}, load {os.getloadavg()[0]:.1f}")
    is_kept = True
    if options.bars:
        for engine in ENGINES:
            if options.only in f"{engine} emulator":
                seconds, statuses = asyncio.run(run_on_emulator(engine))
                is_kept &= statuses == {201: 1200}
                facts = f"{statuses} in {seconds:.2f} s of 12.0: {seconds / 12:.3f} (at most 1.05)"
                print(f"{engine:6} 8 x 150 on the emulator: {facts}", flush=True)
        for case in bars():
            if options.only in f"{case.engine} {case.name}":
                is_kept &= judge(case, asyncio.run(run(case, seed)))
        return 0 if is_kept else 1
    draw, until = random.Random(seed), time.monotonic() + options.seconds
    while time.monotonic() < until:
        case = drawn(draw)
        if not judge(case, asyncio.run(run(case, draw.randrange(1_000_000)))):
            print(case)
            is_kept = False
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
