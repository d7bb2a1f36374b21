"""What came of a graceful power-off."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from gradient_async.models.action import Action
from gradient_async.models.droplet import Droplet


@frozen(kw_only=True)
class GracefulPowerOff:
    """A Droplet that is off, and how it came to be.

    Attributes:
        droplet: The Droplet as last read.
        powered_off_by: ``"shutdown"`` if the guest did it itself, ``"power_off"`` if its power was cut,
            ``"nobody"`` if it was off to begin with, or somebody else did it meanwhile.
        shutdown: The ``shutdown`` action; ``None`` if none was needed.
        power_off: The ``power_off`` action; ``None`` if none was needed.
    """

    droplet: Droplet
    powered_off_by: Literal["shutdown", "power_off", "nobody"]
    shutdown: Action | None = None
    power_off: Action | None = None
