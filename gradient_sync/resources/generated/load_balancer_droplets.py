# Generated from gradient_async/resources/generated/load_balancer_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.load_balancer_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.resources.generated import load_balancer_droplets as async_load_balancer_droplets
    from gradient_sync._event_loop import EventLoop


class RawLoadBalancerDroplets:
    """``LoadBalancerDroplets``, with HTTP answers as results."""

    def __init__(self, source: async_load_balancer_droplets.RawLoadBalancerDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancerDroplets.add``, returning the HTTP answer."""
        return self._loop.run(self._async.add, lb_id, droplet_ids=droplet_ids, **options)

    def remove(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``LoadBalancerDroplets.remove``, returning the HTTP answer."""
        return self._loop.run(self._async.remove, lb_id, droplet_ids=droplet_ids, **options)
