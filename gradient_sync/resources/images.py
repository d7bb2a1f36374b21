# Generated from gradient_async/resources/images.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Images: ``client.gpu_droplets.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.image import Image
    from gradient_async.models.responses import ImageListResponse
    from gradient_async.resources import images as async_images
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.images import RawImages


class Images:
    """Images of the API, and of the account: snapshots, backups and custom images."""

    def __init__(self, source: async_images.Images, loop: EventLoop) -> None:
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
    ) -> ImageListResponse:
        """Read one page of images.

        Args:
            type: ``"distribution"`` or ``"application"`` images only.
            private: ``True``: the account's own images only.
            tag_name: Images with this tag only.
            page: Number of the page, from 1, which is the default.
            per_page: Images on a page, 1 to 200; the API's default is 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(
            self._async.list(type=type, private=private, tag_name=tag_name, page=page, per_page=per_page, **options)
        )

    @property
    def with_raw_response(self) -> RawImages:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.images import RawImages

        return RawImages(self._async.with_raw_response, self._loop)

    def list_all(
        self,
        *,
        type: Literal["application", "distribution"] | None = None,
        private: bool | None = None,
        tag_name: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Iterator[Image]:
        """Iterate over all images.

        One request reads 200 items. Each item is yielded once.

        Args:
            type: ``"distribution"`` or ``"application"`` images only.
            private: ``True``: the account's own images only.
            tag_name: Images with this tag only.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(type=type, private=private, tag_name=tag_name, **options))
