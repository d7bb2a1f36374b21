"""Snapshots of volumes: ``client.gpu_droplets.volumes.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import volume_snapshots
from gradient_async.resources.generated.volume_snapshots import GeneratedVolumeSnapshots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.snapshot import SnapshotCreateResponse, SnapshotListResponse, SnapshotRetrieveResponse


class VolumeSnapshots(GeneratedVolumeSnapshots):
    """Snapshots of volumes. A new volume can be made of one (``volumes.create(snapshot_id=…)``)."""

    async def create(
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
        body = {"name": name, "tags": tags}
        return await self._send(volume_snapshots.CREATE.request(options, volume_id, body=body))

    async def retrieve(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> SnapshotRetrieveResponse:
        """Read one snapshot of a volume.

        Args:
            snapshot_id: The snapshot's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist, or is a Droplet's.
        """
        return await self._send(volume_snapshots.RETRIEVE.request(options, snapshot_id))

    async def list(
        self,
        volume_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
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
        pages = {"page": page, "per_page": per_page}
        return await self._send(volume_snapshots.LIST.request(options, volume_id, query=pages))

    async def delete(self, snapshot_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot of a volume.

        Args:
            snapshot_id: The snapshot's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return await self._send(volume_snapshots.DELETE.request(options, snapshot_id))
