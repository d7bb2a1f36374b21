"""Endpoints of snapshots of Droplets and volumes."""

from __future__ import annotations

from typing import Final

from gradient_async.endpoints.images import DELETED
from gradient_async.http.endpoint import Endpoint
from gradient_async.models.snapshot import SnapshotListResponse, SnapshotRetrieveResponse

RETRIEVE: Final[Endpoint[SnapshotRetrieveResponse]] = Endpoint(
    "gpu_droplets.snapshots.retrieve",
    "GET",
    "/v2/snapshots/{snapshot_id:id_or_uuid}",
    answer=SnapshotRetrieveResponse,
    identity="snapshot.id",
    scopes=("snapshot:read", "block_storage_snapshot:read"),
)
LIST: Final[Endpoint[SnapshotListResponse]] = Endpoint(
    "gpu_droplets.snapshots.list",
    "GET",
    "/v2/snapshots",
    answer=SnapshotListResponse,
    items="snapshots",
    query=("resource_type:droplet|volume",),
    scopes=("snapshot:read",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.snapshots.delete",
    "DELETE",
    "/v2/snapshots/{snapshot_id:id_or_uuid}",
    scopes=("image:delete", "snapshot:delete"),
    done=DELETED,
)
