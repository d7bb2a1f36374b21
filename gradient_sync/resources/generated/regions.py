# Generated from gradient_async/resources/generated/regions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.regions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import RegionListResponse
    from gradient_async.resources.generated import regions as async_regions
    from gradient_sync._event_loop import EventLoop


class RawRegions:
    """``Regions``, with HTTP answers as results."""

    def __init__(self, source: async_regions.RawRegions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[RegionListResponse]:
        """``Regions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)
