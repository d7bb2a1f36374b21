"""Endpoints of Droplets."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from gradient_async.arguments import checked_choice, checked_tag
from gradient_async.http.endpoint import Endpoint, Resend, ScopeRule
from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_parts import (
    GPUDropletListFirewallsResponse,
    GPUDropletListKernelsResponse,
    GPUDropletListNeighborsResponse,
    GPUDropletListSnapshotsResponse,
)
from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

_READ: Final = ("droplet:read",)
_TYPES: Final = ("gpus", "droplets")

LIST: Final[Endpoint[GPUDropletListResponse]] = Endpoint(
    "gpu_droplets.list",
    "GET",
    "/v2/droplets",
    answer=GPUDropletListResponse,
    items="droplets",
    query=("name:text", "tag_name:tag", "type:gpus|droplets"),
    scopes=_READ,
    scope_rules=(ScopeRule(field="tag_name", scopes=("tag:read",)),),
)
RETRIEVE: Final[Endpoint[GPUDropletRetrieveResponse]] = Endpoint(
    "gpu_droplets.retrieve",
    "GET",
    "/v2/droplets/{droplet_id:id}",
    answer=GPUDropletRetrieveResponse,
    identity="droplet.id",
    scopes=_READ,
)

DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.delete", "DELETE", "/v2/droplets/{droplet_id:id}", scopes=("droplet:delete",)
)
# Between two attempts another Droplet can get the tag, so this DELETE is not repeated.
DELETE_BY_TAG: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.delete_by_tag",
    "DELETE",
    "/v2/droplets",
    query=("tag_name:tag",),
    resend=Resend.NEVER,
    scopes=("droplet:delete", "tag:read"),
)
LIST_FIREWALLS: Final[Endpoint[GPUDropletListFirewallsResponse]] = Endpoint(
    "gpu_droplets.list_firewalls",
    "GET",
    "/v2/droplets/{droplet_id:id}/firewalls",
    answer=GPUDropletListFirewallsResponse,
    items="firewalls",
    scopes=("firewall:read",),
)
LIST_KERNELS: Final[Endpoint[GPUDropletListKernelsResponse]] = Endpoint(
    "gpu_droplets.list_kernels",
    "GET",
    "/v2/droplets/{droplet_id:id}/kernels",
    answer=GPUDropletListKernelsResponse,
    items="kernels",
    scopes=_READ,
)
LIST_NEIGHBORS: Final[Endpoint[GPUDropletListNeighborsResponse]] = Endpoint(
    "gpu_droplets.list_neighbors",
    "GET",
    "/v2/droplets/{droplet_id:id}/neighbors",
    answer=GPUDropletListNeighborsResponse,
    scopes=_READ,
)
LIST_SNAPSHOTS: Final[Endpoint[GPUDropletListSnapshotsResponse]] = Endpoint(
    "gpu_droplets.list_snapshots",
    "GET",
    "/v2/droplets/{droplet_id:id}/snapshots",
    answer=GPUDropletListSnapshotsResponse,
    items="snapshots",
    scopes=_READ,
)


def list_page(
    name: str | None,
    tag_name: str | None,
    type: str | None,
    page: int | None,
    per_page: int | None,
    options: ReadOptions,
) -> Request[GPUDropletListResponse]:
    """Return the request for one page of Droplets.

    The API does not take ``tag_name`` together with another filter. The page is then read by tag, and the Droplets
    with another name or of the other type are removed from the answer.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A value is out of range.
    """
    if type is not None:
        checked_choice("type", type, _TYPES)
    pages = {"page": page, "per_page": per_page}
    if tag_name is None:
        return LIST.request(options, query={"type": "gpus" if type is None else type, "name": name, **pages})
    if name is not None:
        LIST.parameters["name"].check("name", name)
    keep = None if name is None and type is None else functools.partial(_is_kept, name, type)
    return LIST.request(options, query={"tag_name": tag_name, **pages}, keep=keep)


def delete_by_tag(tag_name: str, options: ReadOptions) -> Request[None]:
    """Return the request that destroys all Droplets with a tag.

    Raises:
        TypeError: The tag is no text. ``None`` would be left out, and the request would name no Droplets.
        ValueError: It is no tag.
    """
    return DELETE_BY_TAG.request(options, query={"tag_name": checked_tag("tag_name", tag_name)})


def _is_kept(name: str | None, type: str | None, item: object) -> bool:
    if not isinstance(item, Droplet) or (type is not None and item.has_gpus is not (type == "gpus")):
        return False
    # The API compares names without regard to upper and lower case too.
    return name is None or (item.name or "").casefold() == name.casefold()
