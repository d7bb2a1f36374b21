from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.models.page import Links, Meta, PageLinks
from gradient_async.resources.paginator import AsyncPaginator, Page, is_last

URL = "https://api.digitalocean.com/v2/actions?page=2"


def page(items: list[int] | int, total: int | None = None, **links: str) -> Page[int]:
    found = list(range(items)) if isinstance(items, int) else items
    return Page(items=found, links=Links(pages=PageLinks(**links)), meta=Meta(total=total))


@pytest.mark.parametrize(
    ("one", "items_read", "expected"),
    [
        (page(200, 450, next=URL, last=URL), 200, False),
        (page(200, 450, first=URL, prev=URL, next=URL, last=URL), 400, False),
        (page(50, 450, first=URL, prev=URL), 450, True),
        (page(50, 9999, first=URL, prev=URL), 450, True),
        # A page that is empty though a next one is named: nothing but the same emptiness follows.
        (page(0, 450, next=URL), 200, True),
        (page(3, 3), 3, True),
        (page(200, 450), 200, False),
        (page(50, 450), 450, True),
        (page(0, 450), 400, True),
        (page(0, 0), 0, True),
        (page(200, 450, last=URL), 200, False),
        (page(MAX_PER_PAGE), MAX_PER_PAGE, False),
        (page(MAX_PER_PAGE - 1), MAX_PER_PAGE - 1, True),
        (page(0), 0, True),
    ],
)
def test_last_page_is_known_by_links_total_or_length(one: Page[int], items_read: int, expected: bool) -> None:
    assert is_last(one, items_read) is expected


class Shelf:
    """A list that is served in pages, with some or none of what pages say of each other."""

    def __init__(self, items: list[int], *, links: bool, total: bool) -> None:
        self.items = items
        self.asked: list[int] = []
        self._links = links
        self._total = total

    async def fetch(self, number: int) -> Page[int]:
        self.asked.append(number)
        start = (number - 1) * MAX_PER_PAGE
        links: dict[str, Any] = {}
        if self._links and start + MAX_PER_PAGE < len(self.items):
            links["next"] = URL
        if self._links and number > 1:
            links["prev"] = URL
        total = len(self.items) if self._total else None
        return page(self.items[start : start + MAX_PER_PAGE], total, **links)


def read(shelf: Shelf) -> list[int]:
    """Return all items, without an event loop: nothing here ever waits."""

    async def collect() -> list[int]:
        return [item async for item in AsyncPaginator(shelf.fetch, key=lambda item: item)]

    coroutine = collect()
    try:
        coroutine.send(None)
    except StopIteration as ended:
        found: list[int] = ended.value
        return found
    raise AssertionError("it waited")


@given(st.integers(0, 1001), st.booleans(), st.booleans())
@example(MAX_PER_PAGE, True, False)
@example(2 * MAX_PER_PAGE, True, False)
def test_every_item_comes_once_and_in_order_for_any_pages(length: int, links: bool, total: bool) -> None:
    shelf = Shelf(list(range(length)), links=links, total=total)
    assert read(shelf) == list(range(length))
    assert shelf.asked == list(range(1, len(shelf.asked) + 1))
    least = max(1, -(-length // MAX_PER_PAGE))
    # Where no page has links or a total, which one has none, a whole page may be followed by another.
    says_the_end = total or (links and length != MAX_PER_PAGE)
    assert len(shelf.asked) <= least + (0 if says_the_end else 1)


@given(st.lists(st.integers(0, 300), max_size=900))
def test_item_comes_once_when_the_list_repeats_it(items: list[int]) -> None:
    assert read(Shelf(items, links=True, total=True)) == list(dict.fromkeys(items))


async def test_page_of_known_items_is_passed_over_in_a_shifted_list() -> None:
    shelf = Shelf([*range(200), *range(200), 777], links=True, total=True)
    paginator = AsyncPaginator(shelf.fetch, key=lambda item: item)
    assert await paginator.next_page() == tuple(range(200))
    assert await paginator.next_page() == (777,)
    assert await paginator.next_page() is None
    assert await paginator.next_page() is None
    assert shelf.asked == [1, 2, 3]


async def test_iteration_can_continue_when_a_page_cannot_be_read() -> None:
    shelf = Shelf(list(range(300)), links=True, total=True)
    failures = [ConnectionError("lost"), None]

    async def fetch(number: int) -> Page[int]:
        if number == 2 and (failure := failures.pop(0)):
            raise failure
        return await shelf.fetch(number)

    paginator = AsyncPaginator(fetch, key=lambda item: item)
    assert [await anext(paginator) for _ in range(200)] == list(range(200))
    with pytest.raises(ConnectionError):
        await anext(paginator)
    assert [item async for item in paginator] == list(range(200, 300))


async def test_nothing_is_asked_for_before_the_first_item_is_wanted() -> None:
    shelf = Shelf([1, 2], links=True, total=True)
    paginator = AsyncPaginator(shelf.fetch, key=lambda item: item)
    assert shelf.asked == []
    assert await anext(paginator) == 1
    assert shelf.asked == [1]
