"""The values in the lines of a creation run's journal, checked. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradient_async.fleet.journal_text import Line


def names_in(line: Line) -> list[str]:
    """Return the names that a line is about.

    Raises:
        TypeError: It has none.
    """
    names = line.get("names", [line["name"]] if "name" in line else None)
    if not isinstance(names, list) or not names:
        raise TypeError(f"expected names, got {names!r}")
    return [str(name) for name in names]


def id_in(line: Line) -> int:
    """Return the id of the Droplet that a line is about.

    Raises:
        KeyError: It has none.
        TypeError: It is no number.
    """
    droplet_id = line["droplet"]
    if isinstance(droplet_id, bool) or not isinstance(droplet_id, int):
        raise TypeError(f"expected an id, got {droplet_id!r}")
    return droplet_id


def monotonic_in(line: Line, boot: str | None) -> float:
    """Return the monotonic time of a line; infinity where it cannot be compared with this machine's."""
    same_boot = boot is not None and line["boot"] == boot
    return number_in(line["monotonic"]) if same_boot else math.inf


def number_in(value: object) -> float:
    """Return a value as a number.

    Raises:
        TypeError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r}")
    return float(value)
