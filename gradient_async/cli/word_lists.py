"""Words of an option that takes several: separated by commas, or given more than once. Texts of filters. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def listed(option: str, words: Iterable[str]) -> tuple[str, ...]:
    """Return the words of an option, in order, each once.

    Raises:
        UsageError: One is empty, such as a variable of the shell that is not set: it must not count as left out.
    """
    parts = [[part.strip() for part in word.split(",") if part.strip()] for word in words]
    if [] in parts:
        raise UsageError(f"{option}: expected a value, got an empty text")
    return tuple(dict.fromkeys(part for of_word in parts for part in of_word))


def check_filters(given: Mapping[str, object]) -> None:
    """Check the filters of a list.

    Args:
        given: The filters by their names. Those that are no text, or were not given, are not checked.

    Raises:
        UsageError: One is empty, or cannot be encoded.
    """
    for name, value in given.items():
        if isinstance(value, str) and not (value.strip() and value == value.encode("utf-8", "replace").decode()):
            got = repr(value)[:80] if value.strip() else "an empty text"
            raise UsageError(f"--{name.replace('_', '-')}: expected a value, got {got}")
