# Generated from gradient_async/resources/load_balancer_rules.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The forwarding rules of a load balancer: ``client.gpu_droplets.load_balancers.forwarding_rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.load_balancer_parts import ForwardingRule, ForwardingRuleParam
    from gradient_async.resources import load_balancer_rules as async_load_balancer_rules
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.load_balancer_rules import RawLoadBalancerForwardingRules


class LoadBalancerForwardingRules:
    """The forwarding rules of a load balancer."""

    def __init__(self, source: async_load_balancer_rules.LoadBalancerForwardingRules, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(
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
        return self._loop.run(self._async.add, lb_id, forwarding_rules=forwarding_rules, **options)

    def remove(
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
        return self._loop.run(self._async.remove, lb_id, forwarding_rules=forwarding_rules, **options)

    @property
    def with_raw_response(self) -> RawLoadBalancerForwardingRules:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.load_balancer_rules import RawLoadBalancerForwardingRules

        return RawLoadBalancerForwardingRules(self._async.with_raw_response, self._loop)
