"""A process that streams a fleet run's outcomes and measures its own memory.

``memory.py`` starts it, with the base URL and the number of outcomes as arguments, and reads its report, one line of
JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Final, TypedDict

import answers
from gradient_async import AsyncGradientAI, RateBudget

_WARM_UP: Final = 2_000
_SAMPLES: Final = 50
_STATM: Final = Path("/proc/self/statm")
# ru_maxrss is in KiB; on macOS it is in bytes.
_PEAK_UNIT: Final = 1 if sys.platform == "darwin" else 1024


class Report(TypedDict):
    """The result of the process.

    Attributes:
        completed: Number of ``completed`` outcomes.
        seconds: Seconds of the stream after its warm-up.
        before: Megabytes resident after the warm-up.
        after: Megabytes resident at the end.
        peak: Maximum of the resident megabytes.
        samples: Megabytes resident during the stream.
    """

    completed: int
    seconds: float
    before: float
    after: float
    peak: float
    samples: list[float]


async def stream(url: str, count: int) -> Report:
    """Act on a number of Droplets after a warm-up, and keep none of the outcomes."""
    warm_up = min(_WARM_UP, count // 2)
    every = max(1, count // _SAMPLES)
    ids = range(answers.FIRST_DROPLET, answers.FIRST_DROPLET + warm_up + count)
    samples: list[float] = []
    before, began, seen, completed = 0.0, 0.0, 0, 0
    budget = RateBudget(((answers.OUT_OF_REACH, 60.0),))
    async with AsyncGradientAI("benchmark-token", base_url=url, rate_budget=budget) as client:
        async for outcome in client.fleet.stream("reboot", droplets=iter(ids), max_concurrency=200):
            seen += 1
            if seen == warm_up:
                before, began = resident_megabytes(), time.perf_counter()
            if seen > warm_up:
                completed += outcome.is_completed
                if seen % every == 0:
                    samples.append(resident_megabytes())
        seconds = time.perf_counter() - began
        gc.collect()
        return Report(
            completed=completed,
            seconds=seconds,
            before=before,
            after=resident_megabytes(),
            peak=_peak_megabytes(),
            samples=samples,
        )


def resident_megabytes() -> float:
    """Return the memory in use now, or the maximum so far if the system has no such figure."""
    if not _STATM.exists():
        return _peak_megabytes()
    return int(_STATM.read_text().split()[1]) * resource.getpagesize() / 1e6


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT / 1e6


if __name__ == "__main__":
    print(json.dumps(asyncio.run(stream(sys.argv[1], int(sys.argv[2])))))
