"""A journal as text: JSON lines with check sums. Pure.

Each line ends with a check sum of the rest, so that a line that was cut off, or changed, is known as such. It is plain
text, to be read with the tools that are at hand at night, and it only ever grows.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast

from attrs import frozen

_FIRST_LINE: Final = b'{"event":"run","version":'
_CHECK_SUM_KEY: Final = b',"crc32":"'
_CHECK_SUM: Final = re.compile(rb',"crc32":"([0-9a-f]{8})"}$')

Line: TypeAlias = Mapping[str, object]


class DamagedError(Exception):
    """The lines are not what was written."""


@frozen(kw_only=True)
class JournalText:
    """A journal's lines, as far as they are whole.

    Attributes:
        lines: The lines.
        length: How many bytes they take.
        torn: How many bytes follow them, of a line that was cut off.
    """

    lines: Sequence[Line]
    length: int
    torn: int


def encode(line: Line) -> bytes:
    """A line as it is written."""
    text = json.dumps(line, separators=(",", ":")).encode()
    return text[:-1] + b',"crc32":"%08x"}\n' % zlib.crc32(text)


def decode(content: bytes) -> JournalText:
    """The lines of a journal, of which the last one may be cut off.

    Raises:
        DamagedError: Another line than the last one is not as it was written, or it is no journal.
    """
    if not content.startswith(_FIRST_LINE[: len(content)]):
        raise DamagedError("it does not begin like the journal of a fleet run")
    lines: list[Line] = []
    length = 0
    parts = content.split(b"\n")
    for number, part in enumerate(parts, 1):
        is_terminated = number < len(parts)
        line = _decoded(part) if is_terminated else None
        if line is None:
            # Only one line is under way when a run is interrupted, and each one before it was on the disk.
            if any(parts[number:]) or part.count(_CHECK_SUM_KEY) > 1:
                raise DamagedError(f"line {number} is not as it was written")
            if is_terminated and number == 1:
                raise DamagedError("its first line, which says what it is of, is not as it was written")
            break
        lines.append(line)
        length += len(part) + 1
    return JournalText(lines=lines, length=length, torn=len(content) - length)


def _decoded(part: bytes) -> Line | None:
    """A line, ``None`` if it is not as it was written."""
    check = _CHECK_SUM.search(part)
    if check is None:
        return None
    text = part[: check.start()] + b"}"
    return cast("Line", json.loads(text)) if zlib.crc32(text) == int(check[1], 16) else None
