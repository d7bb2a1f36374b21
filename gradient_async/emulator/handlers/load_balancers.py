"""Load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import ACCEPTED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.load_balancer_rules import BUSY, NO_CACHE, NODES
from gradient_async.emulator.load_balancers import LoadBalancer, LoadBalancerStore
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.emulator.account import Account

_ONE = "/v2/load_balancers/{lb_id}"


class LoadBalancerHandlers(ResourceGroup):
    """`/v2/load_balancers`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._balancers = account.part(LoadBalancerStore)

    @route("GET", "/v2/load_balancers", "load_balancer:read")
    def list_load_balancers(self, call: Call) -> Answer | Refusal:
        """Return a page of load balancers."""
        return self.listing(
            call, "load_balancers", self._balancers.listed(), lambda balancer: self._written(call, balancer)
        )

    @route("POST", "/v2/load_balancers", "load_balancer:create")
    def create_load_balancer(self, call: Call) -> Answer | Refusal:
        """Create a load balancer."""
        fields = call.fields()
        made = fields if isinstance(fields, Refusal) else self._balancers.add(fields)
        return made if isinstance(made, Refusal) else self._one(call, made, status=ACCEPTED)

    @route("GET", _ONE, "load_balancer:read")
    def retrieve_load_balancer(self, call: Call) -> Answer | Refusal:
        """Return one load balancer."""
        found = self._balancers.find(_id_in(call))
        return refusals.NOT_FOUND if found is None else self._one(call, found)

    @route("PUT", _ONE, "load_balancer:update")
    def update_load_balancer(self, call: Call) -> Answer | Refusal:
        """Replace the settings of a load balancer."""
        changed = self._changed(call, self._balancers.update)
        return changed if isinstance(changed, Refusal) else self._one(call, changed)

    @route("POST", f"{_ONE}/droplets", "load_balancer:update")
    def add_droplets(self, call: Call) -> Answer | Refusal:
        """Add Droplets to a load balancer."""
        return _nothing(self._changed(call, self._balancers.add_droplets))

    @route("DELETE", f"{_ONE}/droplets", "load_balancer:update")
    def remove_droplets(self, call: Call) -> Answer | Refusal:
        """Remove Droplets from a load balancer."""
        return _nothing(self._changed(call, self._balancers.remove_droplets))

    @route("POST", f"{_ONE}/forwarding_rules", "load_balancer:update")
    def add_rules(self, call: Call) -> Answer | Refusal:
        """Add forwarding rules to a load balancer."""
        return _nothing(self._changed(call, self._balancers.add_rules))

    @route("DELETE", f"{_ONE}/forwarding_rules", "load_balancer:update")
    def remove_rules(self, call: Call) -> Answer | Refusal:
        """Remove forwarding rules from a load balancer."""
        return _nothing(self._changed(call, self._balancers.remove_rules))

    @route("DELETE", f"{_ONE}/cache", "load_balancer:delete")
    def delete_cache(self, call: Call) -> Answer | Refusal:
        """Empty the cache of a global load balancer."""
        found = self._balancers.find(_id_in(call))
        if found is None:
            return refusals.NOT_FOUND
        return Answer(status=NO_CONTENT) if found.settings["type"] == "GLOBAL" else NO_CACHE

    @route("DELETE", _ONE, "load_balancer:delete")
    def delete_load_balancer(self, call: Call) -> Answer | Refusal:
        """Delete a load balancer."""
        return Answer(status=NO_CONTENT) if self._balancers.delete(_id_in(call)) else refusals.NOT_FOUND

    def _changed(
        self, call: Call, change: Callable[[LoadBalancer, JSONObject], LoadBalancer | Refusal]
    ) -> LoadBalancer | Refusal:
        """Apply a change. Until a load balancer is active, the API processes its creation."""
        found, fields = self._balancers.current(_id_in(call)), call.fields()
        if found is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        return change(found, fields) if found.is_active else BUSY

    def _one(self, call: Call, balancer: LoadBalancer, *, status: int = OK) -> Answer:
        return Answer(status=status, payload={"load_balancer": self._written(call, balancer)})

    def _written(self, call: Call, balancer: LoadBalancer) -> JSONObject:
        settings = {name: value for name, value in balancer.settings.items() if name != "region"}
        region = self.account.catalogue.region(balancer.region) if balancer.region else None
        nodes = settings["size_unit"]
        return {
            "id": balancer.id,
            "name": balancer.name,
            "ip": _ip(balancer),
            "ipv6": _ipv6(balancer),
            "status": "active" if balancer.is_active else "new",
            "created_at": call.render.time(balancer.created),
            **settings,
            "size": next((size for size, number in NODES.items() if number == nodes), "lb-small"),
            **({} if region is None else {"region": call.render.region(region)}),
            "tag": balancer.tag,
            "project_id": self._balancers.project_of(balancer),
            "droplet_ids": list(self._balancers.droplet_ids_of(balancer)),
        }


def _nothing(changed: LoadBalancer | Refusal) -> Answer | Refusal:
    return changed if isinstance(changed, Refusal) else Answer(status=NO_CONTENT)


def _id_in(call: Call) -> str:
    return str(call.parameters["lb_id"])


def _has_public_address(balancer: LoadBalancer) -> bool:
    """Return whether it has its address: as soon as it is active (guess: in examples also while `new`)."""
    return balancer.is_active and balancer.settings["network"] == "EXTERNAL"


def _ip(balancer: LoadBalancer) -> str:
    # Addresses that are reserved for tests, behind those of Droplets.
    number = balancer.number
    return f"198.19.{(number >> 8) & 0xFF}.{number & 0xFF}" if _has_public_address(balancer) else ""


def _ipv6(balancer: LoadBalancer) -> str:
    is_dual = balancer.settings["network_stack"] == "DUALSTACK"
    return f"2001:db8:1::{balancer.number:x}" if is_dual and _has_public_address(balancer) else ""
