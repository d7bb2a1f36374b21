"""An autoscale pool, its Droplets and its history."""

from __future__ import annotations

from typing import Literal

import attrs

from gradient_async.emulator.autoscale_rules import Load
from gradient_async.emulator.wire import JSONObject

Reason = Literal["CONFIGURATION_CHANGE", "SCALE_UP", "SCALE_DOWN"]


@attrs.frozen(kw_only=True)
class Member:
    """A Droplet of a pool.

    Args:
        droplet_id: The Droplet.
        generation: Number of the pool's templates before the one of the Droplet.
        created: Virtual second of its creation.
        is_leaving: It is shut down, and going to be destroyed.
    """

    droplet_id: int
    generation: int
    created: float
    is_leaving: bool = False


@attrs.frozen(kw_only=True)
class HistoryEvent:
    """A change of the number of a pool's Droplets."""

    id: str
    current: int
    desired: int
    reason: Reason
    created: float
    updated: float
    status: Literal["in_progress", "success", "error"] = "in_progress"
    error_reason: str = ""


@attrs.frozen(kw_only=True)
class Pool:
    """The state of one pool at one instant; a change makes a new value.

    Args:
        generation: Number of templates before its present one.
        changed: Virtual second at which it last changed its Droplets; None if it has not yet.
        is_reconfigured: Its settings were changed since then.
        members_made: Number of Droplets that it has made. Their names have this number.
    """

    id: str
    name: str
    config: JSONObject
    template: JSONObject
    created: float
    updated: float
    generation: int = 0
    is_deleting: bool = False
    members: tuple[Member, ...] = ()
    load: Load = attrs.field(factory=Load)
    changed: float | None = None
    is_reconfigured: bool = True
    members_made: int = 0
