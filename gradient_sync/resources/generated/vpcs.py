# Generated from gradient_async/resources/generated/vpcs.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.vpcs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.vpc import (
        VPCCreateResponse,
        VPCListMembersResponse,
        VPCListResponse,
        VPCRetrieveResponse,
        VPCUpdateResponse,
    )
    from gradient_async.resources.generated import vpcs as async_vpcs
    from gradient_sync._event_loop import EventLoop


class RawVPCs:
    """``VPCs``, with HTTP answers as results."""

    def __init__(self, source: async_vpcs.RawVPCs, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        name: str,
        region: str,
        description: str | None = None,
        ip_range: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[VPCCreateResponse]:
        """``VPCs.create``, returning the HTTP answer."""
        return self._loop.run(
            self._async.create, name=name, region=region, description=description, ip_range=ip_range, **options
        )

    def retrieve(self, vpc_id: str, **options: Unpack[RequestOptions]) -> RawResponse[VPCRetrieveResponse]:
        """``VPCs.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, vpc_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[VPCListResponse]:
        """``VPCs.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def update(
        self,
        vpc_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        default: bool | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VPCUpdateResponse]:
        """``VPCs.update``, returning the HTTP answer."""
        return self._loop.run(
            self._async.update, vpc_id, name=name, description=description, default=default, **options
        )

    def delete(self, vpc_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``VPCs.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, vpc_id, **options)

    def list_members(
        self,
        vpc_id: str,
        *,
        resource_type: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[VPCListMembersResponse]:
        """``VPCs.list_members``, returning the HTTP answer."""
        return self._loop.run(
            self._async.list_members, vpc_id, resource_type=resource_type, page=page, per_page=per_page, **options
        )
