# Generated from gradient_async/resources/destroy_with_associated_resources.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.destroy_with_associated_resources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import destroy_with_associated_resources
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.associated_resources import (
        DestroyWithAssociatedResourceCheckStatusResponse,
        DestroyWithAssociatedResourceListResponse,
    )


class RawDestroyWithAssociatedResources(RawResource):
    """``DestroyWithAssociatedResources``, with HTTP answers as results."""

    async def list(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[DestroyWithAssociatedResourceListResponse]:
        """``DestroyWithAssociatedResources.list``, returning the HTTP answer."""
        return await self._send(destroy_with_associated_resources.LIST.request(options, droplet_id))

    async def check_status(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[DestroyWithAssociatedResourceCheckStatusResponse]:
        """``DestroyWithAssociatedResources.check_status``, returning the HTTP answer."""
        return await self._send(destroy_with_associated_resources.CHECK_STATUS.request(options, droplet_id))

    async def delete_dangerous(
        self, droplet_id: int, *, x_dangerous: bool, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``DestroyWithAssociatedResources.delete_dangerous``, returning the HTTP answer."""
        request = destroy_with_associated_resources.delete_dangerous(droplet_id, x_dangerous, options)
        return await self._send(request)

    async def delete_selective(
        self,
        droplet_id: int,
        *,
        floating_ips: Sequence[str] | None = None,
        reserved_ips: Sequence[str] | None = None,
        snapshots: Sequence[str] | None = None,
        volume_snapshots: Sequence[str] | None = None,
        volumes: Sequence[str] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[None]:
        """``DestroyWithAssociatedResources.delete_selective``, returning the HTTP answer."""
        given = {
            "floating_ips": floating_ips,
            "reserved_ips": reserved_ips,
            "snapshots": snapshots,
            "volume_snapshots": volume_snapshots,
            "volumes": volumes,
        }
        return await self._send(
            destroy_with_associated_resources.DELETE_SELECTIVE.request(options, droplet_id, body=given)
        )

    async def retry(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``DestroyWithAssociatedResources.retry``, returning the HTTP answer."""
        return await self._send(destroy_with_associated_resources.RETRY.request(options, droplet_id))


class GeneratedDestroyWithAssociatedResources(Resource):
    """Generated methods of ``DestroyWithAssociatedResources``."""

    @property
    def with_raw_response(self) -> RawDestroyWithAssociatedResources:
        """The same methods, with the HTTP answer as their result."""
        return RawDestroyWithAssociatedResources(self._send_raw)
