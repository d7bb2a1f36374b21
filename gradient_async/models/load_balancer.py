"""A load balancer."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.load_balancer_parts import (
    Domains,
    ForwardingRule,
    GlbSettings,
    LbFirewall,
    LoadBalancerHealthCheck,
    StickySessions,
)
from gradient_async.models.page import Links, Meta
from gradient_async.models.region import Region


@frozen(kw_only=True)
class LoadBalancer:
    """A load balancer: one address in front of several Droplets.

    Attributes:
        id: Its id, a UUID.
        name: Its name; the account has it once.
        status: The status; known are ``"new"``, ``"active"`` and ``"errored"``.
        ip: Its public IPv4 address; ``None`` or ``""`` until it is active, and without a public address.
        ipv6: Its public IPv6 address; likewise.
        region: Its region; ``None`` for a global one.
        forwarding_rules: Where traffic arrives, and where it is sent.
        droplet_ids: Ids of its Droplets, also of those that it has by tag.
        tag: The tag whose Droplets it has; ``None`` or ``""`` if it has Droplets by id.
        health_check: How it checks its Droplets.
        sticky_sessions: Whether all requests of a visitor reach the same Droplet.
        firewall: Which addresses reach it.
        size_unit: Number of its nodes.
        size: The old way to give the number of nodes: ``"lb-small"``, ``"lb-medium"`` or ``"lb-large"``.
        algorithm: How it spreads requests; the API ignores it today.
        redirect_http_to_https: Whether it redirects HTTP on port 80 to HTTPS on port 443.
        enable_proxy_protocol: Whether it uses the PROXY protocol.
        enable_backend_keepalive: Whether it keeps connections to the Droplets open.
        http_idle_timeout_seconds: Seconds after which it closes an idle HTTP connection.
        disable_lets_encrypt_dns_records: Whether it adds no DNS records for certificates of Let's Encrypt.
        network: ``"EXTERNAL"``, or ``"INTERNAL"`` for one without a public address.
        network_stack: ``"IPV4"`` or ``"DUALSTACK"``.
        type: ``"REGIONAL"``, ``"REGIONAL_NETWORK"`` or ``"GLOBAL"``.
        domains: Domains of a global one.
        glb_settings: Settings of a global one.
        target_load_balancer_ids: Ids of the regional load balancers behind a global one.
        tls_cipher_policy: ``"DEFAULT"`` or ``"STRONG"``.
        project_id: Id of its project.
        vpc_uuid: Id of its VPC.
        created_at: When it was created, UTC.
    """

    id: str
    name: str | None = None
    status: str | None = None
    ip: str | None = None
    ipv6: str | None = None
    region: Region | None = None
    forwarding_rules: tuple[ForwardingRule, ...] = ()
    droplet_ids: tuple[int, ...] = ()
    tag: str | None = None
    health_check: LoadBalancerHealthCheck | None = None
    sticky_sessions: StickySessions | None = None
    firewall: LbFirewall | None = None
    size_unit: int | None = None
    size: str | None = None
    algorithm: str | None = None
    redirect_http_to_https: bool | None = None
    enable_proxy_protocol: bool | None = None
    enable_backend_keepalive: bool | None = None
    http_idle_timeout_seconds: int | None = None
    disable_lets_encrypt_dns_records: bool | None = None
    network: str | None = None
    network_stack: str | None = None
    type: str | None = None
    domains: tuple[Domains, ...] = ()
    glb_settings: GlbSettings | None = None
    target_load_balancer_ids: tuple[str, ...] = ()
    tls_cipher_policy: str | None = None
    project_id: str | None = None
    vpc_uuid: str | None = None
    created_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether it takes traffic."""
        return self.status == "active"


@frozen(kw_only=True)
class LoadBalancerCreateResponse:
    """The load balancer that is being created."""

    load_balancer: LoadBalancer


@frozen(kw_only=True)
class LoadBalancerRetrieveResponse:
    """One load balancer."""

    load_balancer: LoadBalancer


@frozen(kw_only=True)
class LoadBalancerUpdateResponse:
    """The load balancer with its new settings."""

    load_balancer: LoadBalancer


@frozen(kw_only=True)
class LoadBalancerListResponse:
    """One page of load balancers."""

    load_balancers: tuple[LoadBalancer, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
