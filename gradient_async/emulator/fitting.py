"""The initial state of a Droplet that is suitable for an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.droplet_rules import RULES
from gradient_async.emulator.droplets import DropletSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEED_OFF = frozenset({"power_on", "act power_on", "act resize"})
_NEED_BACKUPS = frozenset({"disable_backups", "change_backup_policy", "restore"})


def is_verb(verb: str) -> bool:
    """Return whether a verb of `gpu-droplets`, or a type of action, has this name."""
    return verb.replace("-", "_").removeprefix("act ") in RULES


def fitting_spec(verb: str | None = None, tags: Sequence[str] = ()) -> DropletSpec:
    """Return a Droplet in a state that is suitable for a verb: on, unless the verb needs it off.

    Args:
        verb: A verb of `gpu-droplets` or a type of action, with dashes or underscores; None for any.
        tags: The Droplet's tags.
    """
    name = (verb or "").replace("-", "_")
    bare = name.removeprefix("act ")
    return DropletSpec(
        tags=tags,
        status="off" if name in _NEED_OFF else "active",
        backups=bare in _NEED_BACKUPS,
        kernel=1 if bare == "change_kernel" else None,
    )
