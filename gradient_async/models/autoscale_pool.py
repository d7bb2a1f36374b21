"""An autoscale pool, its Droplets and its history."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack, cast

from attrs import field, frozen

from gradient_async.models.autoscale_pool_parts import (
    AutoscalePoolConfig,
    AutoscalePoolConfigParam,
    AutoscalePoolDropletTemplate,
    AutoscalePoolDropletTemplateParam,
    AutoscalePoolDynamicConfig,
    AutoscalePoolStaticConfig,
)
from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta


class AutoscalePoolSettings(TypedDict, total=False):
    """The keyword arguments of an update of a pool."""

    name: str
    config: AutoscalePoolConfig | AutoscalePoolConfigParam
    droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam


@frozen(kw_only=True)
class CurrentUtilization(Model):
    """The load of one Droplet, or the mean of a pool's Droplets.

    Attributes:
        cpu: Share of the CPUs that is used, 0 to 1.
        memory: Share of the memory that is used, 0 to 1.
    """

    cpu: float | None = None
    memory: float | None = None


@frozen(kw_only=True)
class AutoscalePool(Model):
    """A pool of equal Droplets, whose number the API sets.

    Attributes:
        id: Its id, a UUID.
        name: Its name, which cannot change.
        status: The status; known are ``"active"``, ``"deleting"`` and ``"error"``.
        config: How many Droplets it has: a fixed number, or a number by their load.
        droplet_template: What its Droplets are like.
        active_resources_count: Number of its Droplets that are active.
        current_utilization: Mean load of its Droplets; ``None`` if the API does not know it.
        created_at: When it was created, UTC.
        updated_at: When it was last changed, UTC.
    """

    id: str
    name: str | None = None
    status: str | None = None
    config: AutoscalePoolStaticConfig | AutoscalePoolDynamicConfig | None = None
    droplet_template: AutoscalePoolDropletTemplate | None = None
    active_resources_count: int | None = None
    current_utilization: CurrentUtilization | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def __repr__(self) -> str:
        """Return the pool in one line, with the number of its active Droplets."""
        facts = f"id={self.id!r}, name={self.name!r:.80}, status={self.status!r}"
        return f"AutoscalePool({facts}, {self.active_resources_count} active)"

    def settings(self, **changes: Unpack[AutoscalePoolSettings]) -> AutoscalePoolSettings:
        """Return all settings, with changes, for an update: an update needs all of them.

        ``update(pool.id, **pool.settings(config={"target_number_instances": 4}))`` changes the size and nothing else.

        Args:
            **changes: Settings to change.
        """
        shown = {name: getattr(self, name) for name in AutoscalePoolSettings.__annotations__}
        kept = {name: value for name, value in shown.items() if value is not None}
        return cast("AutoscalePoolSettings", {**kept, **changes})


@frozen(kw_only=True)
class AutoscaleMember(Model):
    """A Droplet of a pool, as the list of its members has it. It is no ``Droplet``.

    Attributes:
        droplet_id: The Droplet's id.
        status: The status; known are ``"provisioning"``, ``"active"``, ``"deleting"`` and ``"off"``.
        health_status: Known are ``"healthy"`` and ``"unhealthy"``.
        unhealthy_reason: Why it is unhealthy; ``None`` while it is healthy.
        current_utilization: Its load.
        created_at: When the Droplet was created, UTC.
        updated_at: When it was last changed, UTC.
    """

    droplet_id: int
    status: str | None = None
    health_status: str | None = None
    unhealthy_reason: str | None = None
    current_utilization: CurrentUtilization | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class AutoscaleHistory(Model):
    """A change of the number of a pool's Droplets.

    Attributes:
        history_event_id: Its id, a UUID.
        current_instance_count: Number of Droplets before it.
        desired_instance_count: Number of Droplets after it.
        reason: The reason; known are ``"CONFIGURATION_CHANGE"``, ``"SCALE_UP"`` and ``"SCALE_DOWN"``.
        status: The status; known are ``"in_progress"``, ``"success"`` and ``"error"``.
        error_reason: Why it failed; ``None`` if it did not.
        created_at: When it began, UTC.
        updated_at: When it was last changed, UTC.
    """

    history_event_id: str
    current_instance_count: int | None = None
    desired_instance_count: int | None = None
    reason: str | None = None
    status: str | None = None
    error_reason: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@frozen(kw_only=True)
class AutoscaleCreateResponse(Model):
    """The pool that is being created.

    Attributes:
        autoscale_pool: The pool.
        is_adopted: ``True`` if the answer was lost and the pool was found in the account's list. This field is not from
            the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    autoscale_pool: AutoscalePool
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class AutoscaleRetrieveResponse(Model):
    """One pool."""

    autoscale_pool: AutoscalePool


@frozen(kw_only=True)
class AutoscaleUpdateResponse(Model):
    """The pool with its new settings."""

    autoscale_pool: AutoscalePool


@frozen(kw_only=True, repr=False)
class AutoscaleListResponse(ListModel):
    """One page of pools."""

    autoscale_pools: tuple[AutoscalePool, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class AutoscaleListMembersResponse(ListModel):
    """One page of a pool's Droplets."""

    droplets: tuple[AutoscaleMember, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class AutoscaleListHistoryResponse(ListModel):
    """One page of a pool's history."""

    history: tuple[AutoscaleHistory, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
