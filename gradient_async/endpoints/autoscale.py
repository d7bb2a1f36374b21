"""Endpoints of autoscale pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_bool
from gradient_async.bodies import Example
from gradient_async.http.create_rule import CareRule, CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.autoscale_pool import (
    AutoscaleCreateResponse,
    AutoscaleListHistoryResponse,
    AutoscaleListMembersResponse,
    AutoscaleListResponse,
    AutoscaleRetrieveResponse,
    AutoscaleUpdateResponse,
)
from gradient_async.models.autoscale_pool_parts import (
    AutoscalePoolDropletTemplate,
    AutoscalePoolDynamicConfig,
    AutoscalePoolStaticConfig,
)

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

_ALL: Final = "/v2/droplets/autoscale"
_ONE: Final = f"{_ALL}/{{autoscale_pool_id:uuid}}"


@frozen(kw_only=True)
class PoolSpec:
    """The body of ``CREATE`` and ``UPDATE``."""

    name: Annotated[str, Example("my-autoscale-pool")]
    config: AutoscalePoolStaticConfig | AutoscalePoolDynamicConfig
    droplet_template: AutoscalePoolDropletTemplate


LIST: Final[Endpoint[AutoscaleListResponse]] = Endpoint(
    "gpu_droplets.autoscale.list",
    "GET",
    _ALL,
    answer=AutoscaleListResponse,
    items="autoscale_pools",
    query=("name:text",),
    scopes=("droplet:read",),
)
CREATE: Final[Endpoint[AutoscaleCreateResponse]] = Endpoint(
    "gpu_droplets.autoscale.create",
    "POST",
    _ALL,
    body=PoolSpec,
    answer=AutoscaleCreateResponse,
    scopes=("droplet:create",),
    lookup=CreateRule(
        title="autoscale pool",
        lists=(Listing(endpoint=LIST, filters=("name",)),),
        matches=(Match("name"),),
        item="autoscale_pool",
        # A second pool would create its own Droplets, which bill. That the list does not show the first is no proof.
        care=CareRule(adopts_oldest=False),
    ),
)
RETRIEVE: Final[Endpoint[AutoscaleRetrieveResponse]] = Endpoint(
    "gpu_droplets.autoscale.retrieve",
    "GET",
    _ONE,
    answer=AutoscaleRetrieveResponse,
    identity="autoscale_pool.id",
    scopes=("droplet:read",),
)
UPDATE: Final[Endpoint[AutoscaleUpdateResponse]] = Endpoint(
    "gpu_droplets.autoscale.update",
    "PUT",
    _ONE,
    body=PoolSpec,
    answer=AutoscaleUpdateResponse,
    scopes=("droplet:create",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.autoscale.delete",
    "DELETE",
    _ONE,
    scopes=("droplet:delete",),
)
DELETE_DANGEROUS: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.autoscale.delete_dangerous",
    "DELETE",
    f"{_ONE}/dangerous",
    # The pool may get other Droplets between two attempts, so this is not repeated.
    resend=Resend.NEVER,
    scopes=("droplet:delete",),
)
LIST_HISTORY: Final[Endpoint[AutoscaleListHistoryResponse]] = Endpoint(
    "gpu_droplets.autoscale.list_history",
    "GET",
    f"{_ONE}/history",
    answer=AutoscaleListHistoryResponse,
    items="history",
    key="history_event_id",
    scopes=("droplet:read",),
)
LIST_MEMBERS: Final[Endpoint[AutoscaleListMembersResponse]] = Endpoint(
    "gpu_droplets.autoscale.list_members",
    "GET",
    f"{_ONE}/members",
    answer=AutoscaleListMembersResponse,
    items="droplets",
    key="droplet_id",
    scopes=("droplet:read",),
)


def delete_dangerous(autoscale_pool_id: str, x_dangerous: object, options: ReadOptions) -> Request[None]:
    """Return the request that deletes a pool and destroys its Droplets.

    Raises:
        TypeError: ``x_dangerous`` is no bool.
        ValueError: It is ``False``, which the API refuses.
    """
    if not checked_bool("x_dangerous", x_dangerous):
        raise ValueError("x_dangerous: expected True, since this destroys all Droplets of the pool")
    request = DELETE_DANGEROUS.request(options, autoscale_pool_id)
    return request._replace(headers={**request.headers, "X-Dangerous": "true"})
