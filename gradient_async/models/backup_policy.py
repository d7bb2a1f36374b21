"""The times of a Droplet's backups."""

from __future__ import annotations

from typing import Final, Literal, Required, TypedDict

from attrs import field, frozen

from gradient_async.arguments import checked_choice
from gradient_async.models.model import Model

PLANS: Final = ("daily", "weekly")
WEEKDAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
HOURS: Final = (0, 4, 8, 12, 16, 20)


class BackupPolicyParam(TypedDict, total=False):
    """A backup policy as a plain dict, as the retired SDK takes it."""

    plan: Required[Literal["daily", "weekly"]]
    weekday: Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
    hour: Literal[0, 4, 8, 12, 16, 20]


@frozen(kw_only=True)
class BackupPolicy(Model):
    """The times of a Droplet's backups.

    Attributes:
        plan: ``"daily"`` or ``"weekly"``.
        weekday: ``"SUN"`` to ``"SAT"``, for a weekly plan. With a daily one it is sent too, and means nothing.
        hour: Start of the four-hour window, UTC: 0, 4, 8, 12, 16 or 20.

    Raises:
        ValueError: A value is not one of these.
    """

    plan: Literal["daily", "weekly"] = field()
    weekday: Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] | None = None
    hour: Literal[0, 4, 8, 12, 16, 20] | None = None

    def __attrs_post_init__(self) -> None:
        checked_choice("backup_policy.plan", self.plan, PLANS)
        if self.weekday is not None:
            checked_choice("backup_policy.weekday", self.weekday, WEEKDAYS)
        if self.hour is not None:
            checked_choice("backup_policy.hour", self.hour, HOURS)
