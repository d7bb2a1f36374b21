# Generated from gradient_async/resources/tags.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.tags``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import tags
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.tag import (
        Tag,
        TagCreateResponse,
        TagListResponse,
        TagResource,
        TagResourceParam,
        TagRetrieveResponse,
    )


class RawTags(RawResource):
    """``Tags``, with HTTP answers as results."""

    async def create(self, *, name: str, **options: Unpack[RequestOptions]) -> RawResponse[TagCreateResponse]:
        """``Tags.create``, returning the HTTP answer."""
        return await self._send(tags.CREATE.request(options, body={"name": name}))

    async def retrieve(self, tag_id: str, **options: Unpack[RequestOptions]) -> RawResponse[TagRetrieveResponse]:
        """``Tags.retrieve``, returning the HTTP answer."""
        return await self._send(tags.RETRIEVE.request(options, tag_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[TagListResponse]:
        """``Tags.list``, returning the HTTP answer."""
        return await self._send(tags.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, tag_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Tags.delete``, returning the HTTP answer."""
        return await self._send(tags.DELETE.request(options, tag_id))

    async def assign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``Tags.assign_resources``, returning the HTTP answer."""
        return await self._send(
            tags.ASSIGN_RESOURCES.request(options, tag_id, body=tags.chosen(resources, droplet_ids))
        )

    async def unassign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``Tags.unassign_resources``, returning the HTTP answer."""
        return await self._send(
            tags.UNASSIGN_RESOURCES.request(options, tag_id, body=tags.chosen(resources, droplet_ids))
        )


class GeneratedTags(Resource):
    """Generated methods of ``Tags``."""

    @property
    def with_raw_response(self) -> RawTags:
        """The same methods, with the HTTP answer as their result."""
        return RawTags(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Tag]:
        """Iterate over all tags.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[TagListResponse]:
            per_page = MAX_PER_PAGE
            return tags.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.tags)
