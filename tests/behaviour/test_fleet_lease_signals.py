"""Leases of processes that get a signal, that are killed, and whose main thread sleeps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import anyio.to_thread
import pytest
from fleet_account import emulated

from gradient_async import JournalInUseError
from gradient_async.emulator import DropletSpec
from gradient_async.fleet import reaping
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime as time_type
    from pathlib import Path

    from gradient_async.emulator import Emulator

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]

NEIGHBOUR = [DropletSpec(name="neighbour", tags=["train"])]
SYNC = """
import sys, time
from gradient_sync import GradientAI
url, token, ttl = sys.argv[1:]
with GradientAI(token, base_url=url, rate_budget=None) as client:
    with client.fleet.lease(sizes="gpu-h100x1-80gb", regions="tor1", ttl=ttl, poll_interval=0.02):
        print("ready", flush=True)
        time.sleep(60)
"""
AWAKE = SYNC.replace("time.sleep(60)", "[time.sleep(0.02) for _ in range(3000)]")
FORKED = SYNC.replace(
    "time.sleep(60)",
    """reading, writing = os.pipe()
        if not (pid := os.fork()):
            os.write(writing, b"up")
            for _ in range(1500 * until_killed):
                time.sleep(0.02)
            sys.exit(3)
        os.read(reading, 2)
        if until_killed:
            os.kill(pid, signal.SIGTERM)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), client.gpu_droplets.list().meta.total, flush=True)
""",
)
ASYNC = """
import asyncio, sys
from gradient_async import AsyncGradientAI
url, token, ttl = sys.argv[1:]
async def main():
    async with AsyncGradientAI(token, base_url=url, rate_budget=None) as client:
        async with client.fleet.lease(sizes="gpu-h100x1-80gb", regions="tor1", ttl=ttl, poll_interval=0.02):
            print("ready", flush=True)
            await asyncio.sleep(60)
asyncio.run(main())
"""


class Child:
    """A process that holds a lease."""

    def __init__(self, emulator: Emulator, program: str, ttl: str) -> None:
        command = [sys.executable, "-c", program, emulator.base_url, emulator.token, ttl]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    async def is_ready(self) -> None:
        assert self.process.stdout is not None
        line = await anyio.to_thread.run_sync(self.process.stdout.readline)
        assert line == "ready\n"

    async def ended(self) -> tuple[int, str]:
        _, errors = await anyio.to_thread.run_sync(lambda: self.process.communicate(timeout=60))
        return self.process.returncode, errors


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    for child in started:
        child.process.kill()
        child.process.communicate()


def names(emulator: Emulator) -> list[str]:
    return [droplet.name for droplet in emulator.account.droplets.values()]


@pytest.mark.usefixtures("hangup_is_not_ignored")
@pytest.mark.parametrize(
    ("program", "number"),
    # asyncio turns Ctrl-C into a cancellation, which has tests of its own.
    [
        (SYNC, signal.SIGINT),
        (SYNC, signal.SIGTERM),
        (SYNC, signal.SIGHUP),
        (ASYNC, signal.SIGTERM),
        (ASYNC, signal.SIGHUP),
    ],
    ids=["sync-ctrl-c", "sync-sigterm", "sync-sighup", "async-sigterm", "async-sighup"],
)
async def test_droplets_are_gone_after_a_signal(program: str, number: signal.Signals, children: list[Child]) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, program, "1h")
        children.append(child)
        await child.is_ready()
        assert len(names(emulator)) == 2
        child.process.send_signal(number)
        code, errors = await child.ended()
        assert names(emulator) == ["neighbour"]
        if number == signal.SIGINT:
            assert "KeyboardInterrupt" in errors
        else:
            assert (code, errors) == (128 + signal.SIGTERM, "")


async def test_droplets_are_gone_after_two_signals_at_once(children: list[Child]) -> None:
    """The second one raises at the first step of the block's end, before that protects itself."""
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, AWAKE, "1h")
        children.append(child)
        await child.is_ready()
        child.process.send_signal(signal.SIGSTOP)
        await anyio.to_thread.run_sync(os.waitpid, child.process.pid, os.WUNTRACED)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            child.process.send_signal(number)
        assert await child.ended() == (128 + signal.SIGTERM, "")
        assert names(emulator) == ["neighbour"]


@pytest.mark.parametrize(
    ("until_killed", "code"), [(False, 3), (True, -signal.SIGTERM)], ids=["by its exit", "by a signal"]
)
async def test_forked_child_leaves_the_droplets_to_its_parent(
    children: list[Child], until_killed: bool, code: int
) -> None:
    program = f"import os, signal\nuntil_killed = {until_killed}\n{FORKED}"
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, program, "1h")
        children.append(child)
        await child.is_ready()
        assert child.process.stdout is not None
        assert await anyio.to_thread.run_sync(child.process.stdout.readline) == f"{code} 2\n"
        await child.ended()
        assert names(emulator) == ["neighbour"]


async def test_sleeping_main_thread_is_woken_when_the_time_is_over(children: list[Child]) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, SYNC, "3s")
        children.append(child)
        await child.is_ready()
        _, errors = await child.ended()
        assert "LeaseExpiredError" in errors
        assert names(emulator) == ["neighbour"]


async def test_reaped_by_its_journal_after_a_kill_and_not_before(children: list[Child], tmp_path: Path) -> None:
    journal = tmp_path / "lease.journal"
    program = SYNC.replace("ttl=ttl,", f"ttl=ttl, journal={str(journal)!r},")
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, program, "1h")
        children.append(child)
        await child.is_ready()

        def reap() -> int:
            with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:
                return len(client.fleet.reap(journal, poll_interval=0.02).destroyed)

        with pytest.raises(JournalInUseError):
            await anyio.to_thread.run_sync(reap)
        assert len(names(emulator)) == 2
        child.process.kill()
        await child.ended()
        assert await anyio.to_thread.run_sync(reap) == 1
        assert names(emulator) == ["neighbour"]
        assert await anyio.to_thread.run_sync(reap) == 0


async def test_reaped_after_a_kill_once_the_time_is_over(
    children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        child = Child(emulator, SYNC, "1h")
        children.append(child)
        await child.is_ready()
        child.process.kill()
        await child.ended()
        assert len(names(emulator)) == 2

        def reap() -> int:
            with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:
                return len(client.fleet.reap(older_than=0, poll_interval=0.02).destroyed)

        assert await anyio.to_thread.run_sync(reap) == 0
        usual = reaping.is_over

        def later(tags: list[str], now: time_type, older_than: float) -> bool:
            # A minute more: the lease and the API's Date count whole seconds.
            return usual(tags, now, older_than - 3660)

        monkeypatch.setattr(reaping, "is_over", later)
        assert await anyio.to_thread.run_sync(reap) == 1
        assert names(emulator) == ["neighbour"]
