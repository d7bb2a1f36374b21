"""Endpoints of actions on images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

from attrs import frozen

from gradient_async.bodies import Example, with_rule
from gradient_async.http.action_trace import ActionKind, ActionOwner, ActionTrace
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.action import Action
from gradient_async.models.responses import ActionListResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

_READ: Final = ("image:read",)


def _fault(body: Mapping[str, object]) -> str | None:
    if body["type"] == "transfer" and "region" not in body:
        return "region: missing; type='transfer' needs it"
    return None


@with_rule(_fault)
@frozen(kw_only=True)
class ImageActionBody:
    """The body of ``CREATE``."""

    type: Literal["convert", "transfer"]
    region: Annotated[str, Example("nyc3")] | None = None


# By the specification the answer is the action itself, and by its examples the action is wrapped in an object. Both
# forms are read.
CREATE: Final[Endpoint[Action]] = Endpoint(
    "gpu_droplets.images.actions.create",
    "POST",
    "/v2/images/{image_id:id}/actions",
    body=ImageActionBody,
    answer=Action,
    envelope="action",
    resend=Resend.AFTER_LOOKUP,
    scopes=("image:update",),
)
RETRIEVE: Final[Endpoint[Action]] = Endpoint(
    "gpu_droplets.images.actions.retrieve",
    "GET",
    "/v2/images/{image_id:id}/actions/{action_id:id}",
    answer=Action,
    envelope="action",
    identity="id",
    scopes=_READ,
)
LIST: Final[Endpoint[ActionListResponse]] = Endpoint(
    "gpu_droplets.images.actions.list",
    "GET",
    "/v2/images/{image_id:id}/actions",
    answer=ActionListResponse,
    items="actions",
    scopes=_READ,
)

KIND: Final = ActionKind(title="image", list=LIST, retrieve=RETRIEVE, resource_type="image")


def owner_of(image_id: int) -> ActionOwner:
    """Return an image as the resource of actions."""
    return ActionOwner(KIND, image_id)


def create(image_id: int, body: Mapping[str, object], options: ReadOptions) -> Request[Action]:
    """Return the request that starts an action on an image."""
    return CREATE.request(options, image_id, body=body, action=ActionTrace(KIND, image_id, str(body["type"])))
