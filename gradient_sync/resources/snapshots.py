# Generated from gradient_async/resources/snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Snapshots of Droplets and volumes: ``client.gpu_droplets.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.snapshot import SnapshotListResponse, SnapshotRetrieveResponse, Snapshots
    from gradient_async.resources import snapshots as async_snapshots
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.snapshots import RawSnapshotsResource


class SnapshotsResource:
    """Snapshots of Droplets and volumes. Each is billed until it is deleted."""

    def __init__(self, source: async_snapshots.SnapshotsResource, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> SnapshotRetrieveResponse:
        """Read one snapshot.

        Args:
            snapshot_id: The snapshot's id: a number for a Droplet's, a UUID for a volume's.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist.
        """
        return self._loop.run(self._async.retrieve, snapshot_id, **options)

    def list(
        self,
        *,
        resource_type: Literal["droplet", "volume"] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> SnapshotListResponse:
        """Read one page of snapshots.

        Args:
            resource_type: Only snapshots of Droplets, or only those of volumes. By default both.
            page: Number of the page, from 1; 1 by default.
            per_page: Snapshots on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, resource_type=resource_type, page=page, per_page=per_page, **options)

    def delete(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot. One that is deleted already is no error.

        Args:
            snapshot_id: The snapshot's id: a number for a Droplet's, a UUID for a volume's.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There never was such a snapshot of a Droplet, or the volume's does not exist. After a lost
                answer, a 404 means that it is deleted; nothing is raised.
        """
        return self._loop.run(self._async.delete, snapshot_id, **options)

    @property
    def with_raw_response(self) -> RawSnapshotsResource:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.snapshots import RawSnapshotsResource

        return RawSnapshotsResource(self._async.with_raw_response, self._loop)

    def list_all(
        self, *, resource_type: Literal["droplet", "volume"] | None = None, **options: Unpack[RequestOptions]
    ) -> Iterator[Snapshots]:
        """Iterate over all snapshots.

        One request reads 200 items. Each item is yielded once.

        Args:
            resource_type: Only snapshots of Droplets, or only those of volumes. By default both.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(resource_type=resource_type, **options))
