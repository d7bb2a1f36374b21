"""Leases whose process gets a signal at a random moment: nothing is left, and no neighbour is touched (promise P11).

Run it as ``python tests/soak/interrupted_leases.py --seconds 60 --seed 1``. It exits with 1 at the first fault found,
and prints the seed. After ``kill -9`` the journal says what has to be destroyed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from gradient_async import AsyncGradientAI, JournalError  # noqa: E402 - found by the path above
from gradient_async.emulator import DropletSpec, Emulator, Visibility, faults  # noqa: E402 - likewise

LEASE = (
    'client.fleet.lease(sizes="gpu-h100x1-80gb", regions="tor1", ttl="1h", count=3, poll_interval=0.05, journal=path)'
)
SYNC = f"""
import sys, time
from gradient_sync import GradientAI
url, token, path = sys.argv[1:]
with GradientAI(token, base_url=url, rate_budget=None) as client:
    print("up", flush=True)
    with {LEASE}:
        time.sleep(1)
"""
ASYNC = f"""
import asyncio, sys
from gradient_async import AsyncGradientAI
url, token, path = sys.argv[1:]
async def main():
    async with AsyncGradientAI(token, base_url=url, rate_budget=None) as client:
        print("up", flush=True)
        async with {LEASE}:
            await asyncio.sleep(1)
asyncio.run(main())
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


async def left_after(rng: random.Random, folder: str) -> list[str]:
    """Interrupt one lease. Return the names of the Droplets that are left, without the neighbour."""
    drawn = [
        faults.DropAfter(route="POST /v2/droplets", rate=rng.choice([0, 0.2])),
        faults.ServerError(route="DELETE /v2/droplets/{droplet_id}", rate=rng.choice([0, 0.2])),
    ]
    visibility = Visibility(list=rng.choice([0, 20]), tag=rng.choice([0, 20]))
    program, number, path = rng.choice([SYNC, ASYNC]), rng.choice(SIGNALS), Path(folder, str(rng.random()))
    specs = [DropletSpec(name="neighbour")]
    async with Emulator(
        specs, time_scale=40.0, limits=None, faults=drawn, visibility=visibility, gpu_limit=16
    ) as emulator:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, emulator.base_url, emulator.token, str(path)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
        )
        assert child.stdout is not None
        await child.stdout.readline()
        delay = rng.uniform(0.0, 3.5)
        await asyncio.sleep(delay)
        if child.returncode is None:
            child.send_signal(number)
        await asyncio.wait_for(child.wait(), 120)
        if number == signal.SIGKILL:
            with suppress(JournalError):  # it was killed before it began one, and so before a create
                await reap(emulator, path)
        print(f"  {number.name} after {delay:.2f} s: {child.returncode}", flush=True)
        return sorted({one.name for one in emulator.account.droplets.values()} ^ {"neighbour"})


async def reap(emulator: Emulator, path: Path) -> None:
    """Destroy what a killed process left, delivered or not."""
    async with AsyncGradientAI(
        emulator.token, base_url=emulator.base_url, rate_budget=None, create_settle_seconds=5
    ) as client:
        await client.fleet.reap(path, poll_interval=0.05)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end, seed = time.monotonic() + options.seconds, options.seed
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            if left := asyncio.run(left_after(random.Random(seed), folder)):
                print(f"seed {seed}: too many or too few: {', '.join(left)}")
                return 1
            seed += 1
    print(f"{seed - options.seed} leases, nothing left")
    return 0


if __name__ == "__main__":
    sys.exit(main())
