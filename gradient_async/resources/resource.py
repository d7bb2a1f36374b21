"""What every resource has: a sender, and a say in whether answers are read."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import Request
    from gradient_async.http.sender import Sender

T = TypeVar("T")
R = TypeVar("R", bound="Resource")


class Resource:
    """One group of endpoints."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._is_raw = False

    async def _send(self, request: Request[T]) -> T:
        reply = await self._sender.send(request)
        # A raw twin's methods say that they return T; only raw_reply calls them, and knows better.
        if self._is_raw:
            return cast("T", reply)
        answer = reply.parse()
        self._sender.saw(answer)
        return answer


def raw_twin(resource: R) -> R:
    """The same resource, whose methods return unread answers and are to be called through ``raw_reply`` only."""
    twin = copy.copy(resource)
    twin._is_raw = True  # noqa: SLF001 - this module's own class
    return twin


def raw_reply(reply: T) -> RawResponse[T]:
    """The unread answer that a raw twin's method really returned."""
    return cast("RawResponse[T]", reply)
