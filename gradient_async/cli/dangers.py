"""The actions that need a confirmation. Pure.

An action needs one if it loses data on disk, or cuts the power of a running Droplet: the content of its memory is lost.
No confirmation is needed for what another command can undo, even with downtime: ``reboot``, ``shutdown``, a graceful
``power-off``, a ``resize`` that keeps the disk, ``disable-backups`` (existing backups stay), the ``rename`` of one
Droplet. ``enable-ipv6`` cannot be undone, but it removes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.models.action_requests import Resize

if TYPE_CHECKING:
    from gradient_async.fleet.plan import Plan

_LOSSES: Final = {
    "rebuild": "the data on the disk is lost",
    "restore": "the data on the disk now is lost",
    "password_reset": "the root password is replaced, and the Droplet is power-cycled",
    "power_cycle": "the power is cut without a shutdown: what is in memory is lost",
    "power_off": "the power is cut without a shutdown: what is in memory is lost",
}
_LOSSES_OF_SEVERAL: Final = {"rename": "all get this one name, and the names that they have now are lost"}
_DISK_GROWS: Final = "the disk grows, which cannot be undone"


def loss_of(plan: Plan, droplets: int) -> str | None:
    """Return what a plan loses; ``None`` for nothing.

    Args:
        plan: The plan.
        droplets: The number of Droplets.
    """
    for step in plan.steps:
        if isinstance(step.request, Resize) and step.request.disk:
            return _DISK_GROWS
    first = plan.steps[0].request
    # A power_off after a shutdown is graceful: the operating system had time to stop.
    return _LOSSES.get(first.type) or (_LOSSES_OF_SEVERAL.get(first.type) if droplets > 1 else None)


def may_lose(plan: Plan) -> bool:
    """Return whether a plan loses something, if only with several Droplets."""
    return loss_of(plan, 2) is not None


def warning(plan: Plan, which: str, loss: str) -> str:
    """Return the warning above the question."""
    return f"{plan.name.replace('_', '-')} of {which}: {loss}."


def is_yes(answer: str) -> bool:
    """Return whether an answer is a clear yes."""
    return answer.strip().lower() in {"y", "yes"}
