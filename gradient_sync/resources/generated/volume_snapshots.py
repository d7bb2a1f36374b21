# Generated from gradient_async/resources/generated/volume_snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.volume_snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.snapshot import SnapshotCreateResponse, SnapshotListResponse, SnapshotRetrieveResponse
    from gradient_async.resources.generated import volume_snapshots as async_volume_snapshots
    from gradient_sync._event_loop import EventLoop


class RawVolumeSnapshots:
    """``VolumeSnapshots``, with HTTP answers as results."""

    def __init__(self, source: async_volume_snapshots.RawVolumeSnapshots, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self, volume_id: str, *, name: str, tags: Sequence[str] | None = None, **options: Unpack[KeyedOptions]
    ) -> RawResponse[SnapshotCreateResponse]:
        """``VolumeSnapshots.create``, returning the HTTP answer."""
        return self._loop.run(self._async.create, volume_id, name=name, tags=tags, **options)

    def retrieve(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> RawResponse[SnapshotRetrieveResponse]:
        """``VolumeSnapshots.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, snapshot_id, **options)

    def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[SnapshotListResponse]:
        """``VolumeSnapshots.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, volume_id, page=page, per_page=per_page, **options)

    def delete(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``VolumeSnapshots.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, snapshot_id, **options)
