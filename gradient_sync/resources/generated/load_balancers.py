# Generated from gradient_async/resources/generated/load_balancers.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.load_balancer import (
        LoadBalancerCreateResponse,
        LoadBalancerListResponse,
        LoadBalancerRetrieveResponse,
        LoadBalancerUpdateResponse,
    )
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
    from gradient_async.resources.generated import load_balancers as async_load_balancers
    from gradient_sync._event_loop import EventLoop


class RawLoadBalancers:
    """``LoadBalancers``, with HTTP answers as results."""

    def __init__(self, source: async_load_balancers.RawLoadBalancers, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        name: str | None = None,
        region: str | None = None,
        droplet_ids: Sequence[int] | None = None,
        tag: str | None = None,
        health_check: LoadBalancerHealthCheck | LoadBalancerHealthCheckParam | None = None,
        sticky_sessions: StickySessions | StickySessionsParam | None = None,
        firewall: LbFirewall | LbFirewallParam | None = None,
        size_unit: int | None = None,
        size: str | None = None,
        algorithm: str | None = None,
        redirect_http_to_https: bool | None = None,
        enable_proxy_protocol: bool | None = None,
        enable_backend_keepalive: bool | None = None,
        http_idle_timeout_seconds: int | None = None,
        disable_lets_encrypt_dns_records: bool | None = None,
        network: str | None = None,
        network_stack: str | None = None,
        type: str | None = None,
        domains: Sequence[Domains | DomainsParam] | None = None,
        glb_settings: GlbSettings | GlbSettingsParam | None = None,
        target_load_balancer_ids: Sequence[str] | None = None,
        tls_cipher_policy: str | None = None,
        project_id: str | None = None,
        vpc_uuid: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[LoadBalancerCreateResponse]:
        """``LoadBalancers.create``, returning the HTTP answer."""
        return self._loop.run(
            self._async.create,
            forwarding_rules=forwarding_rules,
            name=name,
            region=region,
            droplet_ids=droplet_ids,
            tag=tag,
            health_check=health_check,
            sticky_sessions=sticky_sessions,
            firewall=firewall,
            size_unit=size_unit,
            size=size,
            algorithm=algorithm,
            redirect_http_to_https=redirect_http_to_https,
            enable_proxy_protocol=enable_proxy_protocol,
            enable_backend_keepalive=enable_backend_keepalive,
            http_idle_timeout_seconds=http_idle_timeout_seconds,
            disable_lets_encrypt_dns_records=disable_lets_encrypt_dns_records,
            network=network,
            network_stack=network_stack,
            type=type,
            domains=domains,
            glb_settings=glb_settings,
            target_load_balancer_ids=target_load_balancer_ids,
            tls_cipher_policy=tls_cipher_policy,
            project_id=project_id,
            vpc_uuid=vpc_uuid,
            **options,
        )

    def retrieve(self, lb_id: str, **options: Unpack[RequestOptions]) -> RawResponse[LoadBalancerRetrieveResponse]:
        """``LoadBalancers.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, lb_id, **options)

    def update(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        name: str | None = None,
        region: str | None = None,
        droplet_ids: Sequence[int] | None = None,
        tag: str | None = None,
        health_check: LoadBalancerHealthCheck | LoadBalancerHealthCheckParam | None = None,
        sticky_sessions: StickySessions | StickySessionsParam | None = None,
        firewall: LbFirewall | LbFirewallParam | None = None,
        size_unit: int | None = None,
        size: str | None = None,
        algorithm: str | None = None,
        redirect_http_to_https: bool | None = None,
        enable_proxy_protocol: bool | None = None,
        enable_backend_keepalive: bool | None = None,
        http_idle_timeout_seconds: int | None = None,
        disable_lets_encrypt_dns_records: bool | None = None,
        network: str | None = None,
        network_stack: str | None = None,
        type: str | None = None,
        domains: Sequence[Domains | DomainsParam] | None = None,
        glb_settings: GlbSettings | GlbSettingsParam | None = None,
        target_load_balancer_ids: Sequence[str] | None = None,
        tls_cipher_policy: str | None = None,
        project_id: str | None = None,
        vpc_uuid: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[LoadBalancerUpdateResponse]:
        """``LoadBalancers.update``, returning the HTTP answer."""
        return self._loop.run(
            self._async.update,
            lb_id,
            forwarding_rules=forwarding_rules,
            name=name,
            region=region,
            droplet_ids=droplet_ids,
            tag=tag,
            health_check=health_check,
            sticky_sessions=sticky_sessions,
            firewall=firewall,
            size_unit=size_unit,
            size=size,
            algorithm=algorithm,
            redirect_http_to_https=redirect_http_to_https,
            enable_proxy_protocol=enable_proxy_protocol,
            enable_backend_keepalive=enable_backend_keepalive,
            http_idle_timeout_seconds=http_idle_timeout_seconds,
            disable_lets_encrypt_dns_records=disable_lets_encrypt_dns_records,
            network=network,
            network_stack=network_stack,
            type=type,
            domains=domains,
            glb_settings=glb_settings,
            target_load_balancer_ids=target_load_balancer_ids,
            tls_cipher_policy=tls_cipher_policy,
            project_id=project_id,
            vpc_uuid=vpc_uuid,
            **options,
        )

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[LoadBalancerListResponse]:
        """``LoadBalancers.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, lb_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancers.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, lb_id, **options)

    def delete_cache(self, lb_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancers.delete_cache``, returning the HTTP answer."""
        return self._loop.run(self._async.delete_cache, lb_id, **options)
