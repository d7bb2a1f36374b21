# Generated from gradient_async/resources/droplet_backups.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.droplet_backups``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import droplet_backups
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.backups import (
        BackupListPoliciesResponse,
        BackupListResponse,
        BackupListSupportedPoliciesResponse,
        BackupRetrievePolicyResponse,
        DropletBackupPolicyRecord,
    )
    from gradient_async.models.droplet_parts import DropletSnapshot


class RawBackups(RawResource):
    """``Backups``, with HTTP answers as results."""

    async def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[BackupListResponse]:
        """``Backups.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplet_backups.LIST.request(options, droplet_id, query=pages))

    async def list_policies(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupListPoliciesResponse]:
        """``Backups.list_policies``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplet_backups.LIST_POLICIES.request(options, query=pages))

    async def list_supported_policies(
        self, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupListSupportedPoliciesResponse]:
        """``Backups.list_supported_policies``, returning the HTTP answer."""
        return await self._send(droplet_backups.LIST_SUPPORTED_POLICIES.request(options))

    async def retrieve_policy(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupRetrievePolicyResponse]:
        """``Backups.retrieve_policy``, returning the HTTP answer."""
        return await self._send(droplet_backups.RETRIEVE_POLICY.request(options, droplet_id))


class GeneratedBackups(Resource):
    """Generated methods of ``Backups``."""

    @property
    def with_raw_response(self) -> RawBackups:
        """The same methods, with the HTTP answer as their result."""
        return RawBackups(self._send_raw)

    def list_all(self, droplet_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[DropletSnapshot]:
        """Iterate over all backups of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """

        def request(page: int) -> Request[BackupListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplet_backups.LIST.request(options, droplet_id, query=pages)

        return self._all(request, lambda answer: answer.backups)

    def list_all_policies(self, **options: Unpack[RequestOptions]) -> AsyncIterator[DropletBackupPolicyRecord]:
        """Iterate over all backup policies of all Droplets.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Returns:
            The policies, in ``.policies``, by the Droplet's id as text.
        """

        def request(page: int) -> Request[BackupListPoliciesResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplet_backups.LIST_POLICIES.request(options, query=pages)

        return self._all(request, lambda answer: tuple(answer.policies.values()))
