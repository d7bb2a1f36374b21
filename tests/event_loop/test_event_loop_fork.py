from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Child
    from loopback import LoopbackServer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

LEAVINGS = ["sys.exit(0)", "os._exit(0)", "client.close(); sys.exit(0)"]


@pytest.mark.parametrize("leave", LEAVINGS)
def test_parent_and_child_work_when_a_used_client_is_forked(start_child: Callable[[str], Child], leave: str) -> None:
    ending = start_child(f"""
        import os
        import sys
        from loopback import Client

        client = Client()
        print(client.get("/before"))
        pid = os.fork()
        if pid == 0:
            print(client.get("/child"))
            print(client.get("/child-again"))
            {leave}
        _, status = os.waitpid(pid, 0)
        print("child ended with", status)
        print(client.get("/parent"))
    """).end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/before", "/child", "/child-again", "child ended with 0", "/parent"]


@pytest.mark.parametrize("leave", LEAVINGS)
def test_parents_connections_survive_the_childs_client(
    start_child: Callable[[str], Child], server: LoopbackServer, leave: str
) -> None:
    child = start_child(f"""
        import gc
        import os
        import sys
        from loopback import Client

        client = Client()
        print(client.get("/before"))
        pid = os.fork()
        if pid == 0:
            client = Client()
            gc.collect()
            {leave}
        _, status = os.waitpid(pid, 0)
        print("child ended with", status)
        print(client.get("/parent"))
        input()
    """)
    child.wait_for_line("/parent")
    assert server.departures.empty()  # the very connection from before
    child.proceed()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/before", "child ended with 0", "/parent"]


def test_child_leaves_the_parents_loop_alone_when_collecting(
    start_child: Callable[[str], Child],
) -> None:
    ending = start_child("""
        import gc
        import os
        from gradient_sync._event_loop import EventLoop
        from gradient_sync._event_loop.process import PROCESS

        async def answer():
            return 42

        event_loop = EventLoop()
        event_loop.run(answer)
        pid = os.fork()
        if pid == 0:
            (thread,) = PROCESS.parent_threads
            del event_loop
            gc.collect()
            os._exit(len(thread._loop._ready))
        print(os.waitpid(pid, 0)[1], event_loop.run(answer))
    """).end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["0 42"], "")


def test_child_does_not_end_its_parents_running_call(start_child: Callable[[str], Child]) -> None:
    """If the child collected the call's task, it would run its clean-up, which is the parent's to do."""
    ending = start_child("""
        import asyncio
        import gc
        import os
        import threading
        from gradient_sync._event_loop import EventLoop

        waiting = threading.Event()

        async def wait():
            try:
                answer = asyncio.get_running_loop().create_future()
                waiting.set()
                await answer  # only this task refers to it
            finally:
                os.write(1, b"cleaned up in the child\\n" if os.getpid() != parent else b"")

        parent = os.getpid()
        event_loop = EventLoop()
        threading.Thread(target=lambda: event_loop.run(wait), daemon=True).start()
        waiting.wait()
        event_loop.run(asyncio.sleep, 0)  # by then the other call waits
        pid = os.fork()
        if pid == 0:
            gc.collect()
            os._exit(0)
        print("child ended with", os.waitpid(pid, 0)[1], flush=True)
        os._exit(0)
    """).end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["child ended with 0"], "")


@pytest.mark.parametrize("collect", ["gc.collect()", "pass"], ids=["in-the-run", "at-its-exit"])
def test_parents_connections_survive_the_childs_session(
    start_child: Callable[[str], Child], server: LoopbackServer, collect: str
) -> None:
    child = start_child(f"""
        import gc
        import os
        import sys
        import aiohttp
        from loopback import Client

        class CarelessClient:
            session = None

        async def get(path):
            if careless.session is None:
                careless.session = aiohttp.ClientSession()
            async with careless.session.get(client.async_client._address + path) as answer:
                return await answer.text()

        client, careless = Client(), CarelessClient()
        print(client.event_loop.run(get, "/before"))
        pid = os.fork()
        if pid == 0:
            sys.stderr.close()  # it complains, rightly
            careless.session = None
            {collect}
            sys.exit(0)
        os.waitpid(pid, 0)
        print(client.event_loop.run(get, "/parent"))
        client.event_loop.run(careless.session.close)
    """)
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/before", "/parent"]
    assert server.departures.get(timeout=20) == "/parent"


@pytest.mark.parametrize("leave", LEAVINGS)
def test_call_continues_only_in_the_parent_when_a_thread_forks(
    start_child: Callable[[str], Child], server: LoopbackServer, leave: str
) -> None:
    child = start_child(f"""
        import os
        import sys
        import threading
        from loopback import Client

        client = Client()
        worker = threading.Thread(target=lambda: print(client.get("/slow")))
        worker.start()
        input()
        pid = os.fork()
        if pid == 0:
            print(client.get("/child"))
            {leave}
        _, status = os.waitpid(pid, 0)
        print("child ended with", status)
        worker.join()
        print(client.get("/parent"))
    """)
    server.wait_for_arrival("/slow")
    child.proceed()
    child.wait_for_line("child ended with 0")
    server.release()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/child", "child ended with 0", "/slow", "/parent"]
    assert server.arrivals.get(timeout=20) == "/child"  # and no second "/slow"


def test_child_gets_an_error_when_a_signal_handler_forks(
    start_child: Callable[[str], Child], server: LoopbackServer
) -> None:
    child = start_child("""
        import os
        import signal
        from loopback import Client

        def fork(*_):
            global pid
            pid = os.fork()

        client = Client()
        signal.signal(signal.SIGUSR1, fork)
        try:
            answer = client.get("/slow")
        except RuntimeError as error:
            print("child:", error)
            print(client.get("/child"))
        else:
            os.waitpid(pid, 0)
            print("parent:", answer)
    """)
    server.wait_for_arrival("/slow")
    child.interrupt(signal.SIGUSR1)
    child.wait_for_line("/child")
    server.release()
    ending = child.end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == [
        "child: this was in progress when the process was forked; it continues in the parent",
        "/child",
        "parent: /slow",
    ]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_workers_work_when_the_client_was_used(
    start_child: Callable[[str], Child], method: str, tmp_path: Path
) -> None:
    program = tmp_path / "workers.py"
    program.write_text(f"""
import logging
import multiprocessing
from loopback import Client

logging.getLogger("asyncio").setLevel(logging.ERROR)  # a worker that is spawned has nothing of its parent

client = Client()

def get(path):
    return client.get(path)

if __name__ == "__main__":
    print(client.get("/before"))
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print(*pool.map(get, ["/1", "/2", "/3", "/4"]))
        pool.close()
        pool.join()
    print(client.get("/parent"))
""")
    ending = start_child(f"import runpy; runpy.run_path({str(program)!r}, run_name='__main__')").end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == ["/before", "/1 /2 /3 /4", "/parent"]


def test_iteration_continues_only_in_the_parent_after_a_fork(
    start_child: Callable[[str], Child],
) -> None:
    ending = start_child("""
        import gc
        import os
        import sys
        from gradient_sync._event_loop import EventLoop

        async def numbers():
            try:
                yield 1
                yield 2
            finally:
                print("closed by", os.getpid() == parent)

        parent = os.getpid()
        event_loop = EventLoop()
        items = event_loop.iterate(numbers())
        print(next(items))
        pid = os.fork()
        if pid == 0:
            try:
                next(items)
            except RuntimeError as error:
                print("child:", error)
            del items
            gc.collect()
            sys.exit(0)
        os.waitpid(pid, 0)
        print(*items)
    """).end()
    assert (ending.exit_code, ending.errors) == (0, "")
    assert ending.lines == [
        "1",
        "child: this was in progress when the process was forked; it continues in the parent",
        "closed by True",
        "2",
    ]


def test_child_does_not_wait_when_forked_in_a_start_or_close(
    start_child: Callable[[str], Child],
) -> None:
    ending = start_child("""
        import asyncio
        import os
        import threading
        from gradient_sync._event_loop import EventLoop

        async def answer():
            return 42

        def start_and_close():
            while not is_enough:
                event_loop = EventLoop()
                event_loop.run(answer)
                event_loop.close(answer)

        is_enough = False
        workers = [threading.Thread(target=start_and_close) for _ in range(2)]
        for worker in workers:
            worker.start()
        statuses = set()
        for _ in range(40):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if EventLoop().run(answer) == 42 else 1)
            statuses.add(os.waitpid(pid, 0)[1])
        is_enough = True
        for worker in workers:
            worker.join()
        print(statuses)
    """).end()
    assert (ending.exit_code, ending.lines, ending.errors) == (0, ["{0}"], "")


def test_forked_child_is_not_held_up_by_its_parents_requests() -> None:
    source = """
import asyncio, os, sys
from gradient_async import RateBudget
from gradient_async.waiting.claims import claims_of, creates_of
from gradient_async.endpoints import account_keys
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http import create_rule
from gradient_async.http.request import Timestamp
budget, claims, creates = RateBudget([(1, 0.05)]), claims_of("http://localhost"), creates_of("http://localhost")
trace = trace_of(1, "reboot")
create = create_rule.trace_of(account_keys.CREATE.request({}, body={"name": "a", "public_key": "ssh-ed25519 AAAA"}))
asyncio.run(budget.acquire())
claims.begin("call", trace)
creates.begin("call", create)

def is_contested():
    return {claims.is_contested(trace, Timestamp.now()), creates.is_contested(create, Timestamp.now())}

pid = os.fork()
if not pid:
    asyncio.run(asyncio.wait_for(budget.acquire(), 20))
    os._exit(7 if is_contested() == {False} else 1)
assert is_contested() == {True}
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", source], timeout=60, check=False).returncode == 7
