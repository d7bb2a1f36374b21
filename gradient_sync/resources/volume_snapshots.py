# Generated from gradient_async/resources/volume_snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Snapshots of volumes: ``client.gpu_droplets.volumes.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.snapshot import (
        SnapshotCreateResponse,
        SnapshotListResponse,
        SnapshotRetrieveResponse,
        Snapshots,
    )
    from gradient_async.resources import volume_snapshots as async_volume_snapshots
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.volume_snapshots import RawVolumeSnapshots


class VolumeSnapshots:
    """Snapshots of volumes. A new volume can be made of one (``volumes.create(snapshot_id=…)``)."""

    def __init__(self, source: async_volume_snapshots.VolumeSnapshots, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self, volume_id: str, *, name: str, tags: Sequence[str] | None = None, **options: Unpack[KeyedOptions]
    ) -> SnapshotCreateResponse:
        """Take a snapshot of a volume.

        The API takes one snapshot of a volume in ten minutes, and keeps 25 of a volume. If the answer is lost, the
        volume's list of snapshots is read. A snapshot with this name that was created since is the result. If there is
        none, the request is sent again.

        Args:
            volume_id: The volume's id.
            name: The snapshot's name. Two snapshots may have the same name.
            tags: Its tags. New tags are created.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            NotFoundError: The volume does not exist.
            RateLimitError: A snapshot of the volume was taken less than ten minutes ago.
            RequestOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        return self._loop.run(self._async.create, volume_id, name=name, tags=tags, **options)

    def retrieve(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> SnapshotRetrieveResponse:
        """Read one snapshot of a volume.

        Args:
            snapshot_id: The snapshot's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist, or is a Droplet's.
        """
        return self._loop.run(self._async.retrieve, snapshot_id, **options)

    def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> SnapshotListResponse:
        """Read one page of snapshots of a volume.

        Args:
            volume_id: The volume's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Snapshots on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist. Its snapshots are in ``gpu_droplets.snapshots.list``.
        """
        return self._loop.run(self._async.list, volume_id, page=page, per_page=per_page, **options)

    def delete(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot of a volume.

        Args:
            snapshot_id: The snapshot's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, snapshot_id, **options)

    @property
    def with_raw_response(self) -> RawVolumeSnapshots:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.volume_snapshots import RawVolumeSnapshots

        return RawVolumeSnapshots(self._async.with_raw_response, self._loop)

    def list_all(self, volume_id: str, **options: Unpack[RequestOptions]) -> Iterator[Snapshots]:
        """Iterate over all snapshots of a volume.

        One request reads 200 items. Each item is yielded once.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist. Its snapshots are in ``gpu_droplets.snapshots.list``.
        """
        return self._loop.iterate(self._async.list_all(volume_id, **options))
