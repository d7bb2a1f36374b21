"""Droplets destroyed under faults at random: every outcome is true, and nothing else is destroyed (promise P11).

Run it as ``python tests/soak/destroyed_droplets.py --seconds 60 --seed 1``. It exits with 1 at the first fault found,
and prints the seed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from gradient_async import AsyncGradientAI
from gradient_async.emulator import Behaviour, DropletSpec, Emulator, Lag, Visibility, faults

if TYPE_CHECKING:
    from gradient_async import DestroyReport

DELETE = "DELETE /v2/droplets/{droplet_id}"
NEIGHBOURS = 3


def emulator_of(rng: random.Random, count: int, *, with_snapshots: bool) -> Emulator:
    """Return an account with Droplets to destroy, and neighbours; its faults are drawn."""
    drawn = [
        faults.DropAfter(route=DELETE, rate=rng.choice([0, 0.3])),
        faults.DropBefore(route=DELETE, rate=rng.choice([0, 0.2])),
        faults.ServerError(route=DELETE, rate=rng.choice([0, 0.3]), executed=rng.random() < 0.5),
        faults.ServerError(route="GET /v2/droplets", rate=rng.choice([0, 0.2])),
        faults.HTMLError(route="GET /v2/droplets/{droplet_id}", rate=rng.choice([0, 0.2])),
        *([faults.ErroredAction(type="snapshot", rate=0.3)] if with_snapshots else []),
    ]
    specs = [DropletSpec(tags=["temporary"], gpu=rng.random() < 0.7) for _ in range(count)]
    return Emulator(
        [*specs, *([DropletSpec(tags=["neighbour"])] * NEIGHBOURS)],
        time_scale=600.0,
        limits=None,
        faults=drawn,
        seed=rng.randrange(1000),
        visibility=Visibility(get=Lag(rng.choice([0, 60])), list=Lag(rng.choice([0, 120]), rng.choice([0.5, 1.0]))),
        behaviour=Behaviour(destroy_when_busy=rng.choice(["refused", "accepted"])),
    )


async def faults_found(rng: random.Random) -> list[str]:
    """Destroy the Droplets of one account. Return what is wrong."""
    count, with_snapshots = rng.randint(1, 60), rng.random() < 0.3
    async with emulator_of(rng, count, with_snapshots=with_snapshots) as emulator:
        ids = list(emulator.account.droplets)
        target: dict[str, Any] = {"tag": "temporary"} if rng.random() < 0.5 else {"droplets": ids[:count]}
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None, timeout=5) as client:
            try:
                report = await client.fleet.destroy(
                    **target,
                    snapshot=with_snapshots,
                    with_resources=rng.random() < 0.3,
                    confirm_count=count,
                    poll_interval=0.05,
                    timeout=60,
                )
            except Exception as error:  # noqa: BLE001 - what cannot be read destroys nothing
                return [] if set(emulator.account.droplets) == set(ids) else [f"destroyed, and raised {error!r}"]
        print(f"  {report.headline} ({report.requests} requests)", flush=True)
        return wrong_in(report, ids[:count], ids[count:], set(emulator.account.droplets))


def wrong_in(report: DestroyReport, destroyed: list[int], neighbours: list[int], left: set[int]) -> list[str]:
    """Return what a report says that is not so."""
    wrong = [f"neighbour {one} is destroyed" for one in neighbours if one not in left]
    if sorted(one.droplet_id for one in report.outcomes) != destroyed:
        wrong.append("not exactly one outcome for each")
    for one in report.outcomes:
        if one.is_destroyed and one.droplet_id in left:
            wrong.append(f"{one.label} is not destroyed, and said to be")
        if one.status in {"kept", "failed"} and one.droplet_id not in left:
            wrong.append(f"{one.label} is destroyed, and said to be {one.status}")
    return wrong


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.getLogger("gradient_async").setLevel(logging.CRITICAL)
    end, seed = time.monotonic() + options.seconds, options.seed
    while time.monotonic() < end:
        if wrong := asyncio.run(faults_found(random.Random(seed))):
            print(f"seed {seed}:", *wrong, sep="\n  ")
            return 1
        seed += 1
    print(f"{seed - options.seed} accounts, no fault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
