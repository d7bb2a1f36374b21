# Generated from gradient_async/resources/generated/firewall_parts.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.firewall_parts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.firewall import InboundRule, InboundRuleParam, OutboundRule, OutboundRuleParam
    from gradient_async.resources.generated import firewall_parts as async_firewall_parts
    from gradient_sync._event_loop import EventLoop


class RawFirewallDroplets:
    """``FirewallDroplets``, with HTTP answers as results."""

    def __init__(self, source: async_firewall_parts.RawFirewallDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(
        self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallDroplets.add``, returning the HTTP answer."""
        return self._loop.run(self._async.add, firewall_id, droplet_ids=droplet_ids, **options)

    def remove(
        self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallDroplets.remove``, returning the HTTP answer."""
        return self._loop.run(self._async.remove, firewall_id, droplet_ids=droplet_ids, **options)


class RawFirewallTags:
    """``FirewallTags``, with HTTP answers as results."""

    def __init__(self, source: async_firewall_parts.RawFirewallTags, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``FirewallTags.add``, returning the HTTP answer."""
        return self._loop.run(self._async.add, firewall_id, tags=tags, **options)

    def remove(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``FirewallTags.remove``, returning the HTTP answer."""
        return self._loop.run(self._async.remove, firewall_id, tags=tags, **options)


class RawFirewallRules:
    """``FirewallRules``, with HTTP answers as results."""

    def __init__(self, source: async_firewall_parts.RawFirewallRules, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(
        self,
        firewall_id: str,
        *,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``FirewallRules.add``, returning the HTTP answer."""
        return self._loop.run(
            self._async.add, firewall_id, inbound_rules=inbound_rules, outbound_rules=outbound_rules, **options
        )

    def remove(
        self,
        firewall_id: str,
        *,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``FirewallRules.remove``, returning the HTTP answer."""
        return self._loop.run(
            self._async.remove, firewall_id, inbound_rules=inbound_rules, outbound_rules=outbound_rules, **options
        )
