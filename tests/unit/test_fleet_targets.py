from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import Indexed, steady_repr

from gradient_async.fleet.targets import check_targets, ids_of
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator


def droplet(droplet_id: int) -> Droplet:
    return Droplet(id=droplet_id, name=f"trainer-{droplet_id}", status="active")


async def found(droplets: Any) -> list[int]:
    check_targets(droplets, None)
    return [droplet_id async for droplet_id in ids_of(droplets)]


def generated(items: Iterable[Any]) -> Iterator[Any]:
    yield from items


async def asynchronously(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


class Walkable:
    """Anything with ``__iter__``, as an array or a column of a data frame."""

    def __iter__(self) -> Iterator[Any]:
        return iter([Indexed(7), Indexed(5), Indexed(7)])


BOTH: dict[str, Callable[[list[Any]], Any]] = {"plain": generated, "async": asynchronously}


@pytest.mark.parametrize(
    "kind", [list, tuple, deque, dict.fromkeys, iter, generated, asynchronously], ids=lambda kind: kind.__name__
)
async def test_ids_are_read_in_order_when_they_come_in_anything_that_can_be_walked_through(kind: Any) -> None:
    assert await found(kind([7, 5, 6])) == [7, 5, 6]


async def test_ids_are_all_read_when_they_come_in_a_set() -> None:
    assert sorted(await found({7, 5, 6})) == [5, 6, 7]
    assert sorted(await found(frozenset({7, 5, 6}))) == [5, 6, 7]


async def test_ids_are_read_when_they_come_in_a_range() -> None:
    assert await found(range(3, 10, 3)) == [3, 6, 9]


async def test_ids_are_plain_ints_when_they_are_integers_of_another_library() -> None:
    ids = await found(Walkable())
    assert ids == [7, 5]
    assert {type(droplet_id) for droplet_id in ids} == {int}


@pytest.mark.parametrize("kind", BOTH)
async def test_id_is_taken_from_a_droplet_when_one_is_given(kind: str) -> None:
    assert await found(BOTH[kind]([droplet(7), 5, droplet(5), 7, Indexed(5), droplet(6)])) == [7, 5, 6]


async def test_nothing_is_found_when_there_is_nothing() -> None:
    assert await found([]) == []
    assert await found(asynchronously([])) == []


@given(ids=st.lists(st.integers(1, 20)), kind=st.sampled_from(sorted(BOTH)))
async def test_each_id_is_read_once_and_where_it_first_stands_when_some_come_twice(ids: list[int], kind: str) -> None:
    assert await found(BOTH[kind](ids)) == list(dict.fromkeys(ids))


@pytest.mark.parametrize("kind", BOTH)
async def test_ids_are_read_only_as_far_as_they_are_asked_for_when_there_is_no_end(kind: str) -> None:
    read: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            read.append(len(read) + 1)
            yield len(read)

    source: Any = endless() if kind == "plain" else asynchronously(endless())
    ids = ids_of(source)
    assert [await anext(ids), await anext(ids)] == [1, 2]
    assert len(read) == 2
    await ids.aclose()  # type: ignore[attr-defined]  # which a generator has
    if kind == "async":
        await source.aclose()


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("bad", [0, -1, Indexed(0), droplet(0), droplet(-5)], ids=str)
async def test_id_is_refused_when_it_is_below_one(kind: str, bad: object) -> None:
    with pytest.raises(ValueError, match=r"^droplets: expected an id of at least 1, got (0|-1|-5)$"):
        await found(BOTH[kind]([1, bad]))


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("bad", ["7", 1.5, 7.0, None, True, False, b"7", [7], {"id": 7}, int])
async def test_id_is_refused_with_what_it_is_when_it_is_no_integer(kind: str, bad: object) -> None:
    with pytest.raises(
        TypeError, match=rf"^droplets: expected an int, got {type(bad).__name__} {re.escape(repr(bad))}"
    ):
        await found(BOTH[kind]([1, bad]))


@pytest.mark.parametrize("bad", ["3164444", "", b"3164444"], ids=repr)
def test_droplets_are_refused_when_each_letter_would_count_as_one(bad: Any) -> None:
    with pytest.raises(TypeError, match=rf"^droplets: expected ids or Droplets in a list .*got {type(bad).__name__}"):
        check_targets(bad, None)


@pytest.mark.parametrize("bad", [3164444, 1.5, True, droplet(7), object(), list, found, len], ids=steady_repr)
def test_droplets_are_refused_when_they_cannot_be_walked_through(bad: Any) -> None:
    with pytest.raises(TypeError, match=rf"^droplets: expected ids or Droplets in a list .*got {type(bad).__name__}"):
        check_targets(bad, None)


def test_targets_are_refused_when_there_are_neither_droplets_nor_a_tag() -> None:
    with pytest.raises(TypeError, match=r"^droplets, tag: expected one of the two, got neither$"):
        check_targets(None, None)


@pytest.mark.parametrize("droplets", [[1], []])
@pytest.mark.parametrize("tag", ["training", ""])
def test_targets_are_refused_when_there_are_both_droplets_and_a_tag(droplets: list[int], tag: str) -> None:
    with pytest.raises(TypeError, match=r"^droplets, tag: expected one of the two, got both$"):
        check_targets(droplets, tag)


@pytest.mark.parametrize("tag", ["training", "env:prod"])
def test_tag_is_taken_when_it_is_a_possible_one(tag: str) -> None:
    check_targets(None, tag)


@pytest.mark.parametrize("tag", ["", " ", "a b", "a,b", "a/b", "x" * 256])
def test_tag_is_refused_when_the_api_has_no_such_tags(tag: str) -> None:
    with pytest.raises(ValueError, match=r"^tag: expected .*got " + re.escape(repr(tag))):
        check_targets(None, tag)


@pytest.mark.parametrize("tag", [5, ["training"], b"training", True])
def test_tag_is_refused_when_it_is_no_text(tag: object) -> None:
    with pytest.raises(TypeError, match=rf"^tag: expected a str .*got {type(tag).__name__}"):
        check_targets(None, tag)
