"""Endpoints of the account's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.endpoints import droplet_actions
from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

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


def retrieve(action_id: int, droplet_id: int | None, options: ReadOptions) -> Request[ActionRetrieveResponse]:
    """Return the request that reads an action: through its Droplet if that is known, else through the account."""
    if droplet_id is None:
        return RETRIEVE.request(options, action_id)
    return droplet_actions.RETRIEVE.request(options, droplet_id, action_id)
