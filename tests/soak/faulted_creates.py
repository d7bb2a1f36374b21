"""Creates of Droplets under faults at random: no Droplet is created twice or forgotten, and every report is true.

Run it as ``python tests/soak/faulted_creates.py --seconds 60 --seed 1``. It exits with 1 at the first fault found, and
prints the seed. Each account loses answers before and after the create, answers with 5xx, and has lists that lag and
sometimes fail. A fault of the SDK is: two Droplets of one call that are left, a reported Droplet that does not exist,
one Droplet that two calls report, or a Droplet that no result and no error names.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import logging
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

import attrs  # noqa: E402 - the path above comes first
from flavours import FLAVOURS  # noqa: E402 - found by the path above

from gradient_async import CreateOutcomeUnknownError, GradientAIError  # noqa: E402 - likewise
from gradient_async.emulator import (  # noqa: E402 - likewise
    PUBLIC_CATALOGUE,
    CutOff,
    DropAfter,
    DropBefore,
    Emulator,
    HTMLError,
    Lag,
    ServerError,
    Visibility,
)

if TYPE_CHECKING:
    from flavours import Flavour

CREATES_IN_A_WORLD = 120
CREATES_AT_A_TIME = 20
ROUTE = "POST /v2/droplets"
BODY: dict[str, Any] = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb", "region": "tor1", "tags": ["soak"]}


class World:
    """One account, the calls that create in it, and their results."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        draw = random.Random(seed)
        self.on_unknown = draw.choice(["raise", "resend"])
        self.lag = draw.choice([0.0, 0.3, 1.0])
        self.results: dict[str, object] = {}
        self.faults = [
            DropBefore(route=ROUTE, rate=draw.uniform(0, 0.1)),
            DropAfter(route=ROUTE, rate=draw.uniform(0, 0.2)),
            ServerError(500, executed=True, route=ROUTE, rate=draw.uniform(0, 0.1)),
            HTMLError(504, route=ROUTE, rate=draw.uniform(0, 0.05)),
            CutOff(route=ROUTE, rate=draw.uniform(0, 0.1)),
            ServerError(503, route="GET /v2/droplets", rate=draw.uniform(0, 0.1)),
        ]

    async def play(self, flavour: Flavour) -> list[str]:
        """Make all calls; returns what is wrong."""
        catalogue = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=10_000, gpu_limit=10_000)
        late = Visibility(list=Lag(self.lag, 0.7), name=Lag(self.lag, 0.7), tag=2 * self.lag)
        options: dict[str, Any] = {"limits": None, "faults": self.faults, "catalogue": catalogue, "visibility": late}
        async with Emulator(0, seed=int(self.seed.partition("/")[2]), **options) as emulator:
            client = flavour.client(emulator, create_settle_seconds=6.0, timeout=10.0)
            limit = asyncio.Semaphore(CREATES_AT_A_TIME)

            async def call(number: int) -> None:
                name = f"soak-{number}x" if self.on_unknown == "raise" else f"soak-{number}x-{{n}}"
                async with limit:
                    try:
                        arguments = {**BODY, "name": name, "on_unknown": self.on_unknown}
                        result = await flavour.call(client.gpu_droplets.create, **arguments)
                    except GradientAIError as error:
                        result = error
                self.results[name.partition("x")[0]] = result

            await asyncio.gather(*[call(number) for number in range(CREATES_IN_A_WORLD)])
            await flavour.close_all()
            emulator.clock.advance(120)
            there = {one.id: one.name.partition("x")[0] for one in emulator.account.droplets.values()}
        return self._faults_in(there)

    def _faults_in(self, there: dict[int, str]) -> list[str]:
        twice = [name for name, count in collections.Counter(there.values()).items() if count > 1]
        wrong = [f"{name}: several Droplets" for name in twice]
        for name, result in self.results.items():
            ids = [one for one, owner in there.items() if owner == name]
            if isinstance(result, CreateOutcomeUnknownError):
                continue
            if isinstance(result, Exception):
                wrong += [f"{name}: {result!r}, and it exists" for _ in ids]
            elif result.droplet.id not in ids:  # type: ignore[attr-defined]  # it is a response
                wrong.append(f"{name}: the reported Droplet does not exist, but {ids}")
        return wrong


async def play_worlds(seconds: float, seed: int) -> int:
    """Play worlds until the time is over; returns the exit status."""
    began, number = time.monotonic(), 0
    counts: collections.Counter[str] = collections.Counter()
    while time.monotonic() - began < seconds:
        world, name = World(f"{seed}/{number}"), ("async", "sync")[number % 2]
        number += 1
        wrong = await world.play(FLAVOURS[name]())
        counts.update(type(result).__name__ for result in world.results.values())
        counts["adopted"] += sum(getattr(result, "is_adopted", False) for result in world.results.values())
        if wrong:
            print(f"seed and world {world.seed} ({name}, {world.on_unknown}, lag {world.lag} s):")
            print("  " + "\n  ".join(wrong[:10]), flush=True)
            return 1
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 0


def main() -> int:
    """Read the command line, and play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.getLogger("gradient_async").setLevel(logging.CRITICAL)
    return asyncio.run(play_worlds(options.seconds, options.seed))


if __name__ == "__main__":
    sys.exit(main())
