"""Runs ``gpu-droplets``: in this process, or as a shell does, in its own with pipes or a terminal."""

from __future__ import annotations

import io
import os
import re
import select
import struct
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from typing import IO, TYPE_CHECKING, Any
from unittest import mock

from gradient_async.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gradient_async.emulator import Emulator

SECONDS = 60.0
FIRST = 3164444
_CONTROLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\r")


def acted(emulator: Emulator) -> Counter[int]:
    """Return the number of actions that requests started on each Droplet."""
    return Counter(action.droplet_id for action in emulator.account.actions.values() if action.by_request)


def posts(emulator: Emulator) -> int:
    """Return the number of POST requests."""
    return sum(request.method == "POST" for request in emulator.requests)


@contextmanager
def kept_log() -> Iterator[None]:
    """Put the log's handlers and level back, as the end of a process does."""
    handlers, level = list(logger.handlers), logger.level
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)


def _stream(text: str = "", errors: str = "strict") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", errors=errors, write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


class Command:
    """The command.

    Args:
        folder: Its working folder and home.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        self.environment: dict[str, str] = {**kept, "HOME": folder, "COLUMNS": "80", "PYTHONWARNINGS": "error"}

    def on(self, emulator: Emulator, token: str | None = None) -> None:
        """Put an emulator's address and token into its environment."""
        self.environment["GRADIENT_BASE_URL"] = emulator.base_url
        self.environment["DIGITALOCEAN_ACCESS_TOKEN"] = token or emulator.token

    def __call__(self, *words: object, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it in this process, without a terminal: a process of its own takes half a second to start."""
        from gradient_async.cli.application import run

        typed = [str(word) for word in words]
        output, errors = _stream(), _stream(errors="backslashreplace")
        with ExitStack() as around:
            around.enter_context(chdir(self.folder))
            around.enter_context(mock.patch.dict(os.environ, {**self.environment, **environment}, clear=True))
            around.enter_context(mock.patch.object(sys, "stdin", _stream(given)))
            around.enter_context(redirect_stdout(output))
            around.enter_context(redirect_stderr(errors))
            around.enter_context(kept_log())
            code = run(typed)
        return subprocess.CompletedProcess(typed, code, _text(output), _text(errors))

    def in_own_process(self, *words: object, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it until it ends in a process of its own, without a terminal."""
        return subprocess.run(
            self.line(*words),
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            cwd=self.folder,
            env={**self.environment, **environment},
            start_new_session=True,
        )

    def started(
        self, *words: object, stdout: int | IO[Any] = subprocess.PIPE, stderr: int | IO[Any] = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Start it, without a terminal."""
        return subprocess.Popen(
            self.line(*words),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=self.folder,
            env=self.environment,
            start_new_session=True,
        )

    def line(self, *words: object) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "gradient_async.cli", *map(str, words)]


class Terminal:
    """A terminal of 80 columns that the command runs on.

    Args:
        command: The command.
        words: The typed words.
        environment: Changes to its environment.
    """

    def __init__(self, command: Command, *words: object, environment: Mapping[str, str] | None = None) -> None:
        import fcntl
        import pty
        import termios

        self.output = ""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        variables = {**command.environment, "TERM": "xterm-256color", **(environment or {})}
        variables.pop("COLUMNS")
        self.process = subprocess.Popen(
            command.line(*words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=command.folder,
            env=variables,
            start_new_session=True,
        )
        os.close(slave)

    @property
    def text(self) -> str:
        """The shown text, without cursor movements."""
        return _CONTROLS.sub("", self.output)

    def read_until(self, text: str) -> None:
        """Wait until the terminal has shown a text."""
        end = time.monotonic() + SECONDS
        while text not in self.text:
            assert time.monotonic() < end, f"{text!r} was not shown, but {self.text!r}"
            assert self._read(), f"{text!r} was not shown, but {self.text!r}"

    def type(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def ended(self) -> int:
        """Wait until it ends, and return its exit status."""
        while self._read():
            pass
        status = self.process.wait(SECONDS)
        # On a loaded machine, Linux can say that the other end is closed before it hands over the last text.
        while self._read():
            pass
        os.close(self._master)
        return status

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], SECONDS)
        try:
            part = os.read(self._master, 1 << 16) if ready else b""
        except OSError:  # Linux: the other end is closed
            part = b""
        self.output += part.decode(errors="replace")
        return bool(part)
