"""Endpoints of images."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Done, Endpoint
from gradient_async.models.responses import ImageListResponse

DELETED: Final = (Done(status=404), Done(status=422, text="already deleted image", is_always=True))
"""Refusals of a deletion which mean that the image is gone. The second one says so even to a first attempt."""

LIST: Final[Endpoint[ImageListResponse]] = Endpoint(
    "gpu_droplets.images.list",
    "GET",
    "/v2/images",
    answer=ImageListResponse,
    items="images",
    query=("type:application|distribution", "private:bool", "tag_name:tag"),
    scopes=("image:read",),
)
