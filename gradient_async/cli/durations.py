"""Spans of time, as people write and read them. Pure."""

from __future__ import annotations

import re
from typing import Final

from gradient_async.cli.exit_codes import UsageError

_UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|)")


def seconds_in(option: str, text: str | None) -> float | None:
    """Seconds in text such as ``90``, ``90s``, ``15m`` or ``2h``; ``None`` where nothing is given.

    Raises:
        UsageError: It is no span of time, or none that is longer than nothing.
    """
    if text is None:
        return None
    match = _SPAN.fullmatch(text.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds > 0:
        raise UsageError(f"{option}: expected a time such as 90, 90s, 15m or 2h, got {text!r}")
    return seconds


def span(seconds: float) -> str:
    """Seconds, for people: ``8 s``, ``3 min 20 s``, ``1 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds != whole else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"


def window_name(seconds: float) -> str:
    """A rate window's span: ``1 h``, ``60 s``."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 and seconds % 3600 == 0 else f"{seconds:g} s"
