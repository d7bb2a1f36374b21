"""A health check by a command: exit status 0 means that the Droplet is healthy."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async import log, settings
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.rows import address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gradient_async.models.droplet import Droplet

PLACEHOLDERS: Final = ("id", "name", "address")
_ALLOWED: Final = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
# Braces of other languages are not placeholders: ${HOME}, {{.State}}, { print }, {"a": 1}, {1,2}.
_PLACEHOLDER: Final = re.compile(r"(?<![{$])\{([\w.:!>-]*)\}(?!\})")
# The characters that the API allows in a name. Shells and commands read such a word as a plain word.
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*")


def health_check(command: str | None) -> Callable[[Droplet], Awaitable[bool]] | None:
    """Return the health check of a command; ``None`` for ``None``.

    The command runs without a shell, and without the access token in its environment.

    Raises:
        UsageError: The command does not exist, or has an unknown placeholder.
    """
    if command is None:
        return None
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--health-check: {command!r} cannot be read as a command: {error}") from None
    if not words or shutil.which(words[0]) is None:
        raise UsageError(f"--health-check: there is no command {words[0] if words else command!r}")
    check_placeholders(words)
    for word in quoted_placeholders(words):
        log.placeholder_in_quotes(word)

    async def check(droplet: Droplet) -> bool:
        ended = await anyio.run_process(
            words_for(words, droplet),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=settings.environment_without_tokens(),
        )
        return ended.returncode == 0

    return check


def check_placeholders(words: Sequence[str]) -> None:
    """Refuse a placeholder that is never filled in. Pure.

    Raises:
        UsageError: The command has one.
    """
    for word in words:
        for found in _PLACEHOLDER.finditer(word):
            if found[1] not in PLACEHOLDERS:
                raise UsageError(
                    f"--health-check: there is no placeholder {found[0]}; allowed are {_ALLOWED}. "
                    "To pass braces to the command, put a space inside, as in '{ print }'"
                )


def quoted_placeholders(words: Sequence[str]) -> list[str]:
    """Return the words in which a placeholder stands among others, as in ``sh -c 'test {name}'``. Pure."""
    return [word for word in words if _PLACEHOLDER.search(word) and any(map(str.isspace, word))]


def words_for(words: Sequence[str], droplet: Droplet) -> list[str]:
    """Return the command for one Droplet, with ``{id}``, ``{name}`` and ``{address}`` filled in. Pure.

    Raises:
        ValueError: The command needs a name that could be read as an option or by a shell, or an address where the
            Droplet has none.
    """
    values = {"id": str(droplet.id), "name": droplet.name, "address": address_of(droplet)}

    def value_of(found: re.Match[str]) -> str:
        placeholder = found[1]
        value = values[placeholder]
        if _PLAIN.fullmatch(value):
            return value
        if not value:
            raise ValueError(f"Droplet {droplet.id} has no {placeholder} for {found[0]}")
        raise ValueError(
            f"Droplet {droplet.id}: its {placeholder} {value!r} is not safe in a command: expected letters, digits, "
            f"'.' and '-', beginning with a letter or a digit. Use {{id}} or {{address}} in place of {found[0]}"
        )

    # One pass: a placeholder inside a value is not replaced.
    return [_PLACEHOLDER.sub(value_of, word) for word in words]
