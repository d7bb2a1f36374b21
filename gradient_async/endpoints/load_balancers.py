"""Endpoints of load balancers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_id, checked_tag
from gradient_async.bodies import Between, Example, Length, with_rule
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.load_balancer import (
    LoadBalancerCreateResponse,
    LoadBalancerListResponse,
    LoadBalancerRetrieveResponse,
    LoadBalancerUpdateResponse,
)
from gradient_async.models.load_balancer_parts import (
    Domains,
    ForwardingRule,
    GlbSettings,
    LbFirewall,
    LoadBalancerHealthCheck,
    StickySessions,
)


def _one_kind_of_members(given: Mapping[str, object]) -> str | None:
    if {"droplet_ids", "tag"} <= given.keys():
        return "droplet_ids, tag: expected only one of the two; a load balancer with a tag has the Droplets of the tag"
    return None


@with_rule(_one_kind_of_members)
@frozen(kw_only=True)
class LoadBalancerSpec:
    """The body of ``CREATE`` and ``UPDATE``."""

    forwarding_rules: Annotated[Sequence[ForwardingRule], Length(1)]
    name: Annotated[str, Example("example-lb-01")] | None = None
    region: Annotated[str, Example("nyc3")] | None = None
    droplet_ids: Sequence[Annotated[int, checked_id]] | None = None
    tag: Annotated[str, checked_tag] | None = None
    health_check: LoadBalancerHealthCheck | None = None
    sticky_sessions: StickySessions | None = None
    firewall: LbFirewall | None = None
    size_unit: Annotated[int, Between(1, 100)] | None = None
    size: Annotated[str, Example("lb-small")] | None = None
    algorithm: Annotated[str, Example("round_robin")] | None = None
    redirect_http_to_https: bool | None = None
    enable_proxy_protocol: bool | None = None
    enable_backend_keepalive: bool | None = None
    http_idle_timeout_seconds: Annotated[int, Between(30, 600)] | None = None
    disable_lets_encrypt_dns_records: bool | None = None
    network: Annotated[str, Example("EXTERNAL")] | None = None
    network_stack: Annotated[str, Example("IPV4")] | None = None
    type: Annotated[str, Example("REGIONAL")] | None = None
    domains: Sequence[Domains] | None = None
    glb_settings: GlbSettings | None = None
    target_load_balancer_ids: Sequence[str] | None = None
    tls_cipher_policy: Annotated[str, Example("DEFAULT")] | None = None
    project_id: Annotated[str, Example("4de7ac8b-495b-4884-9a69-1050c6793cd6")] | None = None
    vpc_uuid: Annotated[str, Example("c33931f2-a26a-4e61-b85c-4e95a2ec431b")] | None = None


@frozen(kw_only=True)
class DropletIds:
    """The body of ``ADD_DROPLETS`` and ``REMOVE_DROPLETS``."""

    droplet_ids: Annotated[Sequence[Annotated[int, checked_id]], Length(1)]


@frozen(kw_only=True)
class ForwardingRules:
    """The body of ``ADD_RULES`` and ``REMOVE_RULES``."""

    forwarding_rules: Annotated[Sequence[ForwardingRule], Length(1)]


LIST: Final[Endpoint[LoadBalancerListResponse]] = Endpoint(
    "gpu_droplets.load_balancers.list",
    "GET",
    "/v2/load_balancers",
    answer=LoadBalancerListResponse,
    items="load_balancers",
    scopes=("load_balancer:read",),
)
CREATE: Final[Endpoint[LoadBalancerCreateResponse]] = Endpoint(
    "gpu_droplets.load_balancers.create",
    "POST",
    "/v2/load_balancers",
    body=LoadBalancerSpec,
    answer=LoadBalancerCreateResponse,
    scopes=("load_balancer:create",),
    # A second one of the same name is refused: 422 "name is not unique"
    # (kubernetes-sigs/cluster-api-provider-digitalocean#217).
    lookup=CreateRule(
        title="load balancer",
        lists=(Listing(endpoint=LIST),),
        matches=(Match("name"), Match("region", "region.slug")),
        item="load_balancer",
        is_unique=True,
    ),
)
RETRIEVE: Final[Endpoint[LoadBalancerRetrieveResponse]] = Endpoint(
    "gpu_droplets.load_balancers.retrieve",
    "GET",
    "/v2/load_balancers/{lb_id:uuid}",
    answer=LoadBalancerRetrieveResponse,
    identity="load_balancer.id",
    scopes=("load_balancer:read",),
)
UPDATE: Final[Endpoint[LoadBalancerUpdateResponse]] = Endpoint(
    "gpu_droplets.load_balancers.update",
    "PUT",
    "/v2/load_balancers/{lb_id:uuid}",
    body=LoadBalancerSpec,
    answer=LoadBalancerUpdateResponse,
    scopes=("load_balancer:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.delete",
    "DELETE",
    "/v2/load_balancers/{lb_id:uuid}",
    scopes=("load_balancer:delete",),
)
DELETE_CACHE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.delete_cache",
    "DELETE",
    "/v2/load_balancers/{lb_id:uuid}/cache",
    # A cache fills again, so that a 404 does not say that an earlier attempt emptied it.
    done=(),
    scopes=("load_balancer:delete",),
)
ADD_DROPLETS: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.droplets.add",
    "POST",
    "/v2/load_balancers/{lb_id:uuid}/droplets",
    body=DropletIds,
    # A Droplet that is behind the load balancer stays so.
    resend=Resend.IDEMPOTENT,
    scopes=("load_balancer:update",),
)
REMOVE_DROPLETS: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.droplets.remove",
    "DELETE",
    "/v2/load_balancers/{lb_id:uuid}/droplets",
    body=DropletIds,
    scopes=("load_balancer:update",),
)
ADD_RULES: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.forwarding_rules.add",
    "POST",
    "/v2/load_balancers/{lb_id:uuid}/forwarding_rules",
    body=ForwardingRules,
    scopes=("load_balancer:update",),
)
REMOVE_RULES: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.load_balancers.forwarding_rules.remove",
    "DELETE",
    "/v2/load_balancers/{lb_id:uuid}/forwarding_rules",
    body=ForwardingRules,
    scopes=("load_balancer:update",),
)
