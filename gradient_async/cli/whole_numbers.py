"""Whole numbers among the values of options. Pure."""

from __future__ import annotations

import re
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

import cyclopts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WHOLE: Final = re.compile(r"[+-]?\d+")


def converted(hint: Any, tokens: Sequence[cyclopts.Token]) -> Any:  # noqa: ANN401 - as cyclopts declares it
    """Return the value of an option. Refuse a fraction where a whole number is expected, which cyclopts would round.

    Raises:
        ValueError: A number is not whole.
    """
    if _is_whole(hint):
        for token in tokens:
            if not _WHOLE.fullmatch(token.value.strip()):
                raise ValueError(f'expected a whole number, got "{token.value}"')
    return cyclopts.convert(hint, tokens)


def within(minimum: int, maximum: int | None = None) -> Callable[[object, int | None], None]:
    """Return a check of a number's range."""
    allowed = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"

    def check(_: object, value: int | None) -> None:
        if value is not None and (value < minimum or (maximum is not None and value > maximum)):
            raise ValueError(f"expected a whole number {allowed}, got {value}")

    return check


def _is_whole(hint: object) -> bool:
    """Return whether a type is ``int``, ``int | None``, or one of several numbers."""
    if get_origin(hint) is Literal:
        return all(isinstance(one, int) for one in get_args(hint))
    return hint is int or set(get_args(hint)) == {int, NoneType}
