# Generated from gradient_async/resources/images.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import images
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.image import Image
    from gradient_async.models.image_responses import ImageCreateResponse, ImageRetrieveResponse, ImageUpdateResponse
    from gradient_async.models.responses import ImageListResponse


class RawImages(RawResource):
    """``Images``, with HTTP answers as results."""

    @overload
    async def create(
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
    async def create(self, **options: Unpack[KeyedOptions]) -> RawResponse[ImageCreateResponse]: ...

    async def create(
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
        body = {
            "name": name,
            "url": url,
            "region": region,
            "description": description,
            "distribution": distribution,
            "tags": tags,
        }
        given = body if any(value is not None for value in body.values()) else None
        return await self._send(images.CREATE.request(options, body=given))

    async def retrieve(
        self, image_id: int | str, **options: Unpack[RequestOptions]
    ) -> RawResponse[ImageRetrieveResponse]:
        """``Images.retrieve``, returning the HTTP answer."""
        return await self._send(images.RETRIEVE.request(options, image_id))

    async def update(
        self,
        image_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        distribution: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ImageUpdateResponse]:
        """``Images.update``, returning the HTTP answer."""
        body = {"name": name, "description": description, "distribution": distribution}
        return await self._send(images.UPDATE.request(options, image_id, body=body))

    async def list(
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
        query = {"type": type, "private": private, "tag_name": tag_name, "page": page, "per_page": per_page}
        return await self._send(images.LIST.request(options, query=query))

    async def delete(self, image_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Images.delete``, returning the HTTP answer."""
        return await self._send(images.DELETE.request(options, image_id))


class GeneratedImages(Resource):
    """Generated methods of ``Images``."""

    @property
    def with_raw_response(self) -> RawImages:
        """The same methods, with the HTTP answer as their result."""
        return RawImages(self._send_raw)

    def list_all(
        self,
        *,
        type: Literal["application", "distribution"] | None = None,
        private: bool | None = None,
        tag_name: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncIterator[Image]:
        """Iterate over all images.

        One request reads 200 items. Each item is yielded once.

        Args:
            type: ``"distribution"`` or ``"application"`` images only.
            private: ``True``: the account's own images only.
            tag_name: Images with this tag only.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[ImageListResponse]:
            per_page = MAX_PER_PAGE
            query = {"type": type, "private": private, "tag_name": tag_name, "page": page, "per_page": per_page}
            return images.LIST.request(options, query=query)

        return self._all(request, lambda answer: answer.images)
