"""A stream of outcomes: when its run starts, what it returns, and how it ends."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fake_fleet import elapsed
from samples import NOON
from virtual_time import run

from gradient_async import ClientClosedError
from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.stream import OutcomeStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.once


class Run:
    """A run that emits outcomes with a pause before each.

    Args:
        number: Number of outcomes.
        pause: Seconds before each.
        error: Raised after the last.
        ending: Seconds that the end of the run takes once it is cancelled.
    """

    def __init__(
        self, number: int = 3, *, pause: float = 1.0, error: Exception | None = None, ending: float = 0.0
    ) -> None:
        self.number, self.pause, self.error, self.ending = number, pause, error, ending
        self.began = 0
        self.ended_at: float | None = None
        self.emitted = 0
        self.inside: Callable[[], Awaitable[None]] | None = None

    async def execute(self, emit: Callable[[Outcome], Awaitable[None]]) -> None:
        self.began += 1
        try:
            for number in range(self.number):
                await asyncio.sleep(self.pause)
                if self.inside is not None:
                    await self.inside()
                await emit(Outcome(droplet_id=number, status="completed", ended_at=NOON))
                self.emitted += 1
            if self.error is not None:
                raise self.error
        finally:
            with anyio.CancelScope(shield=True):
                await asyncio.sleep(self.ending)
            self.ended_at = elapsed()


class Streams:
    """The streams of a client."""

    def __init__(self) -> None:
        self.open: list[Any] = []

    def add(self, stream: Any) -> None:
        self.open.append(stream)


def stream_of(work: Run, streams: Streams | None = None) -> OutcomeStream:
    given: Any = streams or Streams()
    execution: Any = work
    return OutcomeStream(lambda: execution, given)


def test_run_starts_with_the_first_request_and_once() -> None:
    async def work() -> list[int]:
        running, streams = Run(), Streams()
        stream = stream_of(running, streams)
        await asyncio.sleep(5.0)
        assert (running.began, streams.open, stream.is_of_this_loop) == (0, [], False)
        first = await anext(stream)
        assert (running.began, streams.open, stream.is_of_this_loop) == (1, [stream], True)
        rest = [one.droplet_id async for one in stream]
        assert [one async for one in stream] == []
        assert (running.began, len(streams.open)) == (1, 1)
        return [first.droplet_id, *rest]

    assert run(work()) == [0, 1, 2]


def test_stream_is_not_of_another_loop() -> None:
    async def begin(stream: OutcomeStream) -> None:
        await anext(stream)
        assert stream.is_of_this_loop

    async def later(stream: OutcomeStream) -> bool:
        is_of_this_loop = stream.is_of_this_loop
        await stream.aclose()
        return is_of_this_loop

    stream = stream_of(Run())
    run(begin(stream))
    assert run(later(stream)) is False


def test_page_has_all_outcomes_that_are_known() -> None:
    async def work() -> list[list[int] | None]:
        stream = stream_of(Run(5))
        pages: list[list[int] | None] = []
        for pause in (0.0, 2.5, 0.0, 10.0, 0.0):
            await asyncio.sleep(pause)
            page = await stream.next_page()
            pages.append(None if page is None else [one.droplet_id for one in page])
        return pages

    assert run(work()) == [[0], [1, 2], [3], [4], None]


def test_run_waits_while_a_hundred_outcomes_are_not_taken() -> None:
    async def work() -> tuple[int, int]:
        running = Run(300, pause=0.0)
        stream = stream_of(running)
        await anext(stream)
        await asyncio.sleep(50.0)
        waiting = running.emitted
        return waiting, len([one async for one in stream])

    emitted, rest = run(work())
    assert 100 <= emitted <= 202
    assert rest == 299


def test_error_of_the_run_is_raised_once_at_the_end() -> None:
    async def work() -> None:
        stream = stream_of(Run(1, error=ZeroDivisionError("no")))
        assert (await anext(stream)).droplet_id == 0
        with pytest.raises(ZeroDivisionError, match="no"):
            await anext(stream)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    run(work())


def test_closed_stream_has_ended_its_run_and_has_no_more() -> None:
    async def work() -> Run:
        running = Run(9, ending=2.0)
        async with stream_of(running) as stream:
            await anext(stream)
        assert (running.ended_at, elapsed()) == (3.0, 3.0)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        await stream.aclose()
        return running

    assert run(work()).emitted == 1
    gc.collect()  # nothing warns of an end that is left open


def test_outcomes_that_are_known_are_dropped_when_it_is_closed() -> None:
    async def work() -> None:
        stream = stream_of(Run(3, pause=0.0))
        await anext(stream)
        await asyncio.sleep(1.0)
        await anext(stream)
        await stream.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    run(work())


def test_stream_that_is_closed_first_never_starts() -> None:
    async def work() -> int:
        running = Run()
        stream = stream_of(running)
        await stream.aclose()
        assert await stream.next_page() is None
        return running.began

    assert run(work()) == 0


def test_reader_is_told_that_the_client_was_closed() -> None:
    async def work() -> None:
        stream = stream_of(Run(9))
        await anext(stream)
        reader = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        await stream.aclose(is_by_client=True)
        for one in (reader, anext(stream)):
            with pytest.raises(ClientClosedError, match="the client was closed, and the run of this stream has ended"):
                await one

    run(work())


def test_stream_stays_closed_by_its_reader() -> None:
    async def work() -> None:
        stream = stream_of(Run(9))
        await anext(stream)
        await stream.aclose()
        await stream.aclose(is_by_client=True)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    run(work())


def test_cancelled_reader_ends_the_run() -> None:
    async def work() -> None:
        running = Run(9, ending=2.0)
        stream = stream_of(running)
        reader = asyncio.ensure_future(stream.next_page())
        await asyncio.sleep(0.5)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        assert (running.ended_at, elapsed()) == (2.5, 2.5)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    run(work())


def test_closing_waits_for_the_end_even_when_it_is_cancelled() -> None:
    async def work() -> None:
        running = Run(9, ending=5.0)
        stream = stream_of(running)
        await anext(stream)
        closing = asyncio.ensure_future(stream.aclose())
        await asyncio.sleep(1.0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert (running.ended_at, elapsed()) == (6.0, 6.0)

    run(work())


def test_closing_in_a_cancelled_scope_waits_for_the_end() -> None:
    async def work() -> None:
        running = Run(9, ending=5.0)
        stream = stream_of(running)
        await anext(stream)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await stream.aclose()
        assert (running.ended_at, elapsed()) == (6.0, 6.0)

    run(work())


def test_part_of_the_run_closes_it_without_waiting_for_itself() -> None:
    async def work() -> None:
        running = Run(9)
        stream = stream_of(running)
        running.inside = stream.aclose
        assert await stream.next_page() is None
        await asyncio.sleep(5.0)
        assert running.emitted == 0
        assert running.ended_at == 1.0

    run(work())


def test_dropped_stream_ends_its_run() -> None:
    async def work() -> None:
        running = Run(9)
        streams = Streams()
        stream = stream_of(running, streams)
        await anext(stream)
        streams.open.clear()
        del stream
        gc.collect()
        await asyncio.sleep(0.1)
        assert running.ended_at == 1.0

    run(work())


def test_dropped_stream_that_has_ended_touches_no_closed_loop() -> None:
    async def work() -> OutcomeStream:
        stream = stream_of(Run(1))
        assert [one.droplet_id async for one in stream] == [0]
        return stream

    stream = run(work())
    del stream
    gc.collect()


def test_stream_needs_an_event_loop_of_asyncio() -> None:
    with pytest.raises(RuntimeError, match=r"^no asyncio event loop runs here"):
        stream_of(Run()).next_page().send(None)
