# Generated from gradient_async/resources/volume_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volume_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import volume_actions
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.models.volume_action import ActionInitiateByIDResponse, ActionInitiateByNameResponse


class RawVolumeActions(RawResource):
    """``VolumeActions``, with HTTP answers as results."""

    @overload
    async def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["attach"],
        droplet_id: int,
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByIDResponse]: ...

    @overload
    async def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["detach"],
        droplet_id: int,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByIDResponse]: ...

    @overload
    async def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["resize"],
        size_gigabytes: int,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByIDResponse]: ...

    async def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["attach", "detach", "resize"],
        droplet_id: int | None = None,
        region: str | None = None,
        size_gigabytes: int | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByIDResponse]:
        """``VolumeActions.initiate_by_id``, returning the HTTP answer."""
        body = {
            "type": type,
            "droplet_id": droplet_id,
            "region": region,
            "size_gigabytes": size_gigabytes,
            "tags": tags,
        }
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_actions.initiate_by_id(volume_id, body, pages, options))

    @overload
    async def initiate_by_name(
        self,
        *,
        volume_name: str,
        droplet_id: int,
        type: Literal["attach"],
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByNameResponse]: ...

    @overload
    async def initiate_by_name(
        self,
        *,
        volume_name: str,
        droplet_id: int,
        type: Literal["detach"],
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByNameResponse]: ...

    async def initiate_by_name(
        self,
        *,
        volume_name: str | None = None,
        droplet_id: int,
        type: Literal["attach", "detach"],
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateByNameResponse]:
        """``VolumeActions.initiate_by_name``, returning the HTTP answer."""
        body = {
            "type": type,
            "volume_name": volume_name,
            "droplet_id": droplet_id,
            "region": region,
            "tags": tags,
        }
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_actions.initiate_by_name(body, pages, options))

    async def retrieve(
        self,
        action_id: int,
        *,
        volume_id: str,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionRetrieveResponse]:
        """``VolumeActions.retrieve``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_actions.RETRIEVE.request(options, volume_id, action_id, query=pages))

    async def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``VolumeActions.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_actions.LIST.request(options, volume_id, query=pages))


class GeneratedVolumeActions(Resource):
    """Generated methods of ``VolumeActions``."""

    @property
    def with_raw_response(self) -> RawVolumeActions:
        """The same methods, with the HTTP answer as their result."""
        return RawVolumeActions(self._send_raw)

    def list_all(self, volume_id: str, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions of a volume, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return volume_actions.LIST.request(options, volume_id, query=pages)

        return self._all(request, lambda answer: answer.actions)
