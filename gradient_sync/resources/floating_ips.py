# Generated from gradient_async/resources/floating_ips.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Floating IPs: ``client.gpu_droplets.floating_ips``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.reserved_ip import (
        FloatingIP,
        FloatingIPCreateResponse,
        FloatingIPListResponse,
        FloatingIPRetrieveResponse,
    )
    from gradient_async.resources import floating_ips as async_floating_ips
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.floating_ip_actions import FloatingIPActions
    from gradient_sync.resources.generated.floating_ips import RawFloatingIPs


class FloatingIPs:
    """Floating IPs: the former name of reserved IPs, as in the retired SDK. ``client.reserved_ips`` has the same."""

    def __init__(self, source: async_floating_ips.FloatingIPs, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def actions(self) -> FloatingIPActions:
        """Actions on floating IPs: assign and unassign."""
        from gradient_sync.resources.floating_ip_actions import FloatingIPActions

        return FloatingIPActions(self._async.actions, self._loop)

    @overload
    def create(self, *, droplet_id: int, **options: Unpack[RequestOptions]) -> FloatingIPCreateResponse: ...

    @overload
    def create(
        self, *, region: str, project_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> FloatingIPCreateResponse: ...

    def create(
        self,
        *,
        droplet_id: int | None = None,
        region: str | None = None,
        project_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> FloatingIPCreateResponse:
        """Create a floating IP, for a Droplet or in a region.

        An IP without a Droplet costs money. An account may have only some IPs; see its ``floating_ip_limit``.

        If the answer is lost, the request is not sent again: a second IP would be billed.

        Args:
            droplet_id: The Droplet that gets the IP. The answer's ``links.actions`` names the action that assigns it.
            region: Slug of the region, such as ``"tor1"``. Give either the region or the Droplet.
            project_id: Id of the IP's project; only with ``region``. By default the account's default project.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ValueError: Both ``droplet_id`` and ``region`` are given, or neither.
            RequestOutcomeUnknownError: The answer was lost. Check the list before you create another IP.
            UnprocessableEntityError: The account may have no more IPs, or the Droplet cannot get one.
        """
        method: Callable[..., Coroutine[object, object, FloatingIPCreateResponse]] = self._async.create
        return self._loop.run(method, droplet_id=droplet_id, region=region, project_id=project_id, **options)

    def retrieve(self, floating_ip: str, **options: Unpack[RequestOptions]) -> FloatingIPRetrieveResponse:
        """Read one floating IP.

        Args:
            floating_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP.
        """
        return self._loop.run(self._async.retrieve, floating_ip, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> FloatingIPListResponse:
        """Read one page of floating IPs.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: IPs on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, floating_ip: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a floating IP. The account loses the address.

        Args:
            floating_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP. After a lost answer, a 404 means that it is deleted;
                nothing is raised.
            PendingEventError: An action on the IP runs.
        """
        return self._loop.run(self._async.delete, floating_ip, **options)

    @property
    def with_raw_response(self) -> RawFloatingIPs:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.floating_ips import RawFloatingIPs

        return RawFloatingIPs(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[FloatingIP]:
        """Iterate over all floating IPs.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
