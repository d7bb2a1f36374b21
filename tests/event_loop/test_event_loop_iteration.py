from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async.errors import ClientClosedError
from gradient_sync._event_loop import EventLoop, PageSource

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

NAME = "gradient-sync event loop"
depth: contextvars.ContextVar[int] = contextvars.ContextVar("depth", default=0)


async def answer() -> int:
    return 42


async def nothing() -> None:
    pass


@pytest.fixture
def event_loop() -> Iterator[EventLoop]:
    event_loop = EventLoop()
    yield event_loop
    event_loop.close(nothing)
    assert [thread for thread in threading.enumerate() if thread.name == NAME] == []


class Pages:
    """Three pages, one of them empty; reads the second one only at the second try."""

    def __init__(self) -> None:
        self.reads = 0
        self.closings: list[str] = []

    def __aiter__(self) -> Pages:
        return self

    async def __anext__(self) -> int:
        raise AssertionError("a hop for an item")

    async def next_page(self) -> Sequence[int] | None:
        self.reads += 1
        if self.reads == 3:
            raise ConnectionResetError
        return {1: (1, 2), 2: (), 4: (3,), 5: None}[self.reads]

    async def aclose(self) -> None:
        self.closings.append(threading.current_thread().name)


class Numbers:
    """An async generator that records how it ended."""

    def __init__(self) -> None:
        self.endings: list[str] = []
        self.has_ended = asyncio.Event()

    async def count(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(1000):
                yield number
        finally:
            await asyncio.sleep(0)
            self.endings.append(threading.current_thread().name)
            self.has_ended.set()


def test_pages_are_read_one_by_one_and_on_after_an_error(event_loop: EventLoop) -> None:
    pages = Pages()
    assert isinstance(pages, PageSource)
    items = event_loop.iterate(pages)
    assert [next(items), next(items)] == [1, 2]
    assert pages.reads == 1
    with pytest.raises(ConnectionResetError):
        next(items)
    assert list(items) == [3]
    assert list(items) == []
    assert pages.reads == 5
    assert pages.closings == [NAME]


def test_nothing_starts_when_nothing_is_taken_from_an_iterator() -> None:
    event_loop = EventLoop()
    numbers = Numbers()
    items = event_loop.iterate(numbers.count())
    assert [thread for thread in threading.enumerate() if thread.name == NAME] == []
    del items
    assert numbers.endings == []


@pytest.mark.parametrize("steps", [3, 1000, 1001])
def test_generator_is_closed_when_the_iterator_is_dropped(event_loop: EventLoop, steps: int) -> None:
    numbers = Numbers()
    for count, number in enumerate(event_loop.iterate(numbers.count()), 1):
        assert number == count - 1
        if count == steps:
            break
    assert numbers.endings == [NAME]


def test_the_generator_is_closed_when_its_iterator_is(event_loop: EventLoop) -> None:
    numbers = Numbers()
    items = event_loop.iterate(numbers.count())
    with contextlib.closing(items):
        assert next(items) == 0
    assert numbers.endings == [NAME]
    assert list(items) == []


def test_generator_is_closed_when_its_iterator_is_in_a_cycle(event_loop: EventLoop) -> None:
    numbers = Numbers()
    cycle: list[object] = [event_loop.iterate(numbers.count())]
    cycle.append(cycle)
    next(cycle[0])
    del cycle
    gc.collect()
    assert numbers.endings == [NAME]


def test_generator_is_closed_later_in_the_loops_own_thread(
    event_loop: EventLoop,
) -> None:
    numbers = Numbers()
    holder = [event_loop.iterate(numbers.count())]
    next(holder[0])

    async def drop() -> None:
        holder.clear()  # waiting here would be for ever

    async def names() -> list[str]:
        await numbers.has_ended.wait()
        return numbers.endings

    event_loop.run(drop)
    assert event_loop.run(names) == [NAME]


def test_other_clients_loop_goes_on_when_it_drops_an_iterator(event_loop: EventLoop) -> None:
    may_close, has_closed, was_in_time = threading.Event(), threading.Event(), []

    class Items:
        def __aiter__(self) -> Items:
            return self

        async def __anext__(self) -> int:
            return 1

        async def aclose(self) -> None:
            was_in_time.append(await asyncio.to_thread(may_close.wait, 20))
            has_closed.set()

    other = EventLoop(grace_seconds=1000)
    holder = [other.iterate(Items())]
    next(holder[0])

    async def drop() -> None:
        holder.clear()  # as the garbage collector may do, in any thread

    event_loop.run(drop)
    may_close.set()
    assert has_closed.wait(30)
    assert was_in_time == [True]
    other.close(nothing)


def test_step_of_another_thread_ends_when_the_iterator_is_closed(event_loop: EventLoop) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    items = event_loop.iterate(generate())
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(list, items)
        assert begun.wait(20)
        items.close()
        assert ended.is_set()
        assert reader.result(20) == [1]
    assert event_loop.run(answer) == 42


def test_generators_scopes_and_context_hold_between_items(event_loop: EventLoop) -> None:
    async def generate() -> AsyncGenerator[tuple[int, bool], None]:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            first_task = asyncio.current_task()
            with anyio.CancelScope():
                for _ in range(3):
                    depth.set(depth.get() + 1)
                    await group.create_task(asyncio.sleep(0))
                    yield depth.get(), asyncio.current_task() is first_task

    def iterate() -> list[tuple[int, bool]]:
        depth.set(10)
        items = event_loop.iterate(generate())
        first = next(items)
        depth.set(20)
        return [first, *items]

    assert contextvars.Context().run(iterate) == [(11, True), (12, True), (13, True)]


def test_iteration_ends_by_an_error_when_the_client_is_closed() -> None:
    event_loop = EventLoop()
    numbers = Numbers()
    pages = Pages()
    items, paged_items = event_loop.iterate(numbers.count()), event_loop.iterate(pages)
    next(items)
    next(paged_items)
    event_loop.close(nothing)
    assert numbers.endings == pages.closings == [NAME]
    assert next(paged_items) == 2  # it was read before
    for ended in (items, paged_items):
        with pytest.raises(ClientClosedError):
            next(ended)


def test_running_step_ends_by_an_error_when_the_client_closes() -> None:
    event_loop = EventLoop()
    begun = threading.Event()

    async def generate() -> AsyncGenerator[int, None]:
        begun.set()
        await asyncio.Event().wait()
        yield 1

    with ThreadPoolExecutor(1) as pool:
        step = pool.submit(next, event_loop.iterate(generate()))
        assert begun.wait(20)
        event_loop.close(nothing)
        assert type(step.exception(20)) is ClientClosedError


def test_closing_ends_in_time_when_a_generator_is_not_cancelled() -> None:
    event_loop = EventLoop()
    begun = threading.Event()

    async def generate() -> AsyncGenerator[int, None]:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            yield 1

    items = event_loop.iterate(generate())
    with ThreadPoolExecutor(1) as pool:
        step = pool.submit(next, items)
        assert begun.wait(20)
        event_loop.close(nothing)  # which would warn if it had to give up
        assert step.result(20) == 1
    assert [thread for thread in threading.enumerate() if thread.name == NAME] == []


def test_other_calls_continue_when_a_dropped_iterator_fails(event_loop: EventLoop) -> None:
    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            raise OSError("no")

    holder = [event_loop.iterate(generate())]
    next(holder[0])

    async def drop_and_go_on() -> dict[str, Any]:
        report: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().set_exception_handler(lambda _, context: report.set_result(context))
        holder.clear()
        return await report

    report = event_loop.run(drop_and_go_on)
    assert report["message"] == "an iterator failed as it was closed"
    assert type(report["exception"]) is OSError
    assert event_loop.run(answer) == 42


def test_error_of_a_generators_end_surfaces_when_it_is_closed(event_loop: EventLoop) -> None:
    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            raise OSError("no")

    items = event_loop.iterate(generate())
    next(items)
    with pytest.raises(OSError, match="no"):
        items.close()


def test_many_iterations_do_not_mix_when_threads_iterate_at_once(event_loop: EventLoop) -> None:
    async def count(start: int) -> AsyncGenerator[int, None]:
        for number in range(start, start + 50):
            await asyncio.sleep(0)
            yield number

    with ThreadPoolExecutor(10) as pool:
        lists = list(pool.map(lambda start: list(event_loop.iterate(count(start))), range(0, 1000, 100)))
    assert lists == [list(range(start, start + 50)) for start in range(0, 1000, 100)]
