"""The forwarding rules of a load balancer: ``client.gpu_droplets.load_balancers.forwarding_rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import load_balancers
from gradient_async.resources.generated.load_balancer_rules import GeneratedLoadBalancerForwardingRules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.load_balancer_parts import ForwardingRule, ForwardingRuleParam


class LoadBalancerForwardingRules(GeneratedLoadBalancerForwardingRules):
    """The forwarding rules of a load balancer."""

    async def add(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> None:
        """Add forwarding rules to a load balancer.

        If the answer is lost, the request is not sent again.

        Args:
            lb_id: The load balancer's id.
            forwarding_rules: The new rules; at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A rule lacks a field, or has an unknown one.
            ValueError: A value is out of range.
            NotFoundError: The load balancer does not exist.
            LoadBalancerBusyError: The API still processes an earlier change.
            UnprocessableEntityError: The load balancer has such a rule.
            RequestOutcomeUnknownError: The answer was lost. Read the load balancer before you add the rules again.
        """
        return await self._send(
            load_balancers.ADD_RULES.request(options, lb_id, body={"forwarding_rules": forwarding_rules})
        )

    async def remove(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> None:
        """Remove forwarding rules from a load balancer, which keeps at least one.

        If the answer is lost, the request is sent again.

        Args:
            lb_id: The load balancer's id.
            forwarding_rules: The rules, as the load balancer has them; at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A rule lacks a field, or has an unknown one.
            ValueError: A value is out of range.
            NotFoundError: The load balancer does not exist. After a lost answer, a 404 means that it does not have the
                rules; nothing is raised.
            LoadBalancerBusyError: The API still processes an earlier change.
            UnprocessableEntityError: No rule would be left.
        """
        return await self._send(
            load_balancers.REMOVE_RULES.request(options, lb_id, body={"forwarding_rules": forwarding_rules})
        )
