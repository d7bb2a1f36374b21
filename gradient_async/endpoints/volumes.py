"""Endpoints of volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_free_text
from gradient_async.bodies import Between, Example, Length, with_rule
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, ScopeRule
from gradient_async.models.volume import VolumeCreateResponse, VolumeListResponse, VolumeRetrieveResponse

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

MAX_GIGABYTES: Final = 16_384
"""The largest volume by the API's documentation."""

_LABEL_LENGTHS: Final = {"ext4": 16, "xfs": 12}


def _fault(body: Mapping[str, object]) -> str | None:
    kind, label = body.get("filesystem_type"), body.get("filesystem_label")
    if "snapshot_id" not in body:
        missing = [name for name in ("region", "size_gigabytes") if name not in body]
        if missing:
            return f"{' and '.join(missing)}: missing; only a volume from a snapshot (snapshot_id) needs none"
    if label is not None and kind is None:
        return "filesystem_label: not allowed without filesystem_type"
    longest = _LABEL_LENGTHS.get(str(kind))
    if label is not None and longest is not None and len(str(label)) > longest:
        return f"filesystem_label: expected up to {longest} characters for {kind}, got {len(str(label))}"
    return None


@with_rule(_fault)
@frozen(kw_only=True)
class CreateVolume:
    """The body of ``CREATE``."""

    name: Annotated[str, Example("training-data"), Length(1, 64)]
    region: Annotated[str, Example("nyc3")] | None = None
    size_gigabytes: Annotated[int, Between(1, MAX_GIGABYTES)] | None = None
    description: Annotated[str, checked_free_text] | None = None
    filesystem_type: Annotated[str, Example("ext4")] | None = None
    filesystem_label: str | None = None
    snapshot_id: Annotated[str, Example("b0798135-fb76-11eb-946a-0a58ac146f33")] | None = None
    tags: Sequence[Annotated[str, Example("training")]] | None = None


LIST: Final[Endpoint[VolumeListResponse]] = Endpoint(
    "gpu_droplets.volumes.list",
    "GET",
    "/v2/volumes",
    answer=VolumeListResponse,
    items="volumes",
    query=("name:text", "region:region"),
    scopes=("api:read", "api:write", "block_storage:read"),
)
CREATE: Final[Endpoint[VolumeCreateResponse]] = Endpoint(
    "gpu_droplets.volumes.create",
    "POST",
    "/v2/volumes",
    body=CreateVolume,
    answer=VolumeCreateResponse,
    scopes=("api:write", "block_storage:create"),
    scope_rules=(ScopeRule(field="tags", scopes=("tag:create",)),),
    lookup=CreateRule(
        title="volume",
        lists=(Listing(endpoint=LIST, filters=("name", "region")),),
        matches=(Match("name"), Match("region", "region.slug")),
        item="volume",
    ),
)
RETRIEVE: Final[Endpoint[VolumeRetrieveResponse]] = Endpoint(
    "gpu_droplets.volumes.retrieve",
    "GET",
    "/v2/volumes/{volume_id:uuid}",
    answer=VolumeRetrieveResponse,
    identity="volume.id",
    scopes=("block_storage:read",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.volumes.delete", "DELETE", "/v2/volumes/{volume_id:uuid}", scopes=("block_storage:delete",)
)
DELETE_BY_NAME: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.volumes.delete_by_name",
    "DELETE",
    "/v2/volumes",
    query=("name:text", "region:region"),
    scopes=("block_storage:delete", "api:write"),
)


def delete_by_name(name: str | None, region: str | None, options: ReadOptions) -> Request[None]:
    """Return the request that deletes the volume with a name.

    Raises:
        TypeError: Only one of ``name`` and ``region`` was given, or it has the wrong type.
        ValueError: One of them is blank.
    """
    if (name is None) is not (region is None):
        raise TypeError(
            f"{'name' if name is None else 'region'}: missing; a volume's name is unique only in its region"
        )
    return DELETE_BY_NAME.request(options, query={"name": name, "region": region})
