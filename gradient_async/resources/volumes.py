"""Volumes: ``client.gpu_droplets.volumes``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import volumes
from gradient_async.resources.generated.volumes import GeneratedVolumes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.volume import VolumeCreateResponse, VolumeListResponse, VolumeRetrieveResponse
    from gradient_async.resources.volume_actions import VolumeActions
    from gradient_async.resources.volume_snapshots import VolumeSnapshots
    from gradient_async.waiting.watcher import Watcher


class Volumes(GeneratedVolumes):
    """Volumes: block storage that Droplets use one after the other."""

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    @cached_property
    def actions(self) -> VolumeActions:
        """Actions on volumes: attach, detach and resize."""
        from gradient_async.resources.volume_actions import VolumeActions

        return VolumeActions(self._sender, self._watcher)

    @cached_property
    def snapshots(self) -> VolumeSnapshots:
        """Snapshots of volumes."""
        from gradient_async.resources.volume_snapshots import VolumeSnapshots

        return VolumeSnapshots(self._sender)

    @overload
    async def create(
        self,
        *,
        name: str,
        region: str,
        size_gigabytes: int,
        description: str | None = None,
        filesystem_label: str | None = None,
        filesystem_type: str | None = None,
        snapshot_id: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> VolumeCreateResponse: ...

    @overload
    async def create(
        self,
        *,
        name: str,
        region: str | None = None,
        size_gigabytes: int | None = None,
        description: str | None = None,
        snapshot_id: str,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> VolumeCreateResponse: ...

    async def create(
        self,
        *,
        name: str,
        region: str | None = None,
        size_gigabytes: int | None = None,
        description: str | None = None,
        filesystem_label: str | None = None,
        filesystem_type: str | None = None,
        snapshot_id: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> VolumeCreateResponse:
        """Create a volume. It is billed until it is deleted, whether it is attached or not.

        If the answer is lost, the request is not sent again.

        Args:
            name: Its name: small letters, digits and ``-``, a letter first, up to 64 characters. It is unique in the
                region.
            region: Slug of its region, which has to be the Droplet's. Not needed with ``snapshot_id``.
            size_gigabytes: Its size in GiB, 1 to 16,384. Not needed with ``snapshot_id``.
            description: A description.
            filesystem_label: Label of the filesystem: up to 16 characters for ``ext4``, 12 for ``xfs``. Needs
                ``filesystem_type``.
            filesystem_type: Filesystem to format it with, ``"ext4"`` or ``"xfs"``. By default it is not formatted.
            snapshot_id: Id of the volume snapshot that it is a copy of.
            tags: Its tags. New tags are created.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            TypeError: An argument is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range. Nothing was sent.
            ConflictError: The region has a volume of this name.
            RequestOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        body = {
            "name": name,
            "region": region,
            "size_gigabytes": size_gigabytes,
            "description": description,
            "filesystem_label": filesystem_label,
            "filesystem_type": filesystem_type,
            "snapshot_id": snapshot_id,
            "tags": tags,
        }
        return await self._send(volumes.CREATE.request(options, body=body))

    async def retrieve(self, volume_id: str, **options: Unpack[RequestOptions]) -> VolumeRetrieveResponse:
        """Read one volume.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist.
        """
        return await self._send(volumes.RETRIEVE.request(options, volume_id))

    async def list(
        self,
        *,
        name: str | None = None,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> VolumeListResponse:
        """Read one page of volumes.

        Args:
            name: Only volumes with exactly this name. With ``region`` that is one volume at most.
            region: Only volumes in the region with this slug.
            page: Number of the page, from 1; 1 by default.
            per_page: Volumes on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        query = {"name": name, "region": region, "page": page, "per_page": per_page}
        return await self._send(volumes.LIST.request(options, query=query))

    async def delete(self, volume_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a volume and its data. Its snapshots stay.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ConflictError: The volume is attached to a Droplet. Detach it first.
            NotFoundError: The volume does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return await self._send(volumes.DELETE.request(options, volume_id))

    @overload
    async def delete_by_name(self, *, name: str, region: str, **options: Unpack[RequestOptions]) -> None: ...

    @overload
    async def delete_by_name(self, **options: Unpack[RequestOptions]) -> None: ...

    async def delete_by_name(
        self, *, name: str | None = None, region: str | None = None, **options: Unpack[RequestOptions]
    ) -> None:
        """Delete the volume with a name, and its data. Its snapshots stay.

        Args:
            name: The volume's name.
            region: Slug of its region. The API needs both. A call with neither is sent, as in the retired SDK, for
                those who give them in ``extra_query``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: Only one of ``name`` and ``region`` was given. Nothing was sent.
            ConflictError: The volume is attached to a Droplet. Detach it first.
            NotFoundError: The region has no volume of this name. After a lost answer, a 404 means that it is deleted;
                nothing is raised.
        """
        return await self._send(volumes.delete_by_name(name, region, options))
