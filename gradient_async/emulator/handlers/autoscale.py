"""Autoscale pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.autoscale import AutoscalePools
from gradient_async.emulator.handlers.resource_group import ACCEPTED, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.autoscale_pool import HistoryEvent, Member, Pool

_ALL = "/v2/droplets/autoscale"
_ONE = "/v2/droplets/autoscale/{autoscale_pool_id}"
_STATUSES = {"new": "provisioning", "active": "active", "off": "off", "archive": "off"}


class AutoscaleHandlers(ResourceGroup):
    """`/v2/droplets/autoscale`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._pools = account.part(AutoscalePools)

    @route("GET", _ALL, "droplet:read")
    def list_pools(self, call: Call) -> Answer | Refusal:
        """Return a page of pools."""
        chosen = self._pools.listed(call.request.parameter("name"))
        return self.listing(call, "autoscale_pools", chosen, lambda pool: self._written(call, pool))

    @route("POST", _ALL, "droplet:create")
    def create_pool(self, call: Call) -> Answer | Refusal:
        """Create a pool."""
        fields = call.fields()
        made = fields if isinstance(fields, Refusal) else self._pools.add(fields)
        return made if isinstance(made, Refusal) else self._one(call, made, status=ACCEPTED)

    @route("GET", _ONE, "droplet:read")
    def retrieve_pool(self, call: Call) -> Answer | Refusal:
        """Return one pool."""
        found = self._pools.find(_id_in(call))
        return refusals.NOT_FOUND if found is None else self._one(call, found)

    @route("PUT", _ONE, "droplet:create")
    def update_pool(self, call: Call) -> Answer | Refusal:
        """Replace the settings of a pool."""
        fields = call.fields()
        changed = fields if isinstance(fields, Refusal) else self._pools.update(_id_in(call), fields)
        return changed if isinstance(changed, Refusal) else self._one(call, changed)

    @route("DELETE", _ONE, "droplet:delete")
    def delete_pool(self, call: Call) -> Answer | Refusal:
        """Delete a pool; its Droplets stay."""
        return self._pools.delete(_id_in(call), with_droplets=False) or Answer(status=ACCEPTED)

    @route("DELETE", f"{_ONE}/dangerous", "droplet:delete")
    def delete_pool_with_droplets(self, call: Call) -> Answer | Refusal:
        """Delete a pool with its Droplets."""
        if call.request.headers.get("x-dangerous", "").lower() != "true":
            return refusals.NOT_DANGEROUS
        return self._pools.delete(_id_in(call), with_droplets=True) or Answer(status=ACCEPTED)

    @route("GET", f"{_ONE}/members", "droplet:read")
    def list_members(self, call: Call) -> Answer | Refusal:
        """Return a page of a pool's Droplets."""
        pool = self._pools.find(_id_in(call))
        if pool is None:
            return refusals.NOT_FOUND
        return self.listing(call, "droplets", pool.members, lambda member: self._member(call, pool, member))

    @route("GET", f"{_ONE}/history", "droplet:read")
    def list_history(self, call: Call) -> Answer | Refusal:
        """Return a page of a pool's history."""
        pool = self._pools.find(_id_in(call))
        if pool is None:
            return refusals.NOT_FOUND
        return self.listing(call, "history", self._pools.history_of(pool.id), lambda event: _event(call, event))

    def _one(self, call: Call, pool: Pool, *, status: int = OK) -> Answer:
        return Answer(status=status, payload={"autoscale_pool": self._written(call, pool)})

    def _written(self, call: Call, pool: Pool) -> JSONObject:
        active = self._pools.active_count(pool)
        used = pool.load.shared_by(active)
        return {
            "id": pool.id,
            "name": pool.name,
            "config": pool.config,
            "droplet_template": pool.template,
            "created_at": call.render.time(pool.created),
            "updated_at": call.render.time(pool.updated),
            "current_utilization": {"memory": used.memory, "cpu": used.cpu},
            "status": "deleting" if pool.is_deleting else "active",
            "active_resources_count": active,
        }

    def _member(self, call: Call, pool: Pool, member: Member) -> JSONObject:
        droplet = self.account.droplet(member.droplet_id)
        status = "deleting" if member.is_leaving or droplet is None else _STATUSES[droplet.status]
        used = pool.load.shared_by(self._pools.active_count(pool) if status == "active" else 0)
        return {
            "droplet_id": member.droplet_id,
            "created_at": call.render.time(member.created),
            "updated_at": call.render.time(member.created),
            "health_status": "healthy",
            "status": status,
            "current_utilization": {"memory": used.memory, "cpu": used.cpu},
        }


def _event(call: Call, event: HistoryEvent) -> JSONObject:
    reason = {"error_reason": event.error_reason} if event.error_reason else {}
    return {
        "history_event_id": event.id,
        "current_instance_count": event.current,
        "desired_instance_count": event.desired,
        "reason": event.reason,
        "status": event.status,
        **reason,
        "created_at": call.render.time(event.created),
        "updated_at": call.render.time(event.updated),
    }


def _id_in(call: Call) -> str:
    return str(call.parameters["autoscale_pool_id"])
