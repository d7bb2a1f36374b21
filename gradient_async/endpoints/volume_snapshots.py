"""Endpoints of snapshots of volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from attrs import frozen

from gradient_async.bodies import Example
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, ScopeRule
from gradient_async.models.snapshot import SnapshotCreateResponse, SnapshotListResponse, SnapshotRetrieveResponse

_READ: Final = ("block_storage_snapshot:read",)


@frozen(kw_only=True)
class CreateSnapshot:
    """The body of ``CREATE``."""

    name: Annotated[str, Example("before-epoch-7")]
    tags: Sequence[Annotated[str, Example("training")]] | None = None


LIST: Final[Endpoint[SnapshotListResponse]] = Endpoint(
    "gpu_droplets.volumes.snapshots.list",
    "GET",
    "/v2/volumes/{volume_id:uuid}/snapshots",
    answer=SnapshotListResponse,
    items="snapshots",
    scopes=_READ,
)
CREATE: Final[Endpoint[SnapshotCreateResponse]] = Endpoint(
    "gpu_droplets.volumes.snapshots.create",
    "POST",
    "/v2/volumes/{volume_id:uuid}/snapshots",
    body=CreateSnapshot,
    answer=SnapshotCreateResponse,
    scopes=("block_storage_snapshot:create",),
    scope_rules=(ScopeRule(field="tags", scopes=("tag:create",)),),
    lookup=CreateRule(
        title="snapshot", lists=(Listing(endpoint=LIST, takes_path=True),), matches=(Match("name"),), item="snapshot"
    ),
)
RETRIEVE: Final[Endpoint[SnapshotRetrieveResponse]] = Endpoint(
    "gpu_droplets.volumes.snapshots.retrieve",
    "GET",
    "/v2/volumes/snapshots/{snapshot_id:uuid}",
    answer=SnapshotRetrieveResponse,
    identity="snapshot.id",
    scopes=_READ,
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.volumes.snapshots.delete",
    "DELETE",
    "/v2/volumes/snapshots/{snapshot_id:uuid}",
    scopes=("block_storage_snapshot:delete",),
)
