"""A health check by a command: exit status 0 means that the Droplet is healthy."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from gradient_async import child_processes, log
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.rows import address_of
from gradient_async.errors import UnhealthyDropletError
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.fleet.options import FleetOptions

PLACEHOLDERS: Final = ("id", "name", "address")
_ALLOWED: Final = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
# Braces of other languages are not placeholders: ${HOME}, {{.State}}, { print }, {"a": 1}, {1,2}.
_PLACEHOLDER: Final = re.compile(r"(?<![{$])\{([\w.:!>-]*)\}(?!\})")
_BRACE: Final = re.compile(r"[{}]")
# The characters that the API allows in a name. Shells and commands read such a word as a plain word.
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*")


@frozen(kw_only=True)
class HealthCommand:
    """A health check by a command.

    Attributes:
        words: The command, with placeholders.
        token: The run's token, for the case that it is in no variable of its own; ``None`` if it is.
    """

    words: Sequence[str]
    token: str | None = field(default=None, repr=False)

    async def __call__(self, droplet: Droplet) -> bool:
        """Run the command for a Droplet, and return ``True`` if its exit status is 0.

        Raises:
            ExitStatusError: It is another one.
            UnhealthyDropletError: The Droplet's name or address is not safe in a command.
            ValueError: The Droplet has no address yet.
        """
        try:
            words = words_for(self.words, droplet)
        except UnsafeValueError as error:
            raise UnhealthyDropletError(str(error), droplet_id=droplet.id, droplet=droplet) from None
        status = (await child_processes.run(words, token=self.token)).status
        if status:
            raise child_processes.ExitStatusError(status)
        return True


class UnsafeValueError(ValueError):
    """A Droplet's name or address could be read as an option, or by a shell."""


def health_check(command: str | None) -> HealthCommand | None:
    """Return the health check of a command; ``None`` for ``None``.

    The command runs without a shell, and without the access token in its environment.

    Raises:
        UsageError: The command does not exist, has an unknown placeholder, or a brace without its partner.
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
    return HealthCommand(words=words)


def has_name(check: object) -> bool:
    """Return whether the health check needs the Droplets' names. Pure."""
    return isinstance(check, HealthCommand) and any("name" in _PLACEHOLDER.findall(word) for word in check.words)


def for_account(options: FleetOptions, token: str | None, names: Mapping[int, str]) -> FleetOptions:
    """Return the options with a health check that hides the token. Pure.

    Args:
        options: Options of the run.
        token: The run's token; ``None`` for the one in the environment.
        names: The known names of its Droplets.

    Raises:
        UsageError: The health check needs a name that is not safe in a command.
    """
    check = options.get("health_check")
    if not isinstance(check, HealthCommand):
        return options
    if has_name(check):
        for droplet_id, name in names.items():
            try:
                words_for(["{name}"], Droplet(id=droplet_id, name=name, status="active"))
            except ValueError as error:
                raise UsageError(f"--health-check: {error}") from None
    return {**options, "health_check": evolve(check, token=token)}


def check_placeholders(words: Sequence[str]) -> None:
    """Refuse a placeholder that is never filled in, and a brace without its partner. Pure.

    Raises:
        UsageError: The command has one.
    """
    check_braces(words)
    for word in words:
        for found in _PLACEHOLDER.finditer(word):
            if found[1] not in PLACEHOLDERS:
                raise UsageError(
                    f"--health-check: there is no placeholder {found[0]}; allowed are {_ALLOWED}. "
                    "To pass braces to the command, put a space inside, as in '{ print }'"
                )


def check_braces(words: Sequence[str]) -> None:
    """Refuse a brace without its partner, as in ``test {name``. Pure.

    Raises:
        UsageError: The command has one.
    """
    depth = 0
    for brace in _BRACE.findall(" ".join(words)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        raise UsageError(
            f"--health-check: {shlex.join(words)}: a brace has no partner. Placeholders are {_ALLOWED}. A command that "
            "needs such a brace can be put into a script"
        )


def quoted_placeholders(words: Sequence[str]) -> list[str]:
    """Return the words in which a placeholder stands among others, as in ``sh -c 'test {name}'``. Pure."""
    return [word for word in words if _PLACEHOLDER.search(word) and any(map(str.isspace, word))]


def words_for(words: Sequence[str], droplet: Droplet) -> list[str]:
    """Return the command for one Droplet, with ``{id}``, ``{name}`` and ``{address}`` filled in. Pure.

    Raises:
        UnsafeValueError: The command needs a name that could be read as an option or by a shell.
        ValueError: The command needs an address, and the Droplet has none.
    """
    values = {"id": str(droplet.id), "name": droplet.name, "address": address_of(droplet)}

    def value_of(found: re.Match[str]) -> str:
        placeholder = found[1]
        value = values[placeholder]
        if _PLAIN.fullmatch(value):
            return value
        if not value:
            kind = UnsafeValueError if placeholder == "name" else ValueError
            raise kind(f"Droplet {droplet.id} has no {placeholder} for {found[0]}")
        raise UnsafeValueError(
            f"Droplet {droplet.id}: its {placeholder} {value!r} is not safe in a command: expected letters, digits, "
            f"'.' and '-', beginning with a letter or a digit. Use {{id}} or {{address}} in place of {found[0]}"
        )

    # One pass: a placeholder inside a value is not replaced.
    return [_PLACEHOLDER.sub(value_of, word) for word in words]
