"""Hunts for capacity that comes and goes, killed at any moment: all Droplets or none, each once (promises P6 and P11).

Run it as ``python tests/soak/hunted_creates.py --seconds 60 --seed 1``. It exits with 1 at the first fault found, and
prints the seed, what happened and the journal. ``--kills 30`` plays one account with so many kills.

Each account has three sizes in four regions, whose room opens for 20 s of the account's time now and then, and loses
some answers. A process hunts for eight Droplets, is killed, and is started again, until one ends. A fault is: another
number than eight, or than none where there is never enough room; more than eight at any moment; a report that is not
true; two refused creates of one pair in a round; or a Droplet of a neighbour that is touched.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from attrs import define, field

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from gradient_async.emulator import (  # noqa: E402 - found by the path above
    PUBLIC_CATALOGUE,
    Behaviour,
    DropletSpec,
    Emulator,
    Opening,
    Visibility,
    faults,
)

if TYPE_CHECKING:
    from gradient_async.emulator.request_log import RecordedRequest

COUNT = 8
TIME_SCALE = 10.0
PATIENCE_SECONDS = 180.0
SIZES = ("gpu-h100x1-80gb", "gpu-h200x1-141gb", "gpu-mi300x1-192gb")
REGIONS = ("tor1", "nyc2", "atl1", "ams3")
NEIGHBOURS = [DropletSpec(name="hunt-1-00000000"), DropletSpec(name="hunt-x")]
RUN = """
import asyncio, json, sys
from gradient_async import AsyncGradientAI
from gradient_sync import GradientAI

url, token, journal, how, deadline = sys.argv[1:]
client_options = dict(base_url=url, rate_budget=None, create_settle_seconds=1.0, timeout=5.0)
options = dict(
    count=8, name="hunt-{n}", sizes=%r, regions=%r, prefer="price", journal=journal, if_finished="report",
    retry_every=0.25, poll_interval=0.05, deadline=float(deadline),
)


async def main():
    async with AsyncGradientAI(token, **client_options) as client:
        return await client.fleet.create(**options)


if how == "sync":
    with GradientAI(token, **client_options) as client:
        report = client.fleet.create(**options)
else:
    report = asyncio.run(main())
print(report.to_json())
""" % (SIZES, REGIONS)  # noqa: UP031 - the program has braces of its own


@define
class World:
    """One account, one hunt on it, and all its kills.

    Attributes:
        name: Seed and number, which draw all that happens.
        folder: Where its journal is.
        wanted_kills: How many processes are killed; 0 draws it.
        events: What happened, for people.
        kills: How many processes were killed.
        faults: What was wrong.
    """

    name: str
    folder: Path
    wanted_kills: int = 0
    events: list[str] = field(factory=list)
    kills: int = 0
    faults: list[str] = field(factory=list)

    async def play(self) -> None:
        """Begin the hunt, kill it some times, let it end, and check the account."""
        draw = random.Random(self.name)
        is_enough = self.wanted_kills > 0 or draw.random() < 0.75
        wrong = [
            faults.Slow(route="POST /v2/droplets", seconds=0.1, rate=0.3),
            faults.DropAfter(route="POST /v2/droplets", rate=draw.choice((0.0, 0.1))),
            faults.DropBefore(route="POST /v2/droplets", rate=draw.choice((0.0, 0.1))),
            faults.ErroredAction(route="POST /v2/droplets", after=3.0, rate=draw.choice((0.0, 0.1))),
            faults.ServerError(503, route="GET /v2/*", rate=draw.choice((0.0, 0.1))),
            faults.ServerError(500, executed=True, route="DELETE /v2/*", rate=draw.choice((0.0, 0.2))),
        ]
        journal = self.folder / f"{self.name.replace('/', '-')}.journal"
        self.events.append(f"room for {'all' if is_enough else 'too few'}, journal {journal}")
        options: dict[str, Any] = {
            "time_scale": TIME_SCALE,
            "limits": None,
            "faults": wrong,
            "catalogue": attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=100, gpu_limit=100),
            "behaviour": Behaviour(
                size_regions=draw.choice(("fixed", "follow_capacity")),
                partial_creates=draw.choice(("refused", "accepted")),
                destroy_when_busy=draw.choice(("refused", "accepted")),
            ),
            "visibility": Visibility(list=draw.choice((0.0, 3.0)), get=draw.choice((0.0, 1.0))),
            "seed": draw.randrange(1_000_000),
        }
        async with Emulator(NEIGHBOURS, **options) as emulator:
            self._set_rooms(emulator, draw, is_enough=is_enough)
            emulator.requests.on_done = lambda _: self._check_count(emulator)
            for _ in range(self.wanted_kills or draw.randint(1, 5)):
                await self._killed(emulator, journal, draw)
            if is_enough:
                emulator.capacity.set(SIZES[0], REGIONS[0], Opening(20.0, 60.0))
            report = await self._ended(emulator, journal, draw, "60" if is_enough else "2")
            emulator.requests.on_done = None
            emulator.clock.advance(1200)
            self._judge(emulator, report, is_enough=is_enough)

    def _set_rooms(self, emulator: Emulator, draw: random.Random, *, is_enough: bool) -> None:
        for size in SIZES:
            for region in REGIONS:
                emulator.capacity.set(size, region, 0)
        if is_enough:
            # With so many kills, room comes seldom: else the hunt is over before them.
            for size in SIZES[:2] if self.wanted_kills else SIZES:
                for region in draw.sample(REGIONS, 1 if self.wanted_kills else 2):
                    room = draw.choice((1, 2)) if self.wanted_kills else draw.choice((None, 3, 8))
                    every = 700.0 if self.wanted_kills else 60.0
                    emulator.capacity.set(size, region, Opening(20.0, every, count=room))
        else:
            emulator.capacity.set(draw.choice(SIZES), draw.choice(REGIONS), draw.randint(1, COUNT - 1))

    def _check_count(self, emulator: Emulator) -> None:
        count = len(own_droplets(emulator))
        if count > COUNT:
            self.faults.append(f"{count} Droplets at once")

    async def _killed(self, emulator: Emulator, journal: Path, draw: random.Random) -> None:
        how = draw.choice(("async", "sync"))
        before = len(emulator.requests)
        process = await started(emulator, journal, how, "60")
        posts = len(emulator.requests.on("POST /v2/droplets"))
        kind, count = draw.choice((("requests", draw.randint(1, 40)), ("posts", draw.randint(1, 12))))
        pause, until = draw.uniform(0, 0.1), time.monotonic() + draw.uniform(8.0, 16.0)
        while process.returncode is None and time.monotonic() < until:
            sent = {
                "requests": len(emulator.requests) - before,
                "posts": len(emulator.requests.on("POST /v2/droplets")) - posts,
            }
            if sent[kind] >= count:
                break
            await asyncio.sleep(0.005)
        await asyncio.sleep(pause)
        if process.returncode is None:
            process.kill()
            self.kills += 1
            self.events.append(f"kill -9 of {how} after {len(emulator.requests) - before} requests")
        await process.communicate()

    async def _ended(
        self, emulator: Emulator, journal: Path, draw: random.Random, deadline: str
    ) -> dict[str, Any] | None:
        how = draw.choice(("async", "sync"))
        process = await started(emulator, journal, how, deadline)
        try:
            output, errors = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()
            self.faults.append(f"the last run ({how}) does not end")
            return None
        if process.returncode != 0:
            self.faults.append(f"the last run ({how}) ends with {process.returncode}: {errors.decode()[-2000:]}")
            return None
        report: dict[str, Any] = json.loads(output)
        self.events.append(f"last run: {how}, {report['counts']}, {report['stopped_by']}")
        return report

    def _judge(self, emulator: Emulator, report: dict[str, Any] | None, *, is_enough: bool) -> None:
        there = own_droplets(emulator)
        names = {one.name for one in emulator.account.droplets.values()}
        if not {one.name for one in NEIGHBOURS} <= names:
            self.faults.append("a neighbour's Droplet is gone")
        if report is not None:
            reported = {one["droplet_id"] for one in report["outcomes"] if one["status"] == "delivered"}
            if reported != {*there}:
                self.faults.append(f"the report says {sorted(reported)}, and the account has {sorted(there)}")
            # An unknown name is one whose answer was lost: it has no Droplet, and the account has none with the name.
            known = [one for one in report["outcomes"] if one["status"] != "unknown" or one["name"] in there.values()]
            if left := [one for one in known if one["status"] in ("left", "unknown")]:
                self.faults.append(f"left: {left}")
            if len(there) != (COUNT if is_enough else 0):
                self.faults.append(f"{len(there)} Droplets, of which there is room for {'all' if is_enough else 'few'}")
        self.faults += twice_refused(emulator.requests)


def own_droplets(emulator: Emulator) -> dict[int, str]:
    """Return the Droplets of the hunt that exist."""
    others = {one.name for one in NEIGHBOURS}
    droplets = list(emulator.account.droplets.values())
    return {one.id: one.name for one in droplets if one.name.startswith("hunt-") and one.name not in others}


def twice_refused(requests: Any) -> list[str]:
    """Pairs that were asked again in a round after they were refused."""
    found: list[str] = []
    refused: set[tuple[str, str]] = set()
    log: list[RecordedRequest] = list(requests)
    for request in log:
        if request.path == "/v2/sizes":
            refused.clear()
        if request.method == "POST" and request.path == "/v2/droplets" and isinstance(request.body, dict):
            pair = request.body["size"], request.body["region"]
            if pair in refused:
                found.append(f"{pair} was asked again in one round after a refusal")
            if request.status == 422:
                refused.add(pair)
    return found


async def started(emulator: Emulator, journal: Path, how: str, deadline: str) -> asyncio.subprocess.Process:
    """Return a process that runs a hunt, or resumes it."""
    words = (emulator.base_url, emulator.token, journal, how, deadline)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        *map(str, words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def play_worlds(seconds: float, seed: int, kills: int, folder: Path) -> int:
    """Play worlds until the time is over, or one with so many kills; gives the exit status."""
    until = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    number = 0
    while number == 0 or (time.monotonic() < until and not kills):
        world = World(f"{seed}/{number}", folder, kills)
        number += 1
        await world.play()
        counts.update({"worlds": 1, "kills": world.kills, "wrong worlds": int(bool(world.faults))})
        if world.faults:
            print(f"seed {world.name}:", *world.events, *world.faults[:20], sep="\n  ", flush=True)
        elif kills:
            print(*world.events, sep="\n  ")
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["wrong worlds"] else 0


def main() -> int:
    """Read the command line, and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, help="play one account with so many kills")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hunted-creates-"))
    return asyncio.run(play_worlds(options.seconds, options.seed, options.kills, folder))


if __name__ == "__main__":
    sys.exit(main())
