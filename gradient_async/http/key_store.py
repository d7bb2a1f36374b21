"""Where keys of requests are kept: the protocol of the stores."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class StoreTime(NamedTuple):
    """The time by a store's clock.

    Attributes:
        now: Seconds.
        clock: Name of the clock; ``""`` for the machine's wall clock. Times of different clocks cannot be compared.
    """

    now: float
    clock: str = ""


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
