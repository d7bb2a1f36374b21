from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import define, frozen
from loopback import LoopbackServer

from gradient_sync._event_loop.process import PROCESS
from gradient_sync._event_loop.refusals import closed_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HERE = Path(__file__).parent
_PATIENCE_SECONDS = 60
# Python 3.12 and later warn of every fork in a process with threads. The event loop's debug mode warns of slow steps,
# which are the machine's.
_PRELUDE = """
import logging, warnings
logging.getLogger("asyncio").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
"""


@pytest.fixture(autouse=True)
def alone_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove what other tests left in this process: clients that were not closed, and the signs of a notebook."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    for thread in PROCESS.threads.copy():
        thread.end(closed_error)
        assert thread.join(_PATIENCE_SECONDS)


@frozen(kw_only=True)
class Ending:
    exit_code: int
    lines: list[str]
    errors: str
    seconds_since_last_line: float


@define
class Child:
    """A Python process that runs a program of its own, read line by line."""

    process: subprocess.Popen[str]
    lines: list[str]
    _unread: queue.Queue[tuple[str, float]]
    _last_line_at: float = 0.0

    def wait_for_line(self, text: str) -> None:
        while text not in self.lines:
            if not self._read_line():
                pytest.fail(f"the program ended without {text!r}: {self.end()}")

    def proceed(self) -> None:
        """Let the program's ``input()`` return."""
        assert self.process.stdin is not None
        print(file=self.process.stdin, flush=True)

    def interrupt(self, signal_number: int = signal.SIGINT) -> None:
        self.process.send_signal(signal_number)

    def interrupt_twice(self, first: int, second: int) -> None:
        """Send two signals that the program sees at the same time."""
        self.process.send_signal(signal.SIGSTOP)
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        for number in (first, second, signal.SIGCONT):
            self.process.send_signal(number)

    def end(self) -> Ending:
        """Wait for the end of the program; a hang is a failure of the test."""
        self.process.wait(_PATIENCE_SECONDS)
        ended_at = time.monotonic()
        while self._read_line():
            pass
        assert self.process.stderr is not None
        return Ending(
            exit_code=self.process.returncode,
            lines=self.lines,
            errors=self.process.stderr.read(),
            seconds_since_last_line=ended_at - self._last_line_at,
        )

    def _read_line(self) -> bool:
        line, at = self._unread.get(timeout=_PATIENCE_SECONDS)
        if not line:
            self._unread.put((line, at))  # the end stays the end
        else:
            self.lines.append(line.rstrip("\n"))
            self._last_line_at = at
        return bool(line)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def start_child(server: LoopbackServer) -> Iterator[Callable[[str], Child]]:
    """Start a program in development mode, every warning an error, with ``client`` talking to the server."""
    processes: list[subprocess.Popen[str]] = []

    def start(program: str) -> Child:
        process = subprocess.Popen(
            [
                sys.executable,
                "-X",
                "dev",
                "-W",
                "error",
                "-u",
                "-c",
                _PRELUDE + textwrap.dedent(program),
                str(server.port),
            ],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_HERE), str(_HERE.parents[1])])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # so that a child's children can be ended with it
        )
        processes.append(process)
        unread: queue.Queue[tuple[str, float]] = queue.Queue()
        threading.Thread(target=_read_lines, args=(process, unread), daemon=True).start()
        return Child(process, [], unread)

    yield start
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def _read_lines(process: subprocess.Popen[str], unread: queue.Queue[tuple[str, float]]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        unread.put((line, time.monotonic()))
    unread.put(("", time.monotonic()))
