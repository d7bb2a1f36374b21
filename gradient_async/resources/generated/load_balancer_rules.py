# Generated from gradient_async/resources/load_balancer_rules.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancer_rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import load_balancers
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.load_balancer_parts import ForwardingRule, ForwardingRuleParam


class RawLoadBalancerForwardingRules(RawResource):
    """``LoadBalancerForwardingRules``, with HTTP answers as results."""

    async def add(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``LoadBalancerForwardingRules.add``, returning the HTTP answer."""
        return await self._send(
            load_balancers.ADD_RULES.request(options, lb_id, body={"forwarding_rules": forwarding_rules})
        )

    async def remove(
        self,
        lb_id: str,
        *,
        forwarding_rules: Sequence[ForwardingRule | ForwardingRuleParam],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``LoadBalancerForwardingRules.remove``, returning the HTTP answer."""
        return await self._send(
            load_balancers.REMOVE_RULES.request(options, lb_id, body={"forwarding_rules": forwarding_rules})
        )


class GeneratedLoadBalancerForwardingRules(Resource):
    """Generated methods of ``LoadBalancerForwardingRules``."""

    @property
    def with_raw_response(self) -> RawLoadBalancerForwardingRules:
        """The same methods, with the HTTP answer as their result."""
        return RawLoadBalancerForwardingRules(self._send_raw)
