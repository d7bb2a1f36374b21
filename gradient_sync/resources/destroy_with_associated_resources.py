# Generated from gradient_async/resources/destroy_with_associated_resources.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Destroys Droplets with their resources: ``client.gpu_droplets.destroy_with_associated_resources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.associated_resources import (
        DestroyWithAssociatedResourceCheckStatusResponse,
        DestroyWithAssociatedResourceListResponse,
    )
    from gradient_async.resources import destroy_with_associated_resources as async_destroy_with_associated_resources
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.destroy_with_associated_resources import RawDestroyWithAssociatedResources


class DestroyWithAssociatedResources:
    """Destroys a Droplet together with its snapshots, volumes and IPs, which ``gpu_droplets.delete`` leaves.

    The API destroys in the background. ``check_status`` shows what is destroyed, and ``retry`` tries again what failed.
    """

    def __init__(
        self, source: async_destroy_with_associated_resources.DestroyWithAssociatedResources, loop: EventLoop
    ) -> None:
        self._async = source
        self._loop = loop

    def list(self, droplet_id: int, **options: Unpack[RequestOptions]) -> DestroyWithAssociatedResourceListResponse:
        """Read which resources can be destroyed with a Droplet, and what they cost if they stay.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.run(self._async.list, droplet_id, **options)

    def check_status(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> DestroyWithAssociatedResourceCheckStatusResponse:
        """Read the results for a Droplet and its resources after ``delete_selective`` or ``delete_dangerous``.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: No such request was made for the Droplet.
        """
        return self._loop.run(self._async.check_status, droplet_id, **options)

    def delete_dangerous(self, droplet_id: int, *, x_dangerous: bool, **options: Unpack[RequestOptions]) -> None:
        """Destroy a Droplet with all of its resources. It cannot be undone.

        ``list`` shows what will be destroyed. If the answer is lost, the request is not sent again: a resource that
        was added to the Droplet since would be destroyed too.

        Args:
            droplet_id: The Droplet's id.
            x_dangerous: ``True``, to say that you mean it.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ValueError: ``x_dangerous`` is ``False``. Nothing was sent.
            NotFoundError: The Droplet does not exist.
            RequestOutcomeUnknownError: The answer was lost. ``check_status`` shows whether the request arrived.
        """
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
    ) -> None:
        """Destroy a Droplet with some of its resources. It cannot be undone.

        The ids are those of ``list``. Resources that are not named stay, and are billed. If the answer is lost, the
        request is not sent again.

        Args:
            droplet_id: The Droplet's id.
            floating_ips: Ids of floating IPs, the earlier name of reserved IPs.
            reserved_ips: Ids of reserved IPs.
            snapshots: Ids of snapshots of the Droplet.
            volume_snapshots: Ids of snapshots of volumes.
            volumes: Ids of volumes.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
            RequestOutcomeUnknownError: The answer was lost. ``check_status`` shows whether the request arrived.
        """
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

    def retry(self, droplet_id: int, **options: Unpack[RequestOptions]) -> None:
        """Try again to destroy what a request for a Droplet could not destroy.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ConflictError: A destroy of the Droplet is in progress.
            NotFoundError: There is nothing to try again.
            RequestOutcomeUnknownError: The answer was lost. ``check_status`` shows whether the request arrived.
        """
        return self._loop.run(self._async.retry, droplet_id, **options)

    @property
    def with_raw_response(self) -> RawDestroyWithAssociatedResources:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.destroy_with_associated_resources import (
            RawDestroyWithAssociatedResources,
        )

        return RawDestroyWithAssociatedResources(self._async.with_raw_response, self._loop)
