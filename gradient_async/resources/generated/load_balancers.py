# Generated from gradient_async/resources/load_balancers.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import load_balancers
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.load_balancer import (
        LoadBalancer,
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


class RawLoadBalancers(RawResource):
    """``LoadBalancers``, with HTTP answers as results."""

    async def create(
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
        return await self._send(
            load_balancers.CREATE.request(
                options,
                body={
                    "forwarding_rules": forwarding_rules,
                    "name": name,
                    "region": region,
                    "droplet_ids": droplet_ids,
                    "tag": tag,
                    "health_check": health_check,
                    "sticky_sessions": sticky_sessions,
                    "firewall": firewall,
                    "size_unit": size_unit,
                    "size": size,
                    "algorithm": algorithm,
                    "redirect_http_to_https": redirect_http_to_https,
                    "enable_proxy_protocol": enable_proxy_protocol,
                    "enable_backend_keepalive": enable_backend_keepalive,
                    "http_idle_timeout_seconds": http_idle_timeout_seconds,
                    "disable_lets_encrypt_dns_records": disable_lets_encrypt_dns_records,
                    "network": network,
                    "network_stack": network_stack,
                    "type": type,
                    "domains": domains,
                    "glb_settings": glb_settings,
                    "target_load_balancer_ids": target_load_balancer_ids,
                    "tls_cipher_policy": tls_cipher_policy,
                    "project_id": project_id,
                    "vpc_uuid": vpc_uuid,
                },
            )
        )

    async def retrieve(
        self, lb_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[LoadBalancerRetrieveResponse]:
        """``LoadBalancers.retrieve``, returning the HTTP answer."""
        return await self._send(load_balancers.RETRIEVE.request(options, lb_id))

    async def update(
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
        return await self._send(
            load_balancers.UPDATE.request(
                options,
                lb_id,
                body={
                    "forwarding_rules": forwarding_rules,
                    "name": name,
                    "region": region,
                    "droplet_ids": droplet_ids,
                    "tag": tag,
                    "health_check": health_check,
                    "sticky_sessions": sticky_sessions,
                    "firewall": firewall,
                    "size_unit": size_unit,
                    "size": size,
                    "algorithm": algorithm,
                    "redirect_http_to_https": redirect_http_to_https,
                    "enable_proxy_protocol": enable_proxy_protocol,
                    "enable_backend_keepalive": enable_backend_keepalive,
                    "http_idle_timeout_seconds": http_idle_timeout_seconds,
                    "disable_lets_encrypt_dns_records": disable_lets_encrypt_dns_records,
                    "network": network,
                    "network_stack": network_stack,
                    "type": type,
                    "domains": domains,
                    "glb_settings": glb_settings,
                    "target_load_balancer_ids": target_load_balancer_ids,
                    "tls_cipher_policy": tls_cipher_policy,
                    "project_id": project_id,
                    "vpc_uuid": vpc_uuid,
                },
            )
        )

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[LoadBalancerListResponse]:
        """``LoadBalancers.list``, returning the HTTP answer."""
        return await self._send(load_balancers.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, lb_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancers.delete``, returning the HTTP answer."""
        return await self._send(load_balancers.DELETE.request(options, lb_id))

    async def delete_cache(self, lb_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancers.delete_cache``, returning the HTTP answer."""
        return await self._send(load_balancers.DELETE_CACHE.request(options, lb_id))


class GeneratedLoadBalancers(Resource):
    """Generated methods of ``LoadBalancers``."""

    @property
    def with_raw_response(self) -> RawLoadBalancers:
        """The same methods, with the HTTP answer as their result."""
        return RawLoadBalancers(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[LoadBalancer]:
        """Iterate over all load balancers.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[LoadBalancerListResponse]:
            per_page = MAX_PER_PAGE
            return load_balancers.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.load_balancers)
