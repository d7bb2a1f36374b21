"""Sizes: ``client.gpu_droplets.sizes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import gpu_sizes, sizes
from gradient_async.resources.generated.sizes import GeneratedSizes

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import SizeListResponse
    from gradient_async.models.size import Size


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

    async def gpu(
        self,
        model: str | None = None,
        *,
        min_vram_gib: float | None = None,
        count: int | None = None,
        max_hourly: float | None = None,
        creatable: bool = True,
        **options: Unpack[RequestOptions],
    ) -> tuple[Size, ...]:
        """Read all sizes with GPUs, the cheapest GPU first.

        Prices and regions are those that the API lists now. A region that is listed can still refuse a Droplet. Sizes
        by contract are not listed.

        Example:
            >>> async with AsyncGradientAI() as client:
            ...     sizes = await client.gpu_droplets.sizes.gpu("h100", count=8)
            >>> [(size.slug, size.price_per_gpu) for size in sizes]
            [('gpu-h100x8-640gb', 2.99)]

        Args:
            model: Only GPUs of this model: ``"h100"``, ``"H100"`` and ``"NVIDIA H100"`` are ``"nvidia_h100"``.
            min_vram_gib: Only sizes whose GPUs have at least this memory together, in GiB.
            count: Only sizes with this number of GPUs.
            max_hourly: Only sizes that cost at most this, in US dollars an hour.
            creatable: Whether to leave out sizes that are not available, or that no region lists now.
            **options: ``timeout``, ``extra_headers``, ``extra_query``.

        Returns:
            The sizes in the order of ``Size.price_per_gpu``; empty if there is none.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: A number is not above zero. Nothing was sent.
        """
        wanted = gpu_sizes.SizeFilter(
            model=model, min_vram_gib=min_vram_gib, count=count, max_hourly=max_hourly, creatable=creatable
        )
        return gpu_sizes.by_price([size async for size in self.list_all(**options) if wanted.matches(size)])
