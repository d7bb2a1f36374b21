"""Checks of single options of a fleet run. Each takes the option's name and value. Pure."""

from __future__ import annotations

import inspect
import os
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from gradient_async.arguments import checked_choice, checked_count
from gradient_async.fleet.limits import Limit
from gradient_async.http.request_key import checked_key

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_PREFIX_LENGTH: Final = 200
_PERCENTAGE: Final = re.compile(r"\d+(\.\d+)?%")


def limit_from(least: int) -> Callable[[str, object], Limit]:
    """Return a check of a number of at least ``least``, or of a percentage."""
    lowest = "from 0" if least == 0 else "above 0"
    allowed = f"an int of at least {least}, or a percentage {lowest} up to 100 such as '10%'"

    def check(parameter: str, value: object) -> Limit:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError(f"{parameter}: expected {allowed}, got {type(value).__name__} {value!r:.80}")
        if isinstance(value, int):
            return Limit(count=checked_count(parameter, value, minimum=least))
        text = value.strip()
        percent = Fraction(text[:-1]) if _PERCENTAGE.fullmatch(text) else None
        if percent is None or not (percent > 0 or least == 0) or percent > 100:
            raise ValueError(f"{parameter}: expected {allowed}, got {value!r:.80}")
        return Limit(percent=percent)

    return check


def choice_of(*allowed: str) -> Callable[[str, object], object]:
    """Return a check that allows only these words."""

    def check(parameter: str, value: object) -> object:
        checked_choice(parameter, value, allowed)
        return value

    return check


def checked_prefix(parameter: str, value: object) -> str:
    """Refuse a prefix that leaves no room for a Droplet's id and a step in a key."""
    return checked_key(parameter, value, _MAX_PREFIX_LENGTH)


def checked_callable(parameter: str, value: object) -> object:
    """Refuse a value that cannot be called."""
    if not callable(value):
        raise TypeError(f"{parameter}: expected a callable, got {type(value).__name__}")
    return value


def checked_health_check(parameter: str, value: object) -> object:
    """Refuse a function that cannot be called with a Droplet. Some built-in functions do not state their parameters."""
    checked_callable(parameter, value)
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]  # callable, as just checked
    except (TypeError, ValueError):
        return value
    try:
        signature.bind(None)
    except TypeError as error:
        name = getattr(value, "__name__", type(value).__name__)
        raise TypeError(
            f"{parameter}: expected a function that takes one argument, the Droplet, got {name}{signature}: {error}"
        ) from None
    return value


def checked_path(parameter: str, value: object) -> str:
    """Return a path as a string."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{parameter}: expected a path, got {type(value).__name__}")
    path = os.fsdecode(value)
    if not path or "\0" in path:
        raise ValueError(f"{parameter}: expected a path, got {path!r:.80}")
    return path


def checked_retries(parameter: str, value: object) -> int:
    """Return a number of retries."""
    return checked_count(parameter, value, minimum=0)
