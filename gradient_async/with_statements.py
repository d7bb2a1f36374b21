"""An error that names the right statement where a client is opened by the wrong one of ``with`` and ``async with``."""

from __future__ import annotations

from typing import NoReturn, TypeVar

T = TypeVar("T")


def explain_wrong_with(cls: type[T]) -> type[T]:
    """Make a class that supports only one of the two statements name that one in the other.

    The methods are added at run time only: type checkers go on refusing the wrong statement.
    """
    is_async = hasattr(cls, "__aenter__")
    right, wrong = ("async with", "with") if is_async else ("with", "async with")
    text = f"{cls.__name__} does not support {wrong!r}. Type: {right} {cls.__name__}() as client:"

    def refuse(*_: object) -> NoReturn:
        raise TypeError(text)

    for name in ("__enter__", "__exit__") if is_async else ("__aenter__", "__aexit__"):
        setattr(cls, name, refuse)
    return cls
