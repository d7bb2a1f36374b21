# Generated from gradient_async/resources/firewall_parts.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.firewall_parts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import firewalls
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.firewall import InboundRule, InboundRuleParam, OutboundRule, OutboundRuleParam


class RawFirewallDroplets(RawResource):
    """``FirewallDroplets``, with HTTP answers as results."""

    async def add(
        self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallDroplets.add``, returning the HTTP answer."""
        body = {"droplet_ids": droplet_ids}
        return await self._send(firewalls.ADD_DROPLETS.request(options, firewall_id, body=body))

    async def remove(
        self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallDroplets.remove``, returning the HTTP answer."""
        body = {"droplet_ids": droplet_ids}
        return await self._send(firewalls.REMOVE_DROPLETS.request(options, firewall_id, body=body))


class GeneratedFirewallDroplets(Resource):
    """Generated methods of ``FirewallDroplets``."""

    @property
    def with_raw_response(self) -> RawFirewallDroplets:
        """The same methods, with the HTTP answer as their result."""
        return RawFirewallDroplets(self._send_raw)


class RawFirewallTags(RawResource):
    """``FirewallTags``, with HTTP answers as results."""

    async def add(
        self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallTags.add``, returning the HTTP answer."""
        return await self._send(firewalls.ADD_TAGS.request(options, firewall_id, body={"tags": tags}))

    async def remove(
        self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``FirewallTags.remove``, returning the HTTP answer."""
        return await self._send(firewalls.REMOVE_TAGS.request(options, firewall_id, body={"tags": tags}))


class GeneratedFirewallTags(Resource):
    """Generated methods of ``FirewallTags``."""

    @property
    def with_raw_response(self) -> RawFirewallTags:
        """The same methods, with the HTTP answer as their result."""
        return RawFirewallTags(self._send_raw)


class RawFirewallRules(RawResource):
    """``FirewallRules``, with HTTP answers as results."""

    async def add(
        self,
        firewall_id: str,
        *,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``FirewallRules.add``, returning the HTTP answer."""
        body = {"inbound_rules": inbound_rules, "outbound_rules": outbound_rules}
        return await self._send(firewalls.ADD_RULES.request(options, firewall_id, body=body))

    async def remove(
        self,
        firewall_id: str,
        *,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``FirewallRules.remove``, returning the HTTP answer."""
        body = {"inbound_rules": inbound_rules, "outbound_rules": outbound_rules}
        return await self._send(firewalls.REMOVE_RULES.request(options, firewall_id, body=body))


class GeneratedFirewallRules(Resource):
    """Generated methods of ``FirewallRules``."""

    @property
    def with_raw_response(self) -> RawFirewallRules:
        """The same methods, with the HTTP answer as their result."""
        return RawFirewallRules(self._send_raw)
