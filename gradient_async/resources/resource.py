"""The classes that all resources inherit: they send requests and read lists."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from gradient_async import log
from gradient_async.http.raw_response import accept, mismatch_in
from gradient_async.resources.paginator import AsyncPaginator, Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from gradient_async.http.endpoint import Request
    from gradient_async.http.list_answer import ListAnswer
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.sender import Sender
    from gradient_async.http.settlement import Send

T = TypeVar("T")


L = TypeVar("L", bound="ListAnswer")


class Resource:
    """A group of endpoints. Each method builds one request, sends it and returns the parsed answer."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def _send_raw(self, request: Request[T]) -> RawResponse[T]:
        """Send a request of a method of ``with_raw_response``."""
        reply = await self._sender.send(request)
        return reply if mismatch_in(reply) is None else await self._confirmed(request, reply)

    async def _send(self, request: Request[T]) -> T:
        reply = await self._sender.send(request)
        if mismatch_in(reply) is not None:
            reply = await self._confirmed(request, reply)
        answer = reply.parse()
        if request.endpoint.method == "GET":  # only lists and single reads show the results of other requests
            self._sender.note_results(answer)
        return answer

    async def _confirmed(self, request: Request[T], reply: RawResponse[T]) -> RawResponse[T]:
        """Send a request again whose answer is about another resource.

        If a machine in between mixed up the answers, a new connection gives the right one. If it gives the same one
        again, the API itself names the resource so, as servers for tests do.
        """
        if not request.endpoint.is_repeatable:
            return reply
        again = await self._sender.send(request)
        mismatch = mismatch_in(again)
        if mismatch is not None and mismatch == mismatch_in(reply):
            log.about_another(request, mismatch.reason)
            accept(again)
        return again

    def _all(self, request: Callable[[int], Request[L]], items: Callable[[L], Sequence[T]]) -> AsyncIterator[T]:
        """Iterate over all items of a list.

        Args:
            request: Returns the request for a page, given its number from 1. It is called once at the start, so that
                invalid arguments raise before the iteration.
            items: Returns the items of a page.
        """
        first = request(1)

        async def fetch(number: int) -> Page[T]:
            # The number of items decides whether another page follows, so the filter is applied later.
            answer = await self._send(request(number)._replace(keep=None))
            return Page(items=items(answer), links=answer.links, meta=answer.meta)

        # Without a field that identifies it, an item is its own key.
        key = attrgetter(first.endpoint.key) if first.endpoint.key else _itself
        return AsyncPaginator(fetch, key=key, keep=first.keep)


def _itself(item: T) -> T:
    return item


class RawResource:
    """The methods of a resource that return the HTTP answer, not parsed."""

    def __init__(self, send: Send) -> None:
        self._send = send
