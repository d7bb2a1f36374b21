"""Endpoints that destroy a Droplet together with its snapshots, volumes and IPs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_bool
from gradient_async.bodies import Example
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.associated_resources import (
    DestroyWithAssociatedResourceCheckStatusResponse,
    DestroyWithAssociatedResourceListResponse,
)

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

_PATH: Final = "/v2/droplets/{droplet_id:id}/destroy_with_associated_resources"
_DELETE: Final = (
    "droplet:delete",
    "block_storage:delete",
    "block_storage_snapshot:delete",
    "image:delete",
    "reserved_ip:delete",
)


@frozen(kw_only=True)
class DeleteSelective:
    """The body of ``DELETE_SELECTIVE``."""

    floating_ips: Sequence[Annotated[str, Example("6186916")]] | None = None
    reserved_ips: Sequence[Annotated[str, Example("6186916")]] | None = None
    snapshots: Sequence[Annotated[str, Example("61486916")]] | None = None
    volumes: Sequence[Annotated[str, Example("ba49449a-7435-11ea-b89e-0a58ac14480f")]] | None = None
    volume_snapshots: Sequence[Annotated[str, Example("edb0478d-7436-11ea-86e6-0a58ac144b91")]] | None = None


LIST: Final[Endpoint[DestroyWithAssociatedResourceListResponse]] = Endpoint(
    "gpu_droplets.destroy_with_associated_resources.list",
    "GET",
    _PATH,
    answer=DestroyWithAssociatedResourceListResponse,
    scopes=("droplet:read",),
)
CHECK_STATUS: Final[Endpoint[DestroyWithAssociatedResourceCheckStatusResponse]] = Endpoint(
    "gpu_droplets.destroy_with_associated_resources.check_status",
    "GET",
    f"{_PATH}/status",
    answer=DestroyWithAssociatedResourceCheckStatusResponse,
    scopes=("droplet:delete",),
)
# Other resources can become the Droplet's between two attempts, so these are not repeated.
DELETE_SELECTIVE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.destroy_with_associated_resources.delete_selective",
    "DELETE",
    f"{_PATH}/selective",
    body=DeleteSelective,
    resend=Resend.NEVER,
    scopes=_DELETE,
)
DELETE_DANGEROUS: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.destroy_with_associated_resources.delete_dangerous",
    "DELETE",
    f"{_PATH}/dangerous",
    resend=Resend.NEVER,
    scopes=_DELETE,
)
RETRY: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.destroy_with_associated_resources.retry",
    "POST",
    f"{_PATH}/retry",
    scopes=_DELETE,
)


def delete_dangerous(droplet_id: int, x_dangerous: object, options: ReadOptions) -> Request[None]:
    """Return the request that destroys a Droplet with all of its resources.

    Raises:
        TypeError: ``x_dangerous`` is no bool.
        ValueError: It is ``False``, which the API refuses.
    """
    if not checked_bool("x_dangerous", x_dangerous):
        raise ValueError("x_dangerous: expected True, since this destroys everything that belongs to the Droplet")
    request = DELETE_DANGEROUS.request(options, droplet_id)
    return request._replace(headers={**request.headers, "X-Dangerous": "true"})
