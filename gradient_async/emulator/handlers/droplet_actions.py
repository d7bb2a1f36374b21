"""Actions of Droplets: started and read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.droplets import TAG_SCOPE
from gradient_async.emulator.handlers.resource_actions import action_listing
from gradient_async.emulator.handlers.resource_group import CREATED, OK, Call, ResourceGroup, route
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import FieldScope
from gradient_async.emulator.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.actions import Action

#: Scopes that some action types need beside `droplet:update`.
EXTRA_SCOPES: Mapping[str, str] = {
    "password_reset": "droplet:admin",
    "rebuild": "droplet:admin",
    "resize": "droplet:create",
    "restore": "droplet:admin",
    "snapshot": "image:create",
}
_TYPE_SCOPES = [FieldScope(field="type", value=name, scope=scope) for name, scope in EXTRA_SCOPES.items()]


class ActionHandlers(ResourceGroup):
    """`/v2/actions`, and the actions below a Droplet."""

    @route("POST", "/v2/droplets/{droplet_id}/actions", "droplet:update", field_scopes=_TYPE_SCOPES)
    def initiate(self, call: Call) -> Answer | Refusal:
        """Start an action on one Droplet."""
        asked = _asked_action(call)
        if isinstance(asked, Refusal):
            return asked
        accepted = self.account.initiate(call.id("droplet_id"), *asked, outcome=call.outcome)
        if isinstance(accepted, Refusal):
            return accepted
        return Answer(status=CREATED, payload={"action": call.render.action(accepted)})

    @route("POST", "/v2/droplets/actions", "droplet:update", field_scopes=[TAG_SCOPE, *_TYPE_SCOPES])
    def bulk_initiate(self, call: Call) -> Answer | Refusal:
        """Start an action on every Droplet with a tag."""
        asked, tag = _asked_action(call), call.request.parameter("tag_name")
        if isinstance(asked, Refusal):
            return asked
        if not tag:
            return refusals.MISSING_TAG
        accepted = self.account.initiate_by_tag(tag, *asked, outcome=call.outcome)
        if isinstance(accepted, Refusal):
            return accepted
        actions = [call.render.action(action) for action in accepted]
        if len(actions) == 1 and self.behaviour.bulk_envelope == "action":
            return Answer(status=CREATED, payload={"action": actions[0]})
        return Answer(status=CREATED, payload={"actions": actions})

    @route("GET", "/v2/actions", "actions:read")
    def list_actions(self, call: Call) -> Answer | Refusal:
        """Return a page of all actions."""
        return self._listing(call, None)

    @route("GET", "/v2/droplets/{droplet_id}/actions", "droplet:read")
    def list_droplet_actions(self, call: Call) -> Answer | Refusal:
        """Return a page of a Droplet's actions."""
        droplet_id = call.id("droplet_id")
        return self._listing(call, droplet_id) if self.account.shown_droplet(droplet_id) else refusals.NOT_FOUND

    @route("GET", "/v2/actions/{action_id}", "actions:read")
    def retrieve_action(self, call: Call) -> Answer | Refusal:
        """Return one action."""
        return _found(call, self.account.readable_action(call.id("action_id")))

    @route("GET", "/v2/droplets/{droplet_id}/actions/{action_id}", "droplet:read")
    def retrieve_droplet_action(self, call: Call) -> Answer | Refusal:
        """Return one action of a Droplet."""
        action = self.account.readable_action(call.id("action_id"))
        belongs = action is not None and action.droplet_id == call.id("droplet_id")
        return _found(call, action if belongs else None)

    def _listing(self, call: Call, droplet_id: int | None) -> Answer | Refusal:
        return action_listing(self, call, None if droplet_id is None else ("droplet", droplet_id))


def _found(call: Call, action: Action | None) -> Answer | Refusal:
    if action is None:
        return refusals.NOT_FOUND
    return Answer(status=OK, payload={"action": call.render.action(action)})


def _asked_action(call: Call) -> tuple[str, Mapping[str, object]] | Refusal:
    """Return the type and the parameters of a requested action."""
    fields = call.fields()
    if isinstance(fields, Refusal):
        return fields
    action_type = fields.get("type")
    if not isinstance(action_type, str):
        return refusals.missing_field("type")
    return action_type, {name: value for name, value in fields.items() if name != "type"}
