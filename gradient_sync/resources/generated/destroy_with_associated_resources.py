# Generated from gradient_async/resources/generated/destroy_with_associated_resources.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.destroy_with_associated_resources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.associated_resources import (
        DestroyWithAssociatedResourceCheckStatusResponse,
        DestroyWithAssociatedResourceListResponse,
    )
    from gradient_async.resources.generated import (
        destroy_with_associated_resources as async_destroy_with_associated_resources,
    )
    from gradient_sync._event_loop import EventLoop


class RawDestroyWithAssociatedResources:
    """``DestroyWithAssociatedResources``, with HTTP answers as results."""

    def __init__(
        self, source: async_destroy_with_associated_resources.RawDestroyWithAssociatedResources, loop: EventLoop
    ) -> None:
        self._async = source
        self._loop = loop

    def list(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[DestroyWithAssociatedResourceListResponse]:
        """``DestroyWithAssociatedResources.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, droplet_id, **options)

    def check_status(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[DestroyWithAssociatedResourceCheckStatusResponse]:
        """``DestroyWithAssociatedResources.check_status``, returning the HTTP answer."""
        return self._loop.run(self._async.check_status, droplet_id, **options)

    def delete_dangerous(
        self, droplet_id: int, *, x_dangerous: bool, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``DestroyWithAssociatedResources.delete_dangerous``, returning the HTTP answer."""
        return self._loop.run(self._async.delete_dangerous, droplet_id, x_dangerous=x_dangerous, **options)

    def delete_selective(
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
        return self._loop.run(
            self._async.delete_selective,
            droplet_id,
            floating_ips=floating_ips,
            reserved_ips=reserved_ips,
            snapshots=snapshots,
            volume_snapshots=volume_snapshots,
            volumes=volumes,
            **options,
        )

    def retry(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``DestroyWithAssociatedResources.retry``, returning the HTTP answer."""
        return self._loop.run(self._async.retry, droplet_id, **options)
