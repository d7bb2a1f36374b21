"""The parts of a load balancer: rules, health check, sticky sessions, firewall and global settings.

Each part is a class, and beside it a dict of the same shape; requests take both. Answers have the classes, so that the
parts of an answer can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Required, TypedDict

from attrs import field, frozen

from gradient_async.bodies import Between, Example, with_rule
from gradient_async.models.model import Model
from gradient_async.models.own_fields import IF_ABSENT

_PORT: Final = Between(1, 65535)
_UDP: Final = "udp"


def _maybe_empty(path: str, value: object) -> str:
    """Check a text that answers have empty."""
    if not isinstance(value, str):
        raise TypeError(f"{path}: expected a str, got {type(value).__name__} {value!r:.80}")
    return value


def _udp_alone(rule: Mapping[str, object]) -> str | None:
    entry, target = rule["entry_protocol"], rule["target_protocol"]
    if (entry == _UDP) is (target == _UDP):
        return None
    return f"entry_protocol, target_protocol: udp goes only with udp, got {entry!r:.80} and {target!r:.80}"


class ForwardingRuleParam(TypedDict, total=False):
    """A forwarding rule as a plain dict, as the retired SDK takes it."""

    entry_protocol: Required[str]
    entry_port: Required[int]
    target_protocol: Required[str]
    target_port: Required[int]
    certificate_id: str
    tls_passthrough: bool


@with_rule(_udp_alone)
@frozen(kw_only=True)
class ForwardingRule(Model):
    """A forwarding rule: where traffic arrives, and where it is sent.

    A request needs its protocols and ports. In an answer that leaves one out, it is ``""`` or 0.

    Attributes:
        entry_protocol: Protocol at the load balancer; known are ``"http"``, ``"https"``, ``"http2"``, ``"http3"``,
            ``"tcp"`` and ``"udp"``.
        entry_port: Port at the load balancer, 1 to 65535.
        target_protocol: Protocol at the Droplets; known are the same without ``"http3"``. ``"udp"`` goes only with
            ``"udp"``, and needs a health check of another protocol.
        target_port: Port at the Droplets, 1 to 65535.
        certificate_id: Id of the certificate with which TLS ends at the load balancer; ``""`` in an answer without one.
        tls_passthrough: Whether encrypted traffic passes to the Droplets as it is.
    """

    entry_protocol: Annotated[str, Example("https")] = field(metadata={IF_ABSENT: ""})
    entry_port: Annotated[int, _PORT] = field(metadata={IF_ABSENT: 0})
    target_protocol: Annotated[str, Example("http")] = field(metadata={IF_ABSENT: ""})
    target_port: Annotated[int, _PORT] = field(metadata={IF_ABSENT: 0})
    certificate_id: Annotated[str, _maybe_empty] | None = None
    tls_passthrough: bool | None = None


class LoadBalancerHealthCheckParam(TypedDict, total=False):
    """A load balancer's health check as a plain dict."""

    protocol: str
    port: int
    path: str
    check_interval_seconds: int
    response_timeout_seconds: int
    unhealthy_threshold: int
    healthy_threshold: int


@frozen(kw_only=True)
class LoadBalancerHealthCheck(Model):
    """The health check of a load balancer. The defaults are the API's.

    The retired SDK calls it ``HealthCheck``; here that is the type of a fleet's health check.

    Attributes:
        protocol: ``"http"``, ``"https"`` or ``"tcp"``; by default ``"http"``.
        port: Port at the Droplets; by default 80.
        path: Path of the request, for HTTP; by default ``"/"``.
        check_interval_seconds: Seconds between two checks; by default 10.
        response_timeout_seconds: Seconds until a check counts as failed; by default 5.
        unhealthy_threshold: Failed checks after which a Droplet gets no more traffic; by default 5.
        healthy_threshold: Passed checks after which it gets traffic again; by default 3.
    """

    protocol: Annotated[str, Example("http")] | None = None
    port: Annotated[int, _PORT] | None = None
    path: Annotated[str, _maybe_empty] | None = None
    check_interval_seconds: Annotated[int, Between(1)] | None = None
    response_timeout_seconds: Annotated[int, Between(1)] | None = None
    unhealthy_threshold: Annotated[int, Between(1)] | None = None
    healthy_threshold: Annotated[int, Between(1)] | None = None


class StickySessionsParam(TypedDict, total=False):
    """Sticky sessions as a plain dict."""

    type: str
    cookie_name: str
    cookie_ttl_seconds: int


@frozen(kw_only=True)
class StickySessions(Model):
    """Whether all requests of a visitor reach the same Droplet.

    Attributes:
        type: ``"cookies"`` or ``"none"``; by default ``"none"``.
        cookie_name: Name of the cookie, such as ``"DO-LB"``; only with ``"cookies"``.
        cookie_ttl_seconds: Seconds until the cookie expires; only with ``"cookies"``.
    """

    type: Annotated[str, Example("cookies")] | None = None
    cookie_name: Annotated[str, _maybe_empty] | None = None
    cookie_ttl_seconds: Annotated[int, Between(0)] | None = None


class LbFirewallParam(TypedDict, total=False):
    """A load balancer's firewall as a plain dict."""

    allow: Sequence[str]
    deny: Sequence[str]


@frozen(kw_only=True)
class LbFirewall(Model):
    """The addresses that reach a load balancer.

    Attributes:
        allow: Sources that it accepts, such as ``"ip:1.2.3.4"`` or ``"cidr:2.3.0.0/16"``; by default all.
        deny: Sources that it refuses.
    """

    # A caller's list equals the tuple that an answer has.
    allow: Sequence[Annotated[str, Example("ip:1.2.3.4")]] = field(default=(), eq=tuple)
    deny: Sequence[Annotated[str, Example("ip:1.2.3.4")]] = field(default=(), eq=tuple)


class DomainsParam(TypedDict, total=False):
    """A domain of a global load balancer as a plain dict."""

    name: str
    is_managed: bool
    certificate_id: str


@frozen(kw_only=True)
class Domains(Model):
    """One domain of a global load balancer. The retired SDK has the plural name too.

    Attributes:
        name: The domain, such as ``"example.com"``.
        is_managed: Whether DigitalOcean manages its DNS, and so adds the records.
        certificate_id: Id of the certificate with which TLS ends.
    """

    name: Annotated[str, Example("example.com")] | None = None
    is_managed: bool | None = None
    certificate_id: Annotated[str, _maybe_empty] | None = None


class GlbSettingsCdnParam(TypedDict, total=False):
    """A global load balancer's cache as a plain dict."""

    is_enabled: bool


@frozen(kw_only=True)
class GlbSettingsCdn(Model):
    """The cache of a global load balancer; ``is_enabled`` switches it on."""

    is_enabled: bool | None = None


class GlbSettingsParam(TypedDict, total=False):
    """Settings of a global load balancer as a plain dict."""

    target_protocol: str
    target_port: int
    cdn: GlbSettingsCdn | GlbSettingsCdnParam
    region_priorities: Mapping[str, int]
    failover_threshold: int


@frozen(kw_only=True)
class GlbSettings(Model):
    """Settings of a global load balancer.

    Attributes:
        target_protocol: Protocol at the targets: ``"http"``, ``"https"`` or ``"http2"``.
        target_port: Port at the targets, 1 to 65535.
        cdn: The cache.
        region_priorities: Priority of each region's target; a lower number is preferred.
        failover_threshold: Percentage of unhealthy targets at which a region of the next priority is used, 0 to 100.
    """

    target_protocol: Annotated[str, Example("http")] | None = None
    target_port: Annotated[int, _PORT] | None = None
    cdn: GlbSettingsCdn | None = None
    region_priorities: Mapping[str, int] | None = field(default=None, hash=False)  # a dict has no hash
    failover_threshold: Annotated[int, Between(0, 100)] | None = None
