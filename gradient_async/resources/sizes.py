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
    """What Droplets can be made of, with GPUs and without, and what it costs."""

    async def list(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> SizeListResponse:
        """Read one page of sizes.

        Sizes by contract are not listed. A size can be ``available`` in no region: its list of regions is empty then.

        Args:
            page: Number of the page, from 1, which is the default.
            per_page: Sizes on a page, 1 to 200; the API's default is 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(sizes.LIST.request(options, query={"page": page, "per_page": per_page}))
