"""Firewalls: ``client.gpu_droplets.firewalls``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gradient_async.endpoints import firewalls
from gradient_async.resources.generated.firewalls import GeneratedFirewalls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

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
    from gradient_async.resources.firewall_parts import FirewallDroplets, FirewallRules, FirewallTags


class Firewalls(GeneratedFirewalls):
    """Firewalls. A firewall blocks all traffic of its Droplets that no rule allows."""

    @cached_property
    def droplets(self) -> FirewallDroplets:
        """The Droplets of a firewall."""
        from gradient_async.resources.firewall_parts import FirewallDroplets

        return FirewallDroplets(self._sender)

    @cached_property
    def tags(self) -> FirewallTags:
        """The tags of a firewall."""
        from gradient_async.resources.firewall_parts import FirewallTags

        return FirewallTags(self._sender)

    @cached_property
    def rules(self) -> FirewallRules:
        """The rules of a firewall."""
        from gradient_async.resources.firewall_parts import FirewallRules

        return FirewallRules(self._sender)

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
    ) -> FirewallCreateResponse:
        """Create a firewall.

        The answer comes before the Droplets have the firewall: its ``status`` is ``"waiting"`` until then, and
        ``pending_changes`` has the Droplets that wait. The API allows 50 rules, 10 Droplets and 5 tags for a firewall;
        for more Droplets, use a tag.

        If the answer is lost, the account's list is read. A firewall with this name that was created since is the
        result. If there is none, the request is sent again.

        Args:
            name: The name: letters, digits, dots and dashes. No other firewall of the account may have it.
            inbound_rules: Inbound traffic that is allowed; ``InboundRule`` objects, or dicts of their fields.
            outbound_rules: Outbound traffic that is allowed. At least one rule is needed, inbound or outbound.
            droplet_ids: Ids of the Droplets to protect.
            tags: Protect all Droplets with one of these tags, now and later. The tags must exist.
            body: The whole firewall in one value, as in the retired SDK; not together with the other fields. It may be
                a firewall that was read, with another name.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            TypeError: A field is missing or has the wrong type, or ``body`` comes with other fields.
            ValueError: A value is out of range.
            UnprocessableEntityError: There is no rule.
            ConflictError: Another firewall has the name.
            RequestOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        given = {
            "name": name,
            "inbound_rules": inbound_rules,
            "outbound_rules": outbound_rules,
            "droplet_ids": droplet_ids,
            "tags": tags,
        }
        return await self._send(firewalls.CREATE.request(options, body=firewalls.fields_given(given, body)))

    async def retrieve(self, firewall_id: str, **options: Unpack[RequestOptions]) -> FirewallRetrieveResponse:
        """Read one firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        return await self._send(firewalls.RETRIEVE.request(options, firewall_id))

    async def update(
        self, firewall_id: str, *, firewall: Firewall | FirewallParam, **options: Unpack[RequestOptions]
    ) -> FirewallUpdateResponse:
        """Replace all settings of a firewall: what ``firewall`` does not have is removed.

        To change a part, read the firewall, and send it with the change:

            firewall = client.gpu_droplets.firewalls.retrieve(firewall_id).firewall
            client.gpu_droplets.firewalls.update(firewall_id, firewall=attrs.evolve(firewall, tags=["training"]))

        A change that another program makes between the two requests is lost. ``droplets``, ``tags`` and ``rules`` add
        or remove single ones without that.

        Args:
            firewall_id: The firewall's id, a UUID.
            firewall: A firewall that was read, or a dict with ``name``, ``inbound_rules``, ``outbound_rules``,
                ``droplet_ids`` and ``tags``. At least one rule is needed.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A field is missing, unknown or has the wrong type.
            ValueError: A value is out of range.
            UnprocessableEntityError: There is no rule.
            NotFoundError: The firewall does not exist.
            ConflictError: Another firewall has the name.
        """
        return await self._send(firewalls.UPDATE.request(options, firewall_id, body=firewalls.fields_of(firewall)))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> FirewallListResponse:
        """Read one page of firewalls.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Firewalls on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(firewalls.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, firewall_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a firewall. Its Droplets stay, without its protection.

        Args:
            firewall_id: The firewall's id, a UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return await self._send(firewalls.DELETE.request(options, firewall_id))
