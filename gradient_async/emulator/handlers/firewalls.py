"""Firewalls: made, read, changed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.firewall_rules import entries_in, rules_in, written
from gradient_async.emulator.firewalls import Firewall, FirewallSettings, FirewallStore
from gradient_async.emulator.handlers.resource_group import ACCEPTED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradient_async.emulator.account import Account

_ONE_FIREWALL = "/v2/firewalls/{firewall_id}"


class FirewallHandlers(ResourceGroup):
    """`/v2/firewalls`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._firewalls = account.part(FirewallStore)

    @route("GET", "/v2/firewalls", "firewall:read")
    def list_firewalls(self, call: Call) -> Answer | Refusal:
        """Return a page of firewalls."""
        return self.listing(call, "firewalls", self._firewalls.listed(), lambda one: written_firewall(call, one))

    @route("POST", "/v2/firewalls", "firewall:create")
    def create_firewall(self, call: Call) -> Answer | Refusal:
        """Create a firewall."""
        settings = _settings_in(call)
        made = settings if isinstance(settings, Refusal) else self._firewalls.create(settings)
        return _answer(call, made, status=ACCEPTED)

    @route("GET", _ONE_FIREWALL, "firewall:read")
    def retrieve_firewall(self, call: Call) -> Answer | Refusal:
        """Return one firewall."""
        return _answer(call, self._firewalls.find(_id_in(call)) or refusals.NOT_FOUND)

    @route("PUT", _ONE_FIREWALL, "firewall:update")
    def update_firewall(self, call: Call) -> Answer | Refusal:
        """Change the settings of a firewall."""
        firewall, settings = self._firewalls.truth(_id_in(call)), _settings_in(call)
        if firewall is None:
            return refusals.NOT_FOUND
        changed = settings if isinstance(settings, Refusal) else self._firewalls.change(firewall, settings)
        return _answer(call, changed)

    @route("POST", f"{_ONE_FIREWALL}/droplets", "firewall:update")
    def add_droplets(self, call: Call) -> Answer | Refusal:
        """Add Droplets to a firewall."""
        return self._changed(call, FirewallSettings.plus, "droplet_ids")

    @route("DELETE", f"{_ONE_FIREWALL}/droplets", "firewall:update")
    def remove_droplets(self, call: Call) -> Answer | Refusal:
        """Remove Droplets from a firewall; those that it does not have are ignored (guess)."""
        return self._changed(call, FirewallSettings.minus, "droplet_ids")

    @route("POST", f"{_ONE_FIREWALL}/tags", "firewall:update")
    def add_tags(self, call: Call) -> Answer | Refusal:
        """Add tags to a firewall."""
        return self._changed(call, FirewallSettings.plus, "tags")

    @route("DELETE", f"{_ONE_FIREWALL}/tags", "firewall:update")
    def remove_tags(self, call: Call) -> Answer | Refusal:
        """Remove tags from a firewall; those that it does not have are ignored (guess)."""
        return self._changed(call, FirewallSettings.minus, "tags")

    @route("POST", f"{_ONE_FIREWALL}/rules", "firewall:update")
    def add_rules(self, call: Call) -> Answer | Refusal:
        """Add rules; those that the firewall has already are ignored (guess)."""
        return self._changed(call, FirewallSettings.plus, "inbound_rules", "outbound_rules")

    @route("DELETE", f"{_ONE_FIREWALL}/rules", "firewall:update")
    def remove_rules(self, call: Call) -> Answer | Refusal:
        """Remove rules; those that the firewall does not have are ignored (guess)."""
        return self._changed(call, FirewallSettings.minus, "inbound_rules", "outbound_rules")

    @route("DELETE", _ONE_FIREWALL, "firewall:delete")
    def delete_firewall(self, call: Call) -> Answer | Refusal:
        """Delete a firewall."""
        return Answer(status=NO_CONTENT) if self._firewalls.delete(_id_in(call)) else refusals.NOT_FOUND

    def _changed(
        self, call: Call, merged: Callable[[FirewallSettings, FirewallSettings], FirewallSettings], *names: str
    ) -> Answer | Refusal:
        """Add the entries of some fields of the body to a firewall's settings, or remove them."""
        firewall, fields = self._firewalls.truth(_id_in(call)), call.fields()
        if firewall is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        given = _settings_of("", {name: fields[name] for name in names if name in fields})
        if isinstance(given, Refusal):
            return given
        if given == FirewallSettings(name=""):
            return refusals.missing_field(names[0])
        changed = self._firewalls.change(firewall, merged(firewall.settings, given))
        return changed if isinstance(changed, Refusal) else Answer(status=NO_CONTENT)


def written_firewall(call: Call, firewall: Firewall) -> JSONObject:
    """Return a firewall as the request's token sees it."""
    settings = firewall.settings
    changes = [
        {"droplet_id": one.droplet_id, "removing": one.removing, "status": "waiting"} for one in firewall.pending
    ]
    fields: JSONObject = {
        "id": firewall.id,
        "name": settings.name,
        "status": firewall.status,
        "inbound_rules": [written(rule, "inbound_rules") for rule in settings.inbound_rules],
        "outbound_rules": [written(rule, "outbound_rules") for rule in settings.outbound_rules],
        "created_at": call.render.time(firewall.created),
        "pending_changes": changes,
    }
    if call.render.sees("droplet:read"):
        fields["droplet_ids"] = list(settings.droplet_ids)
    if call.render.sees("tag:read"):
        fields["tags"] = list(settings.tags)
    return fields


def _answer(call: Call, found: Firewall | Refusal, *, status: int = OK) -> Answer | Refusal:
    if isinstance(found, Refusal):
        return found
    return Answer(status=status, payload={"firewall": written_firewall(call, found)})


def _id_in(call: Call) -> str:
    return str(call.parameters["firewall_id"])


def _settings_in(call: Call) -> FirewallSettings | Refusal:
    """Return the firewall in a request's body."""
    fields = call.fields()
    if isinstance(fields, Refusal):
        return fields
    name = fields.get("name")
    return _settings_of(name, fields) if isinstance(name, str) else refusals.missing_field("name")


def _settings_of(name: str, fields: Mapping[str, object]) -> FirewallSettings | Refusal:
    inbound, outbound = rules_in(fields, "inbound_rules"), rules_in(fields, "outbound_rules")
    droplet_ids, tags = entries_in(fields, "droplet_ids", int), entries_in(fields, "tags", str)
    if isinstance(inbound, Refusal):
        return inbound
    if isinstance(outbound, Refusal):
        return outbound
    if droplet_ids is None or tags is None:
        return refusals.missing_field("tags" if droplet_ids is not None else "droplet_ids")
    return FirewallSettings(
        name=name,
        inbound_rules=tuple(inbound),
        outbound_rules=tuple(outbound),
        droplet_ids=droplet_ids,
        tags=tags,
    )
