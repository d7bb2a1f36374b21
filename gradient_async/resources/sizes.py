"""Sizes: ``client.gpu_droplets.sizes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import sizes
from gradient_async.resources.generated.sizes import GeneratedSizes

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import SizeListResponse


class Sizes(GeneratedSizes):
    """Sizes of Droplets, with and without GPUs, and their prices."""

    async def list(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> SizeListResponse:
        """Read one page of sizes.

        Sizes by contract are not listed. A size can be ``available`` although its list of regions is empty.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Sizes on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(sizes.LIST.request(options, query={"page": page, "per_page": per_page}))
