"""An emulated account in its own process, for scenarios that change the account."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cores import on_core

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN: Final = "benchmark-token"  # noqa: S105 - the emulator accepts it
_ADDRESS: Final = re.compile(r"http://[\d.]+:\d+")


@contextmanager
def emulated_account(droplets: int, time_scale: float) -> Iterator[str]:
    """Serve an account with the documented rate limits until the block ends. Return its base URL.

    Args:
        droplets: Number of GPU Droplets.
        time_scale: Speed of its clock; 1 is real time.
    """
    command = [sys.executable, "-m", "gradient_async.emulator", "--port", "0", "--token", TOKEN]
    command += ["--droplets", str(droplets), "--time-scale", str(time_scale)]
    with on_core("server"):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            greeting = process.stdout.readline() if process.stdout else ""
            found = _ADDRESS.search(greeting)
            if found is None:
                raise RuntimeError(f"the emulator did not start; its output: {greeting!r}")
            yield found[0]
        finally:
            process.terminate()
