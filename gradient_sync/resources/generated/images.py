# Generated from gradient_async/resources/generated/images.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.image_responses import ImageCreateResponse, ImageRetrieveResponse, ImageUpdateResponse
    from gradient_async.models.responses import ImageListResponse
    from gradient_async.resources.generated import images as async_images
    from gradient_sync._event_loop import EventLoop


class RawImages:
    """``Images``, with HTTP answers as results."""

    def __init__(self, source: async_images.RawImages, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self,
        *,
        name: str,
        url: str,
        region: str,
        description: str | None = None,
        distribution: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ImageCreateResponse]: ...

    @overload
    def create(self, **options: Unpack[KeyedOptions]) -> RawResponse[ImageCreateResponse]: ...

    def create(
        self,
        *,
        name: str | None = None,
        url: str | None = None,
        region: str | None = None,
        description: str | None = None,
        distribution: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ImageCreateResponse]:
        """``Images.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ImageCreateResponse]]] = self._async.create
        return self._loop.run(
            method,
            name=name,
            url=url,
            region=region,
            description=description,
            distribution=distribution,
            tags=tags,
            **options,
        )

    def retrieve(self, image_id: int | str, **options: Unpack[RequestOptions]) -> RawResponse[ImageRetrieveResponse]:
        """``Images.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, image_id, **options)

    def update(
        self,
        image_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        distribution: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ImageUpdateResponse]:
        """``Images.update``, returning the HTTP answer."""
        return self._loop.run(
            self._async.update, image_id, name=name, description=description, distribution=distribution, **options
        )

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
            self._async.list, type=type, private=private, tag_name=tag_name, page=page, per_page=per_page, **options
        )

    def delete(self, image_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Images.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, image_id, **options)
