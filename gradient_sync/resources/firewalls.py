# Generated from gradient_async/resources/firewalls.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Firewalls: ``client.gpu_droplets.firewalls``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    from gradient_async.resources import firewalls as async_firewalls
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.firewall_parts import FirewallDroplets, FirewallRules, FirewallTags
    from gradient_sync.resources.generated.firewalls import RawFirewalls


class Firewalls:
    """Firewalls. A firewall blocks all traffic of its Droplets that no rule allows."""

    def __init__(self, source: async_firewalls.Firewalls, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def droplets(self) -> FirewallDroplets:
        """The Droplets of a firewall."""
        from gradient_sync.resources.firewall_parts import FirewallDroplets

        return FirewallDroplets(self._async.droplets, self._loop)

    @cached_property
    def tags(self) -> FirewallTags:
        """The tags of a firewall."""
        from gradient_sync.resources.firewall_parts import FirewallTags

        return FirewallTags(self._async.tags, self._loop)

    @cached_property
    def rules(self) -> FirewallRules:
        """The rules of a firewall."""
        from gradient_sync.resources.firewall_parts import FirewallRules

        return FirewallRules(self._async.rules, self._loop)

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

    def retrieve(self, firewall_id: str, **options: Unpack[RequestOptions]) -> FirewallRetrieveResponse:
        """Read one firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        return self._loop.run(self._async.retrieve, firewall_id, **options)

    def update(
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
        return self._loop.run(self._async.update, firewall_id, firewall=firewall, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> FirewallListResponse:
        """Read one page of firewalls.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Firewalls on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, firewall_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a firewall. Its Droplets stay, without its protection.

        Args:
            firewall_id: The firewall's id, a UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, firewall_id, **options)

    @property
    def with_raw_response(self) -> RawFirewalls:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.firewalls import RawFirewalls

        return RawFirewalls(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Firewall]:
        """Iterate over all firewalls.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
