"""Text from other sources, made safe for a terminal. Pure.

Names, tags, regions and messages come from the API, from files and from users. In a terminal, control characters
could move the cursor, set the title, or fill the clipboard. Bidirectional controls could change the order of the text.
"""

from __future__ import annotations

import re
from typing import Final

# Characters that Python calls printable, but that are invisible: fillers and variation selectors.
_INVISIBLE: Final = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
_NOT_KEPT_IN_LINES: Final = re.compile(r"[^\n\t]+")


def printable(text: str) -> str:
    r"""Return the text on one line, with each character that is not visible as an escape.

    Escaped are control characters (C0, DEL and C1, line breaks and tabs among them), bidirectional controls, line and
    paragraph separators, spaces other than the common one, zero-width characters, private and unassigned code points,
    and lone surrogates. Everything else stays. A second call changes nothing.

    >>> printable("gpu-1\x1b[2J\u202e")
    'gpu-1\\x1b[2J\\u202e'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if _is_visible(letter) else _escaped(letter) for letter in text)


def printable_lines(text: str) -> str:
    """Return the same for a text of several lines. Line feeds and tabs stay."""
    return _NOT_KEPT_IN_LINES.sub(lambda match: printable(match[0]), text)


def printable_json(text: str) -> str:
    r"""Return a JSON text of ``json.dumps`` with DEL escaped, the one control character that it does not escape.

    >>> printable_json('{"name": "a\x7f"}')
    '{"name": "a\\u007f"}'
    """
    return text.replace("\x7f", "\\u007f")


def _is_visible(letter: str) -> bool:
    return letter.isprintable() and letter not in _INVISIBLE


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
