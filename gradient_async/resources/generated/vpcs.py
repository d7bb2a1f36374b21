# Generated from gradient_async/resources/vpcs.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.vpcs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import vpcs
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.vpc import (
        VPC,
        VPCCreateResponse,
        VPCListMembersResponse,
        VPCListResponse,
        VPCMember,
        VPCRetrieveResponse,
        VPCUpdateResponse,
    )


class RawVPCs(RawResource):
    """``VPCs``, with HTTP answers as results."""

    async def create(
        self,
        *,
        name: str,
        region: str,
        description: str | None = None,
        ip_range: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[VPCCreateResponse]:
        """``VPCs.create``, returning the HTTP answer."""
        body = {"name": name, "region": region, "description": description, "ip_range": ip_range}
        return await self._send(vpcs.CREATE.request(options, body=body))

    async def retrieve(self, vpc_id: str, **options: Unpack[RequestOptions]) -> RawResponse[VPCRetrieveResponse]:
        """``VPCs.retrieve``, returning the HTTP answer."""
        return await self._send(vpcs.RETRIEVE.request(options, vpc_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[VPCListResponse]:
        """``VPCs.list``, returning the HTTP answer."""
        return await self._send(vpcs.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def update(
        self,
        vpc_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        default: bool | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VPCUpdateResponse]:
        """``VPCs.update``, returning the HTTP answer."""
        body = {"name": name, "description": description, "default": default}
        return await self._send(vpcs.UPDATE.request(options, vpc_id, body=body))

    async def delete(self, vpc_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``VPCs.delete``, returning the HTTP answer."""
        return await self._send(vpcs.DELETE.request(options, vpc_id))

    async def list_members(
        self,
        vpc_id: str,
        *,
        resource_type: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VPCListMembersResponse]:
        """``VPCs.list_members``, returning the HTTP answer."""
        query = {"resource_type": resource_type, "page": page, "per_page": per_page}
        return await self._send(vpcs.LIST_MEMBERS.request(options, vpc_id, query=query))


class GeneratedVPCs(Resource):
    """Generated methods of ``VPCs``."""

    @property
    def with_raw_response(self) -> RawVPCs:
        """The same methods, with the HTTP answer as their result."""
        return RawVPCs(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[VPC]:
        """Iterate over all VPCs.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[VPCListResponse]:
            per_page = MAX_PER_PAGE
            return vpcs.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.vpcs)

    def list_all_members(
        self, vpc_id: str, *, resource_type: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[VPCMember]:
        """Iterate over all the resources in a VPC.

        One request reads 200 items. Each item is yielded once.

        Args:
            vpc_id: The VPC's UUID.
            resource_type: Only resources of this kind, such as ``"droplet"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
        """

        def request(page: int) -> Request[VPCListMembersResponse]:
            per_page = MAX_PER_PAGE
            query = {"resource_type": resource_type, "page": page, "per_page": per_page}
            return vpcs.LIST_MEMBERS.request(options, vpc_id, query=query)

        return self._all(request, lambda answer: answer.members)
