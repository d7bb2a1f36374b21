from __future__ import annotations

import asyncio
import gc
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import Mock

import pytest

from gradient_async.errors import ClientClosedError
from gradient_sync._event_loop import EventLoop
from gradient_sync._event_loop.process import PROCESS
from gradient_sync._event_loop.thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

NAME = "gradient-sync event loop"


async def answer() -> int:
    return 42


async def nothing() -> None:
    pass


def loop_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


class Worker:
    """Coroutines that never end by themselves, and a record of what happened to them."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.events: list[str] = []

    async def work(self) -> None:
        try:
            self.begun.release()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            self.events.append("cleaned up")

    async def aclose(self) -> None:
        self.events.append(f"closed in {threading.current_thread().name}")


def test_call_is_refused_and_not_begun_after_closing() -> None:
    event_loop = EventLoop()
    event_loop.run(answer)
    event_loop.close(nothing)
    method = Mock(wraps=answer)
    with pytest.raises(ClientClosedError):
        event_loop.run(method)
    assert not method.called
    assert loop_threads() == []


def test_closing_starts_nothing_when_no_loop_ran() -> None:
    event_loop = EventLoop()
    worker = Worker()
    event_loop.close(worker.aclose)
    assert worker.events == []
    assert loop_threads() == []
    with pytest.raises(ClientClosedError):
        event_loop.run(answer)
    with pytest.raises(ClientClosedError):
        next(event_loop.iterate(numbers()))


async def numbers() -> AsyncGenerator[int, None]:
    yield 1


def test_async_client_is_closed_once_when_closed_again() -> None:
    event_loop = EventLoop()
    worker = Worker()
    event_loop.run(answer)
    for _ in range(3):
        event_loop.close(worker.aclose)
        assert loop_threads() == []
    assert worker.events == [f"closed in {NAME}"]


def test_closers_return_after_the_end_when_ten_threads_close() -> None:
    event_loop = EventLoop()
    worker = Worker()
    event_loop.run(answer)
    start = threading.Barrier(10)

    def close() -> int:
        start.wait(20)
        event_loop.close(worker.aclose)
        return len(loop_threads())

    with ThreadPoolExecutor(10) as pool:
        assert [call.result(20) for call in [pool.submit(close) for _ in range(10)]] == [0] * 10
    assert worker.events == [f"closed in {NAME}"]


def test_async_client_is_closed_when_a_second_closer_overtakes(monkeypatch: pytest.MonkeyPatch) -> None:
    event_loop = EventLoop()
    worker = Worker()
    event_loop.run(answer)
    wait_for_end, is_overtaken = LoopThread.close, threading.Event()

    def wait_for_the_second(*arguments: Any) -> None:
        monkeypatch.setattr(LoopThread, "close", wait_for_end)
        second = threading.Thread(target=event_loop.close, args=(worker.aclose,))
        second.start()
        second.join(20)
        is_overtaken.set()
        wait_for_end(*arguments)

    monkeypatch.setattr(LoopThread, "close", wait_for_the_second)
    event_loop.close(worker.aclose)
    assert is_overtaken.is_set()
    assert worker.events == [f"closed in {NAME}"]
    assert loop_threads() == []


def test_second_closer_is_kept_out_until_the_last_call_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    event_loop = EventLoop()
    worker = Worker()
    event_loop.run(answer)
    begin, could_enter = LoopThread.begin_to_close, []

    def enters() -> bool:
        if not PROCESS.lock.acquire(blocking=False):
            return False
        PROCESS.lock.release()
        return True

    def begin_beside_another(thread: LoopThread, aclose: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            could_enter.append(pool.submit(enters).result(20))
        return begin(thread, aclose)

    monkeypatch.setattr(LoopThread, "begin_to_close", begin_beside_another)
    event_loop.close(worker.aclose)
    assert could_enter == [False]
    assert worker.events == [f"closed in {NAME}"]


def test_running_calls_clean_up_before_the_async_client_closes() -> None:
    event_loop = EventLoop()
    worker = Worker()
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(event_loop.run, worker.work) for _ in range(5)]
        for _ in calls:
            assert worker.begun.acquire(timeout=20)
        event_loop.close(worker.aclose)
        errors = [call.exception(20) for call in calls]
    assert [type(error) for error in errors] == [ClientClosedError] * 5
    assert [type(error.__cause__) for error in errors if error] == [asyncio.CancelledError] * 5
    assert worker.events == ["cleaned up"] * 5 + [f"closed in {NAME}"]
    assert loop_threads() == []


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Lets threads get into each other's way at more places."""
    seconds = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(seconds)


@pytest.mark.usefixtures("hasty_threads")
def test_no_call_hangs_when_threads_call_until_the_client_closes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(100):
        event_loop = EventLoop()
        busy = threading.Semaphore(0)

        def call_until_closed(event_loop: EventLoop = event_loop, busy: threading.Semaphore = busy) -> str:
            while True:
                try:
                    assert event_loop.run(answer) == 42
                except ClientClosedError:
                    return "closed"
                busy.release()

        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(call_until_closed) for _ in range(8)]
            for _ in range(8):
                assert busy.acquire(timeout=20)
            event_loop.close(nothing)
            assert {call.result(20) for call in calls} == {"closed"}
    gc.collect()  # a coroutine that was never awaited would say so here
    assert caplog.records == []  # and the loop, where it had to do what it cannot


def test_loop_ends_with_the_error_when_closing_the_client_fails() -> None:
    event_loop = EventLoop()
    event_loop.run(answer)
    error = OSError("no")

    async def fail() -> None:
        raise error

    with pytest.raises(OSError, match="no") as caught:
        event_loop.close(fail)
    assert caught.value is error
    assert loop_threads() == []


def test_loop_ends_when_the_async_client_cannot_begin_to_close() -> None:
    event_loop = EventLoop()
    event_loop.run(answer)
    (thread,) = loop_threads()

    def fail() -> NoReturn:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        event_loop.close(fail)
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("where", ["in a call", "in the closing"])
def test_closing_ends_in_time_and_warns_when_something_resists(where: str) -> None:
    event_loop = EventLoop(grace_seconds=0.2)
    begun = threading.Event()
    may_end = threading.Event()

    async def resist() -> None:
        while not may_end.is_set():
            try:
                begun.set()
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    event_loop.run(answer)
    with ThreadPoolExecutor(1) as pool:
        if where == "in a call":
            call = pool.submit(event_loop.run, resist)
            assert begun.wait(20)
        with pytest.warns(ResourceWarning, match=r"did not end within 0\.2 s"):
            event_loop.close(resist if where == "in the closing" else nothing)
        may_end.set()
        if where == "in a call":
            assert call.exception(20) is None
    for thread in loop_threads():
        thread.join(20)
    assert loop_threads() == []


def test_left_behind_tasks_end_when_the_client_is_closed() -> None:
    event_loop = EventLoop()
    ends: list[str] = []

    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            ends.append("generator")

    async def stray() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("task")

    kept: list[object] = []

    async def leave_behind() -> None:
        generator = generate()
        kept.append(generator)
        kept.append(asyncio.create_task(stray()))
        await anext(generator)
        await asyncio.to_thread(lambda: None)

    event_loop.run(leave_behind)
    event_loop.close(nothing)
    assert sorted(ends) == ["generator", "task"]
    assert threading.active_count() == 1 + sum(thread.daemon for thread in threading.enumerate())


def test_the_thread_ends_when_the_event_loop_is_garbage() -> None:
    event_loop = EventLoop()
    event_loop.run(answer)
    (thread,) = loop_threads()
    reference = weakref.ref(event_loop)
    del event_loop
    assert reference() is None  # by its references alone: nothing that runs holds it
    thread.join(20)
    assert not thread.is_alive()


def test_loop_lives_when_only_an_iterator_of_its_client_is_left() -> None:
    async def count() -> AsyncGenerator[int, None]:
        for number in range(3):
            yield number

    items = EventLoop().iterate(count())
    assert next(items) == 0
    gc.collect()
    assert list(items) == [1, 2]
    (thread,) = loop_threads()
    del items
    thread.join(20)
    assert not thread.is_alive()
