# Generated from gradient_async/resources/load_balancer_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The Droplets behind a load balancer: ``client.gpu_droplets.load_balancers.droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.resources import load_balancer_droplets as async_load_balancer_droplets
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.load_balancer_droplets import RawLoadBalancerDroplets


class LoadBalancerDroplets:
    """The Droplets behind a load balancer that has no tag."""

    def __init__(self, source: async_load_balancer_droplets.LoadBalancerDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def add(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Put Droplets behind a load balancer. Those that are behind it stay so.

        If the answer is lost, the request is sent again.

        Args:
            lb_id: The load balancer's id.
            droplet_ids: Ids of the Droplets; at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The load balancer does not exist.
            LoadBalancerBusyError: The API still processes an earlier change.
            UnprocessableEntityError: The load balancer has a tag, or the API does not know a Droplet.
        """
        return self._loop.run(self._async.add, lb_id, droplet_ids=droplet_ids, **options)

    def remove(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
        """Take Droplets from behind a load balancer. The Droplets themselves stay.

        If the answer is lost, the request is sent again.

        Args:
            lb_id: The load balancer's id.
            droplet_ids: Ids of the Droplets; at least one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The load balancer does not exist. After a lost answer, a 404 means that the Droplets are
                not behind it; nothing is raised.
            LoadBalancerBusyError: The API still processes an earlier change.
            UnprocessableEntityError: The load balancer has a tag.
        """
        return self._loop.run(self._async.remove, lb_id, droplet_ids=droplet_ids, **options)

    @property
    def with_raw_response(self) -> RawLoadBalancerDroplets:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.load_balancer_droplets import RawLoadBalancerDroplets

        return RawLoadBalancerDroplets(self._async.with_raw_response, self._loop)
