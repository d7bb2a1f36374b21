"""VPCs: created, read, changed and deleted; and the resources in them."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import CREATED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.vpcs import VPC, Member, VPCStore
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account

_ONE = "/v2/vpcs/{vpc_id}"
_NAME = re.compile(r"[a-zA-Z0-9\-.]+")
_MAX_DESCRIPTION_LENGTH = 255


class VPCHandlers(ResourceGroup):
    """`/v2/vpcs`, without peerings."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._vpcs = account.part(VPCStore)

    @route("GET", "/v2/vpcs", "vpc:read")
    def list_vpcs(self, call: Call) -> Answer | Refusal:
        """Return a page of VPCs."""
        return self.listing(call, "vpcs", self._vpcs.listed(), lambda vpc: _written(call, vpc))

    @route("POST", "/v2/vpcs", "vpc:create")
    def create_vpc(self, call: Call) -> Answer | Refusal:
        """Create a VPC."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        refusal = _text_refusal({"name": None, **fields})
        region = fields.get("region")
        if refusal is not None:
            return refusal
        if not any(one.slug == region for one in self.account.catalogue.regions):
            return refusals.missing_field("region")
        ip_range = _range(fields["ip_range"]) if "ip_range" in fields else None
        if isinstance(ip_range, Refusal):
            return ip_range
        made = self._vpcs.add(
            name=str(fields["name"]),
            region=str(region),
            description=str(fields.get("description", "")),
            ip_range=ip_range,
            created=self.account.settle(),
        )
        return made if isinstance(made, Refusal) else _answer(call, made, status=CREATED)

    @route("GET", _ONE, "vpc:read")
    def retrieve_vpc(self, call: Call) -> Answer | Refusal:
        """Return one VPC."""
        vpc = self._found(call)
        return _answer(call, vpc) if vpc else refusals.NOT_FOUND

    @route("PUT", _ONE, "vpc:update")
    def replace_vpc(self, call: Call) -> Answer | Refusal:
        """Change a VPC; the name must be given."""
        return self._changed(call, {"name": None})

    @route("PATCH", _ONE, "vpc:update")
    def change_vpc(self, call: Call) -> Answer | Refusal:
        """Change some fields of a VPC."""
        return self._changed(call, {})

    @route("DELETE", _ONE, "vpc:delete")
    def delete_vpc(self, call: Call) -> Answer | Refusal:
        """Delete a VPC without members that is not the default one of its region."""
        vpc = self._found(call)
        refusal = self._vpcs.delete(vpc) if vpc else refusals.NOT_FOUND
        return refusal or Answer(status=NO_CONTENT)

    @route("GET", f"{_ONE}/members", "vpc:read")
    def list_vpc_members(self, call: Call) -> Answer | Refusal:
        """Return a page of the resources in a VPC."""
        vpc, kind = self._found(call), call.request.parameter("resource_type")
        if vpc is None:
            return refusals.NOT_FOUND
        members = self._vpcs.members_of(vpc, call.render.sees)
        chosen = [member for member in members if kind is None or member.kind == kind]
        return self.listing(call, "members", chosen, lambda member: _written_member(call, member))

    def _found(self, call: Call) -> VPC | None:
        return self._vpcs.find(str(call.parameters["vpc_id"]))

    def _changed(self, call: Call, needed: JSONObject) -> Answer | Refusal:
        vpc, fields = self._found(call), call.fields()
        if vpc is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        refusal = _text_refusal({**needed, **fields})
        is_default = fields.get("default", vpc.is_default)
        if refusal is not None or not isinstance(is_default, bool):
            return refusal or refusals.missing_field("default")
        name, description = fields.get("name", vpc.name), fields.get("description", vpc.description)
        changed = self._vpcs.change(vpc, name=str(name), description=str(description), is_default=is_default)
        return changed if isinstance(changed, Refusal) else _answer(call, changed)


def _text_refusal(fields: JSONObject) -> Refusal | None:
    name, description = fields.get("name", "none"), fields.get("description", "")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return refusals.missing_field("name")
    is_text = isinstance(description, str) and len(description) <= _MAX_DESCRIPTION_LENGTH
    return None if is_text else refusals.missing_field("description")


def _range(value: object) -> IPv4Network | Refusal:
    try:
        return IPv4Network(value) if isinstance(value, str) else refusals.missing_field("ip_range")
    except ValueError:
        return refusals.missing_field("ip_range")


def _answer(call: Call, vpc: VPC, *, status: int = OK) -> Answer:
    return Answer(status=status, payload={"vpc": _written(call, vpc)})


def _written(call: Call, vpc: VPC) -> JSONObject:
    return {
        "id": vpc.id,
        "urn": f"do:vpc:{vpc.id}",
        "name": vpc.name,
        "description": vpc.description,
        "region": vpc.region,
        "ip_range": str(vpc.ip_range),
        "default": vpc.is_default,
        "created_at": call.render.time(vpc.created),
    }


def _written_member(call: Call, member: Member) -> JSONObject:
    return {
        "urn": f"do:{member.kind}:{member.id}",
        "name": member.name,
        "created_at": call.render.time(member.created),
    }
