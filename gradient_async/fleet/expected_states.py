"""The state of a Droplet after an action. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.models.action_requests import Rename, Resize
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from gradient_async.models.action_requests import ActionRequest


@frozen(kw_only=True)
class ExpectedState:
    """A state that a Droplet can be in.

    Attributes:
        text: The state as text, such as ``status 'off'``.
        is_reached: Whether a Droplet is in it.
    """

    text: str
    is_reached: Callable[[Droplet], bool]


ACTIVE: Final = ExpectedState(text="status 'active'", is_reached=lambda droplet: droplet.is_active)
OFF: Final = ExpectedState(text="status 'off'", is_reached=lambda droplet: droplet.is_off)

# The API's documentation does not state the status after power_cycle, rebuild and the like. Power is on then.
_EXPECTED_STATES: Final = {
    "reboot": ACTIVE,
    "power_cycle": ACTIVE,
    "power_on": ACTIVE,
    "password_reset": ACTIVE,
    "rebuild": ACTIVE,
    "restore": ACTIVE,
    "shutdown": OFF,
    "power_off": OFF,
    "enable_ipv6": ExpectedState(text="the feature 'ipv6'", is_reached=lambda droplet: "ipv6" in droplet.features),
    "enable_backups": ExpectedState(
        text="the feature 'backups'", is_reached=lambda droplet: "backups" in droplet.features
    ),
    "disable_backups": ExpectedState(
        text="no feature 'backups'", is_reached=lambda droplet: "backups" not in droplet.features
    ),
}


def expected_state_of(request: ActionRequest) -> ExpectedState | None:
    """Return the state after an action; ``None`` if no field of a Droplet shows it, as for ``snapshot``."""
    if isinstance(request, Rename):
        name = request.name
        return ExpectedState(text=f"name {name!r}", is_reached=lambda droplet: droplet.name == name)
    if isinstance(request, Resize):
        size = request.size
        return ExpectedState(text=f"size {size!r}", is_reached=lambda droplet: droplet.size_slug == size)
    return _EXPECTED_STATES.get(request.type)
