"""Where keys of requests are kept: the protocol, and the store of one process."""

from __future__ import annotations

import threading
import time
from typing import Final, NamedTuple, Protocol

from gradient_async.budget.key_record import StoreTime

_TIDY_AT: Final = 1024


class Reading(NamedTuple):
    """What a store has under a name.

    Attributes:
        text: The text; ``None`` for nothing.
        time: The time by the store's clock.
    """

    text: str | None
    time: StoreTime


class Swap(NamedTuple):
    """The result of an exchange.

    Attributes:
        is_done: Whether the store had the expected text, and has the new one now.
        time: The time by the store's clock.
    """

    is_done: bool
    time: StoreTime


class KeyStore(Protocol):
    """Keeps texts by name, and exchanges them only for what is expected. All processes that share it see the same."""

    @property
    def title(self) -> str:
        """The store in messages, without a password."""
        ...

    async def read(self, name: str) -> Reading:
        """Return what is kept under a name.

        Raises:
            StoreAwayError: The store cannot be used.
        """
        ...

    async def swap(self, name: str, old: str | None, new: str | None, ttl: float, *, is_durable: bool = True) -> Swap:
        """Exchange what is kept under a name, if it is what is expected.

        Args:
            name: The name.
            old: The expected text; ``None`` for nothing.
            new: The new text; ``None`` removes it.
            ttl: Seconds after which the new text is removed.
            is_durable: Whether the change must survive a crash of the host, as far as the store promises that. Any
                change survives the end of the process.

        Raises:
            StoreAwayError: The store cannot be used. The change may have been made.
        """
        ...


class MemoryKeyStore:
    """Keeps keys in this process, for all clients, threads and event loops that use one budget."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._tidy_at = _TIDY_AT

    title = "the memory of this process"

    async def read(self, name: str) -> Reading:
        """Return what is kept under a name."""
        with self._lock:
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
        with self._lock:
            is_done = self._text(name) == old
            if is_done and new is not None:
                self._kept[name] = (new, now + ttl)
            elif is_done:
                self._kept.pop(name, None)
        return Swap(is_done, StoreTime(now, "process"))

    def _text(self, name: str) -> str | None:
        now = time.monotonic()
        if len(self._kept) >= self._tidy_at:
            self._kept = {one: kept for one, kept in self._kept.items() if kept[1] > now}
            self._tidy_at = max(_TIDY_AT, 2 * len(self._kept))
        text, until = self._kept.get(name, (None, now))
        return text if until > now else None
