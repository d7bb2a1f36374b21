"""An emulated account in a process of its own, for runs that change what they look at."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cores import on_core

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN: Final = "benchmark-token"  # noqa: S105 - the emulator is told to let it in
_ADDRESS: Final = re.compile(r"http://[\d.]+:\d+")


@contextmanager
def emulated_account(droplets: int, time_scale: float) -> Iterator[str]:
    """Serve an account with the documented rate limits until the end of the block; gives its base URL.

    Args:
        droplets: How many GPU Droplets it has.
        time_scale: How much faster its time passes.
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
                raise RuntimeError(f"the emulator did not start; it said {greeting!r}")
            yield found[0]
        finally:
            process.terminate()
