# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import droplet_creation, droplets
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.droplet import Droplet, Kernel
    from gradient_async.models.droplet_create import (
        GPUDropletCreateResponse,
        MultipleDropletResponse,
        SingleDropletResponse,
    )
    from gradient_async.models.droplet_parts import (
        DropletSnapshot,
        GPUDropletListFirewallsResponse,
        GPUDropletListKernelsResponse,
        GPUDropletListNeighborsResponse,
        GPUDropletListSnapshotsResponse,
    )
    from gradient_async.models.firewall import Firewall
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse


class RawGPUDroplets(RawResource):
    """``GPUDroplets``, with HTTP answers as results."""

    @overload
    async def create(
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
    async def create(
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

    async def create(
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
        given = {
            "image": image,
            "size": size,
            "name": name,
            "names": names,
            "backup_policy": backup_policy,
            "backups": backups,
            "ipv6": ipv6,
            "monitoring": monitoring,
            "private_networking": private_networking,
            "public_networking": public_networking,
            "region": region,
            "ssh_keys": ssh_keys,
            "tags": tags,
            "user_data": user_data,
            "volumes": volumes,
            "vpc_uuid": vpc_uuid,
            "with_droplet_agent": with_droplet_agent,
        }
        return await self._send(droplet_creation.create(given, on_unknown, options))

    async def retrieve(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[GPUDropletRetrieveResponse]:
        """``GPUDroplets.retrieve``, returning the HTTP answer."""
        return await self._send(droplets.RETRIEVE.request(options, droplet_id))

    async def list(
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
        return await self._send(droplets.list_page(name, tag_name, type, page, per_page, options))

    async def delete(self, droplet_id: int, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``GPUDroplets.delete``, returning the HTTP answer."""
        return await self._send(droplets.DELETE.request(options, droplet_id))

    async def delete_by_tag(self, *, tag_name: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``GPUDroplets.delete_by_tag``, returning the HTTP answer."""
        return await self._send(droplets.delete_by_tag(tag_name, options))

    async def list_firewalls(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListFirewallsResponse]:
        """``GPUDroplets.list_firewalls``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_FIREWALLS.request(options, droplet_id, query=pages))

    async def list_kernels(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListKernelsResponse]:
        """``GPUDroplets.list_kernels``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_KERNELS.request(options, droplet_id, query=pages))

    async def list_neighbors(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[GPUDropletListNeighborsResponse]:
        """``GPUDroplets.list_neighbors``, returning the HTTP answer."""
        return await self._send(droplets.LIST_NEIGHBORS.request(options, droplet_id))

    async def list_snapshots(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[GPUDropletListSnapshotsResponse]:
        """``GPUDroplets.list_snapshots``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_SNAPSHOTS.request(options, droplet_id, query=pages))


class GeneratedGPUDroplets(Resource):
    """Generated methods of ``GPUDroplets``."""

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, with the HTTP answer as their result."""
        return RawGPUDroplets(self._send_raw)

    def list_all(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncIterator[Droplet]:
        """Iterate over all Droplets.

        One request reads 200 items. Each item is yielded once.

        The API lists GPU Droplets only with ``type=gpus``. It does not take ``tag_name`` together with another filter:
        a list by tag has Droplets with and without GPUs (see ``Droplet.has_gpus``). With ``tag_name`` and ``name`` or
        ``type``, this method reads the page by tag and removes the other Droplets. Such a page can be shorter than
        ``per_page``, or empty although other pages follow, and ``meta.total`` counts all Droplets with the tag.
        ``list_all`` reads all pages.

        Args:
            name: Only Droplets with exactly this name, in upper or lower case.
            tag_name: Only Droplets with this tag.
            type: ``"gpus"``, or ``"droplets"`` for Droplets without GPUs. By default ``"gpus"``; with ``tag_name``,
                both.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A value has the wrong type.
            ValueError: A value is out of range.
        """

        def request(page: int) -> Request[GPUDropletListResponse]:
            per_page = MAX_PER_PAGE
            return droplets.list_page(name, tag_name, type, page, per_page, options)

        return self._all(request, lambda answer: answer.droplets)

    def list_all_firewalls(self, droplet_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[Firewall]:
        """Iterate over all firewalls of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """

        def request(page: int) -> Request[GPUDropletListFirewallsResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplets.LIST_FIREWALLS.request(options, droplet_id, query=pages)

        return self._all(request, lambda answer: answer.firewalls)

    def list_all_kernels(self, droplet_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[Kernel]:
        """Iterate over all kernels of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """

        def request(page: int) -> Request[GPUDropletListKernelsResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplets.LIST_KERNELS.request(options, droplet_id, query=pages)

        return self._all(request, lambda answer: answer.kernels)

    def list_all_snapshots(self, droplet_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[DropletSnapshot]:
        """Iterate over all snapshots of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """

        def request(page: int) -> Request[GPUDropletListSnapshotsResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplets.LIST_SNAPSHOTS.request(options, droplet_id, query=pages)

        return self._all(request, lambda answer: answer.snapshots)
