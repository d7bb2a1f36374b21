"""Work that a cancellation must not cut off, and the signal that asks a program to end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import anyio.lowlevel
import pytest
from virtual_time import BEGIN, run

from gradient_async.fleet.persistence import shielded_result
from gradient_async.fleet.termination import ending_signals, on_termination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Work:
    """Work of ten seconds.

    Attributes:
        tasks: Its tasks, in order.
        noted: Its results.
    """

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[int]] = []
        self.noted: list[int] = []

    async def _done(self) -> int:
        await anyio.sleep(10.0)
        return len(self.tasks)

    def begin(self) -> asyncio.Task[int]:
        """Begin it again."""
        self.tasks.append(asyncio.create_task(self._done()))
        return self.tasks[-1]

    def result(self) -> asyncio.Task[int]:
        """Wait for it in a task of its own."""
        return asyncio.create_task(shielded_result(self.begin, self.noted.append))


def test_result_is_noted_and_returned() -> None:
    work = Work()

    async def waits() -> tuple[int, float]:
        return await work.result(), anyio.current_time() - BEGIN

    assert run(waits()) == (1, 10.0)
    assert work.noted == [1]


@pytest.mark.parametrize("times", [1, 3])
def test_cancellation_of_the_caller_is_raised_at_the_end(times: int) -> None:
    work = Work()

    async def waits() -> tuple[bool, float]:
        waiting = work.result()
        for _ in range(times):
            await anyio.sleep(1.0)
            waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled(), anyio.current_time() - BEGIN

    assert run(waits()) == (True, 10.0)
    assert work.noted == [1]


def test_cancelled_scope_waits_for_the_end() -> None:
    work = Work()

    async def waits() -> float:
        with anyio.move_on_after(3.0) as scope:
            await shielded_result(work.begin, work.noted.append)
            await anyio.lowlevel.checkpoint()
        assert scope.cancelled_caught
        return anyio.current_time() - BEGIN

    assert run(waits()) == 10.0
    assert work.noted == [1]


@pytest.mark.parametrize(("cuts", "is_done"), [(1, True), (5, True), (6, False)])
def test_work_that_was_cut_off_begins_again_five_times(cuts: int, is_done: bool) -> None:
    work = Work()

    async def waits() -> bool:
        waiting = work.result()
        for _ in range(cuts):
            await anyio.sleep(1.0)
            work.tasks[-1].cancel()
        await asyncio.wait([waiting])
        return not waiting.cancelled()

    assert run(waits()) is is_done
    assert len(work.tasks) == min(cuts, 5) + 1
    assert work.noted == ([cuts + 1] if is_done else [])


def test_error_of_the_work_is_raised() -> None:
    async def fails() -> int:
        await anyio.sleep(1.0)
        raise ZeroDivisionError

    async def waits() -> None:
        await shielded_result(lambda: asyncio.create_task(fails()), print)

    with pytest.raises(ZeroDivisionError):
        run(waits())


signals = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """What is called at SIGTERM. Afterwards the signal ends the process, as before."""
    yield []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


async def terminated() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.05)


def named(calls: list[str], name: str) -> Callable[[], None]:
    return lambda: calls.append(name)


@signals
async def test_all_are_called_at_sigterm_until_released(calls: list[str]) -> None:
    first = on_termination(named(calls, "first"))
    second = on_termination(named(calls, "second"))
    await terminated()
    assert calls == ["first", "second"]
    first()
    first()
    await terminated()
    assert calls == ["first", "second", "second"]
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    second()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    second()
    third = on_termination(named(calls, "third"))
    await terminated()
    third()
    assert calls[3:] == ["third"]


@signals
@pytest.mark.usefixtures("hangup_is_not_ignored")
async def test_end_of_a_terminal_counts_where_it_would_kill(calls: list[str]) -> None:
    release = on_termination(named(calls, "lease"))
    assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL  # else it would kill the tests
    signal.raise_signal(signal.SIGHUP)
    await asyncio.sleep(0.05)
    release()
    assert (calls, signal.getsignal(signal.SIGHUP)) == (["lease"], signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        on_termination(named(calls, "under nohup"))()
        assert (ending_signals(), signal.getsignal(signal.SIGHUP)) == ([signal.SIGTERM], signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@signals
async def test_one_that_releases_itself_hides_no_other(calls: list[str]) -> None:
    releases: list[Callable[[], None]] = []

    def release_first() -> None:
        releases[0]()

    releases.append(on_termination(release_first))
    releases.append(on_termination(named(calls, "second")))
    await terminated()
    releases[1]()
    assert calls == ["second"]


@signals
async def test_handler_of_the_program_is_left_alone(calls: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: calls.append("own"))
    release = on_termination(named(calls, "lease"))
    await terminated()
    release()
    await terminated()
    assert calls == ["own", "own"]


@signals
async def test_loop_handler_of_the_program_is_left_alone(calls: list[str]) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, calls.append, "own")
    on_termination(named(calls, "lease"))()
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL  # which would end the tests
    await terminated()
    assert calls == ["own"]
    assert loop.remove_signal_handler(signal.SIGTERM)


@signals
def test_loop_of_another_thread_takes_no_signal(calls: list[str]) -> None:
    async def waits() -> None:
        on_termination(named(calls, "lease"))()

    thread = threading.Thread(target=lambda: asyncio.run(waits()))
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@signals
async def test_loop_without_signals_takes_none(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "add_signal_handler", refuse)
    on_termination(named(calls, "lease"))()
    monkeypatch.undo()
    release = on_termination(named(calls, "lease"))
    await terminated()
    release()
    assert calls == ["lease"]
