"""Iteration over all items of a list, page by page."""

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

# More pages than this without new items are no shift of the list, but a fault of the server.
_MAX_REPEATS: Final = 3


@frozen(kw_only=True)
class Page(Generic[T_co]):
    """One page of a list, with its links to other pages."""

    items: Sequence[T_co]
    links: Links
    meta: Meta


class AsyncPaginator(Generic[T]):
    """An async iterator over all items of a list. It yields each item once.

    Lists of actions are newest first and grow. An action that starts while pages are read shifts another action to the
    next page, which has it a second time.

    If a page cannot be read, or if the pages have fewer items than the list announces, the iterator raises after the
    items of the pages before it. So a list is never incomplete without an error.

    Args:
        fetch: Reads a page, given its number from 1.
        key: Returns the key of an item. Items with the same key are the same item.
        keep: Returns whether an item is yielded; by default all are. The others count as read.
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
        """Return the new items of the next page that has any; ``None`` after the last page."""
        repeats = 0
        while not self._is_exhausted:
            page = await self._fetch_alone()
            self._pages_read += 1
            fresh = tuple(item for item in page.items if self._is_new(item))
            self._items_read += len(page.items) if fresh else 0
            self._is_exhausted = is_last(page, self._items_read)
            if not page.items and self._items_read < (page.meta.total or 0):
                raise GradientAIError(
                    f"the list is short: it announces {page.meta.total:,} items, and its pages have "
                    f"{self._items_read:,}. Read it again"
                )
            kept = fresh if self._keep is None else tuple(filter(self._keep, fresh))
            if kept:
                return kept
            repeats = 0 if fresh else repeats + 1
            if repeats > _MAX_REPEATS and not self._is_exhausted:
                raise GradientAIError(
                    f"the list repeats itself: the last pages up to {self._pages_read} have no new items, and another "
                    "page follows"
                )
        return None

    async def _fetch_alone(self) -> Page[T]:
        """Fetch the next page. Refuse a second consumer, which would make this one miss a page."""
        if self._is_reading:
            raise RuntimeError("another task reads this list. Call list_all() in each task")
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
        if key is None or key == "":
            return True  # an item without a key is not known to be another one
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def is_last(page: Page[object], items_read: int) -> bool:
    """Return whether this is the last page.

    The links decide. Some lists have no links, and a list of one page has none, in three different forms. Then
    ``meta.total`` decides. If that is missing too, the page's length decides.
    """
    links = page.links.pages
    if links.next is not None:
        return not page.items
    if links.prev is not None or links.first is not None:
        return True
    if page.meta.total is not None:
        return not page.items or items_read >= page.meta.total
    return len(page.items) < MAX_PER_PAGE
