"""The result of a graceful power-off."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from gradient_async.models.action import Action
from gradient_async.models.droplet import Droplet
from gradient_async.models.model import Model


@frozen(kw_only=True)
class GracefulPowerOff(Model):
    """A Droplet that is off, and the actions of the power-off.

    Attributes:
        droplet: The Droplet as last read.
        powered_off_by: ``"shutdown"`` if the guest shut down, ``"power_off"`` if the power was cut, ``"nobody"`` if the
            Droplet was already off, or another program powered it off.
        shutdown: The ``shutdown`` action; ``None`` if it was not needed.
        power_off: The ``power_off`` action; ``None`` if it was not needed.
    """

    droplet: Droplet
    powered_off_by: Literal["shutdown", "power_off", "nobody"]
    shutdown: Action | None = None
    power_off: Action | None = None
