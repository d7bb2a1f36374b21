"""A journal as text: JSON lines with check sums. Pure.

Each line ends with a check sum of the rest, so that a line that was cut off or changed is found. The file is plain
text, readable with standard tools. Lines are only added at its end.
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
    """The lines are not as they were written."""


class OtherKindError(DamagedError):
    """The lines are whole, and those of another kind of run."""


@frozen(kw_only=True)
class JournalText:
    """The complete lines of a journal.

    Attributes:
        lines: The lines.
        length: Their length in bytes.
        torn: Number of bytes after them, of a line that was cut off.
    """

    lines: Sequence[Line]
    length: int
    torn: int


def encode(line: Line) -> bytes:
    """Return a line as the bytes to write."""
    text = json.dumps(line, separators=(",", ":")).encode()
    return text[:-1] + b',"crc32":"%08x"}\n' % zlib.crc32(text)


def decode(content: bytes) -> JournalText:
    """Return the lines of a journal. The last one may be cut off.

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
            # A run writes one line at a time, so only the last line can be cut off.
            if any(parts[number:]) or part.count(_CHECK_SUM_KEY) > 1:
                raise DamagedError(f"line {number} is not as it was written")
            if is_terminated and number == 1:
                raise DamagedError("its first line, which describes the run, is not as it was written")
            break
        lines.append(line)
        length += len(part) + 1
    return JournalText(lines=lines, length=length, torn=len(content) - length)


def _decoded(part: bytes) -> Line | None:
    """Return a line; ``None`` if it is not as it was written."""
    check = _CHECK_SUM.search(part)
    if check is None:
        return None
    text = part[: check.start()] + b"}"
    return cast("Line", json.loads(text)) if zlib.crc32(text) == int(check[1], 16) else None
