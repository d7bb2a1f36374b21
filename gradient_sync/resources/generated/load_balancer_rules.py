# Generated from gradient_async/resources/generated/load_balancer_rules.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancer_rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.load_balancer_parts import ForwardingRule, ForwardingRuleParam
    from gradient_async.resources.generated import load_balancer_rules as async_load_balancer_rules
    from gradient_sync._event_loop import EventLoop


class RawLoadBalancerForwardingRules:
    """``LoadBalancerForwardingRules``, with HTTP answers as results."""

    def __init__(self, source: async_load_balancer_rules.RawLoadBalancerForwardingRules, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``LoadBalancerForwardingRules.add``, returning the HTTP answer."""
        return self._loop.run(self._async.add, lb_id, forwarding_rules=forwarding_rules, **options)

    def remove(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``LoadBalancerForwardingRules.remove``, returning the HTTP answer."""
        return self._loop.run(self._async.remove, lb_id, forwarding_rules=forwarding_rules, **options)
