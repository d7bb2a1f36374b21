# Generated from gradient_async/resources/generated/images.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import ImageListResponse
    from gradient_async.resources.generated import images as async_images
    from gradient_sync._event_loop import EventLoop


class RawImages:
    """``Images``, with HTTP answers as results."""

    def __init__(self, source: async_images.RawImages, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
        self,
        *,
        type: Literal["application", "distribution"] | None = None,
        private: bool | None = None,
        tag_name: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ImageListResponse]:
        """``Images.list``, returning the HTTP answer."""
        return self._loop.run(
            self._async.list(type=type, private=private, tag_name=tag_name, page=page, per_page=per_page, **options)
        )
