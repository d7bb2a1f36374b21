"""Reserved IPs and their actions, under both of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_actions import action_listing
from gradient_async.emulator.handlers.resource_group import (
    ACCEPTED,
    CREATED,
    NO_CONTENT,
    OK,
    Call,
    ResourceGroup,
    route,
)
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.reserved_ips import ReservedIP, ReservedIPStore
from gradient_async.emulator.wire import Answer, JSONObject, as_number

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import Action

_API = "https://api.digitalocean.com"
_ONE_IP = "/v2/reserved_ips/{reserved_ip}"
_UNKNOWN_TYPE = refusals.unprocessable("type must be assign or unassign.")  # guess
_NO_PLACE = refusals.unprocessable("Either a Droplet or a region is required.")  # guess


class ReservedIPHandlers(ResourceGroup):
    """`/v2/reserved_ips`."""

    #: The name of one IP in paths and answers.
    NAME: ClassVar[str] = "reserved_ip"

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._ips = account.part(ReservedIPStore)

    @route("GET", "/v2/reserved_ips", "reserved_ip:read")
    def list_ips(self, call: Call) -> Answer | Refusal:
        """Return a page of IPs."""
        return self.listing(call, f"{self.NAME}s", self._ips.listed(), lambda one: self._written(call, one))

    @route("POST", "/v2/reserved_ips", "reserved_ip:create")
    def create_ip(self, call: Call) -> Answer | Refusal:
        """Create an IP, for a Droplet or in a region."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        droplet_id = as_number(fields.get("droplet_id"))
        region, project_id = fields.get("region"), fields.get("project_id")
        if isinstance(droplet_id, int):
            assigning = self._ips.reserve_for(droplet_id, call.outcome)
            if isinstance(assigning, Refusal):
                return assigning
            made, action = assigning
            return self._accepted(call, made, _links(action, droplet_id))
        if not isinstance(region, str):
            return _NO_PLACE
        reserved = self._ips.reserve(region, project_id if isinstance(project_id, str) else None)
        return reserved if isinstance(reserved, Refusal) else self._accepted(call, reserved, {})

    @route("GET", _ONE_IP, "reserved_ip:read")
    def retrieve_ip(self, call: Call) -> Answer | Refusal:
        """Return one IP."""
        found = self._ips.find(self._address(call))
        return Answer(status=OK, payload={self.NAME: self._written(call, found)}) if found else refusals.NOT_FOUND

    @route("DELETE", _ONE_IP, "reserved_ip:delete")
    def delete_ip(self, call: Call) -> Answer | Refusal:
        """Delete an IP."""
        return self._ips.delete(self._address(call)) or Answer(status=NO_CONTENT)

    @route("POST", f"{_ONE_IP}/actions", "reserved_ip:update")
    def act(self, call: Call) -> Answer | Refusal:
        """Assign an IP to a Droplet, or unassign it from its Droplet."""
        found, fields = self._ips.truth(self._address(call)), call.fields()
        if found is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        droplet_id, kind = as_number(fields.get("droplet_id")), fields.get("type")
        if kind == "unassign":
            started = self._ips.unassign(found, call.outcome)
        elif kind != "assign":
            return _UNKNOWN_TYPE
        elif not isinstance(droplet_id, int):
            return refusals.missing_field("droplet_id")
        else:
            started = self._ips.assign(found, droplet_id, call.outcome)
        return self._with_action(call, started, found, status=CREATED)

    @route("GET", f"{_ONE_IP}/actions", "reserved_ip:read")
    def list_ip_actions(self, call: Call) -> Answer | Refusal:
        """Return a page of an IP's actions."""
        found = self._ips.find(self._address(call))
        if found is None:
            return refusals.NOT_FOUND
        return action_listing(self, call, found.key, lambda action: self._written_action(call, action))

    @route("GET", f"{_ONE_IP}/actions/{{action_id}}", "reserved_ip:read")
    def retrieve_ip_action(self, call: Call) -> Answer | Refusal:
        """Return one action of an IP."""
        found, action = self._ips.find(self._address(call)), self.account.readable_action(call.id("action_id"))
        if found is None or action is None or action.resource != found.key:
            return refusals.NOT_FOUND
        return self._with_action(call, action, found, status=OK)

    def _address(self, call: Call) -> str:
        return str(call.parameters[self.NAME])

    def _accepted(self, call: Call, made: ReservedIP, links: JSONObject) -> Answer:
        return Answer(status=ACCEPTED, payload={self.NAME: self._written(call, made), "links": links})

    def _with_action(
        self, call: Call, started: Action | Refusal, found: ReservedIP, *, status: int
    ) -> Answer | Refusal:
        if isinstance(started, Refusal):
            return started
        return Answer(
            status=status,
            payload={"action": {**self._written_action(call, started), "project_id": self._ips.project_of(found)}},
        )

    def _written_action(self, call: Call, action: Action) -> JSONObject:
        return {**call.render.action(action), "resource_type": self.NAME}

    def _written(self, call: Call, found: ReservedIP) -> JSONObject:
        fields: JSONObject = {
            "ip": found.ip,
            "region": call.render.region_of(found.region),
            "locked": self.account.pending_on(found.key) is not None,
        }
        if call.render.sees("droplet:read"):
            fields["droplet"] = self._written_droplet(call, found.droplet_id)
        if call.render.sees("project:read"):
            fields["project_id"] = self._ips.project_of(found)
        return fields

    def _written_droplet(self, call: Call, droplet_id: int | None) -> JSONObject | None:
        droplet = None if droplet_id is None else self.account.droplet(droplet_id)
        if droplet is None:
            return None
        return call.render.droplet(droplet, self.account.pending(droplet.id), self.behaviour.locked)


class FloatingIPHandlers(ReservedIPHandlers):
    """`/v2/floating_ips`: the same IPs under their former name."""

    NAME: ClassVar[str] = "floating_ip"


FloatingIPHandlers.ROUTES = tuple(
    attrs.evolve(one, template=one.template.replace("reserved_ip", "floating_ip")) for one in ReservedIPHandlers.ROUTES
)


def _links(action: Action, droplet_id: int) -> JSONObject:
    return {
        "droplets": [{"id": droplet_id, "rel": "droplet", "href": f"{_API}/v2/droplets/{droplet_id}"}],
        "actions": [{"id": action.id, "rel": "assign_ip", "href": f"{_API}/v2/actions/{action.id}"}],
    }
