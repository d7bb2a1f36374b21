"""Ctrl-C: once, repeated at once by a wrapper, and again by a person."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from command import FIRST, SECONDS, acted
from gradient_async.cli.stop_signals import StopSignals
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Command

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")]


def wait_until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


@pytest.mark.parametrize("gap", [0.0, 0.002, 0.05, 0.2])
def test_report_is_whole_when_the_signal_is_repeated(command: Command, gap: float) -> None:
    with Emulator(20, time_scale=2, limits=None) as emulator:
        command.on(emulator)
        words = ("reboot", *range(FIRST, FIRST + 20), "-o", "json", "--max-concurrency", 3, "--journal", "j")
        process = command.started(*words)
        wait_until(lambda: sum(acted(emulator).values()) == 3)
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
            time.sleep(gap)
        output, errors = process.communicate(timeout=SECONDS)
        assert process.returncode == 130, errors.decode()
        assert len(json.loads(output)["outcomes"]) == 20
        assert b"interrupted: nothing more is sent. 0 of 20 Droplets completed, " in errors
        assert errors.endswith(b"to resume: gpu-droplets resume j --output json\n")


def test_next_command_is_shown_when_resume_is_interrupted_early(
    typed: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with Emulator(2, time_scale=600, faults=[faults.ErroredAction(times=1)]) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        one_by_one = ("--max-concurrency", "1", "--max-errors", "0")
        assert typed("reboot", FIRST, FIRST + 1, *one_by_one, "--journal", "j")[0] == 1
        monkeypatch.setattr("gradient_async.cli.resume_command.known_names", interrupted)
        code, output, errors = typed("resume", "j")
        assert (code, output) == (130, "")
        assert errors.splitlines() == ["interrupted: no action was sent", "to resume: gpu-droplets resume j"]
        assert len(acted(emulator)) == 1


def test_counts_are_shown_when_a_blocked_report_is_interrupted(command: Command) -> None:
    import fcntl
    import struct
    import termios

    def is_blocked() -> bool:
        waiting = fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", waiting)[0]) >= 1 << 16

    with Emulator([DropletSpec(tags=("t",))] * 400, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        process = command.started("shutdown", "--tag", "t", "--by-tag", "--no-wait", "-o", "json")
        wait_until(is_blocked)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        errors = process.stderr.readline()
        while b" so far, " in errors:  # a run that takes 5 s says how far it is
            errors = process.stderr.readline()
        process.communicate(timeout=SECONDS)
        assert process.returncode == 130
        assert errors.startswith(b"interrupted: nothing more is sent. 400 of 400 Droplets completed")


def test_signal_is_heeded_when_it_is_no_repeat() -> None:
    now = 100.0
    signals = StopSignals(lambda: now)

    async def run() -> int:
        nonlocal now
        signals.run_begins()
        signals.receive(signal.SIGTERM, None)
        signals.receive(signal.SIGINT, None)
        now += 0.9
        signals.receive(signal.SIGINT, None)
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # the repeats cancelled nothing more
            signals.run_ends()
            return 1
        return 0

    assert asyncio.run(run()) == 1
    assert signals.is_terminated
    now += 0.2
    with pytest.raises(KeyboardInterrupt):
        signals.receive(signal.SIGINT, None)
    signals.receive(signal.SIGINT, None)
    now += 1.1
    with pytest.raises(KeyboardInterrupt):
        signals.receive(signal.SIGINT, None)


def test_second_end_of_the_terminal_does_not_end_the_clean_up() -> None:
    now = 100.0
    signals = StopSignals(lambda: now)

    async def run() -> None:
        nonlocal now
        signals.run_begins()
        for number in (signal.SIGHUP, signal.SIGHUP):
            signals.receive(number, None)
            now += 2.0
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(9)
        with pytest.raises(KeyboardInterrupt):
            signals.receive(signal.SIGTERM, None)

    asyncio.run(run())
    assert signals.is_terminated


@pytest.fixture
def handlers() -> Iterator[list[object]]:
    """The handlers before the test. They are restored after it."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield list(before)
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_signal_raises_when_no_run_is_in_progress(handlers: list[object]) -> None:
    with StopSignals():
        pass
    assert signal.getsignal(signal.SIGINT) is handlers[0]
    with StopSignals() as signals, pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signals.is_received
    assert not signals.is_terminated
    signal.raise_signal(signal.SIGINT)  # a repeat, while the command ends


def test_command_has_no_traceback_when_interrupted_at_first(command: Command) -> None:
    code = (
        "import builtins, os, signal, sys\n"
        "from gradient_async.cli import __main__ as entry\n"
        "imported = builtins.__import__\n"
        "def interrupting(name, *rest):\n"
        "    if name.startswith('importlib'): os.kill(os.getpid(), signal.SIGINT)\n"
        "    return imported(name, *rest)\n"
        "builtins.__import__ = interrupting\n"
        "sys.exit(entry.main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, env=command.environment, check=False)
    assert (ended.returncode, ended.stderr) == (130, b"")


_INTERRUPTED_WHILE_IMPORTING = """
import builtins, os, signal, sys, weakref
from gradient_async.cli import __main__ as entry
imported = builtins.__import__
class Module: pass
def interrupting(name, *rest):
    if name == "cyclopts":
        module = Module()
        reference = weakref.ref(module, lambda _: os.kill(os.getpid(), signal.SIGINT))
        del module  # calls the function as the import system calls its own: what it raises is only shown
    return imported(name, *rest)
builtins.__import__ = interrupting
sys.argv = ["gpu-droplets", "--version"]
{before}
sys.exit(entry.main())
"""


def test_interrupt_ends_the_command_when_modules_are_imported(command: Command) -> None:
    words = [sys.executable, "-c", _INTERRUPTED_WHILE_IMPORTING.format(before="")]
    ended = subprocess.run(words, capture_output=True, env=command.environment, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_ignored_interrupt_stays_ignored_when_imported(command: Command) -> None:
    before = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    words = [sys.executable, "-c", _INTERRUPTED_WHILE_IMPORTING.format(before=before)]
    ended = subprocess.run(words, capture_output=True, env=command.environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_end_of_the_terminal_stays_ignored_under_nohup() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with StopSignals() as signals:
            assert signal.getsignal(signal.SIGHUP) == signals.receive
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
