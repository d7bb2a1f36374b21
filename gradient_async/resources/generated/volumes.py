# Generated from gradient_async/resources/volumes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volumes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import volumes
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.volume import Volume, VolumeCreateResponse, VolumeListResponse, VolumeRetrieveResponse


class RawVolumes(RawResource):
    """``Volumes``, with HTTP answers as results."""

    @overload
    async def create(
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
    async def create(
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

    async def create(
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
        body = {
            "name": name,
            "region": region,
            "size_gigabytes": size_gigabytes,
            "description": description,
            "filesystem_label": filesystem_label,
            "filesystem_type": filesystem_type,
            "snapshot_id": snapshot_id,
            "tags": tags,
        }
        return await self._send(volumes.CREATE.request(options, body=body))

    async def retrieve(self, volume_id: str, **options: Unpack[RequestOptions]) -> RawResponse[VolumeRetrieveResponse]:
        """``Volumes.retrieve``, returning the HTTP answer."""
        return await self._send(volumes.RETRIEVE.request(options, volume_id))

    async def list(
        self,
        *,
        name: str | None = None,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VolumeListResponse]:
        """``Volumes.list``, returning the HTTP answer."""
        query = {"name": name, "region": region, "page": page, "per_page": per_page}
        return await self._send(volumes.LIST.request(options, query=query))

    async def delete(self, volume_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Volumes.delete``, returning the HTTP answer."""
        return await self._send(volumes.DELETE.request(options, volume_id))

    @overload
    async def delete_by_name(
        self, *, name: str, region: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]: ...

    @overload
    async def delete_by_name(self, **options: Unpack[RequestOptions]) -> RawResponse[None]: ...

    async def delete_by_name(
        self, *, name: str | None = None, region: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``Volumes.delete_by_name``, returning the HTTP answer."""
        return await self._send(volumes.delete_by_name(name, region, options))


class GeneratedVolumes(Resource):
    """Generated methods of ``Volumes``."""

    @property
    def with_raw_response(self) -> RawVolumes:
        """The same methods, with the HTTP answer as their result."""
        return RawVolumes(self._send_raw)

    def list_all(
        self, *, name: str | None = None, region: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[Volume]:
        """Iterate over all volumes.

        One request reads 200 items. Each item is yielded once.

        Args:
            name: Only volumes with exactly this name. With ``region`` that is one volume at most.
            region: Only volumes in the region with this slug.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[VolumeListResponse]:
            per_page = MAX_PER_PAGE
            query = {"name": name, "region": region, "page": page, "per_page": per_page}
            return volumes.LIST.request(options, query=query)

        return self._all(request, lambda answer: answer.volumes)
