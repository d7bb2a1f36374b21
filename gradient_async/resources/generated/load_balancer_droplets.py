# Generated from gradient_async/resources/load_balancer_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancer_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import load_balancers
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions


class RawLoadBalancerDroplets(RawResource):
    """``LoadBalancerDroplets``, with HTTP answers as results."""

    async def add(
        self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``LoadBalancerDroplets.add``, returning the HTTP answer."""
        return await self._send(load_balancers.ADD_DROPLETS.request(options, lb_id, body={"droplet_ids": droplet_ids}))

    async def remove(
        self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``LoadBalancerDroplets.remove``, returning the HTTP answer."""
        return await self._send(
            load_balancers.REMOVE_DROPLETS.request(options, lb_id, body={"droplet_ids": droplet_ids})
        )


class GeneratedLoadBalancerDroplets(Resource):
    """Generated methods of ``LoadBalancerDroplets``."""

    @property
    def with_raw_response(self) -> RawLoadBalancerDroplets:
        """The same methods, with the HTTP answer as their result."""
        return RawLoadBalancerDroplets(self._send_raw)
