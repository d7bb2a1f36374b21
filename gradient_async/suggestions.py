"""Suggestions for unknown words: the "Did you mean" of error messages. Pure code."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DESTRUCTIVE: Final = frozenset({"restore", "rebuild", "password_reset", "delete", "destroy", "reap", "hibernate"})
"""Actions that lose data or lock users out. They are not suggested for another word."""

# Words of other tools and their names here, the safest first. A word without a name here has no suggestion.
_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "restart": ("reboot",),
    "reset": ("reboot",),
    "bounce": ("reboot",),
    "cycle": ("power_cycle",),
    "hardreset": ("power_cycle",),
    "hardreboot": ("power_cycle",),
    "stop": ("shutdown", "power_off"),
    "halt": ("shutdown", "power_off"),
    "shutdown": ("power_off",),
    "turnoff": ("power_off",),
    "off": ("power_off",),
    "start": ("power_on",),
    "boot": ("power_on",),
    "turnon": ("power_on",),
    "on": ("power_on",),
    "backup": ("snapshot",),
    "scale": ("resize",),
    "upgrade": ("resize",),
    "ls": ("list",),
    "ps": ("list",),
    "show": ("get", "list"),
    "describe": ("get", "list"),
    "continue": ("resume",),
    "sshkeys": ("keys",),
    "sshkey": ("keys",),
    "floatingips": ("reserved_ips",),
    "floatingip": ("reserved_ips",),
    "flavors": ("sizes",),
    "create": (),
    "delete": (),
    "destroy": (),
    "remove": (),
    "rm": (),
    "kill": (),
    "terminate": (),
    "all": (),
}
_CLOSE: Final = 0.8
_MIN_PREFIX_LENGTH: Final = 3


def suggest(word: str, known: Iterable[str], never: Iterable[str] = DESTRUCTIVE) -> str | None:
    """Return the known name that a word means; ``None`` if no name is clearly meant.

    Case, dashes, underscores and spaces are ignored. If the word equals a known name then, that name is meant.
    Otherwise the result is a synonym, or the only name that has the word as a part or as its beginning, or the name
    with the most similar spelling.

    Args:
        word: The typed word, such as ``"restart"``, ``"power-cycle"`` or ``"--batchsize"``.
        known: The allowed names.
        never: Names that are not suggested for a word that differs in more than case and punctuation.

    Returns:
        One of ``known``.
    """
    names: dict[str, str] = {}
    for name in known:
        names.setdefault(_bare(name), name)
    typed = _bare(word)
    if typed in names:
        return names[typed]
    refused = {_bare(name) for name in never}
    if typed in _SYNONYMS:
        meant = (_bare(name) for name in _SYNONYMS[typed])
        return next((names[name] for name in meant if name in names and name not in refused), None)
    partly = _named_in_part(typed, names)
    nearest = partly or difflib.get_close_matches(typed, names, n=1, cutoff=_CLOSE)
    # A word that is a part of several names is not clear.
    is_clear = len(nearest) == 1 and nearest[0] not in refused
    return names[nearest[0]] if is_clear else None


def did_you_mean(word: str, known: Iterable[str], never: Iterable[str] = DESTRUCTIVE) -> str:
    """Return the sentence for an error message, with a space before it; ``""`` without a suggestion."""
    meant = suggest(word, known, never)
    return f" Did you mean {meant!r}?" if meant else ""


def _bare(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).lower()


def _named_in_part(typed: str, names: Mapping[str, str]) -> list[str]:
    """Return the names that have the word as a part; if there are none, those that begin with it."""
    if len(typed) < _MIN_PREFIX_LENGTH:
        return []
    with_part = [bare for bare, name in names.items() if typed in re.split(r"[-_\s]+", name.lower())]
    return with_part or [bare for bare in names if bare.startswith(typed)]
