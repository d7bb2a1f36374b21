# Generated from gradient_async/resources/generated/volume_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volume_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.models.volume_action import ActionInitiateByIDResponse, ActionInitiateByNameResponse
    from gradient_async.resources.generated import volume_actions as async_volume_actions
    from gradient_sync._event_loop import EventLoop


class RawVolumeActions:
    """``VolumeActions``, with HTTP answers as results."""

    def __init__(self, source: async_volume_actions.RawVolumeActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def initiate_by_id(
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
    def initiate_by_id(
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
    def initiate_by_id(
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

    def initiate_by_id(
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
        method: Callable[..., Coroutine[object, object, RawResponse[ActionInitiateByIDResponse]]] = (
            self._async.initiate_by_id
        )
        return self._loop.run(
            method,
            volume_id,
            type=type,
            droplet_id=droplet_id,
            region=region,
            size_gigabytes=size_gigabytes,
            tags=tags,
            page=page,
            per_page=per_page,
            **options,
        )

    @overload
    def initiate_by_name(
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
    def initiate_by_name(
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

    def initiate_by_name(
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
        method: Callable[..., Coroutine[object, object, RawResponse[ActionInitiateByNameResponse]]] = (
            self._async.initiate_by_name
        )
        return self._loop.run(
            method,
            volume_name=volume_name,
            droplet_id=droplet_id,
            type=type,
            region=region,
            tags=tags,
            page=page,
            per_page=per_page,
            **options,
        )

    def retrieve(
        self,
        action_id: int,
        *,
        volume_id: str,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionRetrieveResponse]:
        """``VolumeActions.retrieve``, returning the HTTP answer."""
        return self._loop.run(
            self._async.retrieve, action_id, volume_id=volume_id, page=page, per_page=per_page, **options
        )

    def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``VolumeActions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, volume_id, page=page, per_page=per_page, **options)
