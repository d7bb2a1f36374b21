"""Backups of Droplets: ``client.gpu_droplets.backups``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import droplet_backups
from gradient_async.resources.generated.droplet_backups import GeneratedBackups

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.backups import (
        BackupListPoliciesResponse,
        BackupListResponse,
        BackupListSupportedPoliciesResponse,
        BackupRetrievePolicyResponse,
    )


class Backups(GeneratedBackups):
    """Backups of Droplets, and their policies."""

    async def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> BackupListResponse:
        """Read one page of backups of a Droplet.

        Args:
            droplet_id: The Droplet's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Backups on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplet_backups.LIST.request(options, droplet_id, query=pages))

    async def list_policies(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> BackupListPoliciesResponse:
        """Read one page of backup policies of all Droplets.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Policies on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Returns:
            The policies, in ``.policies``, by the Droplet's id as text.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplet_backups.LIST_POLICIES.request(options, query=pages))

    async def list_supported_policies(self, **options: Unpack[RequestOptions]) -> BackupListSupportedPoliciesResponse:
        """Read the plans that a backup policy can have.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(droplet_backups.LIST_SUPPORTED_POLICIES.request(options))

    async def retrieve_policy(self, droplet_id: int, **options: Unpack[RequestOptions]) -> BackupRetrievePolicyResponse:
        """Read the backup policy of one Droplet. ``gpu_droplets.actions`` changes it.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return await self._send(droplet_backups.RETRIEVE_POLICY.request(options, droplet_id))
