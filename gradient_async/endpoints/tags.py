"""Endpoints of tags."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.responses import TagRetrieveResponse

RETRIEVE: Final[Endpoint[TagRetrieveResponse]] = Endpoint(
    "tags.retrieve",
    "GET",
    "/v2/tags/{tag_id:tag}",
    answer=TagRetrieveResponse,
    scopes=("tag:read",),
)
