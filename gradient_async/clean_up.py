"""How long the clean-up of a cancelled task takes at most, for those who wait for its end.

An awaited task is waited for as long as it takes. A sync call is waited for only for some seconds after Ctrl-C, unless
its task says here that it needs more.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Final
from weakref import WeakKeyDictionary

# By the monotonic clock, which all threads share.
_ends: Final[WeakKeyDictionary[asyncio.Task[object], float]] = WeakKeyDictionary()


def announce_clean_up(seconds: float) -> None:
    """Say that the present task, which was cancelled, needs up to so many seconds from now on."""
    task = asyncio.current_task()
    if task is not None:
        _ends[task] = time.monotonic() + seconds


def clean_up_seconds(task: asyncio.Task[None] | None) -> float:
    """Return for how many seconds a task still needs to be waited for; 0 if it has said nothing."""
    return 0.0 if task is None else max(0.0, _ends.get(task, -math.inf) - time.monotonic())
