# Generated from gradient_async/resources/generated/tags.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.tags``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.tag import (
        TagCreateResponse,
        TagListResponse,
        TagResource,
        TagResourceParam,
        TagRetrieveResponse,
    )
    from gradient_async.resources.generated import tags as async_tags
    from gradient_sync._event_loop import EventLoop


class RawTags:
    """``Tags``, with HTTP answers as results."""

    def __init__(self, source: async_tags.RawTags, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(self, *, name: str, **options: Unpack[RequestOptions]) -> RawResponse[TagCreateResponse]:
        """``Tags.create``, returning the HTTP answer."""
        return self._loop.run(self._async.create, name=name, **options)

    def retrieve(self, tag_id: str, **options: Unpack[RequestOptions]) -> RawResponse[TagRetrieveResponse]:
        """``Tags.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, tag_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[TagListResponse]:
        """``Tags.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, tag_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Tags.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, tag_id, **options)

    def assign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``Tags.assign_resources``, returning the HTTP answer."""
        return self._loop.run(
            self._async.assign_resources, tag_id, resources=resources, droplet_ids=droplet_ids, **options
        )

    def unassign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``Tags.unassign_resources``, returning the HTTP answer."""
        return self._loop.run(
            self._async.unassign_resources, tag_id, resources=resources, droplet_ids=droplet_ids, **options
        )
