"""Starting and closing: nothing is left behind, whatever clients do."""

from __future__ import annotations

import asyncio
import errno
import gc
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from emulator_desk import FIRST, Visitor

from gradient_async.emulator import Emulator, Slow

Visit = Callable[[Emulator], Visitor]


def open_sockets() -> set[str]:
    """Return the names of the open sockets. Those of earlier tests may be closed meanwhile, and threads may end."""
    gc.collect()
    links = [Path("/proc/self/fd") / fd for fd in os.listdir("/proc/self/fd")]  # noqa: PTH208 - closed before it is read
    return {name for link in links if link.is_symlink() and (name := str(link.readlink())).startswith("socket:")}


def threads_since(before: list[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for gives no signal
            await asyncio.sleep(0.001)


def port_of(emulator: Emulator) -> int:
    return int(emulator.base_url.rsplit(":", 1)[1])


def ask(emulator: Emulator, path: str = "/v2/actions", body: Any = None) -> Any:
    request = urllib.request.Request(
        emulator.base_url + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {emulator.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def assert_refused(port: int) -> None:
    with socket.socket() as peer:
        assert peer.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


async def test_nothing_is_left_when_closed_in_async_code() -> None:
    tasks, threads, sockets = asyncio.all_tasks(), threading.enumerate(), open_sockets()
    async with Emulator() as emulator:
        port = port_of(emulator)
        async with aiohttp.ClientSession() as own, own.get(f"{emulator.base_url}/v2/actions") as response:
            assert response.status == 401
        assert threads_since(threads) == []
    assert asyncio.all_tasks() == tasks
    assert_refused(port)
    await asyncio.sleep(0)
    assert open_sockets() <= sockets


def test_nothing_is_left_when_closed_in_sync_code() -> None:
    threads, sockets = threading.enumerate(), open_sockets()
    with Emulator(droplets=2) as emulator:
        port = port_of(emulator)
        assert ask(emulator)["meta"]["total"] == 2
        assert len(threads_since(threads)) == 1
    assert threads_since(threads) == []
    assert_refused(port)
    assert open_sockets() <= sockets


async def test_sync_emulator_serves_when_an_event_loop_is_running(visit: Visit) -> None:
    with Emulator() as emulator:
        async with visit(emulator).request("GET", "/v2/actions") as response:
            assert response.status == 200


def test_account_and_log_can_be_read_when_closed() -> None:
    with Emulator() as emulator:
        ask(emulator, f"/v2/droplets/{FIRST}/actions", {"type": "reboot"})
    assert emulator.requests[0].status == 201
    assert len(emulator.account.actions_of(FIRST, "reboot")) == 1


async def test_clear_error_when_used_before_or_after() -> None:
    emulator = Emulator()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = emulator.base_url
    async with emulator:
        with pytest.raises(RuntimeError, match="serves once"):
            await emulator.__aenter__()
    with pytest.raises(RuntimeError, match="has been closed"):
        _ = emulator.base_url
    with pytest.raises(RuntimeError, match="serves once"), emulator:
        pass
    with pytest.raises(RuntimeError, match="serves once"):
        await emulator.__aenter__()


def test_error_reaches_the_caller_when_the_port_is_taken() -> None:
    threads = threading.enumerate()
    with (
        Emulator() as emulator,
        pytest.raises(OSError, match="address already in use"),
        Emulator(port=port_of(emulator)),
    ):
        pass
    assert threads_since(threads) == []


async def test_closing_is_quick_when_an_answer_is_pending(visit: Visit) -> None:
    async with Emulator(faults=[Slow(60, executed="after")]) as emulator:
        visitor = visit(emulator)
        task = asyncio.ensure_future(visitor.act("reboot").__aenter__())
        await emulator.requests.seen()
        began = time.monotonic()
    assert time.monotonic() - began < 12
    with pytest.raises(aiohttp.ClientError):
        await task
    assert emulator.requests[0].is_done is True
    assert emulator.requests[0].status is None
    assert emulator.requests[0].disconnected is False
    assert emulator.account.actions_of(FIRST, "reboot") == ()


IDLE = b""
IN_THE_HEAD = b"GET /v2/actions HTTP/1.1\r\nHost: x\r\n"
IN_THE_BODY = b"POST /v2/droplets/3164444/actions HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"


def many_long_answers(emulator: Emulator) -> bytes:
    head = (
        f"GET /v2/droplets?type=gpus&per_page=200 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {emulator.token}\r\n\r\n"
    )
    return head.encode() * 100


@pytest.mark.parametrize("sent", [IDLE, IN_THE_HEAD, IN_THE_BODY, None])
async def test_closing_is_quick_when_a_client_hangs_on(sent: bytes | None) -> None:
    tasks, sockets = asyncio.all_tasks(), open_sockets()
    async with Emulator(droplets=200) as emulator:
        peer = socket.create_connection(("127.0.0.1", port_of(emulator)))
        peer.sendall(many_long_answers(emulator) if sent is None else sent)
        assert emulator._listener is not None
        await until(lambda: len(emulator._listener._server.connections) == 1)
        if sent is None:
            (connection,) = emulator._listener._server.connections
            await until(lambda: connection.transport is not None and connection.transport.get_write_buffer_size() > 0)
        if sent == IN_THE_BODY:
            await until(lambda: len(emulator._app._handlers) == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 12
    assert asyncio.all_tasks() == tasks
    peer.close()
    await asyncio.sleep(0)
    assert open_sockets() <= sockets


def test_closing_is_quick_when_sync_and_an_answer_is_pending() -> None:
    with Emulator(faults=[Slow(60)]) as emulator:

        def ask_in_vain() -> None:
            with pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
                ask(emulator)

        thread = threading.Thread(target=ask_in_vain)
        thread.start()
        emulator.requests.wait_seen()
        began = time.monotonic()
    assert time.monotonic() - began < 12
    thread.join(20)
    assert not thread.is_alive()


async def test_emulators_do_not_disturb_each_other_when_several_run(visit: Visit) -> None:
    async with Emulator(droplets=1) as one, Emulator(droplets=2) as two:
        assert one.base_url != two.base_url
        async with visit(one).act("reboot") as response:
            assert response.status == 201
        assert two.account.actions_of(FIRST, "reboot") == ()
        headers = {"Authorization": f"Bearer {one.token}"}
        async with visit(two).session.get(f"{two.base_url}/v2/actions", headers=headers) as response:
            assert response.status == 401


def run(source: str, *, timeout: float = 50) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(source)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_interpreter_exits_when_a_sync_emulator_was_never_left() -> None:
    result = run("""
        from gradient_async.emulator import Emulator
        emulator = Emulator().__enter__()
        print("served at", emulator.base_url)
    """)
    assert result.returncode == 0, result.stderr
    assert "served at http://127.0.0.1" in result.stdout


def test_forked_child_leaves_the_parents_server_alone() -> None:
    result = run("""
        import os, sys, urllib.request
        from gradient_async.emulator import Emulator

        def ask(emulator):
            headers = {"Authorization": f"Bearer {emulator.token}"}
            request = urllib.request.Request(emulator.base_url + "/v2/actions", headers=headers)
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status

        with Emulator() as emulator:
            child = os.fork()
            if child == 0:
                assert ask(emulator) == 200
                sys.exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            assert ask(emulator) == 200
        print("done")
    """)
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr


def test_emulator_imports_no_module_of_the_client() -> None:
    source = (
        "import sys; from importlib import import_module; import pathlib, gradient_async.emulator as e\n"
        + textwrap.dedent("""
        import ast
        for path in pathlib.Path(e.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    if name.startswith("gradient") and not name.startswith("gradient_async.emulator"):
                        raise SystemExit(f"{path.name} imports {name}")
                    if name.startswith("aiohttp") and path.name not in ("app.py", "listener.py"):
                        raise SystemExit(f"{path.name} imports {name}")
    """)
    )
    result = run(source)
    assert result.returncode == 0, result.stderr


def start_command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-m", "gradient_async.emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def value_of(output: str, name: str) -> str:
    return next(line.split("=", 1)[1] for line in output.splitlines() if f"export {name}=" in line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_it_is_stopped(number: signal.Signals) -> None:
    command = start_command("--droplets", "20", "--port", "0", "--tag", "training", "--time-scale", "60", "--no-limits")
    try:
        output = read_greeting(command)
        base_url, token = value_of(output, "GRADIENT_BASE_URL"), value_of(output, "DIGITALOCEAN_ACCESS_TOKEN")
        request = urllib.request.Request(
            f"{base_url}/v2/droplets?tag_name=training", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            assert json.load(response)["meta"]["total"] == 20
        assert f"{base_url}" in output
        assert "curl -X POST" in output
        assert "A minute of the account's time takes 1 s" in output
        command.send_signal(number)
        _, errors = command.communicate(timeout=60)
    finally:
        command.kill()
        command.communicate()
    # asyncio's debug mode reports callbacks that took long; on a busy machine some do.
    complaints = [line for line in errors.splitlines() if not line.startswith("Executing <")]
    assert (command.returncode, complaints) == (0, [])


def read_greeting(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    lines = []
    for line in command.stdout:
        lines.append(line)
        if "/actions" in line:
            break
    return "".join(lines)


def test_curl_example_is_what_the_api_takes_when_copied() -> None:
    command = start_command("--droplets", "2", "--port", "0", "--token", "dop_v1_mine")
    try:
        output = read_greeting(command)
        assert value_of(output, "DIGITALOCEAN_ACCESS_TOKEN") == "dop_v1_mine"
        request = urllib.request.Request(
            f"{value_of(output, 'GRADIENT_BASE_URL')}/v2/droplets/{FIRST}/actions",
            data=b'{"type":"reboot"}',
            headers={"Authorization": "Bearer dop_v1_mine", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            assert response.status == 201
        assert '"type":"reboot"' in output
        assert f"/v2/droplets/{FIRST}/actions" in output
    finally:
        command.kill()
        command.communicate()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--droplets", "-1"], "--droplets: expected at least 0, got -1"),
        (["--time-scale", "-1"], "--time-scale: expected a number above 0"),
        (["--speed"], "--speed"),
    ],
)
def test_command_explains_when_it_is_called_wrongly(arguments: list[str], complaint: str) -> None:
    command = start_command(*arguments)
    _, errors = command.communicate(timeout=60)
    assert command.returncode == 2
    assert complaint in errors


def test_command_explains_when_the_port_is_taken() -> None:
    with Emulator() as emulator:
        command = start_command("--port", str(port_of(emulator)))
        _, errors = command.communicate(timeout=60)
    assert command.returncode == 1
    assert errors.startswith("error: cannot listen on 127.0.0.1:")
    assert len(errors.splitlines()) == 1
