"""Droplets, tags and rules of firewalls: ``client.gpu_droplets.firewalls.droplets``, ``tags`` and ``rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import firewalls
from gradient_async.resources.generated.firewall_parts import (
    GeneratedFirewallDroplets,
    GeneratedFirewallRules,
    GeneratedFirewallTags,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.firewall import InboundRule, InboundRuleParam, OutboundRule, OutboundRuleParam


class FirewallDroplets(GeneratedFirewallDroplets):
    """The Droplets of a firewall. Each of its methods can be repeated: a second time changes nothing more."""

    async def add(self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Put Droplets behind a firewall. The API allows ten Droplets for a firewall; for more, use a tag.

        Args:
            firewall_id: The firewall's id, a UUID.
            droplet_ids: Ids of the Droplets, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
            UnprocessableEntityError: A Droplet does not exist, or there would be too many.
        """
        body = {"droplet_ids": droplet_ids}
        return await self._send(firewalls.ADD_DROPLETS.request(options, firewall_id, body=body))

    async def remove(self, firewall_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Take Droplets away from a firewall. A Droplet with one of the firewall's tags stays behind it.

        Args:
            firewall_id: The firewall's id, a UUID.
            droplet_ids: Ids of the Droplets, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        body = {"droplet_ids": droplet_ids}
        return await self._send(firewalls.REMOVE_DROPLETS.request(options, firewall_id, body=body))


class FirewallTags(GeneratedFirewallTags):
    """The tags of a firewall. It protects all Droplets with one of its tags, now and later.

    Each of its methods can be repeated: a second time changes nothing more.
    """

    async def add(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> None:
        """Put all Droplets with a tag behind a firewall. The API allows five tags for a firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            tags: The tags, at least one. They must exist.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
            UnprocessableEntityError: A tag does not exist, or there would be too many.
        """
        return await self._send(firewalls.ADD_TAGS.request(options, firewall_id, body={"tags": tags}))

    async def remove(self, firewall_id: str, *, tags: Sequence[str], **options: Unpack[RequestOptions]) -> None:
        """Take tags away from a firewall.

        Args:
            firewall_id: The firewall's id, a UUID.
            tags: The tags, at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The firewall does not exist.
        """
        return await self._send(firewalls.REMOVE_TAGS.request(options, firewall_id, body={"tags": tags}))


class FirewallRules(GeneratedFirewallRules):
    """The rules of a firewall."""

    async def add(
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
        body = {"inbound_rules": inbound_rules, "outbound_rules": outbound_rules}
        return await self._send(firewalls.ADD_RULES.request(options, firewall_id, body=body))

    async def remove(
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
        body = {"inbound_rules": inbound_rules, "outbound_rules": outbound_rules}
        return await self._send(firewalls.REMOVE_RULES.request(options, firewall_id, body=body))
