# Generated from gradient_async/resources/generated/reserved_ips.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.reserved_ips``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.reserved_ip import (
        ReservedIPCreateResponse,
        ReservedIPListResponse,
        ReservedIPRetrieveResponse,
    )
    from gradient_async.resources.generated import reserved_ips as async_reserved_ips
    from gradient_sync._event_loop import EventLoop


class RawReservedIPs:
    """``ReservedIPs``, with HTTP answers as results."""

    def __init__(self, source: async_reserved_ips.RawReservedIPs, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, *, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[ReservedIPCreateResponse]: ...

    @overload
    def create(
        self, *, region: str, project_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ReservedIPCreateResponse]: ...

    def create(
        self,
        *,
        droplet_id: int | None = None,
        region: str | None = None,
        project_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ReservedIPCreateResponse]:
        """``ReservedIPs.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ReservedIPCreateResponse]]] = self._async.create
        return self._loop.run(method, droplet_id=droplet_id, region=region, project_id=project_id, **options)

    def retrieve(self, reserved_ip: str, **options: Unpack[RequestOptions]) -> RawResponse[ReservedIPRetrieveResponse]:
        """``ReservedIPs.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, reserved_ip, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ReservedIPListResponse]:
        """``ReservedIPs.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, reserved_ip: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``ReservedIPs.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, reserved_ip, **options)
