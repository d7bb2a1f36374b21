# Generated from gradient_async/resources/image_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.image_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import image_actions
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse


class RawImageActions(RawResource):
    """``ImageActions``, with HTTP answers as results."""

    @overload
    async def create(
        self, image_id: int, *, type: Literal["transfer"], region: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[Action]: ...

    @overload
    async def create(
        self, image_id: int, *, type: Literal["convert"], **options: Unpack[KeyedOptions]
    ) -> RawResponse[Action]: ...

    async def create(
        self,
        image_id: int,
        *,
        type: Literal["convert", "transfer"],
        region: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[Action]:
        """``ImageActions.create``, returning the HTTP answer."""
        return await self._send(image_actions.create(image_id, {"type": type, "region": region}, options))

    async def retrieve(
        self, action_id: int, *, image_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[Action]:
        """``ImageActions.retrieve``, returning the HTTP answer."""
        return await self._send(image_actions.RETRIEVE.request(options, image_id, action_id))

    async def list(
        self, image_id: int, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``ImageActions.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(image_actions.LIST.request(options, image_id, query=pages))


class GeneratedImageActions(Resource):
    """Generated methods of ``ImageActions``."""

    @property
    def with_raw_response(self) -> RawImageActions:
        """The same methods, with the HTTP answer as their result."""
        return RawImageActions(self._send_raw)

    def list_all(self, image_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions of an image, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            image_id: The image's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return image_actions.LIST.request(options, image_id, query=pages)

        return self._all(request, lambda answer: answer.actions)
