# Generated from gradient_async/resources/generated/firewalls.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.firewalls``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.firewall import (
        Firewall,
        FirewallCreateResponse,
        FirewallListResponse,
        FirewallParam,
        FirewallRetrieveResponse,
        FirewallUpdateResponse,
        InboundRule,
        InboundRuleParam,
        OutboundRule,
        OutboundRuleParam,
    )
    from gradient_async.resources.generated import firewalls as async_firewalls
    from gradient_sync._event_loop import EventLoop


class RawFirewalls:
    """``Firewalls``, with HTTP answers as results."""

    def __init__(self, source: async_firewalls.RawFirewalls, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        name: str | None = None,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        tags: Sequence[str] | None = None,
        body: Firewall | FirewallParam | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[FirewallCreateResponse]:
        """``Firewalls.create``, returning the HTTP answer."""
        return self._loop.run(
            self._async.create,
            name=name,
            inbound_rules=inbound_rules,
            outbound_rules=outbound_rules,
            droplet_ids=droplet_ids,
            tags=tags,
            body=body,
            **options,
        )

    def retrieve(self, firewall_id: str, **options: Unpack[RequestOptions]) -> RawResponse[FirewallRetrieveResponse]:
        """``Firewalls.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, firewall_id, **options)

    def update(
        self, firewall_id: str, *, firewall: Firewall | FirewallParam, **options: Unpack[RequestOptions]
    ) -> RawResponse[FirewallUpdateResponse]:
        """``Firewalls.update``, returning the HTTP answer."""
        return self._loop.run(self._async.update, firewall_id, firewall=firewall, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[FirewallListResponse]:
        """``Firewalls.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, firewall_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Firewalls.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, firewall_id, **options)
