"""Runs programs of the user's machine, without the access token in their environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from gradient_async import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anyio.abc import ByteReceiveStream, Process

    from gradient_async.settings import AccessToken

TOKEN: Final[ContextVar[AccessToken | None]] = ContextVar("TOKEN", default=None)
"""The token of the client that a program runs for. Copies of it are left out of the program's environment."""

_MAX_OUTPUT_BYTES: Final = 64 * 1024


class ExitStatusError(Exception):
    """A program ended with another exit status than 0. The text says with which."""

    def __init__(self, status: int) -> None:
        super().__init__(f"exit status {status}" if status >= 0 else f"killed by signal {-status}")


class Ended(NamedTuple):
    """How a program ended.

    Attributes:
        status: Its exit status.
        output: What it wrote to standard output, the last 64 KiB; empty if that was not asked for.
        errors: What it wrote to standard error, likewise.
    """

    status: int
    output: str = ""
    errors: str = ""


async def run(words: Sequence[str], *, token: str | None = None, keeps_output: bool = False) -> Ended:
    """Run a program to its end, without input. If the call is cancelled, the program and its children are killed.

    Args:
        words: The program and its arguments. No shell reads them.
        token: A token that the environment may have under any name; ``None`` for that of ``TOKEN``.
        keeps_output: Whether the output is kept. Otherwise the program has no output.

    Raises:
        OSError: The program cannot be started.
    """
    channel = subprocess.PIPE if keeps_output else subprocess.DEVNULL
    process = await anyio.open_process(
        words,
        stdin=subprocess.DEVNULL,
        stdout=channel,
        stderr=channel,
        env=_environment(token),
        start_new_session=True,  # its children are ended with it
    )
    output, errors = bytearray(), bytearray()
    try:
        if process.stdout is not None and process.stderr is not None:
            async with anyio.create_task_group() as group:
                group.start_soon(_keep, process.stdout, output)
                group.start_soon(_keep, process.stderr, errors)
        status = await process.wait()
    except BaseException:
        _kill_all(process)
        with anyio.CancelScope(shield=True):
            await process.wait()
        raise
    finally:
        with anyio.CancelScope(shield=True):
            await process.aclose()
    return Ended(status, output.decode(errors="replace"), errors.decode(errors="replace"))


def _environment(token: str | None) -> dict[str, str]:
    of_client = TOKEN.get()
    return settings.environment_without_tokens(token or (of_client.reveal() if of_client else None))


async def _keep(stream: ByteReceiveStream, kept: bytearray) -> None:
    """Read a stream to its end, since a program stops when its output is not read. Keep the last part."""
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            kept += await stream.receive()
            del kept[:-_MAX_OUTPUT_BYTES]


def _kill_all(process: Process) -> None:
    """Kill a program and its children. It has not been waited for, so its number is its own."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
