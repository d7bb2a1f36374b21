"""Finds out why a Droplet that was accepted does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import actions
from gradient_async.errors import APIError, NotFoundError, PlacementLostError

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action

_PAGE_LENGTH = 200


async def error_for(sender: Sender, droplet_id: object, error: NotFoundError) -> NotFoundError:
    """Return a ``PlacementLostError`` if a Droplet's ``create`` action errored; else the error itself.

    Only for a Droplet that this process created, the account's newest 200 actions are read.

    Args:
        sender: Sends the request.
        droplet_id: The Droplet's id.
        error: The 404 for the Droplet.
    """
    # Imported here, since the client imports that module first.
    from gradient_async.waiting.claims import creates_of

    if ("Droplet", droplet_id) not in creates_of(sender.settings.base_url):
        return error
    action = await _create_action(sender, droplet_id)
    if action is None or not action.is_errored:
        return error
    return PlacementLostError(
        f"{error.message}; Droplet {droplet_id} was accepted, and its create action {action.id} errored: "
        "the API found no place for it",
        action=action,
        method=error.method,
        path=error.path,
        status=error.status,
        id=error.id,
        body=error.body,
        excerpt=error.excerpt,
        headers=error.headers,
        retry_after=error.retry_after,
        request_id=error.request_id,
        attempts=error.attempts,
        hint="Create it again, perhaps with another size or region.",
    )


async def _create_action(sender: Sender, droplet_id: object) -> Action | None:
    """Return a Droplet's ``create`` action; ``None`` if it cannot be read, or is older than 200 other actions."""
    try:
        page = await sender.send(actions.LIST.request({}, query={"page": 1, "per_page": _PAGE_LENGTH}))
        listed = page.parse().actions
    except APIError:
        return None
    return next((one for one in listed if one.type == "create" and one.resource_id == droplet_id), None)
