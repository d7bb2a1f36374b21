"""Processor cores: the server has one, and all clients share another.

A process inherits its cores from the one that starts it. So start a process inside ``with on_core(...)``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Side = Literal["client", "server"]


def are_apart() -> bool:
    """Return whether clients and server can have separate cores on this machine."""
    return len(_usable()) > 1


@contextmanager
def on_core(side: Side) -> Iterator[None]:
    """Start processes of the block on one side's core. Do nothing if the system cannot do that."""
    usable = _usable()
    if len(usable) < 2:
        yield
        return
    os.sched_setaffinity(0, {usable[0] if side == "server" else usable[1]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def _usable() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
