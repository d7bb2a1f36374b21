"""Ids and names in one word of the command line, or in one line of a file. Pure. Ambiguous text is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.printable import printable

Kind: TypeAlias = Literal["droplet", "action"]
Reference: TypeAlias = int | str
"""A Droplet by its id, or by its name."""

# Ids are 64 bits wide.
_MAX_ID: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
# Only ASCII spaces separate ids: no-break and thin spaces separate thousands.
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_SEPARATORS: Final = re.compile(r"[ \t\r\n,;]+")
_GROUPED: Final = re.compile(r"(?<![0-9])[0-9]{1,3},[0-9]{3}(?![0-9])")
_OTHER_GROUPED: Final = re.compile(r"[0-9]{1,3}([^0-9A-Za-z,;][0-9]{3})+")
# The API's rule for names, plus: a name has a letter, so that it cannot be an id.
_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9.-]{0,254}")


@frozen(kw_only=True)
class Found:
    """The result of reading words.

    Attributes:
        references: Ids (for Droplets also names) in order, each once.
        without_action: For actions: one line for each Droplet of a run without a started action.
        is_all_well: Whether all of those were completed without an action.
    """

    references: Sequence[Reference] = ()
    without_action: Sequence[str] = ()
    is_all_well: bool = True


def references_in(text: str, place: str, kind: Kind) -> list[Reference]:
    """Return the ids and names in one word of the command line, or in one line of a file.

    Raises:
        UsageError: A part is neither.
    """
    for chunk in _SPACES.split(text):
        if _GROUPED.search(chunk):
            bare = chunk.strip(",;").replace(",", "")
            raise UsageError(
                f"'{printable(chunk)}' is ambiguous{place}: it can be one number with thousands separators, or "
                f"several ids. Write {bare}, or put spaces between the ids"
            )
    return [reference_of(part, place, kind) for part in _SEPARATORS.split(text) if part]


def reference_of(text: str, place: str, kind: Kind) -> Reference:
    """Return one id or name.

    Raises:
        UsageError: The text is neither.
    """
    if _NUMBER.fullmatch(text):
        return id_of(text, place, kind)
    if kind == "droplet" and _NAME.fullmatch(text):
        return text
    shown = f"'{printable(text[:80])}'"
    expected = "a Droplet's id (a number) nor its name" if kind == "droplet" else "an action's id"
    neither = "is neither" if kind == "droplet" else "is not"
    if any(letter.isdigit() and not letter.isascii() for letter in text):
        raise UsageError(f"{shown} {neither} {expected}{place}: it has digits other than 0 to 9; type it again")
    if _OTHER_GROUPED.fullmatch(text):
        raise UsageError(f"{shown} {neither} {expected}{place}: write it without thousands separators")
    raise UsageError(f"{shown} {neither} {expected}{place}")


def id_of(text: str, place: str, kind: Kind) -> int:
    """Return one id.

    Raises:
        UsageError: The id is out of range.
    """
    noun = "a Droplet's id" if kind == "droplet" else "an action's id"
    digits = text.lstrip("+-").lstrip("0")
    if text.startswith("-") or not digits:
        raise UsageError(f"{text[:80]} is not {noun}, which is 1 or above{place}")
    if len(digits) > len(str(_MAX_ID)) or int(digits) > _MAX_ID:
        raise UsageError(f"{text[:80]} is not {noun}, which is {_MAX_ID} or below{place}")
    return int(digits)
