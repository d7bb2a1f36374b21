# Generated from gradient_async/resources/volumes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Volumes: ``client.gpu_droplets.volumes``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.volume import Volume, VolumeCreateResponse, VolumeListResponse, VolumeRetrieveResponse
    from gradient_async.resources import volumes as async_volumes
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.volumes import RawVolumes
    from gradient_sync.resources.volume_actions import VolumeActions
    from gradient_sync.resources.volume_snapshots import VolumeSnapshots


class Volumes:
    """Volumes: block storage that Droplets use one after the other."""

    def __init__(self, source: async_volumes.Volumes, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def actions(self) -> VolumeActions:
        """Actions on volumes: attach, detach and resize."""
        from gradient_sync.resources.volume_actions import VolumeActions

        return VolumeActions(self._async.actions, self._loop)

    @cached_property
    def snapshots(self) -> VolumeSnapshots:
        """Snapshots of volumes."""
        from gradient_sync.resources.volume_snapshots import VolumeSnapshots

        return VolumeSnapshots(self._async.snapshots, self._loop)

    @overload
    def create(
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
    def create(
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

    def create(
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
        method: Callable[..., Coroutine[object, object, VolumeCreateResponse]] = self._async.create
        return self._loop.run(
            method,
            name=name,
            region=region,
            size_gigabytes=size_gigabytes,
            description=description,
            filesystem_label=filesystem_label,
            filesystem_type=filesystem_type,
            snapshot_id=snapshot_id,
            tags=tags,
            **options,
        )

    def retrieve(self, volume_id: str, **options: Unpack[RequestOptions]) -> VolumeRetrieveResponse:
        """Read one volume.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist.
        """
        return self._loop.run(self._async.retrieve, volume_id, **options)

    def list(
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
        return self._loop.run(self._async.list, name=name, region=region, page=page, per_page=per_page, **options)

    def delete(self, volume_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a volume and its data. Its snapshots stay.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ConflictError: The volume is attached to a Droplet. Detach it first.
            NotFoundError: The volume does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, volume_id, **options)

    @overload
    def delete_by_name(self, *, name: str, region: str, **options: Unpack[RequestOptions]) -> None: ...

    @overload
    def delete_by_name(self, **options: Unpack[RequestOptions]) -> None: ...

    def delete_by_name(
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
        method: Callable[..., Coroutine[object, object, None]] = self._async.delete_by_name
        return self._loop.run(method, name=name, region=region, **options)

    @property
    def with_raw_response(self) -> RawVolumes:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.volumes import RawVolumes

        return RawVolumes(self._async.with_raw_response, self._loop)

    def list_all(
        self, *, name: str | None = None, region: str | None = None, **options: Unpack[RequestOptions]
    ) -> Iterator[Volume]:
        """Iterate over all volumes.

        One request reads 200 items. Each item is yielded once.

        Args:
            name: Only volumes with exactly this name. With ``region`` that is one volume at most.
            region: Only volumes in the region with this slug.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(name=name, region=region, **options))
