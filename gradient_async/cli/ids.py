"""Ids, as operators have them: on the command line, in files, from other commands. Pure but for ``read``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

STANDARD_INPUT: Final = "@-"
_COMMENT: Final = re.compile(r"#.*")
_SEPARATORS: Final = re.compile(r"[\s,;]+")
_NUMBER: Final = re.compile(r"[+-]?\d+")


def parse(words: Iterable[str], read: Callable[[str], str], *, kind: str) -> tuple[int, ...]:
    """The ids that the words stand for, in order, each once.

    Args:
        words: Ids, or ``@`` and the name of a file with ids, or ``@-`` for standard input.
        read: Gives the text of a file.
        kind: What they are ids of: ``droplet`` or ``action``.

    Raises:
        UsageError: One of them is no id, or a file holds none.
    """
    found: list[int] = []
    for word in words:
        if word.startswith("@"):
            found += _in_text(read(word[1:]), _source(word), kind)
        else:
            found += [_id(part, "", kind) for part in _SEPARATORS.split(word) if part]
    return tuple(dict.fromkeys(found))


def read(name: str) -> str:
    """The text of a file of ids; ``-`` is standard input.

    Raises:
        UsageError: It cannot be read.
    """
    import sys

    try:
        if name != "-":
            return Path(name).read_text(encoding="utf-8")
        return sys.stdin.read() if sys.stdin is not None else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{_source(f'@{name}')}: cannot be read: {reason}") from None


def _in_text(text: str, source: str, kind: str) -> Sequence[int]:
    found: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        place = f" ({source}, line {number})"
        if line.lstrip().startswith("{"):
            found.append(_id_in_object(line, place, kind))
        else:
            found += [_id(part, place, kind) for part in _SEPARATORS.split(_COMMENT.sub("", line)) if part]
    if not found:
        raise UsageError(f"{source} holds no ids")
    return found


def _id_in_object(line: str, place: str, kind: str) -> int:
    """The id in a line of ``--output jsonl``, of this command or of another."""
    try:
        row = json.loads(line)
    except ValueError:
        raise UsageError(f"expected an id or a JSON object on one line{place}") from None
    value = row.get(f"{kind}_id", row.get("id"))
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"the JSON object has neither {kind}_id nor id{place}")
    return _id(str(value), place, kind)


def _id(text: str, place: str, kind: str) -> int:
    noun = "a Droplet's id" if kind == "droplet" else "an action's id"
    if not (text.isascii() and _NUMBER.fullmatch(text)):
        raise UsageError(f"{text!r} is not {noun}, which is a number{place}")
    if int(text) < 1:
        raise UsageError(f"{text} is not {noun}, which is 1 or above{place}")
    return int(text)


def _source(word: str) -> str:
    return "standard input" if word == STANDARD_INPUT else word[1:]
