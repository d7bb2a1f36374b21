from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Child
    from loopback import LoopbackServer

# An exit takes a second at most. A machine that stands still adds some; the grace of the loops would add 1,000.
MAX_SECONDS = 12


def test_import_and_construction_start_no_thread(start_child: Callable[[str], Child]) -> None:
    ending = start_child("""
        import threading
        import gradient_sync._event_loop

        event_loop = gradient_sync._event_loop.EventLoop()
        print(threading.active_count())
    """).end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["1"], "")


@pytest.mark.parametrize(
    "last_words",
    [
        pytest.param("", id="client-left-open"),
        pytest.param("del client", id="client-garbage"),
        pytest.param("items = client.event_loop.iterate(numbers()); print(next(items))", id="iterator-left-open"),
        pytest.param("import os; os._exit(0)", id="no-finalization"),
    ],
)
def test_process_ends_silently_when_nothing_was_closed(
    start_child: Callable[[str], Child], server: LoopbackServer, last_words: str
) -> None:
    ending = start_child(f"""
        from gradient_sync._event_loop import EventLoop
        from loopback import Client

        async def numbers():
            try:
                yield "/one"
                yield "/two"
            finally:
                await client.async_client.get("/three")

        # By its name: the standard library's resolver thread has its own part in the exit.
        client = Client("localhost", event_loop=EventLoop(grace_seconds=1000))
        print(client.get("/one"))
        {last_words}
    """).end()
    assert ending.exit_code == 0
    assert set(ending.lines) == {"/one"}
    assert ending.errors == ""
    assert ending.seconds_since_last_line < MAX_SECONDS
    server.wait_for_arrival("/one")


def test_process_ends_silently_when_a_daemon_thread_waits(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        import threading
        from gradient_sync._event_loop import EventLoop
        from loopback import Client

        client = Client(event_loop=EventLoop(grace_seconds=1000))
        threading.Thread(target=client.get, args=("/slow",), daemon=True).start()
        input()
        print("leaving")
    """)
    server.wait_for_arrival("/slow")
    child.proceed()
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["leaving"], "")
    assert ending.seconds_since_last_line < MAX_SECONDS
    server.wait_for_departure("/slow")


def test_clean_up_runs_when_a_daemon_thread_waits_at_exit(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        import sys
        import threading
        from loopback import Client

        client = Client()

        async def get():
            try:
                await client.async_client.get("/slow")
            finally:
                print("coroutine cleaned up")

        def work():
            try:
                client.event_loop.run(get)
            except BaseException as error:
                # in one piece: the interpreter may end this thread between two
                sys.stdout.write(f"call ended by {error!r}\\n")
                raise

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        input()
    """)
    server.wait_for_arrival("/slow")
    child.proceed()
    ending = child.end()
    assert ending.exit_code == 0
    assert ending.lines[0] == "coroutine cleaned up"
    assert ending.lines[1:] in ([], ["call ended by SystemExit('the interpreter is exiting')"])
    assert ending.errors == ""


def test_process_ends_in_time_when_a_coroutine_is_not_cancelled(
    start_child: Callable[[str], Child],
) -> None:
    child = start_child("""
        import asyncio
        import colorsys
        import threading
        from gradient_sync._event_loop import EventLoop

        async def resist():
            while True:
                try:
                    print("resisting")
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    pass

        async def numbers():
            yield 1

        event_loop = EventLoop(grace_seconds=1000)
        # An iterator that the interpreter finalizes, unlike what the names of this frozen program still hold.
        colorsys.items = event_loop.iterate(numbers())
        next(colorsys.items)
        threading.Thread(target=lambda: event_loop.run(resist), daemon=True).start()
        input()
    """)
    child.wait_for_line("resisting")
    child.proceed()
    ending = child.end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["resisting", "resisting"], "")
    assert ending.seconds_since_last_line < MAX_SECONDS


def test_only_the_program_s_own_error_is_printed_when_it_fails(start_child: Callable[[str], Child]) -> None:
    ending = start_child("""
        from loopback import Client

        client = Client()
        client.get("/one")
        raise SystemExit("out of luck")
    """).end()
    assert (ending.exit_code, ending.lines, ending.errors) == (1, [], "out of luck\n")


@pytest.mark.parametrize("close", ["", "client.close()"])
@pytest.mark.parametrize("first_call", ["", 'client.get("/one")'])
def test_exit_handlers_work_when_registered_after_the_import(
    start_child: Callable[[str], Child], first_call: str, close: str
) -> None:
    child = start_child(f"""
        import atexit
        import aiohttp
        from loopback import Client

        def say_goodbye():
            try:
                print(client.get("/goodbye"))
            except RuntimeError as error:
                print(error)
            {close}

        client = Client()
        {first_call}
        atexit.register(say_goodbye)
    """)
    ending = child.end()
    # Python 3.12.0 and 3.12.1 start no thread at exit.
    refusals = [] if first_call else [["can't create new thread at interpreter shutdown"]]
    assert ending.exit_code == 0
    assert ending.lines in [["/goodbye"], *refusals]
    assert ending.errors == ""


def test_exit_handlers_are_refused_when_registered_before_import(start_child: Callable[[str], Child]) -> None:
    ending = start_child("""
        import atexit

        @atexit.register
        def come_too_late():
            try:
                client.get("/goodbye")
            except RuntimeError as error:
                print(repr(error))
            client.close()

        from loopback import Client

        client = Client()
        print(client.get("/one"))
    """).end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/one", "ClientClosedError('the interpreter is exiting')"]


def test_thread_ends_when_its_client_is_garbage(start_child: Callable[[str], Child], server: LoopbackServer) -> None:
    child = start_child("""
        import threading
        from loopback import Client

        client = Client()
        client.get("/one")
        (thread,) = set(threading.enumerate()) - {threading.current_thread()}
        print(thread.name, thread.daemon)
        del client
        thread.join(20)
        print(thread.is_alive(), threading.active_count())
        input()
    """)
    child.wait_for_line("False 1")
    server.wait_for_departure("/one")  # while the process lives on
    child.proceed()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["gradient-sync event loop True", "False 1"]
