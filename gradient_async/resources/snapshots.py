"""Snapshots of Droplets and volumes: ``client.gpu_droplets.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.endpoints import snapshots
from gradient_async.resources.generated.snapshots import GeneratedSnapshotsResource

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.snapshot import SnapshotListResponse, SnapshotRetrieveResponse


class SnapshotsResource(GeneratedSnapshotsResource):
    """Snapshots of Droplets and volumes. Each is billed until it is deleted."""

    async def retrieve(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> SnapshotRetrieveResponse:
        """Read one snapshot.

        Args:
            snapshot_id: The snapshot's id: a number for a Droplet's, a UUID for a volume's.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The snapshot does not exist.
        """
        return await self._send(snapshots.RETRIEVE.request(options, snapshot_id))

    async def list(
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
        query = {"resource_type": resource_type, "page": page, "per_page": per_page}
        return await self._send(snapshots.LIST.request(options, query=query))

    async def delete(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot. One that is deleted already is no error.

        Args:
            snapshot_id: The snapshot's id: a number for a Droplet's, a UUID for a volume's.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There never was such a snapshot of a Droplet, or the volume's does not exist. After a lost
                answer, a 404 means that it is deleted; nothing is raised.
        """
        return await self._send(snapshots.DELETE.request(options, snapshot_id))
