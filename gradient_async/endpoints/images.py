"""Endpoints of images."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import ImageListResponse

LIST: Final[Endpoint[ImageListResponse]] = Endpoint(
    "gpu_droplets.images.list",
    "GET",
    "/v2/images",
    answer=ImageListResponse,
    items="images",
    query=("type:application|distribution", "private:bool", "tag_name:tag"),
    scopes=("image:read",),
)
