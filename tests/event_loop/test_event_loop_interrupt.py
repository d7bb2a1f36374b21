from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Child
    from loopback import LoopbackServer


def test_server_sees_the_request_end_before_the_interrupt(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        from loopback import Client

        client = Client()
        try:
            client.get("/slow")
        except KeyboardInterrupt as interrupt:
            print("interrupted", repr(interrupt.__context__))
            input()
        print(client.get("/afterwards"))
        client.close()
    """)
    server.wait_for_arrival("/slow")
    child.interrupt()
    child.wait_for_line("interrupted CancelledError()")
    server.wait_for_departure("/slow")  # while the process waits for its input
    child.proceed()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["interrupted CancelledError()", "/afterwards"]


def test_clean_up_ends_before_the_interrupt_surfaces(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio
        from gradient_sync._event_loop import EventLoop

        async def work():
            try:
                print("working")
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.1)
                print("cleaned up")

        try:
            EventLoop().run(work)
        except KeyboardInterrupt:
            print("interrupted")
    """)
    child.wait_for_line("working")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaned up", "interrupted"]


HANGING_CLEAN_UP = """
    import asyncio, gc
    from gradient_sync._event_loop import EventLoop

    async def work():
        try:
            print("working")
            await asyncio.Event().wait()
        finally:
            print("cleaning up")
            await asyncio.Event().wait()

    async def answer():
        return 42

    async def items():
        await work()
        yield 1
"""


@pytest.mark.parametrize("call", ["event_loop.run(work)", "list(event_loop.iterate(items()))"])
def test_a_second_interrupt_surfaces_at_once_when_clean_up_hangs(
    start_child: Callable[[str], Child], call: str
) -> None:
    child = start_child(f"""
    {HANGING_CLEAN_UP}
    event_loop = EventLoop(grace_seconds=1000)
    try:
        {call}
    except KeyboardInterrupt:
        print("interrupted")
    gc.collect()  # a task that nothing holds would be destroyed, and say so
    print(event_loop.run(answer))
    """)
    child.wait_for_line("working")
    child.interrupt()
    child.wait_for_line("cleaning up")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaning up", "interrupted", "42"]


def test_interrupt_surfaces_after_the_grace_when_clean_up_hangs(start_child: Callable[[str], Child]) -> None:
    child = start_child(f"""
    {HANGING_CLEAN_UP}
    event_loop = EventLoop(grace_seconds=1)
    try:
        event_loop.run(work)
    except KeyboardInterrupt:
        print("interrupted")
    gc.collect()  # a task that nothing holds would be destroyed, and say so
    print(event_loop.run(answer))
    """)
    child.wait_for_line("working")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaning up", "interrupted", "42"]


def test_clean_up_is_seen_through_when_it_announces_its_time(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio

        from gradient_async.clean_up import announce_clean_up
        from gradient_sync._event_loop.event_loop import EventLoop

        async def work():
            try:
                print("working", flush=True)
                await asyncio.sleep(60)
            finally:
                announce_clean_up(50)
                await asyncio.sleep(0.5)
                print("cleaned up", flush=True)

        try:
            EventLoop(grace_seconds=0.1).run(work)
        except KeyboardInterrupt as interrupt:
            print(repr(interrupt.__context__))
    """)
    child.wait_for_line("working")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaned up", "CancelledError()"]


def test_second_interrupt_cuts_an_announced_clean_up_short(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio

        from gradient_async.clean_up import announce_clean_up
        from gradient_sync._event_loop.event_loop import EventLoop

        async def work():
            try:
                print("working", flush=True)
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                announce_clean_up(50)
                try:
                    print("cleaning up", flush=True)
                    await asyncio.sleep(40)
                except asyncio.CancelledError:
                    raise asyncio.CancelledError("half of it") from None

        try:
            EventLoop(grace_seconds=0.1).run(work)
        except KeyboardInterrupt as interrupt:
            print(repr(interrupt.__context__))
    """)
    child.wait_for_line("working")
    child.interrupt()
    child.wait_for_line("cleaning up")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaning up", "CancelledError('half of it')"]


def test_coroutine_is_cancelled_when_two_signals_come_at_once(start_child: Callable[[str], Child]) -> None:
    """The second one's handler raises before the loop knows of the first."""
    child = start_child("""
        import asyncio
        import signal
        from gradient_sync._event_loop import EventLoop

        class FirstError(Exception):
            pass

        class SecondError(Exception):
            pass

        def handler(error):
            def give_up(*_):
                raise error
            return give_up

        async def work():
            print("working")
            try:
                await asyncio.sleep(15)
                print("went on")
            except asyncio.CancelledError:
                await asyncio.sleep(0.1)
                print("cleaned up")

        signal.signal(signal.SIGUSR1, handler(FirstError))
        signal.signal(signal.SIGUSR2, handler(SecondError))
        try:
            EventLoop().run(work)
        except (FirstError, SecondError) as error:
            print("raised")
    """)
    child.wait_for_line("working")
    child.interrupt_twice(signal.SIGUSR1, signal.SIGUSR2)
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cleaned up", "raised"]


def test_coroutine_is_cancelled_when_a_signal_handler_raises(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio
        import signal
        from gradient_sync._event_loop import EventLoop

        class TimeLimitError(Exception):
            pass

        def give_up(*_):
            raise TimeLimitError

        async def work():
            print("working")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                print("cancelled")
                raise OSError("the clean-up failed, too")

        signal.signal(signal.SIGUSR1, give_up)
        try:
            EventLoop().run(work)
        except TimeLimitError as error:
            print(repr(error.__context__))
    """)
    child.wait_for_line("working")
    child.interrupt(signal.SIGUSR1)
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["working", "cancelled", "OSError('the clean-up failed, too')"]


def test_only_the_interrupted_call_ends_when_threads_wait_too(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        import threading
        from loopback import Client

        client = Client()
        worker = threading.Thread(target=lambda: print(client.get("/slow-in-a-thread")))
        worker.start()
        try:
            client.get("/slow-in-main")
        except KeyboardInterrupt:
            print("interrupted")
        worker.join()
    """)
    seen = {server.arrivals.get(timeout=20), server.arrivals.get(timeout=20)}
    assert seen == {"/slow-in-a-thread", "/slow-in-main"}
    child.interrupt()
    server.wait_for_departure("/slow-in-main")
    child.wait_for_line("interrupted")
    server.release()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["interrupted", "/slow-in-a-thread"]


def test_interrupted_iteration_is_closed_and_not_complete(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio
        from gradient_sync._event_loop import EventLoop

        class Pages:
            async def next_page(self):
                print("reading")
                await asyncio.Event().wait()

            async def aclose(self):
                # Python 3.13 would cancel this again if the task still counted as cancelled.
                try:
                    async with asyncio.TaskGroup() as group:
                        group.create_task(fail())
                        await asyncio.Event().wait()
                except* OSError:
                    await asyncio.sleep(0)
                print("closed")

        async def fail():
            raise OSError

        event_loop = EventLoop()
        items = event_loop.iterate(Pages())
        try:
            next(items)
        except KeyboardInterrupt:
            print("interrupted")
        try:
            print(list(items))
        except RuntimeError as error:
            print(error)
    """)
    child.wait_for_line("reading")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == [
        "reading",
        "closed",
        "interrupted",
        "the iteration was ended by an interrupt, or because its client was closed",
    ]


def test_interrupted_closing_ends_the_loop_nevertheless(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio
        import threading
        from gradient_sync._event_loop import EventLoop

        async def aclose():
            print("closing")
            try:
                await asyncio.Event().wait()
            finally:
                print("cleaned up")

        async def answer():
            return 42

        event_loop = EventLoop(grace_seconds=1000)
        event_loop.run(answer)
        try:
            event_loop.close(aclose)
        except KeyboardInterrupt:
            print("interrupted")
        event_loop.close(aclose)
        print(threading.active_count())
    """)
    child.wait_for_line("closing")
    child.interrupt()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["closing", "cleaned up", "interrupted", "1"]


def test_closing_is_interrupted_before_it_is_waited_for(start_child: Callable[[str], Child]) -> None:
    child = start_child("""
        import asyncio
        import signal
        import threading
        from gradient_sync._event_loop import EventLoop
        from gradient_sync._event_loop.thread import LoopThread

        async def aclose():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                print("cleaned up")

        async def answer():
            return 42

        def interrupted(*args):
            LoopThread.close = close
            begun.wait()
            signal.raise_signal(signal.SIGINT)

        begun = threading.Event()
        event_loop = EventLoop(grace_seconds=1000)
        event_loop.run(answer)
        close, LoopThread.close = LoopThread.close, interrupted
        try:
            event_loop.close(aclose)
        except KeyboardInterrupt:
            event_loop.close(aclose)
            print("interrupted", threading.active_count())
    """)
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["cleaned up", "interrupted 1"], "")


def test_signal_handler_can_close_the_client_during_a_call(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        import signal
        import threading
        from gradient_async.errors import ClientClosedError
        from loopback import Client

        client = Client()
        signal.signal(signal.SIGTERM, lambda *_: client.close())
        try:
            client.get("/slow")
        except ClientClosedError as error:
            print(error, threading.active_count())
    """)
    server.wait_for_arrival("/slow")
    child.interrupt(signal.SIGTERM)
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["the client is closed 1"]


def test_nothing_is_left_when_interrupts_come_at_any_time(
    start_child: Callable[[str], Child],
) -> None:
    child = start_child("""
        import asyncio
        import gc
        import random
        import signal
        import sys
        import threading
        import warnings
        from gradient_sync._event_loop import EventLoop

        class Interrupt(BaseException):
            pass

        def interrupt(*_):
            raise Interrupt

        async def work():
            global running
            running += 1
            try:
                await asyncio.sleep(0.0003)
            finally:
                running -= 1

        async def aclose():
            pass

        async def numbers():
            while True:
                await work()
                yield 1

        def use(event_loop):
            event_loop.run(work)
            next(event_loop.iterate(numbers()))

        running = 0
        interrupts = 0
        # Interrupts that hit a destructor are printed, and one may hit an async generator's own step.
        sys.stderr.close()
        warnings.simplefilter("ignore")
        signal.signal(signal.SIGALRM, interrupt)
        shared = EventLoop()
        for number in range(400):
            event_loop = EventLoop() if number % 2 else shared
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 3e-3))
                    for _ in range(20):
                        use(event_loop)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except Interrupt:
                interrupts += 1
            except RuntimeError as error:
                # The standard library's Thread.start() cannot bear interrupts at some of its own steps.
                assert "lock" in str(error) and isinstance(error.__context__, Interrupt), error
            use(event_loop)
            if event_loop is not shared:
                event_loop.close(aclose)
        shared.close(aclose)
        gc.collect()
        # An interrupt inside Thread.start() can leave a Thread among them that never really started.
        threads = [thread for thread in threading.enumerate()[1:] if thread.is_alive()]
        for thread in threads:
            thread.join(20)
        print(interrupts > 100, running, [thread for thread in threads if thread.is_alive()])
    """)
    ending = child.end()
    assert (ending.exit_code, ending.lines) == (0, ["True 0 []"])


def test_no_interrupt_is_lost_or_leaves_a_coroutine_behind(start_child: Callable[[str], Child]) -> None:
    """Neither is one lost in the callbacks of weak references, as when the caller's thread freed the task."""
    child = start_child("""
        import random
        import signal
        from gradient_sync._event_loop import EventLoop

        class Interrupt(BaseException):
            pass

        def interrupt(*_):
            raise Interrupt

        async def work():
            pass

        async def aclose():
            pass

        event_loop = EventLoop()
        event_loop.run(work)
        interrupts = 0
        signal.signal(signal.SIGALRM, interrupt)
        for _ in range(2000):
            try:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 2e-4))
                for _ in range(100):
                    event_loop.run(work)
            except Interrupt:
                interrupts += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
        event_loop.close(aclose)
        print(interrupts)
    """)
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["2000"]
