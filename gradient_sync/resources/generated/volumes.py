# Generated from gradient_async/resources/generated/volumes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volumes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.volume import VolumeCreateResponse, VolumeListResponse, VolumeRetrieveResponse
    from gradient_async.resources.generated import volumes as async_volumes
    from gradient_sync._event_loop import EventLoop


class RawVolumes:
    """``Volumes``, with HTTP answers as results."""

    def __init__(self, source: async_volumes.RawVolumes, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self,
        *,
        name: str,
        region: str,
        size_gigabytes: int,
        description: str | None = None,
        filesystem_label: str | None = None,
        filesystem_type: str | None = None,
        snapshot_id: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[VolumeCreateResponse]: ...

    @overload
    def create(
        self,
        *,
        name: str,
        region: str | None = None,
        size_gigabytes: int | None = None,
        description: str | None = None,
        snapshot_id: str,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[VolumeCreateResponse]: ...

    def create(
        self,
        *,
        name: str,
        region: str | None = None,
        size_gigabytes: int | None = None,
        description: str | None = None,
        filesystem_label: str | None = None,
        filesystem_type: str | None = None,
        snapshot_id: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[VolumeCreateResponse]:
        """``Volumes.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[VolumeCreateResponse]]] = self._async.create
        return self._loop.run(
            method,
            name=name,
            region=region,
            size_gigabytes=size_gigabytes,
            description=description,
            filesystem_label=filesystem_label,
            filesystem_type=filesystem_type,
            snapshot_id=snapshot_id,
            tags=tags,
            **options,
        )

    def retrieve(self, volume_id: str, **options: Unpack[RequestOptions]) -> RawResponse[VolumeRetrieveResponse]:
        """``Volumes.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, volume_id, **options)

    def list(
        self,
        *,
        name: str | None = None,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VolumeListResponse]:
        """``Volumes.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, name=name, region=region, page=page, per_page=per_page, **options)

    def delete(self, volume_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Volumes.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, volume_id, **options)

    @overload
    def delete_by_name(self, *, name: str, region: str, **options: Unpack[RequestOptions]) -> RawResponse[None]: ...

    @overload
    def delete_by_name(self, **options: Unpack[RequestOptions]) -> RawResponse[None]: ...

    def delete_by_name(
        self, *, name: str | None = None, region: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``Volumes.delete_by_name``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[None]]] = self._async.delete_by_name
        return self._loop.run(method, name=name, region=region, **options)
