# Generated from gradient_async/resources/vpcs.py. Do not edit; run:
# python gradient_sync/_generate.py
"""VPCs: ``client.vpcs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

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
    from gradient_async.resources import vpcs as async_vpcs
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.vpcs import RawVPCs


class VPCs:
    """VPCs: private networks of a region."""

    def __init__(self, source: async_vpcs.VPCs, loop: EventLoop) -> None:
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
        return self._loop.run(
            self._async.create, name=name, region=region, description=description, ip_range=ip_range, **options
        )

    def retrieve(self, vpc_id: str, **options: Unpack[RequestOptions]) -> VPCRetrieveResponse:
        """Read one VPC.

        Args:
            vpc_id: The VPC's UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
        """
        return self._loop.run(self._async.retrieve, vpc_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> VPCListResponse:
        """Read one page of VPCs.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: VPCs on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def update(
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
        return self._loop.run(
            self._async.update, vpc_id, name=name, description=description, default=default, **options
        )

    def delete(self, vpc_id: str, **options: Unpack[RequestOptions]) -> None:
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
        return self._loop.run(self._async.delete, vpc_id, **options)

    def list_members(
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
        return self._loop.run(
            self._async.list_members, vpc_id, resource_type=resource_type, page=page, per_page=per_page, **options
        )

    @property
    def with_raw_response(self) -> RawVPCs:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.vpcs import RawVPCs

        return RawVPCs(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[VPC]:
        """Iterate over all VPCs.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))

    def list_all_members(
        self, vpc_id: str, *, resource_type: str | None = None, **options: Unpack[RequestOptions]
    ) -> Iterator[VPCMember]:
        """Iterate over all the resources in a VPC.

        One request reads 200 items. Each item is yielded once.

        Args:
            vpc_id: The VPC's UUID.
            resource_type: Only resources of this kind, such as ``"droplet"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The VPC does not exist.
        """
        return self._loop.iterate(self._async.list_all_members(vpc_id, resource_type=resource_type, **options))
