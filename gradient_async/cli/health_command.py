"""A health check that is a command: its exit status says whether a Droplet is well."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import anyio

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.rows import address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gradient_async.models.droplet import Droplet


def health_check(command: str | None) -> Callable[[Droplet], Awaitable[bool]] | None:
    """The health check that a command stands for; ``None`` for none.

    No shell reads the command, so that a Droplet's name is never more than a word.

    Raises:
        UsageError: There is no such command.
    """
    if command is None:
        return None
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--health-check: {command!r} cannot be read as a command: {error}") from None
    if not words or shutil.which(words[0]) is None:
        raise UsageError(f"--health-check: there is no command {words[0] if words else command!r}")

    async def check(droplet: Droplet) -> bool:
        ended = await anyio.run_process(
            words_for(words, droplet),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return ended.returncode == 0

    return check


def words_for(words: Sequence[str], droplet: Droplet) -> list[str]:
    """The command for one Droplet: ``{id}``, ``{name}`` and ``{address}`` filled in. Pure."""
    values = {"{id}": str(droplet.id), "{name}": droplet.name, "{address}": address_of(droplet)}
    filled = []
    for word in words:
        text = word
        for field, value in values.items():
            text = text.replace(field, value)
        filled.append(text)
    return filled
