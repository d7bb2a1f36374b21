"""Backups of Droplets, and their policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup, route
from gradient_async.emulator.pagination import envelope, requested_page
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.droplets import Droplet

_HOURS = [0, 4, 8, 12, 16, 20]
_WINDOW_HOURS = 4
_RETENTION_DAYS = {"weekly": 28, "daily": 7}
_DAYS = {"weekly": ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], "daily": []}


class BackupHandlers(ResourceGroup):
    """The backups below a Droplet, and the policies of all."""

    @route("GET", "/v2/droplets/{droplet_id}/backups", "droplet:read")
    def list_backups(self, call: Call) -> Answer | Refusal:
        """Return a page of a Droplet's backups, newest first."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        if droplet is None:
            return refusals.NOT_FOUND
        found = [self.account.images.get(image_id) for image_id in reversed(droplet.backup_ids)]
        return self.listing(call, "backups", [one for one in found if one], call.render.snapshot)

    @route("GET", "/v2/droplets/{droplet_id}/backups/policy", "droplet:read")
    def retrieve_policy(self, call: Call) -> Answer | Refusal:
        """Return the policy of one Droplet."""
        droplet = self.account.shown_droplet(call.id("droplet_id"))
        return Answer(status=OK, payload={"policy": _record(call, droplet)}) if droplet else refusals.NOT_FOUND

    @route("GET", "/v2/droplets/backups/policies", "droplet:read")
    def list_policies(self, call: Call) -> Answer | Refusal:
        """Return a page of the policies of all Droplets, by id."""
        page = requested_page(call.request, self.behaviour)
        if isinstance(page, Refusal):
            return page
        droplets = self.account.listed_droplets()
        shown = {str(droplet.id): _record(call, droplet) for droplet in droplets[page.start : page.stop]}
        links = envelope(call.request, page, len(droplets), self.behaviour)
        return Answer(status=OK, payload={"policies": shown, **links})

    @route("GET", "/v2/droplets/backups/supported_policies", "droplet:read")
    def list_supported_policies(self, call: Call) -> Answer | Refusal:  # noqa: ARG002 - it is the same for all requests
        """Return the plans."""
        plans = [
            {
                "name": name,
                "possible_window_starts": _HOURS,
                "window_length_hours": _WINDOW_HOURS,
                "retention_period_days": days,
                "possible_days": _DAYS[name],
            }
            for name, days in _RETENTION_DAYS.items()
        ]
        return Answer(status=OK, payload={"supported_policies": plans})


def _record(call: Call, droplet: Droplet) -> JSONObject:
    """Return a policy; a Droplet without backups shows two fields only, as in the documentation's example."""
    policy = droplet.backup_policy
    if policy is None:
        return {"droplet_id": droplet.id, "backup_enabled": False}
    weekday: JSONObject = {"weekday": policy.weekday} if policy.plan == "weekly" else {}
    window: JSONObject = {"window_length_hours": _WINDOW_HOURS}
    if policy.plan in _RETENTION_DAYS:
        window["retention_period_days"] = _RETENTION_DAYS[policy.plan]
    return {
        "droplet_id": droplet.id,
        "backup_enabled": True,
        "backup_policy": {"plan": policy.plan, **weekday, "hour": policy.hour, **window},
        "next_backup_window": call.render.backup_window(policy),
    }
