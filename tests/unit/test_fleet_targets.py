from __future__ import annotations

import asyncio
import re
from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import Indexed, steady_repr

from gradient_async.fleet.targets import checked_targets, ids_of
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator


def droplet(droplet_id: int) -> Droplet:
    return Droplet(id=droplet_id, name=f"trainer-{droplet_id}", status="active")


async def found(droplets: Any) -> list[int]:
    targets = checked_targets(droplets, None)
    assert targets is not None
    return [droplet_id async for droplet_id in ids_of(targets)]


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
async def test_ids_are_read_in_order_from_any_iterable(kind: Any) -> None:
    assert await found(kind([7, 5, 6])) == [7, 5, 6]


async def test_ids_are_all_read_when_they_come_in_a_set() -> None:
    assert sorted(await found({7, 5, 6})) == [5, 6, 7]
    assert sorted(await found(frozenset({7, 5, 6}))) == [5, 6, 7]


async def test_ids_are_read_when_they_come_in_a_range() -> None:
    assert await found(range(3, 10, 3)) == [3, 6, 9]


async def test_ids_of_another_librarys_integers_are_plain_ints() -> None:
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
async def test_each_id_is_read_once_at_its_first_place(ids: list[int], kind: str) -> None:
    assert await found(BOTH[kind](ids)) == list(dict.fromkeys(ids))


@pytest.mark.parametrize("kind", BOTH)
async def test_endless_ids_are_read_only_as_needed(kind: str) -> None:
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
@pytest.mark.parametrize("bad", [1.5, 7.0, None, True, False, b"7", [7], {"id": 7}, int])
async def test_id_is_refused_with_what_it_is_when_it_is_no_integer(kind: str, bad: object) -> None:
    with pytest.raises(
        TypeError, match=rf"^droplets: expected an int, got {type(bad).__name__} {re.escape(repr(bad))}"
    ):
        await found(BOTH[kind]([1, bad]))


@pytest.mark.parametrize("kind", BOTH)
async def test_id_is_refused_with_a_way_out_when_it_is_text(kind: str) -> None:
    with pytest.raises(
        TypeError, match=r"^droplets: expected Droplets or their ids, got str '7'\. An id is an int: pa"
    ):
        await found(BOTH[kind]([1, "7"]))
    with pytest.raises(TypeError, match=r"got str 'training'\. For a tag pass tag=\"training\""):
        await found(BOTH[kind](["training"]))


@pytest.mark.parametrize("one", [3164444, Indexed(3164444), droplet(3164444)], ids=str)
async def test_one_droplet_is_enough_when_it_is_in_no_list(one: Any) -> None:
    assert await found(one) == [3164444]


@pytest.mark.parametrize(
    ("bad", "error", "text"),
    [
        ("3164444", TypeError, "got str '3164444'. An id is an int: pass 3164444, without quotes"),
        ("training", TypeError, "got str 'training'. For a tag pass tag=\"training\""),
        ("", TypeError, "got str ''. For a tag pass tag=\"training\""),
        (b"3164444", TypeError, "got bytes b'3164444'. Pass droplets=[3164444, 3164445]"),
        (1.5, TypeError, "got float. Pass droplets=[3164444, 3164445]"),
        (True, TypeError, "expected an int, got bool True"),
        (0, ValueError, "expected an id of at least 1, got 0"),
        (object(), TypeError, "got object. Pass droplets="),
        (list, TypeError, "got type. Pass droplets="),
        (found, TypeError, "got function. Pass droplets="),
        (SimpleNamespace(droplets=[]), TypeError, "got SimpleNamespace. Pass its .droplets"),
        (SimpleNamespace(droplet=1), TypeError, "got SimpleNamespace. Pass its .droplet"),
    ],
    ids=steady_repr,
)
def test_wrong_droplets_are_refused_with_what_to_type(bad: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=rf"^droplets: .*{re.escape(text)}"):
        checked_targets(bad, None)


def test_droplets_are_refused_when_a_call_was_not_awaited() -> None:
    coroutine = asyncio.sleep(0)
    with pytest.raises(TypeError, match=r"^droplets: .*got coroutine\. It has to be awaited first"):
        checked_targets(coroutine, None)
    coroutine.close()


def test_targets_are_refused_without_droplets_and_tag() -> None:
    with pytest.raises(
        TypeError, match=r"^droplets, tag: neither was given\. Pass droplets=\[3164444, 3164445\] or tag="
    ):
        checked_targets(None, None)


@pytest.mark.parametrize("droplets", [[1], []])
@pytest.mark.parametrize("tag", ["training", ""])
def test_targets_are_refused_with_both_droplets_and_tag(droplets: list[int], tag: str) -> None:
    with pytest.raises(TypeError, match=r"^droplets, tag: both were given\. Pass droplets=.* and not both$"):
        checked_targets(droplets, tag)


@pytest.mark.parametrize("tag", ["training", "env:prod"])
def test_tag_is_taken_when_it_is_a_possible_one(tag: str) -> None:
    assert checked_targets(None, tag) is None


@pytest.mark.parametrize("tag", ["", " ", "a b", "a,b", "a/b", "x" * 256])
def test_tag_is_refused_when_the_api_has_no_such_tags(tag: str) -> None:
    with pytest.raises(ValueError, match=r"^tag: expected .*got " + re.escape(repr(tag)[:80])):
        checked_targets(None, tag)


@pytest.mark.parametrize("tag", [5, ["training"], b"training", True])
def test_tag_is_refused_when_it_is_no_text(tag: object) -> None:
    with pytest.raises(TypeError, match=rf"^tag: expected a str .*got {type(tag).__name__}"):
        checked_targets(None, tag)


async def test_generator_of_ids_is_closed_when_the_run_is_cancelled() -> None:
    """Closing it may take an await of its own, which a cancelled scope would not allow."""
    ended = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            ended.append("closed")

    ids = ids_of(source())
    with anyio.CancelScope() as scope:
        assert await anext(ids) == 1
        scope.cancel()
        await ids.aclose()
    assert ended == ["closed"]


async def test_plain_generator_is_closed_while_it_is_still_known() -> None:
    given = generated([1, 2])
    ids = ids_of(given)
    assert await anext(ids) == 1
    await ids.aclose()
    assert next(given, None) is None
