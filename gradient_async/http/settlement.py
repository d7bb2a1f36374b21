"""What the sender leaves to those who know how a request's result can be found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from gradient_async.http.call import Call
    from gradient_async.http.correspondence import Mismatch
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.settings import Settings

T = TypeVar("T")


class Send(Protocol):
    """How a request is sent."""

    async def __call__(self, request: Request[T], /) -> RawResponse[T]:
        """Send it, and return the successful answer."""
        ...


class Settlement(Protocol):
    """Follows requests that must not be executed twice, and finds out what became of those in doubt."""

    def begin(self, call: Call[T]) -> None:
        """Note that a call's request is about to go on the wire."""

    def end(self, call: Call[T]) -> None:
        """Note that a call's request is answered or lost."""

    def mismatch(self, call: Call[T], answer: object) -> Mismatch | None:
        """Return how a successful answer belongs to another request; ``None`` if it does not."""
        ...

    def accept(self, reply: RawResponse[T]) -> None:
        """Note a request's own answer."""

    def abandon(self, call: Call[T]) -> None:
        """Note that a call ends without a result, though its request may have been executed."""

    def note_results(self, answer: object) -> None:
        """Note what an answer shows of results of earlier requests."""

    async def find(self, call: Call[T], waited: float) -> RawResponse[T] | None:
        """Return the answer that was lost; ``None`` if the request surely was not executed.

        Args:
            call: The call, which may have been executed.
            waited: Seconds that have passed already of the time that an executed request may take to show.

        Raises:
            RequestOutcomeUnknownError: It cannot be told.
        """
        ...


SettlementFactory: TypeAlias = Callable[[Send, "Settings"], Settlement]
"""Makes the settlement of a sender, given how to send and the sender's settings."""
