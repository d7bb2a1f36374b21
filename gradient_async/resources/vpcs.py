"""VPCs: ``client.vpcs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import vpcs
from gradient_async.resources.generated.vpcs import GeneratedVPCs

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.vpc import (
        VPCCreateResponse,
        VPCListMembersResponse,
        VPCListResponse,
        VPCRetrieveResponse,
        VPCUpdateResponse,
    )


class VPCs(GeneratedVPCs):
    """VPCs: private networks of a region."""

    async def create(
        self,
        *,
        name: str,
        region: str,
        description: str | None = None,
        ip_range: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> VPCCreateResponse:
        """Create a VPC. The first one of a region becomes its default VPC.

        If the answer is lost, the account's list is read. A VPC with this name that was created since is the result. If
        there is none, the request is sent again.

        Args:
            name: Its name, unique in the account: letters, digits, dots and dashes.
            region: Slug of its region, such as ``"tor1"``.
            description: Its description; up to 255 characters.
            ip_range: Its private addresses, such as ``"10.10.10.0/24"``: a ``/16`` to a ``/28`` that overlaps with no
                other network of the account. By default, the API chooses a ``/20``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            CreateOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        body = {"name": name, "region": region, "description": description, "ip_range": ip_range}
        return await self._send(vpcs.CREATE.request(options, body=body))

    async def retrieve(self, vpc_id: str, **options: Unpack[RequestOptions]) -> VPCRetrieveResponse:
        """Read one VPC.

        Args:
            vpc_id: The VPC's UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
        """
        return await self._send(vpcs.RETRIEVE.request(options, vpc_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> VPCListResponse:
        """Read one page of VPCs.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: VPCs on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(vpcs.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def update(
        self,
        vpc_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        default: bool | None = None,
        **options: Unpack[RequestOptions],
    ) -> VPCUpdateResponse:
        """Change a VPC. What is not given stays. After a lost answer, the request is sent again.

        Args:
            vpc_id: The VPC's UUID.
            name: Its name: letters, digits, dots and dashes.
            description: Its description; up to 255 characters.
            default: ``True`` makes it the default VPC of its region, in place of the one before.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
            ValueError: Nothing is given to change.
        """
        body = {"name": name, "description": description, "default": default}
        return await self._send(vpcs.UPDATE.request(options, vpc_id, body=body))

    async def delete(self, vpc_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a VPC.

        Args:
            vpc_id: The VPC's UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
            ConflictError: The VPC has members. A Droplet that was destroyed a moment ago can still be one.
            PermissionDeniedError: The VPC is the default VPC of its region. By the API's documentation, a VPC with
                members raises this too.
        """
        return await self._send(vpcs.DELETE.request(options, vpc_id))

    async def list_members(
        self,
        vpc_id: str,
        *,
        resource_type: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> VPCListMembersResponse:
        """Read one page of the resources in a VPC.

        Args:
            vpc_id: The VPC's UUID.
            resource_type: Only resources of this kind, such as ``"droplet"``.
            page: Number of the page, from 1; 1 by default.
            per_page: Members on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
        """
        query = {"resource_type": resource_type, "page": page, "per_page": per_page}
        return await self._send(vpcs.LIST_MEMBERS.request(options, vpc_id, query=query))
