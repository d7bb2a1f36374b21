from __future__ import annotations

import asyncio
import contextvars
import errno
import gc
import socket
import sys
import threading
import time
import traceback
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from gradient_async.errors import ClientClosedError
from gradient_sync._event_loop import BlockingCallInEventLoopWarning, EventLoop
from gradient_sync._event_loop import thread as loop_thread
from gradient_sync._event_loop.process import PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

setting: contextvars.ContextVar[object] = contextvars.ContextVar("setting", default="default")


async def answer() -> int:
    return 42


async def nothing() -> None:
    pass


@pytest.fixture
def event_loop() -> Iterator[EventLoop]:
    event_loop = EventLoop()
    yield event_loop
    event_loop.close(nothing)
    assert [thread.name for thread in threading.enumerate() if thread.name == "gradient-sync event loop"] == []


class Client:
    """As generated: the caller of its methods is the program's line that a warning has to name."""

    def __init__(self, event_loop: EventLoop) -> None:
        self._loop = event_loop

    def get(self) -> int:
        return self._loop.run(answer)

    def list_all(self) -> Iterator[int]:
        async def numbers():  # noqa: ANN202 - an async generator of int
            yield 1

        return self._loop.iterate(numbers())


async def test_call_works_and_warns_when_an_event_loop_runs(event_loop: EventLoop) -> None:
    with pytest.warns(BlockingCallInEventLoopWarning) as caught:
        assert Client(event_loop).get() == 42
    with pytest.warns(BlockingCallInEventLoopWarning) as caught_in_iteration:
        assert list(Client(event_loop).list_all()) == [1]
    for warning in (*caught, *caught_in_iteration):
        assert warning.filename == __file__
    lines = (caught[0].lineno, caught_in_iteration[0].lineno)
    with open(__file__) as source:  # noqa: ASYNC230, PTH123 - a test's own few lines
        text = source.read().splitlines()
    assert ["Client(event_loop)" in text[line - 1] for line in lines] == [True, True]


async def test_call_does_not_warn_when_the_loop_is_a_notebooks(
    event_loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert event_loop.run(answer) == 42


async def test_the_method_is_not_called_when_the_warning_is_an_error(event_loop: EventLoop) -> None:
    method = Mock(wraps=answer)
    with pytest.raises(BlockingCallInEventLoopWarning):
        event_loop.run(method)
    assert not method.called


def test_call_is_refused_inside_a_coroutine_of_the_client(event_loop: EventLoop) -> None:
    inner = Mock(wraps=answer)

    async def call_back() -> int:
        return event_loop.run(inner)

    async def close() -> None:
        event_loop.close(nothing)

    async def iterate() -> None:
        next(Client(event_loop).list_all())

    for method in (call_back, close, iterate):
        with pytest.raises(RuntimeError, match="would wait for itself"):
            event_loop.run(method)
    assert not inner.called
    assert event_loop.run(answer) == 42


def test_a_coroutine_can_use_another_client(event_loop: EventLoop) -> None:
    other = EventLoop()

    async def call_other() -> int:
        with pytest.warns(BlockingCallInEventLoopWarning):
            return other.run(answer)

    assert event_loop.run(call_other) == 42
    other.close(nothing)


def test_calls_of_twenty_threads_overlap_with_their_own_answers(event_loop: EventLoop) -> None:
    arrived = 0
    all_arrived: asyncio.Event | None = None

    async def double(number: int) -> int:
        nonlocal arrived, all_arrived
        all_arrived = all_arrived or asyncio.Event()
        arrived += 1
        if arrived == 20:
            all_arrived.set()
        await all_arrived.wait()  # no call ends before all have begun
        return 2 * number

    with ThreadPoolExecutor(20) as pool:
        for _ in range(5):
            arrived, all_arrived = 0, None
            answers = list(pool.map(lambda number: event_loop.run(double, number), range(20)))
            assert answers == [2 * number for number in range(20)]
    assert sum(thread.name == "gradient-sync event loop" for thread in threading.enumerate()) == 1


class Oddity(BaseException):
    pass


@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), Oddity(), asyncio.CancelledError()]
)
@pytest.mark.parametrize("in_a_task", [False, True])
def test_error_reaches_only_its_caller_as_the_same_object(
    event_loop: EventLoop, error: BaseException, *, in_a_task: bool
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    async def fail() -> None:
        raise error

    async def fail_in_a_task() -> None:
        await asyncio.create_task(fail())

    async def be_slow() -> int:
        begun.set()
        await asyncio.to_thread(may_end.wait, 20)
        return 42

    with ThreadPoolExecutor(1) as pool:
        slow_call = pool.submit(event_loop.run, be_slow)
        assert begun.wait(20)
        with pytest.raises(BaseException) as caught:  # noqa: PT011 - any at all
            event_loop.run(fail_in_a_task if in_a_task else fail)
        may_end.set()
        assert slow_call.result(20) == 42
    # asyncio makes a new CancelledError for each awaiter of a cancelled task.
    assert caught.value is error or (in_a_task and type(caught.value) is asyncio.CancelledError)
    assert event_loop.run(answer) == 42


def test_loop_continues_when_a_task_group_ends_by_system_exit(event_loop: EventLoop) -> None:
    async def leave() -> None:
        raise SystemExit(3)

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(leave())
            await asyncio.Event().wait()

    def loops() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "gradient-sync event loop"]

    event_loop.run(answer)
    before = loops()
    with pytest.raises(SystemExit):
        event_loop.run(group)
    assert event_loop.run(answer) == 42
    assert len(before) == 1
    assert loops() == before


def test_tracebacks_show_the_caller_s_and_the_coroutine_s_frames(event_loop: EventLoop) -> None:
    async def innermost() -> None:
        raise ValueError

    async def outermost() -> None:
        await innermost()

    def caller() -> None:
        event_loop.run(outermost)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - only its frames matter
        caller()
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert [name for name in names if name in {"caller", "outermost", "innermost"}] == [
        "caller",
        "outermost",
        "innermost",
    ]
    assert len(names) <= 9


def test_an_error_is_freed_at_once_when_it_was_handled(event_loop: EventLoop) -> None:
    async def fail() -> None:
        raise Oddity

    def provoke() -> weakref.ref[BaseException]:
        try:
            event_loop.run(fail)
        except Oddity as error:
            return weakref.ref(error)
        raise AssertionError

    event_loop.run(answer)
    gc.disable()
    try:
        reference = provoke()
        event_loop.run(answer)  # by then the loop, too, has forgotten the failed call
        assert reference() is None
    finally:
        gc.enable()


def test_coroutine_sees_its_callers_context_and_changes_its_own(event_loop: EventLoop) -> None:
    async def exchange(value: str) -> object:
        seen = setting.get()
        setting.set(value)
        return seen

    def call_with(value: str) -> tuple[object, object]:
        setting.set(value)
        return event_loop.run(exchange, "inside"), setting.get()

    for value in ("one", "two"):
        assert contextvars.Context().run(call_with, value) == (value, value)
    assert contextvars.Context().run(event_loop.run, exchange, "inside") == "default"


def test_the_first_caller_s_context_is_not_kept_alive(event_loop: EventLoop) -> None:
    class Value:
        pass

    def call_with_value() -> weakref.ref[Value]:
        value = Value()
        setting.set(value)
        event_loop.run(answer)
        return weakref.ref(value)

    reference = contextvars.Context().run(call_with_value)
    event_loop.run(answer)
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("is_launched", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), KeyboardInterrupt()], ids=["none", "ctrl-c"])
def test_next_call_works_when_the_start_of_the_thread_fails(
    event_loop: EventLoop, monkeypatch: pytest.MonkeyPatch, error: BaseException, is_launched: bool
) -> None:
    start, launched = threading.Thread.start, []

    def refuse(thread: threading.Thread) -> None:
        if is_launched:
            launched.append(thread)
            start(thread)
        raise error

    method = Mock(wraps=answer)
    threads_before = PROCESS.threads.copy()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(type(error)) as caught:
            event_loop.run(method)
    assert caught.value is error
    assert not method.called
    for thread in launched:
        thread.join(20)
        assert not thread.is_alive()
    assert PROCESS.threads <= threads_before
    gc.collect()  # an unclosed loop would say so here
    assert event_loop.run(answer) == 42


def test_abandoned_loop_is_not_run_when_its_thread_starts_late(
    event_loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interrupt can come when the thread is launched, and has done nothing yet."""
    start, late = threading.Thread.start, []

    def interrupt(thread: threading.Thread) -> None:
        late.append(thread)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupt)
        with pytest.raises(KeyboardInterrupt):
            event_loop.run(answer)
    start(late[0])  # an exception in it would be a warning
    late[0].join(20)
    assert event_loop.run(answer) == 42


@pytest.mark.parametrize("does", ["close", "call"])
def test_signal_handler_may_use_the_client_while_the_loop_starts(
    event_loop: EventLoop, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    new_loop, inner = loop_thread.new_loop, []

    def interrupted() -> object:
        monkeypatch.setattr(loop_thread, "new_loop", new_loop)
        inner.append(event_loop.close(nothing) if does == "close" else event_loop.run(answer))
        return new_loop()

    monkeypatch.setattr(loop_thread, "new_loop", interrupted)
    method = Mock(wraps=answer)
    if does == "close":
        with pytest.raises(ClientClosedError):
            event_loop.run(method)
        assert not method.called
    else:
        assert (event_loop.run(method), inner) == (42, [42])
    event_loop.close(nothing)
    assert [thread for thread in threading.enumerate() if thread.name == "gradient-sync event loop"] == []
    gc.collect()  # an unclosed loop would say so here


def test_call_is_not_held_up_when_others_flood_the_loop(event_loop: EventLoop) -> None:
    is_over = threading.Event()

    async def short() -> None:
        time.sleep(0.0005)  # noqa: ASYNC251 - lets another thread post the next one

    def flood() -> None:
        while not is_over.is_set():
            event_loop.run(short)

    floods = [threading.Thread(target=flood) for _ in range(8)]
    for thread in floods:
        thread.start()
    time.sleep(0.1)
    stopping = threading.Timer(20, is_over.set)  # or it would take for ever
    stopping.start()
    event_loop.run(asyncio.sleep, 0.01)
    is_held_up = is_over.is_set()
    is_over.set()
    stopping.cancel()
    for thread in [*floods, stopping]:
        thread.join(20)
    assert not is_held_up


# asyncio fails once more when it collects the loop that it could not make.
@pytest.mark.filterwarnings("ignore:unclosed event loop", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_next_call_works_when_one_had_no_free_descriptor(
    event_loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> tuple[socket.socket, socket.socket]:
        raise OSError(errno.EMFILE, "Too many open files")

    method = Mock(wraps=answer)
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socketpair", refuse)
        with pytest.raises(OSError, match="Too many open files"):
            event_loop.run(method)
    assert not method.called
    gc.collect()
    assert event_loop.run(answer) == 42


def test_every_call_runs_when_the_wake_up_socket_is_full(event_loop: EventLoop) -> None:
    """A socket takes some 280 single bytes. A call that comes while it is full must not be lost."""
    is_blocking, calls = threading.Event(), 500

    async def block() -> None:
        is_blocking.set()
        while len(event_loop._thread._calls) <= calls:  # type: ignore[union-attr]  # there is one while this runs
            time.sleep(0.001)  # noqa: ASYNC251 - the loop must not read meanwhile

    with ThreadPoolExecutor(calls + 1) as pool:
        blocked = pool.submit(event_loop.run, block)
        is_blocking.wait(20)
        results = [pool.submit(event_loop.run, answer) for _ in range(calls)]
        assert [result.result(20) for result in results] == [42] * calls
        blocked.result(20)


def test_call_works_when_a_coroutine_cancels_every_task(event_loop: EventLoop) -> None:
    async def cancel_all() -> None:
        for task in asyncio.all_tasks():
            task.cancel()
        await asyncio.Event().wait()

    event_loop.run(answer)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "gradient-sync event loop"]
    with pytest.raises((RuntimeError, asyncio.CancelledError)):
        event_loop.run(cancel_all)
    assert answers_at_last(lambda: event_loop.run(answer)) == 42
    gc.collect()  # a coroutine that was never awaited would say so here
    thread.join(20)


def answers_at_last(call: Callable[[], int]) -> int:
    """Try until the call succeeds: the old loop may still be ending at first."""
    for _ in range(1000):
        try:
            return call()
        except RuntimeError as error:
            assert "ended unexpectedly" in str(error)  # noqa: PT017 - or else it is another error
    raise AssertionError


def test_the_signature_accepts_a_coroutine_of_any_kind(event_loop: EventLoop) -> None:
    class Handmade:
        def __await__(self):  # noqa: ANN204 - a generator that never yields
            return 42
            yield

    def wrap() -> Coroutine[object, object, int]:
        async def wait() -> int:
            return await Handmade()

        return wait()

    assert event_loop.run(wrap) == 42
