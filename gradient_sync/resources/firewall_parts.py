# Generated from gradient_async/resources/firewall_parts.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Droplets, tags and rules of firewalls: ``client.gpu_droplets.firewalls.droplets``, ``tags`` and ``rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.firewall import InboundRule, InboundRuleParam, OutboundRule, OutboundRuleParam
    from gradient_async.resources import firewall_parts as async_firewall_parts
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.firewall_parts import RawFirewallDroplets, RawFirewallRules, RawFirewallTags


class FirewallDroplets:
    """The Droplets of a firewall. Each of its methods can be repeated: a second time changes nothing more."""

    def __init__(self, source: async_firewall_parts.FirewallDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Put Droplets behind a firewall. The API allows ten Droplets for a firewall; for more, use a tag.

        Args:
            firewall_id: The firewall's id, a UUID.
            droplet_ids: Ids of the Droplets, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
            UnprocessableEntityError: A Droplet does not exist, or there would be too many.
        """
        return self._loop.run(self._async.add, firewall_id, droplet_ids=droplet_ids, **options)

    def remove(self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Take Droplets away from a firewall. A Droplet with one of the firewall's tags stays behind it.

        Args:
            firewall_id: The firewall's id, a UUID.
            droplet_ids: Ids of the Droplets, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        return self._loop.run(self._async.remove, firewall_id, droplet_ids=droplet_ids, **options)

    @property
    def with_raw_response(self) -> RawFirewallDroplets:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.firewall_parts import RawFirewallDroplets

        return RawFirewallDroplets(self._async.with_raw_response, self._loop)


class FirewallTags:
    """The tags of a firewall. It protects all Droplets with one of its tags, now and later.

    Each of its methods can be repeated: a second time changes nothing more.
    """

    def __init__(self, source: async_firewall_parts.FirewallTags, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> None:
        """Put all Droplets with a tag behind a firewall. The API allows five tags for a firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            tags: The tags, at least one. They must exist.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
            UnprocessableEntityError: A tag does not exist, or there would be too many.
        """
        return self._loop.run(self._async.add, firewall_id, tags=tags, **options)

    def remove(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> None:
        """Take tags away from a firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            tags: The tags, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        return self._loop.run(self._async.remove, firewall_id, tags=tags, **options)

    @property
    def with_raw_response(self) -> RawFirewallTags:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.firewall_parts import RawFirewallTags

        return RawFirewallTags(self._async.with_raw_response, self._loop)


class FirewallRules:
    """The rules of a firewall."""

    def __init__(self, source: async_firewall_parts.FirewallRules, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(
        self,
        firewall_id: str,
        *,
        inbound_rules: Sequence[InboundRule | InboundRuleParam] | None = None,
        outbound_rules: Sequence[OutboundRule | OutboundRuleParam] | None = None,
        **options: Unpack[RequestOptions],
    ) -> None:
        """Add rules to a firewall. The API allows 50 rules for a firewall.

        If the answer is lost, the request is not sent again, since the API may add the rules twice.

        Args:
            firewall_id: The firewall's id, a UUID.
            inbound_rules: Inbound traffic that is allowed; ``InboundRule`` objects, or dicts of their fields.
            outbound_rules: Outbound traffic that is allowed. By the API's documentation, at least one rule is needed,
                inbound or outbound.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A field of a rule is missing, unknown or has the wrong type.
            ValueError: A value is out of range.
            NotFoundError: The firewall does not exist.
            RequestOutcomeUnknownError: The answer was lost. Read the firewall before you add the rules again.
            UnprocessableEntityError: There would be too many rules.
        """
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
    ) -> None:
        """Remove rules from a firewall. Give each rule as the firewall shows it, with all of its targets.

        Args:
            firewall_id: The firewall's id, a UUID.
            inbound_rules: Rules for inbound traffic; ``InboundRule`` objects, or dicts of their fields.
            outbound_rules: Rules for outbound traffic. By the API's documentation, at least one rule is needed,
                inbound or outbound.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A field of a rule is missing, unknown or has the wrong type.
            ValueError: A value is out of range.
            NotFoundError: The firewall does not exist.
        """
        return self._loop.run(
            self._async.remove, firewall_id, inbound_rules=inbound_rules, outbound_rules=outbound_rules, **options
        )

    @property
    def with_raw_response(self) -> RawFirewallRules:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.firewall_parts import RawFirewallRules

        return RawFirewallRules(self._async.with_raw_response, self._loop)
