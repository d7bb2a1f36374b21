"""Endpoints of the account's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse

if TYPE_CHECKING:
    from gradient_async.http.action_trace import ActionOwner
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions
    from gradient_async.models.action import Action

_READ: Final = ("actions:read",)

LIST: Final[Endpoint[ActionListResponse]] = Endpoint(
    "actions.list", "GET", "/v2/actions", answer=ActionListResponse, items="actions", scopes=_READ
)
RETRIEVE: Final[Endpoint[ActionRetrieveResponse]] = Endpoint(
    "actions.retrieve",
    "GET",
    "/v2/actions/{action_id:id}",
    answer=ActionRetrieveResponse,
    identity="action.id",
    scopes=_READ,
)


def retrieve(
    action_id: int, owner: ActionOwner | None, options: ReadOptions
) -> Request[Action | ActionRetrieveResponse]:
    """Return the request that reads an action: through its resource if that is known, else through the account."""
    if owner is None:
        return RETRIEVE.request(options, action_id)
    return owner.kind.retrieve.request(options, owner.resource_id, action_id)
