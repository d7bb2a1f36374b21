# Generated from gradient_async/resources/floating_ips.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.floating_ips``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import reserved_ips
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.reserved_ip import (
        FloatingIP,
        FloatingIPCreateResponse,
        FloatingIPListResponse,
        FloatingIPRetrieveResponse,
    )


class RawFloatingIPs(RawResource):
    """``FloatingIPs``, with HTTP answers as results."""

    @overload
    async def create(
        self, *, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[FloatingIPCreateResponse]: ...

    @overload
    async def create(
        self, *, region: str, project_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[FloatingIPCreateResponse]: ...

    async def create(
        self,
        *,
        droplet_id: int | None = None,
        region: str | None = None,
        project_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[FloatingIPCreateResponse]:
        """``FloatingIPs.create``, returning the HTTP answer."""
        body = {"droplet_id": droplet_id, "region": region, "project_id": project_id}
        return await self._send(reserved_ips.CREATE_FLOATING.request(options, body=body))

    async def retrieve(
        self, floating_ip: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[FloatingIPRetrieveResponse]:
        """``FloatingIPs.retrieve``, returning the HTTP answer."""
        return await self._send(reserved_ips.RETRIEVE_FLOATING.request(options, floating_ip))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[FloatingIPListResponse]:
        """``FloatingIPs.list``, returning the HTTP answer."""
        return await self._send(reserved_ips.LIST_FLOATING.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, floating_ip: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``FloatingIPs.delete``, returning the HTTP answer."""
        return await self._send(reserved_ips.DELETE_FLOATING.request(options, floating_ip))


class GeneratedFloatingIPs(Resource):
    """Generated methods of ``FloatingIPs``."""

    @property
    def with_raw_response(self) -> RawFloatingIPs:
        """The same methods, with the HTTP answer as their result."""
        return RawFloatingIPs(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[FloatingIP]:
        """Iterate over all floating IPs.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[FloatingIPListResponse]:
            per_page = MAX_PER_PAGE
            return reserved_ips.LIST_FLOATING.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.floating_ips)
