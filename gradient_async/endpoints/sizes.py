"""Endpoints of sizes."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import SizeListResponse

LIST: Final[Endpoint[SizeListResponse]] = Endpoint(
    "gpu_droplets.sizes.list",
    "GET",
    "/v2/sizes",
    answer=SizeListResponse,
    items="sizes",
    key="slug",
    scopes=("sizes:read", "regions:read"),
)
