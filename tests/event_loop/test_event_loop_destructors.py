from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Child

# In a program of its own: an iterator whose closing never ends.
ITEMS_WITHOUT_AN_END = """
        import asyncio
        import threading
        from gradient_sync._event_loop import EventLoop

        class Items:
            def __aiter__(self):
                return self

            async def __anext__(self):
                return 1

            async def aclose(self):
                print("closing")
                await asyncio.Event().wait()
"""


@pytest.mark.parametrize("keeps", ["event_loop = ", ""], ids=["its client stays", "its client goes too"])
def test_interrupt_that_hits_a_dropped_iterator_is_raised_later(
    start_child: Callable[[str], Child], keeps: str
) -> None:
    child = start_child(f"""
        {ITEMS_WITHOUT_AN_END}
        {keeps}loop = EventLoop()
        items = loop.iterate(Items())
        del loop
        next(items)
        try:
            del items
            threading.Event().wait()
        except KeyboardInterrupt:
            print("interrupted")
    """)
    child.wait_for_line("closing")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["closing", "interrupted"]


def test_exit_that_hits_a_dropped_iterator_is_raised_later(start_child: Callable[[str], Child]) -> None:
    child = start_child(f"""
        import signal
        import sys
        {ITEMS_WITHOUT_AN_END}
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        items = EventLoop().iterate(Items())
        next(items)
        del items
        threading.Event().wait()
    """)
    child.wait_for_line("closing")
    child.interrupt(signal.SIGTERM)
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (3, ["closing"], "")


@pytest.mark.parametrize(
    ("method", "dropped"), [("end", "del event_loop"), ("leave", "del items")], ids=["client", "iterator"]
)
def test_interrupt_before_a_dropped_thing_ends_is_raised_later(
    start_child: Callable[[str], Child], method: str, dropped: str
) -> None:
    child = start_child(f"""
        import signal
        import threading
        from gradient_sync._event_loop import EventLoop
        from gradient_sync._event_loop.thread import LoopThread

        async def numbers():
            try:
                yield 1
            finally:
                closed.set()

        async def answer():
            return 42

        def interrupted(*args, **kwargs):
            LoopThread.{method} = method
            signal.raise_signal(signal.SIGINT)

        closed = threading.Event()
        event_loop = EventLoop()
        event_loop.run(answer)
        thread = event_loop._thread._thread
        items = event_loop.iterate(numbers())
        if {method == "leave"}:
            next(items)
        else:
            del items
        method, LoopThread.{method} = LoopThread.{method}, interrupted
        try:
            {dropped}
            threading.Event().wait()
        except KeyboardInterrupt:
            print("interrupted")
        if {method == "leave"}:
            print(closed.wait(20))
        else:
            thread.join(20)
            print(not thread.is_alive())
    """)
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["interrupted", "True"], "")


def test_iterator_is_closed_when_its_closing_was_interrupted(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import signal
        import threading
        from gradient_sync._event_loop import EventLoop
        from gradient_sync._event_loop.thread import LoopThread

        async def numbers():
            try:
                yield 1
            finally:
                closed.set()

        def interrupted(*args, **kwargs):
            LoopThread.leave = leave
            signal.raise_signal(signal.SIGINT)

        closed = threading.Event()
        event_loop = EventLoop()
        items = event_loop.iterate(numbers())
        next(items)
        leave, LoopThread.leave = LoopThread.leave, interrupted
        try:
            items.close()
        except KeyboardInterrupt:
            print("interrupted", closed.is_set())
        del items
        print(closed.is_set())
    """)
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["interrupted False", "True"], "")
