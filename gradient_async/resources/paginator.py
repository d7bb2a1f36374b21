"""Iteration over all items of a list, a page at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from attrs import frozen

from gradient_async.errors import GradientAIError
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.models.page import Links, Meta

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from typing import Self


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

# More pages than this without anything new are no shift, but a server that never ends.
_MAX_REPEATS: Final = 3


@frozen(kw_only=True)
class Page(Generic[T_co]):
    """One page of a list, and what it says of the others."""

    items: Sequence[T_co]
    links: Links
    meta: Meta


class AsyncPaginator(Generic[T]):
    """An async iterator over every item of a list; an item that shifts between pages comes once.

    Lists of actions are newest first and keep growing: an action that starts while the pages are read pushes another
    one onto the next page, where it would come a second time.

    A page that cannot be read raises, so that a list is never short in silence; the items before it have come by then.

    Args:
        fetch: Reads a page, given its number from 1.
        key: Tells items apart.
        keep: Which items come; all by default. The others count as read.
    """

    def __init__(
        self,
        fetch: Callable[[int], Awaitable[Page[T]]],
        key: Callable[[T], Hashable],
        keep: Callable[[T], bool] | None = None,
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._keep = keep
        self._seen: set[Hashable] = set()
        self._items: deque[T] = deque()
        self._pages_read = 0
        self._items_read = 0
        self._is_exhausted = False
        self._is_reading = False

    async def next_page(self) -> tuple[T, ...] | None:
        """The new items to keep of the next page that has any; ``None`` after the last page."""
        repeats = 0
        while not self._is_exhausted:
            page = await self._fetch_alone()
            self._pages_read += 1
            self._items_read += len(page.items)
            self._is_exhausted = is_last(page, self._items_read)
            fresh = tuple(item for item in page.items if self._is_new(item))
            kept = fresh if self._keep is None else tuple(filter(self._keep, fresh))
            if kept:
                return kept
            repeats = 0 if fresh else repeats + 1
            if repeats > _MAX_REPEATS and not self._is_exhausted:
                raise GradientAIError(
                    f"the list repeats itself: pages up to {self._pages_read} brought nothing new, and another follows"
                )
        return None

    async def _fetch_alone(self) -> Page[T]:
        """Two consumers would read one page twice and lose another; like async generators, this refuses the second."""
        if self._is_reading:
            raise RuntimeError("this list is being read by another task; give each its own list_all()")
        self._is_reading = True
        try:
            return await self._fetch(self._pages_read + 1)
        finally:
            self._is_reading = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._items:
            self._items.extend(await self.next_page() or ())
        if not self._items:
            raise StopAsyncIteration
        return self._items.popleft()

    def _is_new(self, item: T) -> bool:
        key = self._key(item)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def is_last(page: Page[object], items_read: int) -> bool:
    """Whether no page follows.

    Some lists have no links, and a list of one page has none in three different forms; then ``meta.total`` tells, and
    where that is missing too, the page's length.
    """
    links = page.links.pages
    if links.next is not None:
        return not page.items
    if links.prev is not None or links.first is not None:
        return True
    if page.meta.total is not None:
        return not page.items or items_read >= page.meta.total
    return len(page.items) < MAX_PER_PAGE
