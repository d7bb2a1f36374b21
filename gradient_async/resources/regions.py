"""Regions: ``client.regions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import regions
from gradient_async.resources.generated.regions import GeneratedRegions

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import RegionListResponse


class Regions(GeneratedRegions):
    """Regions: the data centres for Droplets."""

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RegionListResponse:
        """Read one page of regions.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Regions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(regions.LIST.request(options, query={"page": page, "per_page": per_page}))
