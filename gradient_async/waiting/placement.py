"""Finds out whether a Droplet that was accepted has lost its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import actions
from gradient_async.errors import PlacementLostError
from gradient_async.http.request import Priority
from gradient_async.waiting.poller import PAGE_LENGTH

if TYPE_CHECKING:
    from gradient_async.errors import NotFoundError
    from gradient_async.errors.requests import StatusFacts
    from gradient_async.http.request import ReadOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet


async def creates(sender: Sender, options: ReadOptions, priority: Priority = Priority.POLL) -> dict[int, Action]:
    """Return the ``create`` actions among the account's newest 200 actions, by the Droplet's id.

    Raises:
        APIError: The list cannot be read.
    """
    request = actions.LIST.request(options, query={"page": 1, "per_page": PAGE_LENGTH})._replace(priority=priority)
    listed = (await sender.send(request)).parse().actions
    return {one.resource_id: one for one in listed if one.type == "create" and one.resource_id is not None}


def lost(
    droplet_id: object, action: Action, error: NotFoundError, droplet: Droplet | None = None
) -> PlacementLostError:
    """Return the error for a Droplet whose ``create`` action errored. Pure.

    Args:
        droplet_id: The Droplet's id.
        action: Its ``create`` action.
        error: The 404 for the Droplet.
        droplet: The Droplet as last read.
    """
    return PlacementLostError(
        f"{error.message}; Droplet {droplet_id} was accepted, and its create action {action.id} errored: "
        "the API found no place for it",
        action=action,
        droplet=droplet,
        **facts_of(error, "Create it again, perhaps with another size or region."),
    )


def facts_of(error: NotFoundError, hint: str | None = None) -> StatusFacts:
    """Return what a 404 says, for an error that explains it. Pure."""
    return {
        "method": error.method,
        "path": error.path,
        "status": error.status,
        "id": error.id,
        "body": error.body,
        "excerpt": error.excerpt,
        "headers": error.headers,
        "retry_after": error.retry_after,
        "request_id": error.request_id,
        "attempts": error.attempts,
        "hint": hint,
    }
