# Generated from gradient_async/resources/regions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.regions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import regions
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.region import Region
    from gradient_async.models.responses import RegionListResponse


class RawRegions(RawResource):
    """``Regions``, with HTTP answers as results."""

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[RegionListResponse]:
        """``Regions.list``, returning the HTTP answer."""
        return await self._send(regions.LIST.request(options, query={"page": page, "per_page": per_page}))


class GeneratedRegions(Resource):
    """Generated methods of ``Regions``."""

    @property
    def with_raw_response(self) -> RawRegions:
        """The same methods, with the HTTP answer as their result."""
        return RawRegions(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Region]:
        """Iterate over all regions.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[RegionListResponse]:
            per_page = MAX_PER_PAGE
            return regions.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.regions)
