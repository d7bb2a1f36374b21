"""Endpoints of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_tag
from gradient_async.bodies import Length
from gradient_async.endpoints.resource_lists import checked_droplet_ids
from gradient_async.http.endpoint import Endpoint, Resend, ScopeRule
from gradient_async.models.tag import (
    TagCreateResponse,
    TagListResponse,
    TagResource,
    TagRetrieveResponse,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.models.tag import TagResourceParam

# Beside the tag's scope, a token needs that of each resource.
_RESOURCE_SCOPES: Final = tuple(
    ScopeRule(field="resources", part="resource_type", value=kind, scopes=(f"{kind}:update",))
    for kind in ("droplet", "image")
)


@frozen(kw_only=True)
class CreateTag:
    """The body of ``CREATE``."""

    name: Annotated[str, checked_tag]


@frozen(kw_only=True)
class ChosenResources:
    """The body of ``ASSIGN_RESOURCES`` and ``UNASSIGN_RESOURCES``."""

    resources: Annotated[tuple[TagResource, ...], Length(1)]


def chosen(
    resources: Sequence[TagResource | TagResourceParam] | None, droplet_ids: Sequence[int] | None
) -> dict[str, object]:
    """Return the body for resources and Droplets.

    Raises:
        TypeError: Neither is given, or one of them is no list.
        ValueError: Only Droplets are given, and there are none.
    """
    ids = checked_droplet_ids(resources, droplet_ids)
    droplets = [{"resource_id": droplet_id, "resource_type": "droplet"} for droplet_id in ids]
    return {"resources": [*(resources or ()), *droplets]}


CREATE: Final[Endpoint[TagCreateResponse]] = Endpoint(
    "tags.create",
    "POST",
    "/v2/tags",
    body=CreateTag,
    answer=TagCreateResponse,
    # A tag is its name: there are no two of one name.
    resend=Resend.IDEMPOTENT,
    scopes=("tag:create",),
)
RETRIEVE: Final[Endpoint[TagRetrieveResponse]] = Endpoint(
    "tags.retrieve",
    "GET",
    "/v2/tags/{tag_id:tag}",
    answer=TagRetrieveResponse,
    scopes=("tag:read",),
)
LIST: Final[Endpoint[TagListResponse]] = Endpoint(
    "tags.list",
    "GET",
    "/v2/tags",
    answer=TagListResponse,
    items="tags",
    key="name",
    scopes=("tag:read",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "tags.delete",
    "DELETE",
    "/v2/tags/{tag_id:tag}",
    scopes=("tag:delete",),
)
# To tag a resource that has the tag changes nothing: both may be sent again.
ASSIGN_RESOURCES: Final[Endpoint[None]] = Endpoint(
    "tags.assign_resources",
    "POST",
    "/v2/tags/{tag_id:tag}/resources",
    body=ChosenResources,
    resend=Resend.IDEMPOTENT,
    scopes=("tag:create",),
    scope_rules=_RESOURCE_SCOPES,
)
UNASSIGN_RESOURCES: Final[Endpoint[None]] = Endpoint(
    "tags.unassign_resources",
    "DELETE",
    "/v2/tags/{tag_id:tag}/resources",
    body=ChosenResources,
    done=(),
    scopes=("tag:delete",),
    scope_rules=_RESOURCE_SCOPES,
)
