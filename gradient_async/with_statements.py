"""The error for a client in the wrong statement: ``with`` in place of ``async with``, or the other way round."""

from __future__ import annotations

from typing import NoReturn, TypeVar

T = TypeVar("T")


def explain_wrong_with(cls: type[T]) -> type[T]:
    """Make a class that supports only one of the two statements raise a helpful error in the other.

    The methods are added only at run time, so that type checkers still refuse the wrong statement.
    """
    is_async = hasattr(cls, "__aenter__")
    right, wrong = ("async with", "with") if is_async else ("with", "async with")
    text = f"{cls.__name__} does not support {wrong!r}. Type: {right} {cls.__name__}() as client:"

    def refuse(*_: object) -> NoReturn:
        raise TypeError(text)

    for name in ("__enter__", "__exit__") if is_async else ("__aenter__", "__aexit__"):
        setattr(cls, name, refuse)
    return cls
