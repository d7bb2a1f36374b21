"""Durations, as people write and read them. Pure."""

from __future__ import annotations

import math

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.printable import printable
from gradient_async.durations import FORMS, seconds_in_text


def seconds_in(option: str, text: str | None) -> float | None:
    """Return the seconds in a text such as ``90``, ``90s``, ``15m``, ``2h`` or ``1h30m``; ``None`` for ``None``.

    Only a single number may have no unit: ``1m30`` is refused.

    Raises:
        UsageError: The text is not a duration above 0.
    """
    if text is None:
        return None
    seconds = seconds_in_text(text)
    if not 0 < seconds < math.inf:
        raise UsageError(f"{option}: expected {FORMS}, got {printable(text[:80])!r}")
    return seconds


def span(seconds: float) -> str:
    """Return seconds for people: ``8 s``, ``3 min 20 s``, ``1 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 and seconds != whole else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"


def window_name(seconds: float) -> str:
    """Return the length of a rate window: ``1 h``, ``60 s``."""
    return f"{seconds / 3600:g} h" if seconds >= 3600 and seconds % 3600 == 0 else f"{seconds:g} s"
