from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Child


@pytest.mark.parametrize("keeps", ["event_loop = ", ""], ids=["its client stays", "its client goes too"])
def test_interrupt_that_hits_a_dropped_iterator_is_raised_later(
    start_child: Callable[[str], Child], keeps: str
) -> None:
    child = start_child(f"""
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
    child = start_child("""
        import asyncio
        import signal
        import sys
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
