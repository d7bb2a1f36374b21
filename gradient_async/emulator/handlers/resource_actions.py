"""Answers about the actions of one resource of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup
from gradient_async.emulator.pagination import envelope, requested_page
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.emulator.actions import Action, ResourceKey


def action_listing(
    group: ResourceGroup,
    call: Call,
    resource: ResourceKey | None,
    written: Callable[[Action], JSONObject] | None = None,
) -> Answer | Refusal:
    """Return one page of a resource's actions, newest first.

    Args:
        group: The group that answers.
        call: The request.
        resource: The resource; None is the whole account.
        written: Writes one action; None writes it as usual.
    """
    written = written or call.render.action
    page = requested_page(call.request, group.behaviour)
    if isinstance(page, Refusal):
        return page
    actions, total = group.account.resource_action_page(resource, page.start, page.stop)
    shown = [written(action) for action in actions]
    return Answer(status=OK, payload={"actions": shown, **envelope(call.request, page, total, group.behaviour)})


def action_of(group: ResourceGroup, call: Call, resource: ResourceKey) -> Answer | Refusal:
    """Return the action that the path names, if it is one on the resource."""
    action = group.account.readable_action(call.id("action_id"))
    if action is None or action.resource != resource:
        return refusals.NOT_FOUND
    return Answer(status=OK, payload={"action": call.render.action(action)})
