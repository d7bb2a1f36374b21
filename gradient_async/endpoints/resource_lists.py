"""The arguments ``resources`` and ``droplet_ids``, of which at least one is given."""

from __future__ import annotations

from collections.abc import Sequence

from gradient_async.arguments import checked_id


def checked_droplet_ids(resources: Sequence[object] | None, droplet_ids: Sequence[int] | None) -> list[int]:
    """Return the ids of the Droplets, none if only resources are given.

    Raises:
        TypeError: Neither is given, or one of them is no list, or an id is no int.
        ValueError: Only Droplets are given, and there are none; or an id is out of range.
    """
    if resources is None and droplet_ids is None:
        raise TypeError("resources, droplet_ids: expected at least one of them")
    for name, value in (("resources", resources), ("droplet_ids", droplet_ids)):
        if isinstance(value, str | bytes) or not isinstance(value, Sequence | None):
            raise TypeError(f"{name}: expected a list, got {type(value).__name__}")
    if resources is None and not droplet_ids:
        raise ValueError("droplet_ids: expected at least 1 items, got 0")
    return [checked_id(f"droplet_ids[{index}]", one) for index, one in enumerate(droplet_ids or ())]
