"""Calls with keys in processes that are killed at any moment, on SQLite and on Redis: each is executed once.

Run it as ``python tests/soak/killed_keys.py --seconds 60 --seed 1``. It exits with 1 when a request was executed twice,
when one was lost, or when two calls with one key have different results, and prints the seed and the case. The same
seed draws the same cases; at which moment of a call a kill comes depends on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from redis_servers import programs, running_server  # noqa: E402 - found by the path above

from gradient_async.emulator import Emulator, faults  # noqa: E402 - likewise

FIRST = 3164444
DROPLETS = 10
PATIENCE_SECONDS = 240.0
ROUTE = "POST /v2/droplets/{droplet_id}/actions"
WORKER = """
import asyncio, sys
from gradient_async import AsyncGradientAI, RateBudget
from gradient_async.budget import key_record

key_record.LEASE_SECONDS = 1.0
url, token, store, kind, count = sys.argv[1:]
ids = range(3164444, 3164444 + int(count))


async def main():
    budget = RateBudget.shared(store, windows=((100_000, 60.0),))
    options = dict(base_url=url, rate_budget=budget, timeout=0.5, settle_seconds=0.3, max_retries=5)
    async with AsyncGradientAI(token, **options) as client:
        if kind == "fleet":
            report = await client.fleet.run("reboot", droplets=ids, key_prefix="k", poll_interval=0.05)
            for one in report.outcomes:
                print(one.droplet_id, one.action and one.action.id, one.status)
            return
        async with asyncio.TaskGroup() as group:
            for droplet_id in ids:
                group.create_task(reboot(client, droplet_id))


async def reboot(client, droplet_id):
    response = await client.gpu_droplets.actions.initiate(droplet_id, "reboot", key=f"k:{droplet_id}")
    print(droplet_id, response.action.id, "completed", flush=True)


asyncio.run(main())
"""


async def started(emulator: Emulator, store: str, kind: str) -> asyncio.subprocess.Process:
    """Start a process that makes all calls."""
    arguments = ["-c", WORKER, emulator.base_url, emulator.token, store, kind, str(DROPLETS)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=pipe, stderr=pipe)


async def killed(emulator: Emulator, store: str, kind: str, draw: random.Random) -> None:
    """Start a process or two, and kill them after some requests."""
    processes = [await started(emulator, store, kind) for _ in range(draw.randint(1, 2))]
    wanted = sum(one.method == "POST" for one in emulator.requests) + draw.randint(1, DROPLETS)
    until = time.monotonic() + 5.0
    while time.monotonic() < until and any(one.returncode is None for one in processes):
        if sum(one.method == "POST" for one in emulator.requests) >= wanted:
            break
        await asyncio.sleep(0.002)
    await asyncio.sleep(draw.uniform(0.0, 0.06))
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[bytes, bytes]:
    """Return the output of a process, and its errors. One that does not end is killed, and so ends with an error."""
    try:
        return await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        return await process.communicate()


async def play(name: str, store: str) -> list[str]:
    """Kill processes on one account, let two end, and return what is wrong."""
    draw = random.Random(name)
    kind = draw.choice(("calls", "fleet"))
    slow = faults.Slow(route=ROUTE, seconds=0.05, rate=0.5)
    lost = faults.DropAfter(route=ROUTE, rate=draw.choice((0.0, 0.1)))
    never = faults.DropBefore(route=ROUTE, rate=draw.choice((0.0, 0.1)))
    async with Emulator(DROPLETS, time_scale=200.0, limits=None, faults=[slow, lost, never]) as emulator:
        for _ in range(draw.randint(1, 4)):
            await killed(emulator, store, kind, draw)
        last = [await started(emulator, store, kind) for _ in range(2)]
        outputs = await asyncio.gather(*map(ended, last))
        executed = {
            droplet_id: [action.id for action in emulator.account.actions_of(droplet_id, "reboot")]
            for droplet_id in range(FIRST, FIRST + DROPLETS)
        }
    wrong = [
        f"exit {one.returncode}: {errors.decode()[-1500:]}"
        for one, (_, errors) in zip(last, outputs, strict=True)
        if one.returncode
    ]
    wrong += [
        f"Droplet {droplet_id} was rebooted {len(ids)} times" for droplet_id, ids in executed.items() if len(ids) != 1
    ]
    for output, _ in outputs:
        for line in output.decode().splitlines():
            droplet_id, action_id, status = line.split(" ", 2)
            if [action_id] != [str(one) for one in executed[int(droplet_id)]] or status != "completed":
                wrong.append(f"untrue: {line}, executed {executed[int(droplet_id)]}")
    return wrong


async def soak(seconds: float, seed: int) -> int:
    """Play worlds until the time is over. Return the exit code."""
    until, number = time.monotonic() + seconds, 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers = [stack.enter_context(running_server(folder, program=one)).url for one in programs()[:1]]
        while time.monotonic() < until or number == 0:
            number += 1
            kinds = [
                f"sqlite://{folder / f'budget-{number}.sqlite3'}",
                *(f"{url[:-1]}{number % 16}" for url in servers),
            ]
            store = kinds[number % len(kinds)]
            wrong = await play(f"{seed}/{number}", store)
            if wrong:
                print(f"seed {seed}, case {number}, {store}:", *wrong, sep="\n  ")
                return 1
    print(f"{number} cases, no fault")
    return 0


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    return asyncio.run(soak(options.seconds, options.seed))


if __name__ == "__main__":
    sys.exit(main())
