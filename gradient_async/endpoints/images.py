"""Endpoints of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_free_text
from gradient_async.bodies import Example
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Done, Endpoint, ScopeRule
from gradient_async.models.image_responses import ImageCreateResponse, ImageRetrieveResponse, ImageUpdateResponse
from gradient_async.models.responses import ImageListResponse

DELETED: Final = (Done(status=404), Done(status=422, text="already deleted image", is_always=True))
"""Refusals of a deletion which mean that the image is gone. The second one comes even for a first attempt."""

_READ: Final = ("image:read",)


@frozen(kw_only=True)
class CreateImage:
    """The body of ``CREATE``."""

    name: Annotated[str, Example("training-base")]
    url: Annotated[str, Example("https://example.com/image.qcow2")]
    region: Annotated[str, Example("nyc3")]
    description: Annotated[str, checked_free_text] | None = None
    distribution: Annotated[str, Example("Ubuntu")] | None = None
    tags: Sequence[Annotated[str, Example("training")]] | None = None


@frozen(kw_only=True)
class UpdateImage:
    """The body of ``UPDATE``."""

    name: Annotated[str, Example("training-base")] | None = None
    description: Annotated[str, checked_free_text] | None = None
    distribution: Annotated[str, Example("Ubuntu")] | None = None


LIST: Final[Endpoint[ImageListResponse]] = Endpoint(
    "gpu_droplets.images.list",
    "GET",
    "/v2/images",
    answer=ImageListResponse,
    items="images",
    query=("type:application|distribution", "private:bool", "tag_name:tag"),
    scopes=_READ,
)
CREATE: Final[Endpoint[ImageCreateResponse]] = Endpoint(
    "gpu_droplets.images.create",
    "POST",
    "/v2/images",
    body=CreateImage,
    answer=ImageCreateResponse,
    scopes=("image:create",),
    scope_rules=(ScopeRule(field="tags", scopes=("tag:create",)),),
    lookup=CreateRule(
        title="image",
        lists=(Listing(endpoint=LIST, query={"private": True}),),
        matches=(Match("name"),),
        item="image",
    ),
)
RETRIEVE: Final[Endpoint[ImageRetrieveResponse]] = Endpoint(
    "gpu_droplets.images.retrieve",
    "GET",
    "/v2/images/{image_id:id_or_slug}",
    answer=ImageRetrieveResponse,
    scopes=_READ,
)
UPDATE: Final[Endpoint[ImageUpdateResponse]] = Endpoint(
    "gpu_droplets.images.update",
    "PUT",
    "/v2/images/{image_id:id}",
    body=UpdateImage,
    answer=ImageUpdateResponse,
    identity="image.id",
    scopes=("image:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.images.delete", "DELETE", "/v2/images/{image_id:id}", scopes=("image:delete",), done=DELETED
)
