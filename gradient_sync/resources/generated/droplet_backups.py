# Generated from gradient_async/resources/generated/droplet_backups.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.droplet_backups``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.backups import (
        BackupListPoliciesResponse,
        BackupListResponse,
        BackupListSupportedPoliciesResponse,
        BackupRetrievePolicyResponse,
    )
    from gradient_async.resources.generated import droplet_backups as async_droplet_backups
    from gradient_sync._event_loop import EventLoop


class RawBackups:
    """``Backups``, with HTTP answers as results."""

    def __init__(self, source: async_droplet_backups.RawBackups, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[BackupListResponse]:
        """``Backups.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, droplet_id, page=page, per_page=per_page, **options)

    def list_policies(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupListPoliciesResponse]:
        """``Backups.list_policies``, returning the HTTP answer."""
        return self._loop.run(self._async.list_policies, page=page, per_page=per_page, **options)

    def list_supported_policies(
        self, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupListSupportedPoliciesResponse]:
        """``Backups.list_supported_policies``, returning the HTTP answer."""
        return self._loop.run(self._async.list_supported_policies, **options)

    def retrieve_policy(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[BackupRetrievePolicyResponse]:
        """``Backups.retrieve_policy``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve_policy, droplet_id, **options)
