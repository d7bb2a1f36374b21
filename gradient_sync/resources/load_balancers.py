# Generated from gradient_async/resources/load_balancers.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Load balancers: ``client.gpu_droplets.load_balancers``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Unpack

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
    from gradient_async.resources import load_balancers as async_load_balancers
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.load_balancers import RawLoadBalancers
    from gradient_sync.resources.load_balancer_droplets import LoadBalancerDroplets
    from gradient_sync.resources.load_balancer_rules import LoadBalancerForwardingRules


class LoadBalancers:
    """Load balancers: one address in front of several Droplets."""

    def __init__(self, source: async_load_balancers.LoadBalancers, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def droplets(self) -> LoadBalancerDroplets:
        """The Droplets behind a load balancer."""
        from gradient_sync.resources.load_balancer_droplets import LoadBalancerDroplets

        return LoadBalancerDroplets(self._async.droplets, self._loop)

    @cached_property
    def forwarding_rules(self) -> LoadBalancerForwardingRules:
        """The forwarding rules of a load balancer."""
        from gradient_sync.resources.load_balancer_rules import LoadBalancerForwardingRules

        return LoadBalancerForwardingRules(self._async.forwarding_rules, self._loop)

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
    ) -> LoadBalancerCreateResponse:
        """Create a load balancer. Until its status is ``"active"`` it has no address and takes no changes.

        If the answer is lost, the account's list is read. A load balancer with this name that was created since is the
        result. If there is none, the request is sent again.

        Args:
            forwarding_rules: Where traffic arrives, and where it is sent; at least one rule.
            name: Its name, which no other load balancer of the account has.
            region: Slug of its region, which the API needs for all but a global one.
            droplet_ids: Ids of the Droplets behind it; not together with ``tag``.
            tag: A tag: all Droplets with it are behind the load balancer, also those that get it later.
            health_check: How it checks its Droplets; by default an HTTP request for ``/`` on port 80.
            sticky_sessions: Whether all requests of a visitor reach the same Droplet; by default not.
            firewall: Which addresses reach it; by default all.
            size_unit: Number of its nodes, 1 to 100; by default 1.
            size: The old way to give the number of nodes: ``"lb-small"``, ``"lb-medium"`` or ``"lb-large"``.
            algorithm: Ignored by the API today; ``"round_robin"`` or ``"least_connections"``.
            redirect_http_to_https: Redirect HTTP on port 80 to HTTPS on port 443; by default ``False``.
            enable_proxy_protocol: Use the PROXY protocol; by default ``False``.
            enable_backend_keepalive: Keep connections to the Droplets open; by default ``False``.
            http_idle_timeout_seconds: Seconds after which an idle HTTP connection is closed, 30 to 600; by default 60.
            disable_lets_encrypt_dns_records: Add no DNS records for certificates of Let's Encrypt; by default
                ``False``.
            network: ``"EXTERNAL"`` (the default), or ``"INTERNAL"`` for no public address. It cannot change later.
            network_stack: ``"IPV4"`` (the default) or ``"DUALSTACK"``. It cannot change later.
            type: ``"REGIONAL"`` (the default), ``"REGIONAL_NETWORK"`` or ``"GLOBAL"``.
            domains: Domains of a global one.
            glb_settings: Settings of a global one.
            target_load_balancer_ids: Ids of the regional load balancers behind a global one.
            tls_cipher_policy: ``"DEFAULT"`` (the default) or ``"STRONG"``.
            project_id: Id of its project; by default the account's default project.
            vpc_uuid: Id of its VPC; by default that of the region.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            TypeError: A part lacks a field, or has an unknown one.
            ValueError: A value is out of range, or there are both ``droplet_ids`` and ``tag``.
            UnprocessableEntityError: The name is taken, or the API does not know a Droplet or a region.
            RequestOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
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

    def retrieve(self, lb_id: str, **options: Unpack[RequestOptions]) -> LoadBalancerRetrieveResponse:
        """Read one load balancer.

        Args:
            lb_id: Its id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The load balancer does not exist.
        """
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
    ) -> LoadBalancerUpdateResponse:
        """Replace all settings of a load balancer: each setting that is not given gets its default.

        Without ``droplet_ids`` and ``tag``, it has no Droplets afterwards. To change some settings and keep the others,
        pass ``**balancer.settings(...)``, where ``balancer`` is the load balancer as it was read. Settings that this
        SDK does not know are reset too. If the answer is lost, the request is sent again.

        Args:
            lb_id: Its id.
            forwarding_rules: Where traffic arrives, and where it is sent; at least one rule.
            name: Its name, which no other load balancer of the account has.
            region: Slug of its region, which the API needs for all but a global one. It cannot change.
            droplet_ids: Ids of the Droplets behind it; not together with ``tag``.
            tag: A tag: all Droplets with it are behind the load balancer, also those that get it later.
            health_check: How it checks its Droplets; by default an HTTP request for ``/`` on port 80.
            sticky_sessions: Whether all requests of a visitor reach the same Droplet; by default not.
            firewall: Which addresses reach it; by default all.
            size_unit: Number of its nodes, 1 to 100; by default 1.
            size: The old way to give the number of nodes: ``"lb-small"``, ``"lb-medium"`` or ``"lb-large"``.
            algorithm: Ignored by the API today; ``"round_robin"`` or ``"least_connections"``.
            redirect_http_to_https: Redirect HTTP on port 80 to HTTPS on port 443; by default ``False``.
            enable_proxy_protocol: Use the PROXY protocol; by default ``False``.
            enable_backend_keepalive: Keep connections to the Droplets open; by default ``False``.
            http_idle_timeout_seconds: Seconds after which an idle HTTP connection is closed, 30 to 600; by default 60.
            disable_lets_encrypt_dns_records: Add no DNS records for certificates of Let's Encrypt; by default
                ``False``.
            network: ``"EXTERNAL"`` (the default), or ``"INTERNAL"`` for no public address. It cannot change.
            network_stack: ``"IPV4"`` (the default) or ``"DUALSTACK"``. It cannot change.
            type: ``"REGIONAL"`` (the default), ``"REGIONAL_NETWORK"`` or ``"GLOBAL"``.
            domains: Domains of a global one.
            glb_settings: Settings of a global one.
            target_load_balancer_ids: Ids of the regional load balancers behind a global one.
            tls_cipher_policy: ``"DEFAULT"`` (the default) or ``"STRONG"``.
            project_id: Id of its project; by default the account's default project.
            vpc_uuid: Id of its VPC; by default that of the region.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A part lacks a field, or has an unknown one.
            ValueError: A value is out of range, or there are both ``droplet_ids`` and ``tag``.
            NotFoundError: The load balancer does not exist.
            LoadBalancerBusyError: The API still processes an earlier change.
            UnprocessableEntityError: The API refuses a setting.
        """
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
    ) -> LoadBalancerListResponse:
        """Read one page of load balancers.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Load balancers on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, lb_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a load balancer. Its Droplets stay.

        Args:
            lb_id: Its id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The load balancer does not exist. After a lost answer, a 404 means that it is deleted;
                nothing is raised.
        """
        return self._loop.run(self._async.delete, lb_id, **options)

    def delete_cache(self, lb_id: str, **options: Unpack[RequestOptions]) -> None:
        """Empty the cache of a global load balancer.

        Args:
            lb_id: Its id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The load balancer does not exist.
            UnprocessableEntityError: It is no global one.
        """
        return self._loop.run(self._async.delete_cache, lb_id, **options)

    @property
    def with_raw_response(self) -> RawLoadBalancers:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.load_balancers import RawLoadBalancers

        return RawLoadBalancers(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[LoadBalancer]:
        """Iterate over all load balancers.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
