# Generated from gradient_async/resources/volume_snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volume_snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import volume_snapshots
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.snapshot import (
        SnapshotCreateResponse,
        SnapshotListResponse,
        SnapshotRetrieveResponse,
        Snapshots,
    )


class RawVolumeSnapshots(RawResource):
    """``VolumeSnapshots``, with HTTP answers as results."""

    async def create(
        self, volume_id: str, *, name: str, tags: Sequence[str] | None = None, **options: Unpack[KeyedOptions]
    ) -> RawResponse[SnapshotCreateResponse]:
        """``VolumeSnapshots.create``, returning the HTTP answer."""
        body = {"name": name, "tags": tags}
        return await self._send(volume_snapshots.CREATE.request(options, volume_id, body=body))

    async def retrieve(
        self, snapshot_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[SnapshotRetrieveResponse]:
        """``VolumeSnapshots.retrieve``, returning the HTTP answer."""
        return await self._send(volume_snapshots.RETRIEVE.request(options, snapshot_id))

    async def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[SnapshotListResponse]:
        """``VolumeSnapshots.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_snapshots.LIST.request(options, volume_id, query=pages))

    async def delete(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``VolumeSnapshots.delete``, returning the HTTP answer."""
        return await self._send(volume_snapshots.DELETE.request(options, snapshot_id))


class GeneratedVolumeSnapshots(Resource):
    """Generated methods of ``VolumeSnapshots``."""

    @property
    def with_raw_response(self) -> RawVolumeSnapshots:
        """The same methods, with the HTTP answer as their result."""
        return RawVolumeSnapshots(self._send_raw)

    def list_all(self, volume_id: str, **options: Unpack[RequestOptions]) -> AsyncIterator[Snapshots]:
        """Iterate over all snapshots of a volume.

        One request reads 200 items. Each item is yielded once.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist. Its snapshots are in ``gpu_droplets.snapshots.list``.
        """

        def request(page: int) -> Request[SnapshotListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return volume_snapshots.LIST.request(options, volume_id, query=pages)

        return self._all(request, lambda answer: answer.snapshots)
