# Generated from gradient_async/resources/droplet_backups.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Backups of Droplets: ``client.gpu_droplets.backups``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.backups import (
        BackupListPoliciesResponse,
        BackupListResponse,
        BackupListSupportedPoliciesResponse,
        BackupRetrievePolicyResponse,
        DropletBackupPolicyRecord,
    )
    from gradient_async.models.droplet_parts import DropletSnapshot
    from gradient_async.resources import droplet_backups as async_droplet_backups
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.droplet_backups import RawBackups


class Backups:
    """Backups of Droplets, and their policies."""

    def __init__(self, source: async_droplet_backups.Backups, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
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
        return self._loop.run(self._async.list, droplet_id, page=page, per_page=per_page, **options)

    def list_policies(
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
        return self._loop.run(self._async.list_policies, page=page, per_page=per_page, **options)

    def list_supported_policies(self, **options: Unpack[RequestOptions]) -> BackupListSupportedPoliciesResponse:
        """Read the plans that a backup policy can have.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list_supported_policies, **options)

    def retrieve_policy(self, droplet_id: int, **options: Unpack[RequestOptions]) -> BackupRetrievePolicyResponse:
        """Read the backup policy of one Droplet. ``gpu_droplets.actions`` changes it.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.run(self._async.retrieve_policy, droplet_id, **options)

    @property
    def with_raw_response(self) -> RawBackups:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.droplet_backups import RawBackups

        return RawBackups(self._async.with_raw_response, self._loop)

    def list_all(self, droplet_id: int, **options: Unpack[RequestOptions]) -> Iterator[DropletSnapshot]:
        """Iterate over all backups of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.iterate(self._async.list_all(droplet_id, **options))

    def list_all_policies(self, **options: Unpack[RequestOptions]) -> Iterator[DropletBackupPolicyRecord]:
        """Iterate over all backup policies of all Droplets.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Returns:
            The policies, in ``.policies``, by the Droplet's id as text.
        """
        return self._loop.iterate(self._async.list_all_policies(**options))
