# Generated from gradient_async/resources/generated/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.resources.generated import gpu_droplets as async_gpu_droplets
    from gradient_sync._event_loop import EventLoop


class RawGPUDroplets:
    """``GPUDroplets``, with HTTP answers as results."""

    def __init__(self, source: async_gpu_droplets.RawGPUDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[GPUDropletRetrieveResponse]:
        """``GPUDroplets.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve(droplet_id, **options))

    def list(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListResponse]:
        """``GPUDroplets.list``, returning the HTTP answer."""
        return self._loop.run(
            self._async.list(name=name, tag_name=tag_name, type=type, page=page, per_page=per_page, **options)
        )
