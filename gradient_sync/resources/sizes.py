# Generated from gradient_async/resources/sizes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Sizes: ``client.gpu_droplets.sizes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import SizeListResponse
    from gradient_async.models.size import Size
    from gradient_async.resources import sizes as async_sizes
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.sizes import RawSizes


class Sizes:
    """Sizes of Droplets, with and without GPUs, and their prices."""

    def __init__(self, source: async_sizes.Sizes, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> SizeListResponse:
        """Read one page of sizes.

        Sizes by contract are not listed. A size can be ``available`` although its list of regions is empty.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Sizes on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def gpu(
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
            >>> with GradientAI() as client:
            ...     sizes = client.gpu_droplets.sizes.gpu("h100", count=8)
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
        return self._loop.run(
            self._async.gpu,
            model,
            min_vram_gib=min_vram_gib,
            count=count,
            max_hourly=max_hourly,
            creatable=creatable,
            **options,
        )

    @property
    def with_raw_response(self) -> RawSizes:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.sizes import RawSizes

        return RawSizes(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Size]:
        """Iterate over all sizes.

        One request reads 200 items. Each item is yielded once.

        Sizes by contract are not listed. A size can be ``available`` although its list of regions is empty.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
