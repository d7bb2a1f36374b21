# Generated from gradient_async/resources/regions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Regions: ``client.regions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.region import Region
    from gradient_async.models.responses import RegionListResponse
    from gradient_async.resources import regions as async_regions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.regions import RawRegions


class Regions:
    """Regions: the data centres for Droplets."""

    def __init__(self, source: async_regions.Regions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RegionListResponse:
        """Read one page of regions.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Regions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    @property
    def with_raw_response(self) -> RawRegions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.regions import RawRegions

        return RawRegions(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Region]:
        """Iterate over all regions.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
