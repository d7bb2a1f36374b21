"""The interface for look-ups: the sender calls it, and ``gradient_async.waiting`` implements it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.correspondence import Mismatch
    from gradient_async.http.endpoint import Request
    from gradient_async.http.key_store import KeyStore
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.settings import Settings

T = TypeVar("T")


class Send(Protocol):
    """Sends one request."""

    async def __call__(self, request: Request[T], /) -> RawResponse[T]:
        """Send the request and return the successful answer."""
        ...


class Settlement(Protocol):
    """Tracks requests that must not be executed twice, and looks up the unresolved ones."""

    def begin(self, call: Call[T]) -> None:
        """Record that a call's request is about to be sent."""

    def end(self, call: Call[T]) -> None:
        """Record that a call's request was answered or lost."""

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return why a successful answer belongs to another request; ``None`` if it does not."""
        ...

    def accept(self, reply: RawResponse[T]) -> None:
        """Record a request's own answer."""

    async def publish(self, reply: RawResponse[T]) -> None:
        """Tell other processes, by the shared store, that the results in a request's own answer are taken."""

    def abandon(self, call: Call[T]) -> None:
        """Record that a call ends without a result although its request may have been executed."""

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the lost answer; ``None`` if the request certainly was not executed.

        Args:
            call: The call; its request may have been executed.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            RequestOutcomeUnknownError: The look-up did not resolve the request.
        """
        ...


class Settlements(Protocol):
    """The settlements of one sender."""

    def of(self, request: Request[T]) -> Settlement | None:
        """Return what tracks a request; ``None`` if nothing looks up its result."""
        ...

    def note_results(self, answer: object) -> None:
        """Record the results of earlier requests that an answer shows."""


SettlementFactory: TypeAlias = Callable[[Send, "Settings", "KeyStore | None"], Settlements]
"""Creates the settlements of a sender, from its ``send`` method, its settings, and what it shares with others."""
