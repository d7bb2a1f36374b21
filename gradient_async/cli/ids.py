"""Ids and names of Droplets, and ids of actions, from words, files and the output of other commands.

Pure, except for ``read``. Ambiguous text is refused.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.id_texts import found_in_text
from gradient_async.cli.printable import printable
from gradient_async.cli.references import Found, references_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradient_async.cli.references import Kind, Reference

STANDARD_INPUT: Final = "@-"
_TAG: Final = re.compile(r"[A-Za-z0-9_:-]{1,255}")
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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


def source_of(word: str) -> str:
    """Return the name of a source in messages."""
    return "standard input" if word == STANDARD_INPUT else f"@{printable(word[1:])}"


def _standard_input() -> bytes:
    import sys

    if sys.stdin is None:
        return b""
    stream = getattr(sys.stdin, "buffer", None)
    return stream.read() if stream is not None else sys.stdin.read().encode()
