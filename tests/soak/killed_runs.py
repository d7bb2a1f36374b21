"""Journaled fleet runs that are killed at any moment, and clocks that are wrong when they are resumed (promise P6).

Run it as ``python tests/soak/killed_runs.py --seconds 60 --seed 1``. It exits with 1 when a Droplet was acted on twice,
or when an outcome is untrue, and prints the seed, the case and the journal. The same seed draws the same cases; at
which moment of a run a kill comes depends on the machine.

A clock that was stepped is made by rewriting the stamps of a journal: by hours, within the same boot, on another
boot, or where the boot is not known. A machine that died in the middle of a line is made by cutting the last one.
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

from attrs import define, field

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from gradient_async.emulator import Emulator, faults  # noqa: E402 - found by the path above
from gradient_async.fleet import journal_text  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = 3164444
WORLDS_AT_A_TIME = 2
PATIENCE_SECONDS = 120.0
STEPS = (0.0, 0.0, 0.5, 5.0, 20.0, 300.0, 3600.0, 9 * 3600.0)
# What each verb does to a Droplet that is on; how often at most, and all of it if the Droplet is completed.
VERBS: dict[str, dict[str, int]] = {
    "reboot": {"reboot": 1},
    "power_cycle": {"power_cycle": 1},
    "snapshot": {"snapshot": 1},
    "resize": {"shutdown": 1, "resize": 1, "power_on": 1},
}
RUN = """
import asyncio, json, sys
from gradient_async import AsyncGradientAI, FleetReport
from gradient_sync import GradientAI

url, token, journal, count, verb, how = sys.argv[1:]
ids = range(3164444, 3164444 + int(count))
client_options = dict(base_url=url, rate_budget=None, settle_seconds=0.4, timeout=5.0)
options = dict(journal=journal, max_concurrency=12, poll_interval=0.05, if_finished="report", check_first=False)
words = ("gpu-h100x8-640gb",) if verb == "resize" else ()


def call(fleet):
    if how == "resume":
        return fleet.resume(journal, if_finished="report")
    return getattr(fleet, verb)(*words, droplets=ids, **options)


async def main():
    async with AsyncGradientAI(token, **client_options) as client:
        return await call(client.fleet)


if how == "sync":
    with GradientAI(token, **client_options) as client:
        report = call(client.fleet)
else:
    report = asyncio.run(main())
print(json.dumps([outcome.to_row() for outcome in report.outcomes]))
"""


@define
class World:
    """One account, one journaled run on it, and all its kills.

    Attributes:
        name: Seed and number, which draw all that happens.
        folder: Where its journal is.
        events: What happened, for people.
        kills: How many processes were killed.
        faults: What was wrong in the end.
    """

    name: str
    folder: Path
    events: list[str] = field(factory=list)
    kills: int = 0
    faults: list[str] = field(factory=list)

    async def play(self) -> None:
        """Begin the run, kill it some times, let it end, and check the account."""
        draw = random.Random(self.name)
        verb = draw.choice(list(VERBS))
        count = draw.randint(8, 50)
        wrong = [
            faults.Slow(route="POST *", seconds=0.1, rate=0.3),
            faults.DropAfter(route="POST *", rate=draw.choice((0.0, 0.05))),
            faults.DropBefore(route="POST *", rate=draw.choice((0.0, 0.05))),
        ]
        journal = self.folder / f"{self.name.replace('/', '-')}.journal"
        self.events.append(f"{verb} of {count} Droplets, journal {journal}")
        async with Emulator(count, time_scale=200.0, limits=None, faults=wrong) as emulator:
            is_stepped = False
            for _ in range(draw.randint(1, 4)):
                await self._killed(emulator, journal, count, verb, draw)
                is_stepped |= self._step_clocks(journal, draw)
            how = self._how(journal, draw)
            rows = await self._ended(emulator, journal, count, verb, how)
            self._judge(emulator, verb, count, rows, is_stepped=is_stepped)

    def _how(self, journal: Path, draw: random.Random) -> str:
        begun = journal.exists() and b"\n" in journal.read_bytes()
        return draw.choice(("async", "sync", "resume") if begun else ("async", "sync"))

    async def _killed(self, emulator: Emulator, journal: Path, count: int, verb: str, draw: random.Random) -> None:
        how = self._how(journal, draw)
        before = len(emulator.requests)
        process = await started(emulator, journal, count, verb, how)
        wanted, pause = before + draw.randint(1, 2 * count), draw.uniform(0, 0.1)
        until = time.monotonic() + draw.uniform(2.0, 6.0)
        while len(emulator.requests) < wanted and process.returncode is None and time.monotonic() < until:  # noqa: ASYNC110 - a dead process sends none
            await asyncio.sleep(0.005)
        await asyncio.sleep(pause)
        if process.returncode is None:
            process.kill()
            self.kills += 1
            self.events.append(f"kill -9 of {how} after {len(emulator.requests) - before} requests")
        await process.communicate()

    def _step_clocks(self, journal: Path, draw: random.Random) -> bool:
        """Make the journal one that a machine with another clock has written; says whether it is."""
        if not journal.exists():
            return False
        content = journal.read_bytes()
        ahead = draw.choice(STEPS) * draw.choice((-1, 1))
        boot = draw.choice(("kept", "kept", "another", None))
        try:
            changed = b"".join(journal_text.encode(line) for line in stepped(content, ahead, boot))
        except journal_text.DamagedError as error:
            self.faults.append(f"a kill has damaged the journal: {error}")
            return False
        is_torn = draw.random() < 0.15 and changed.count(b"\n") > 1
        if is_torn:
            last = len(changed.rstrip(b"\n").rpartition(b"\n")[2])
            changed = changed[: -draw.randint(1, last)]
        journal.write_bytes(changed)
        self.events.append(f"clock {ahead:+g} s, boot {boot}{', last line torn' if is_torn else ''}")
        return ahead != 0.0 or boot != "kept" or is_torn

    async def _ended(self, emulator: Emulator, journal: Path, count: int, verb: str, how: str) -> list[dict[str, Any]]:
        process = await started(emulator, journal, count, verb, how)
        try:
            output, errors = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        except TimeoutError:
            process.kill()
            self.faults.append(f"the last run ({how}) does not end")
            return []
        self.events.append(f"last run: {how}")
        if process.returncode != 0:
            self.faults.append(f"the last run ({how}) ends with {process.returncode}: {errors.decode()[-2000:]}")
            return []
        rows: list[dict[str, Any]] = json.loads(output)
        return rows

    def _judge(
        self, emulator: Emulator, verb: str, count: int, rows: list[dict[str, Any]], *, is_stepped: bool
    ) -> None:
        promised = VERBS[verb]
        outcomes = {row["droplet_id"]: row for row in rows}
        if not self.faults and (len(rows) != count or len(outcomes) != count):
            self.faults.append(f"{len(rows)} outcomes of {count} Droplets")
        for droplet_id in range(FIRST, FIRST + count):
            acted = Counter(action.type for action in emulator.account.actions_of(droplet_id) if action.by_request)
            row = outcomes.get(droplet_id)
            facts = f"Droplet {droplet_id}: {dict(acted)}, {row and (row['status'], row['reason'])}"
            if any(times > promised.get(kind, 1) for kind, times in acted.items()):
                self.faults.append(f"acted on twice: {facts}")
            if row is None:
                continue
            if row["status"] == "completed" and any(acted[kind] < times for kind, times in promised.items()):
                self.faults.append(f"untrue: {facts}")
            if row["status"] == "skipped" and acted:
                self.faults.append(f"untrue: {facts}")
            if row["status"] == "failed" or (row["status"] == "unknown" and not is_stepped):
                self.faults.append(f"not finished: {facts}")


def stepped(content: bytes, ahead: float, boot: str | None) -> Iterator[dict[str, Any]]:
    """Return the complete lines of a journal, with the timestamps of a fast clock."""
    for whole in journal_text.decode(content).lines:
        line = dict(whole)
        if "at" in line:
            line["at"] = float(str(line["at"])) + ahead
        if "boot" in line and boot != "kept":
            line["boot"] = boot
        yield line


async def started(emulator: Emulator, journal: Path, count: int, verb: str, how: str) -> asyncio.subprocess.Process:
    """Return a process that makes the run, or resumes it."""
    words = (emulator.base_url, emulator.token, journal, count, verb, how)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        *map(str, words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def play_worlds(seconds: float, seed: int, most_kills: int, folder: Path) -> int:
    """Play worlds until the time or the kills are over; gives the exit status."""
    until = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    numbers = iter(range(sys.maxsize))

    async def lane() -> None:
        while time.monotonic() < until and not (most_kills and counts["kills"] >= most_kills):
            world = World(f"{seed}/{next(numbers)}", folder)
            await world.play()
            counts.update({"worlds": 1, "kills": world.kills, "wrong worlds": bool(world.faults)})
            if world.faults:
                print(f"seed {world.name}:", *world.events, *world.faults, sep="\n  ", flush=True)

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
    parser.add_argument("--kills", type=int, default=0, help="end after so many kills; 0 for no limit")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="killed-runs-"))
    return asyncio.run(play_worlds(options.seconds, options.seed, options.kills, folder))


if __name__ == "__main__":
    sys.exit(main())
