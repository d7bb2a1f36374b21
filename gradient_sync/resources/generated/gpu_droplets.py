# Generated from gradient_async/resources/generated/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.droplet_create import (
        GPUDropletCreateResponse,
        MultipleDropletResponse,
        SingleDropletResponse,
    )
    from gradient_async.models.droplet_parts import (
        GPUDropletListFirewallsResponse,
        GPUDropletListKernelsResponse,
        GPUDropletListNeighborsResponse,
        GPUDropletListSnapshotsResponse,
    )
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.resources.generated import gpu_droplets as async_gpu_droplets
    from gradient_sync._event_loop import EventLoop


class RawGPUDroplets:
    """``GPUDroplets``, with HTTP answers as results."""

    def __init__(self, source: async_gpu_droplets.RawGPUDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self,
        *,
        image: int | str,
        name: str,
        size: str,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        backups: bool | None = None,
        ipv6: bool | None = None,
        monitoring: bool | None = None,
        private_networking: bool | None = None,
        public_networking: bool | None = None,
        region: str | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        tags: Sequence[str] | None = None,
        user_data: str | None = None,
        volumes: Sequence[str] | None = None,
        vpc_uuid: str | None = None,
        with_droplet_agent: bool | None = None,
        on_unknown: Literal["raise", "resend"] = "raise",
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[SingleDropletResponse]: ...

    @overload
    def create(
        self,
        *,
        image: int | str,
        names: Sequence[str],
        size: str,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        backups: bool | None = None,
        ipv6: bool | None = None,
        monitoring: bool | None = None,
        private_networking: bool | None = None,
        public_networking: bool | None = None,
        region: str | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        tags: Sequence[str] | None = None,
        user_data: str | None = None,
        volumes: Sequence[str] | None = None,
        vpc_uuid: str | None = None,
        with_droplet_agent: bool | None = None,
        on_unknown: Literal["raise", "resend"] = "raise",
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[MultipleDropletResponse]: ...

    def create(
        self,
        *,
        image: int | str,
        size: str,
        name: str | None = None,
        names: Sequence[str] | None = None,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        backups: bool | None = None,
        ipv6: bool | None = None,
        monitoring: bool | None = None,
        private_networking: bool | None = None,
        public_networking: bool | None = None,
        region: str | None = None,
        ssh_keys: Sequence[int | str] | None = None,
        tags: Sequence[str] | None = None,
        user_data: str | None = None,
        volumes: Sequence[str] | None = None,
        vpc_uuid: str | None = None,
        with_droplet_agent: bool | None = None,
        on_unknown: Literal["raise", "resend"] = "raise",
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[GPUDropletCreateResponse]:
        """``GPUDroplets.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[GPUDropletCreateResponse]]] = self._async.create
        return self._loop.run(
            method,
            image=image,
            size=size,
            name=name,
            names=names,
            backup_policy=backup_policy,
            backups=backups,
            ipv6=ipv6,
            monitoring=monitoring,
            private_networking=private_networking,
            public_networking=public_networking,
            region=region,
            ssh_keys=ssh_keys,
            tags=tags,
            user_data=user_data,
            volumes=volumes,
            vpc_uuid=vpc_uuid,
            with_droplet_agent=with_droplet_agent,
            on_unknown=on_unknown,
            **options,
        )

    def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[GPUDropletRetrieveResponse]:
        """``GPUDroplets.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, droplet_id, **options)

    def list(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListResponse]:
        """``GPUDroplets.list``, returning the HTTP answer."""
        return self._loop.run(
            self._async.list, name=name, tag_name=tag_name, type=type, page=page, per_page=per_page, **options
        )

    def delete(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``GPUDroplets.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, droplet_id, **options)

    def delete_by_tag(self, *, tag_name: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``GPUDroplets.delete_by_tag``, returning the HTTP answer."""
        return self._loop.run(self._async.delete_by_tag, tag_name=tag_name, **options)

    def list_firewalls(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListFirewallsResponse]:
        """``GPUDroplets.list_firewalls``, returning the HTTP answer."""
        return self._loop.run(self._async.list_firewalls, droplet_id, page=page, per_page=per_page, **options)

    def list_kernels(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListKernelsResponse]:
        """``GPUDroplets.list_kernels``, returning the HTTP answer."""
        return self._loop.run(self._async.list_kernels, droplet_id, page=page, per_page=per_page, **options)

    def list_neighbors(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[GPUDropletListNeighborsResponse]:
        """``GPUDroplets.list_neighbors``, returning the HTTP answer."""
        return self._loop.run(self._async.list_neighbors, droplet_id, **options)

    def list_snapshots(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListSnapshotsResponse]:
        """``GPUDroplets.list_snapshots``, returning the HTTP answer."""
        return self._loop.run(self._async.list_snapshots, droplet_id, page=page, per_page=per_page, **options)
