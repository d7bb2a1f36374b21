"""What every resource has: it sends requests, and reads lists to their end."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

from gradient_async.resources.paginator import AsyncPaginator, Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.sender import Sender
    from gradient_async.models.page import Links, Meta

T = TypeVar("T")


class ListAnswer(Protocol):
    """The answer to a list: one page of it."""

    @property
    def links(self) -> Links:
        """Links to the pages around it."""

    @property
    def meta(self) -> Meta:
        """What the list says of itself."""


L = TypeVar("L", bound=ListAnswer)


class Resource:
    """One group of endpoints. Each method builds its request once, sends it and returns the parsed answer."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def _send(self, request: Request[T]) -> T:
        answer = (await self._sender.send(request)).parse()
        self._sender.note_results(answer)
        return answer

    def _all(self, request: Callable[[int], Request[L]], items: Callable[[L], Sequence[T]]) -> AsyncIterator[T]:
        """Iterate over all items of a list.

        Args:
            request: Returns the request for a page, given its number from 1; called once at the start, so that bad
                arguments are errors before the first item is asked for.
            items: Returns the items of a page.
        """
        first = request(1)

        async def fetch(number: int) -> Page[T]:
            # How full a page is tells whether another follows, so that it is filtered afterwards.
            answer = await self._send(request(number)._replace(keep=None))
            return Page(items=items(answer), links=answer.links, meta=answer.meta)

        return AsyncPaginator(fetch, key=attrgetter(first.endpoint.key), keep=first.keep)


class RawResource:
    """The same methods as a resource's; each returns the HTTP answer, not yet parsed."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def _send(self, request: Request[T]) -> RawResponse[T]:
        return await self._sender.send(request)
