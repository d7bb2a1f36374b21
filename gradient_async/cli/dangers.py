"""What cannot be undone, and is therefore asked about. Pure.

Asked about is what loses data, or takes a running guest's power without asking it: whatever it had in memory is gone.
Not asked about is what can be taken back by another command, downtime included: ``reboot``, ``shutdown``, a graceful
``power-off`` (the guest is asked, and given time), a ``resize`` that leaves the disk alone, ``disable-backups`` (those
that exist stay). ``enable-ipv6`` cannot be undone either, but takes nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.models.action_requests import Resize

if TYPE_CHECKING:
    from gradient_async.fleet.plan import Plan

_LOSSES: Final = {
    "rebuild": "what is on the disk is lost",
    "restore": "what is on the disk now is lost",
    "password_reset": "the root password is replaced, and the Droplet power-cycled",
    "power_cycle": "the power is cut without asking the guest: what it has in memory is lost",
    "power_off": "the power is cut without asking the guest: what it has in memory is lost",
}
_DISK_GROWS: Final = "the disk grows, which can never be undone"


def loss_of(plan: Plan) -> str | None:
    """What a plan loses for good; ``None`` if nothing."""
    for step in plan.steps:
        if isinstance(step.request, Resize) and step.request.disk:
            return _DISK_GROWS
    first = plan.steps[0].request
    # A power_off that comes after a shutdown that the guest had time for is no surprise to it.
    return _LOSSES.get(first.type)


def warning(plan: Plan, which: str, loss: str) -> str:
    """What the operator is told before being asked."""
    return f"{plan.name.replace('_', '-')} of {which}: {loss}."


def is_yes(answer: str) -> bool:
    """Whether an answer agrees; everything but a clear yes does not."""
    return answer.strip().lower() in {"y", "yes"}
