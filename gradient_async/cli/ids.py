"""Ids and names of Droplets, and ids of actions, from words, files and the output of other commands.

Pure, except for ``read``. Ambiguous text is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind: TypeAlias = Literal["droplet", "action"]
Reference: TypeAlias = int | str
"""A Droplet by its id, or by its name."""

STANDARD_INPUT: Final = "@-"
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
_TAG: Final = re.compile(r"[A-Za-z0-9_:-]{1,255}")
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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


def parse_droplets(words: Iterable[str], read: Callable[[str], str]) -> tuple[Reference, ...]:
    """Return the Droplets of the words, in order, each once.

    Args:
        words: Ids, names, ``@FILE``, or ``@-`` for standard input.
        read: Reads a file.

    Raises:
        UsageError: A word is neither an id nor a name, or a file holds none.
    """
    return tuple(_parse(words, read, "droplet").references)


def parse_actions(words: Iterable[str], read: Callable[[str], str]) -> Found:
    """Return the actions of the words, in order, each once.

    Args:
        words: Ids, ``@FILE``, or ``@-`` for standard input.
        read: Reads a file.

    Raises:
        UsageError: A word is not an id, or a file holds none.
    """
    return _parse(words, read, "action")


def _parse(words: Iterable[str], read: Callable[[str], str], kind: Kind) -> Found:
    from gradient_async.cli.id_texts import found_in_text

    references: dict[Reference, None] = {}
    without: list[str] = []
    is_all_well = True
    sources: set[str] = set()
    for word in words:
        if not word.startswith("@"):
            references.update(dict.fromkeys(references_in(word, "", kind)))
        elif word not in sources:
            # Each source is read once: standard input cannot be read twice.
            sources.add(word)
            found = found_in_text(read(word[1:]), source_of(word), kind)
            references.update(dict.fromkeys(found.references))
            without += found.without_action
            is_all_well = is_all_well and found.is_all_well
    return Found(references=tuple(references), without_action=tuple(without), is_all_well=is_all_well)


def read_droplets(name: str) -> str:
    """Read a file of Droplets; ``-`` is standard input.

    Raises:
        UsageError: The file cannot be read.
    """
    return _read(name, is_tag_possible=True)


def read_actions(name: str) -> str:
    """Read a file of actions; ``-`` is standard input.

    Raises:
        UsageError: The file cannot be read.
    """
    return _read(name, is_tag_possible=False)


def _read(name: str, *, is_tag_possible: bool) -> str:
    if not name:
        raise UsageError("'@' needs a file name directly after it, such as @ids.txt")
    shown = source_of(f"@{name}")
    try:
        return text_of(_standard_input() if name == "-" else Path(name).read_bytes())
    except FileNotFoundError:
        is_tag = is_tag_possible and _TAG.fullmatch(name)
        hint = f". For the Droplets with the tag {name}, pass --tag {name}" if is_tag else ""
        raise UsageError(f"{shown}: there is no such file{hint}") from None
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{shown}: cannot be read: it is not UTF-8 or UTF-16 text") from None


def text_of(content: bytes) -> str:
    """Return the text of a file: UTF-16 with a byte order mark, else UTF-8.

    Raises:
        UnicodeDecodeError: The bytes are neither.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding)


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


def source_of(word: str) -> str:
    """Return the name of a source in messages."""
    return "standard input" if word == STANDARD_INPUT else f"@{printable(word[1:])}"


def _standard_input() -> bytes:
    import sys

    if sys.stdin is None:
        return b""
    stream = getattr(sys.stdin, "buffer", None)
    return stream.read() if stream is not None else sys.stdin.read().encode()
