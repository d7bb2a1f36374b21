"""Endpoints of actions on Droplets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.arguments import checked_tag
from gradient_async.converter import action_body
from gradient_async.http.action_trace import ActionKind, ActionOwner, ActionTrace
from gradient_async.http.endpoint import Endpoint, Resend, ScopeRule
from gradient_async.models.responses import (
    ActionBulkInitiateResponse,
    ActionInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
)

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions
    from gradient_async.models.action_requests import ActionRequest, BulkActionRequest

_READ: Final = ("droplet:read",)
_UPDATE: Final = ("droplet:update",)
# The scopes that the API's documentation lists beside droplet:update.
_BY_TYPE: Final = (
    ScopeRule(field="type", value="restore", scopes=("droplet:admin",)),
    ScopeRule(field="type", value="password_reset", scopes=("droplet:admin",)),
    ScopeRule(field="type", value="rebuild", scopes=("droplet:admin",)),
    ScopeRule(field="type", value="resize", scopes=("droplet:create",)),
    ScopeRule(field="type", value="snapshot", scopes=("image:create",)),
)

INITIATE: Final[Endpoint[ActionInitiateResponse]] = Endpoint(
    "gpu_droplets.actions.initiate",
    "POST",
    "/v2/droplets/{droplet_id:id}/actions",
    answer=ActionInitiateResponse,
    resend=Resend.AFTER_LOOKUP,
    scopes=_UPDATE,
    scope_rules=_BY_TYPE,
)
BULK_INITIATE: Final[Endpoint[ActionBulkInitiateResponse]] = Endpoint(
    "gpu_droplets.actions.bulk_initiate",
    "POST",
    "/v2/droplets/actions",
    answer=ActionBulkInitiateResponse,
    query=("tag_name:tag",),
    resend=Resend.AFTER_LOOKUP,
    scopes=(*_UPDATE, "tag:read"),
    scope_rules=_BY_TYPE,
)
RETRIEVE: Final[Endpoint[ActionRetrieveResponse]] = Endpoint(
    "gpu_droplets.actions.retrieve",
    "GET",
    "/v2/droplets/{droplet_id:id}/actions/{action_id:id}",
    answer=ActionRetrieveResponse,
    identity="action.id",
    scopes=_READ,
)
LIST: Final[Endpoint[ActionListResponse]] = Endpoint(
    "gpu_droplets.actions.list",
    "GET",
    "/v2/droplets/{droplet_id:id}/actions",
    answer=ActionListResponse,
    items="actions",
    scopes=_READ,
)

KIND: Final = ActionKind(title="Droplet", list=LIST, retrieve=RETRIEVE, resource_type="droplet")


def trace_of(droplet_id: int | None, type: str) -> ActionTrace:
    """Return how to find the action of a request; ``None`` is a request by tag, which no list can resolve."""
    return ActionTrace(KIND, droplet_id, type)


def owner_of(droplet_id: int) -> ActionOwner:
    """Return a Droplet as the resource of actions."""
    return ActionOwner(KIND, droplet_id)


def initiate(droplet_id: int, action: ActionRequest, options: ReadOptions) -> Request[ActionInitiateResponse]:
    """Return the request that starts an action on a Droplet."""
    return INITIATE.request(
        options, droplet_id, body=action_body(action), action=ActionTrace(KIND, droplet_id, action.type)
    )


def bulk_initiate(
    tag_name: str, action: BulkActionRequest, options: ReadOptions
) -> Request[ActionBulkInitiateResponse]:
    """Return the request that starts an action on all Droplets with a tag.

    Raises:
        TypeError: The tag is no text. ``None`` would be left out, and the request would name no Droplets.
        ValueError: It is no tag.
    """
    trace, query = trace_of(None, action.type), {"tag_name": checked_tag("tag_name", tag_name)}
    return BULK_INITIATE.request(options, query=query, body=action_body(action), action=trace)
