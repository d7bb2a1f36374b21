"""Endpoints of regions."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import RegionListResponse

LIST: Final[Endpoint[RegionListResponse]] = Endpoint(
    "regions.list",
    "GET",
    "/v2/regions",
    answer=RegionListResponse,
    items="regions",
    key="slug",
    scopes=("regions:read",),
)
