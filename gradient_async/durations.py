"""Durations as people write them: seconds as a number, or a text such as ``"2h"``. Pure."""

from __future__ import annotations

import math
import re
import sys
from typing import Final

FORMS: Final = "seconds such as 90, or a time such as 90s, 15m, 2h or 1h30m"
"""What a duration looks like, for messages."""

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"
_SECONDS: Final = re.compile(_NUMBER)
_SPAN: Final = re.compile(rf"(?:{_NUMBER}h)? ?(?:{_NUMBER}m)? ?(?:{_NUMBER}s)?")
_UNITS: Final = (3600.0, 60.0, 1.0)


def seconds_in_text(text: str) -> float:
    """Return the seconds in a text such as ``90``, ``90s``, ``15m``, ``2h`` or ``1h30m``; 0 if it is no duration.

    Only a single number may have no unit: ``1m30`` is none.
    """
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    match = _SPAN.fullmatch(text)
    parts = match.groups() if match else ()
    return sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=False) if part)


def checked_duration(parameter: str, value: object, *, may_be_zero: bool = False, maximum: float = math.inf) -> float:
    """Return seconds, which are given as a number or as a text.

    Args:
        parameter: Name of the parameter, for messages.
        value: What was given.
        may_be_zero: Whether 0 is allowed; a text never means 0, except ``"0"``.
        maximum: The most seconds that are allowed.

    Raises:
        TypeError: It is neither.
        ValueError: It is not above 0, or above the maximum.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{parameter}: expected {FORMS}, got {type(value).__name__} {value!r:.80}")
    seconds = seconds_in_text(value) if isinstance(value, str) else _float_of(value)
    is_zero = seconds == 0 and (not isinstance(value, str) or value.strip() == "0")
    if not 0 < seconds < math.inf and not (may_be_zero and is_zero):
        raise ValueError(f"{parameter}: expected {FORMS}, got {value!r:.80}")
    if seconds > maximum:
        raise ValueError(f"{parameter}: expected at most {maximum:.0f} seconds, got {value!r:.80}")
    return seconds


def _float_of(value: float) -> float:
    """Return a number as a float; infinity for NaN, and for an int that no float can hold."""
    return float(value) if abs(value) <= sys.float_info.max else math.inf
