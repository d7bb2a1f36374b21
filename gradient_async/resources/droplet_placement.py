"""Finds out why a Droplet that was accepted does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.errors import APIError, NotFoundError
from gradient_async.http.request import Priority
from gradient_async.waiting import placement

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action


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
    return placement.lost(droplet_id, action, error)


async def _create_action(sender: Sender, droplet_id: object) -> Action | None:
    """Return a Droplet's ``create`` action; ``None`` if it cannot be read, or is older than 200 other actions."""
    if not isinstance(droplet_id, int):
        return None
    try:
        return (await placement.creates(sender, {}, Priority.ACT)).get(droplet_id)
    except APIError:
        return None
