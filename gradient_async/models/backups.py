"""Backups of Droplets, and their policies."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from gradient_async.models.droplet import BackupWindow
from gradient_async.models.droplet_parts import DropletSnapshot
from gradient_async.models.model import ListModel, Model
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class DropletBackupPolicy(Model):
    """The times of a Droplet's backups, as the API reports them.

    Attributes:
        plan: ``"daily"``, ``"weekly"``, or a plan that is newer than this SDK.
        weekday: ``"SUN"`` to ``"SAT"``; ``None`` for a daily plan.
        hour: Start of the window, UTC.
        window_length_hours: Length of the window, in hours.
        retention_period_days: How long a backup is kept, in days.
    """

    plan: str | None = None
    weekday: str | None = None
    hour: int | None = None
    window_length_hours: int | None = None
    retention_period_days: int | None = None


@frozen(kw_only=True)
class DropletBackupPolicyRecord(Model):
    """Whether and when a Droplet has backups.

    Attributes:
        droplet_id: The Droplet's id.
        backup_enabled: Whether backups are enabled.
        backup_policy: The policy; ``None`` without backups.
        next_backup_window: The time of the next backup; ``None`` without backups.
    """

    droplet_id: int | None = None
    backup_enabled: bool | None = None
    backup_policy: DropletBackupPolicy | None = None
    next_backup_window: BackupWindow | None = None


@frozen(kw_only=True)
class SupportedPolicy(Model):
    """A plan that a backup policy can have.

    Attributes:
        name: The plan, such as ``"weekly"``.
        possible_days: Weekdays that can be chosen; empty for a daily plan.
        possible_window_starts: Hours that can be chosen, UTC.
        retention_period_days: How long a backup is kept, in days.
        window_length_hours: Length of the window, in hours.
    """

    name: str | None = None
    possible_days: tuple[str, ...] = ()
    possible_window_starts: tuple[int, ...] = ()
    retention_period_days: int | None = None
    window_length_hours: int | None = None


@frozen(kw_only=True, repr=False)
class BackupListResponse(ListModel):
    """One page of a Droplet's backups."""

    backups: tuple[DropletSnapshot, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class BackupListPoliciesResponse(ListModel):
    """One page of policies, by the Droplet's id as text."""

    policies: Mapping[str, DropletBackupPolicyRecord] = field(hash=False)  # a dict has no hash
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class BackupListSupportedPoliciesResponse(ListModel):
    """The plans that a backup policy can have."""

    supported_policies: tuple[SupportedPolicy, ...]


@frozen(kw_only=True)
class BackupRetrievePolicyResponse(Model):
    """The policy of one Droplet."""

    policy: DropletBackupPolicyRecord
