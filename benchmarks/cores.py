"""Which processor core runs what: the server has one, all clients share another, and neither takes time from the other.

A process inherits its cores from the one that starts it, so a start is put into ``with on_core(...)``.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Side = Literal["client", "server"]


def are_apart() -> bool:
    """Whether this machine lets clients and server run on cores of their own."""
    return len(_usable()) > 1


@contextmanager
def on_core(side: Side) -> Iterator[None]:
    """Have what is started inside run on one side's core; nothing changes where the system cannot do that."""
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
