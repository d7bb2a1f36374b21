"""A load balancer, and its settings as an update takes them."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - the fields of a TypedDict can be resolved at run time
from datetime import datetime
from typing import Final, TypedDict, Unpack, cast

from attrs import field, frozen

from gradient_async.models.load_balancer_parts import (
    Domains,
    DomainsParam,
    ForwardingRule,
    ForwardingRuleParam,
    GlbSettings,
    GlbSettingsParam,
    LbFirewall,
    LbFirewallParam,
    LoadBalancerHealthCheck,
    LoadBalancerHealthCheckParam,
    StickySessions,
    StickySessionsParam,
)
from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta
from gradient_async.models.region import Region


class LoadBalancerSettings(TypedDict, total=False):
    """The keyword arguments of an update of a load balancer."""

    forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam]
    name: str
    region: str
    droplet_ids: Sequence[int]
    tag: str
    health_check: LoadBalancerHealthCheck | LoadBalancerHealthCheckParam
    sticky_sessions: StickySessions | StickySessionsParam
    firewall: LbFirewall | LbFirewallParam
    size_unit: int
    size: str
    algorithm: str
    redirect_http_to_https: bool
    enable_proxy_protocol: bool
    enable_backend_keepalive: bool
    http_idle_timeout_seconds: int
    disable_lets_encrypt_dns_records: bool
    network: str
    network_stack: str
    type: str
    domains: Sequence[Domains | DomainsParam]
    glb_settings: GlbSettings | GlbSettingsParam
    target_load_balancer_ids: Sequence[str]
    tls_cipher_policy: str
    project_id: str
    vpc_uuid: str


# Settings that exclude each other. A change of one replaces the other.
_EITHER_OR: Final = {"droplet_ids": "tag", "tag": "droplet_ids", "size_unit": "size", "size": "size_unit"}
_OF_GLOBAL_ONES: Final = {"domains", "glb_settings", "target_load_balancer_ids"}
# What an answer has in place of a setting that is not set.
_EMPTY: Final = (None, "", ())


@frozen(kw_only=True)
class LoadBalancer(Model):
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

    def __repr__(self) -> str:
        """Return the load balancer in one line, with the number of its Droplets."""
        facts = f"id={self.id!r}, name={self.name!r:.80}, status={self.status!r}, ip={self.ip!r}"
        return f"LoadBalancer({facts}, {len(self.droplet_ids)} Droplets)"

    @property
    def is_active(self) -> bool:
        """Whether it takes traffic."""
        return self.status == "active"

    def settings(self, **changes: Unpack[LoadBalancerSettings]) -> LoadBalancerSettings:
        """Return all settings, with changes, for an update: an update resets each setting that it is not given.

        ``update(balancer.id, **balancer.settings(name="new-name"))`` changes the name and nothing else.

        Args:
            **changes: Settings to change. ``droplet_ids`` replaces ``tag``, and ``tag`` replaces ``droplet_ids``.
        """
        shown: dict[str, object] = {name: getattr(self, name) for name in LoadBalancerSettings.__annotations__}
        shown["region"] = self.region.slug if self.region else None
        # Of a load balancer with a tag, an answer also has the Droplets.
        left_out = {"droplet_ids" if self.tag else "tag", "size" if self.size_unit else "size_unit"}
        left_out |= set() if self.http_idle_timeout_seconds else {"http_idle_timeout_seconds"}
        left_out |= set() if self.type == "GLOBAL" else _OF_GLOBAL_ONES
        left_out |= {_EITHER_OR[name] for name in changes if name in _EITHER_OR}
        kept = {name: value for name, value in shown.items() if value not in _EMPTY and name not in left_out}
        return cast("LoadBalancerSettings", {**kept, **changes})


@frozen(kw_only=True)
class LoadBalancerCreateResponse(Model):
    """The load balancer that is being created.

    Attributes:
        load_balancer: The load balancer.
        is_adopted: ``True`` if the answer was lost and the load balancer was found in the account's list. This field
            is not from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    load_balancer: LoadBalancer
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class LoadBalancerRetrieveResponse(Model):
    """One load balancer."""

    load_balancer: LoadBalancer


@frozen(kw_only=True)
class LoadBalancerUpdateResponse(Model):
    """The load balancer with its new settings."""

    load_balancer: LoadBalancer


@frozen(kw_only=True, repr=False)
class LoadBalancerListResponse(ListModel):
    """One page of load balancers."""

    load_balancers: tuple[LoadBalancer, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
