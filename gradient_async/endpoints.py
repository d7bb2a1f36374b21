"""Requests that more than one room sends.

The ids in their paths are written with ``:d``, which takes nothing but an int: no value can reach into another segment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.converter import action_body
from gradient_async.http.request import ActionTrace, ReadOptions, build
from gradient_async.models.action_types import scopes_of
from gradient_async.models.responses import (
    ActionInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
    GPUDropletListResponse,
    GPUDropletRetrieveResponse,
    SizeListResponse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.request import Request
    from gradient_async.models.action_requests import ActionRequest

READ_DROPLETS: Final = ("droplet:read",)
READ_ACTIONS: Final = ("actions:read",)
READ_SIZES: Final = ("sizes:read",)


def initiate_action(droplet_id: int, action: ActionRequest, options: ReadOptions) -> Request[ActionInitiateResponse]:
    """Start an action on a Droplet."""
    return build(
        "POST",
        f"/v2/droplets/{droplet_id:d}/actions",
        ActionInitiateResponse,
        options,
        body=action_body(action),
        scopes=scopes_of(action),
        action=ActionTrace(droplet_id=droplet_id, type=action.type),
    )


def retrieve_droplet(droplet_id: int, options: ReadOptions) -> Request[GPUDropletRetrieveResponse]:
    """Read a Droplet."""
    return build(
        "GET",
        f"/v2/droplets/{droplet_id:d}",
        GPUDropletRetrieveResponse,
        options,
        scopes=READ_DROPLETS,
        subject=droplet_id,
    )


def list_droplets(
    query: Mapping[str, object], options: ReadOptions, scopes: tuple[str, ...] = READ_DROPLETS
) -> Request[GPUDropletListResponse]:
    """Read a page of Droplets."""
    return build("GET", "/v2/droplets", GPUDropletListResponse, options, query=query, scopes=scopes)


def retrieve_action(action_id: int, droplet_id: int | None, options: ReadOptions) -> Request[ActionRetrieveResponse]:
    """Read an action: through its Droplet where that is known, else through the account."""
    if droplet_id is None:
        path, scopes = f"/v2/actions/{action_id:d}", READ_ACTIONS
    else:
        path, scopes = f"/v2/droplets/{droplet_id:d}/actions/{action_id:d}", READ_DROPLETS
    return build("GET", path, ActionRetrieveResponse, options, scopes=scopes, subject=action_id)


def list_actions(
    droplet_id: int | None, query: Mapping[str, object], options: ReadOptions
) -> Request[ActionListResponse]:
    """Read a page of actions: a Droplet's, or the whole account's."""
    if droplet_id is None:
        return build("GET", "/v2/actions", ActionListResponse, options, query=query, scopes=READ_ACTIONS)
    path = f"/v2/droplets/{droplet_id:d}/actions"
    return build("GET", path, ActionListResponse, options, query=query, scopes=READ_DROPLETS)


def list_sizes(query: Mapping[str, object], options: ReadOptions) -> Request[SizeListResponse]:
    """Read a page of sizes."""
    return build("GET", "/v2/sizes", SizeListResponse, options, query=query, scopes=READ_SIZES)
