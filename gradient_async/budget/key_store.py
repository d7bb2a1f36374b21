"""The store of keys of requests in the memory of one process."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

from gradient_async.http.key_store import Reading, StoreTime, Swap

_TIDY_AT: Final = 1024


class MemoryKeyStore:
    """Keeps keys in this process, for all clients, threads and event loops that use one budget."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._tidy_at = _TIDY_AT

    title = "the memory of this process"

    async def read(self, name: str) -> Reading:
        """Return what is kept under a name."""
        with self._own_lock():
            return Reading(self._text(name), StoreTime(time.monotonic(), "process"))

    async def swap(
        self,
        name: str,
        old: str | None,
        new: str | None,
        ttl: float,
        *,
        is_durable: bool = True,  # noqa: ARG002 - nothing here outlives the process
    ) -> Swap:
        """Exchange what is kept under a name, if it is what is expected."""
        now = time.monotonic()
        with self._own_lock():
            is_done = self._text(name) == old
            if is_done and new is not None:
                self._kept[name] = (new, now + ttl)
            elif is_done:
                self._kept.pop(name, None)
        return Swap(is_done, StoreTime(now, "process"))

    def _own_lock(self) -> threading.Lock:
        if self._pid != os.getpid():  # a thread of the parent may have held the lock
            self._pid, self._lock = os.getpid(), threading.Lock()
        return self._lock

    def _text(self, name: str) -> str | None:
        now = time.monotonic()
        if len(self._kept) >= self._tidy_at:
            self._kept = {one: kept for one, kept in self._kept.items() if kept[1] > now}
            self._tidy_at = max(_TIDY_AT, 2 * len(self._kept))
        text, until = self._kept.get(name, (None, now))
        return text if until > now else None
