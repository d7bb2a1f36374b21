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
        return self._loop.run(self._async.list(page=page, per_page=per_page, **options))

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
