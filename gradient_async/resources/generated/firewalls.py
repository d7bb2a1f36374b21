# Generated from gradient_async/resources/firewalls.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.firewalls``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import firewalls
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
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


class RawFirewalls(RawResource):
    """``Firewalls``, with HTTP answers as results."""

    async def create(
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
        given = {
            "name": name,
            "inbound_rules": inbound_rules,
            "outbound_rules": outbound_rules,
            "droplet_ids": droplet_ids,
            "tags": tags,
        }
        return await self._send(firewalls.CREATE.request(options, body=firewalls.fields_given(given, body)))

    async def retrieve(
        self, firewall_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[FirewallRetrieveResponse]:
        """``Firewalls.retrieve``, returning the HTTP answer."""
        return await self._send(firewalls.RETRIEVE.request(options, firewall_id))

    async def update(
        self, firewall_id: str, *, firewall: Firewall | FirewallParam, **options: Unpack[RequestOptions]
    ) -> RawResponse[FirewallUpdateResponse]:
        """``Firewalls.update``, returning the HTTP answer."""
        return await self._send(firewalls.UPDATE.request(options, firewall_id, body=firewalls.fields_of(firewall)))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[FirewallListResponse]:
        """``Firewalls.list``, returning the HTTP answer."""
        return await self._send(firewalls.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, firewall_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Firewalls.delete``, returning the HTTP answer."""
        return await self._send(firewalls.DELETE.request(options, firewall_id))


class GeneratedFirewalls(Resource):
    """Generated methods of ``Firewalls``."""

    @property
    def with_raw_response(self) -> RawFirewalls:
        """The same methods, with the HTTP answer as their result."""
        return RawFirewalls(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Firewall]:
        """Iterate over all firewalls.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[FirewallListResponse]:
            per_page = MAX_PER_PAGE
            return firewalls.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.firewalls)
