"""The Droplets behind a load balancer: ``client.gpu_droplets.load_balancers.droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import load_balancers
from gradient_async.resources.generated.load_balancer_droplets import GeneratedLoadBalancerDroplets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions


class LoadBalancerDroplets(GeneratedLoadBalancerDroplets):
    """The Droplets behind a load balancer that has no tag."""

    async def add(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
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
        return await self._send(load_balancers.ADD_DROPLETS.request(options, lb_id, body={"droplet_ids": droplet_ids}))

    async def remove(self, lb_id: str, *, droplet_ids: Sequence[int], **options: Unpack[RequestOptions]) -> None:
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
        return await self._send(
            load_balancers.REMOVE_DROPLETS.request(options, lb_id, body={"droplet_ids": droplet_ids})
        )
