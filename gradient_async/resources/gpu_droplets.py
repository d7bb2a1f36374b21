"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, overload

from gradient_async.endpoints import droplet_creation, droplets
from gradient_async.errors import NotFoundError
from gradient_async.resources.droplet_waiting import DropletWaiting
from gradient_async.resources.generated.gpu_droplets import GeneratedGPUDroplets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
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

T = TypeVar("T")


class GPUDroplets(DropletWaiting, GeneratedGPUDroplets):
    """GPU Droplets, their actions and their sizes."""

    async def _send(self, request: Request[T]) -> T:
        # Imported here, since most programs create no Droplets.
        if droplet_creation.is_create(request):
            from gradient_async.resources.droplet_creator import DropletCreator

            return await DropletCreator(self._sender).create(request)
        if request.endpoint is not droplets.RETRIEVE:
            return await super()._send(request)
        try:
            return await super()._send(request)
        except NotFoundError as error:
            from gradient_async.resources.droplet_placement import error_for

            raise await error_for(self._sender, request.path_values[0], error) from None

    async def _send_raw(self, request: Request[T]) -> RawResponse[T]:
        if not droplet_creation.is_create(request):
            return await super()._send_raw(request)
        from gradient_async.resources.droplet_creator import DropletCreator

        return await DropletCreator(self._sender).create_raw(request)

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
    ) -> SingleDropletResponse: ...

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
    ) -> MultipleDropletResponse: ...

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
    ) -> GPUDropletCreateResponse:
        """Create one Droplet, or one for each of several names; each once.

        The answer says that the API accepted the request. The Droplets are not usable yet: wait for their ``create``
        actions, in ``.links``.

        If the answer is lost, the SDK looks for Droplets with these names and this size that were created since: in the
        lists with and without GPUs, and in the account's actions, for up to the client's ``create_settle_seconds``.
        These Droplets are the result. By default the SDK does not create again, since a second Droplet is billed.

        Args:
            image: Id or slug of an image; an id for a snapshot or backup of your own. ``"auto"`` for the image with the
                drivers for the size's GPUs: the sizes are read first. Not with ``with_raw_response``.
            size: Slug of a size, such as ``"gpu-h100x1-80gb"``.
            name: Name of the Droplet, which is its hostname: letters, digits, dots and dashes, at most 255. ``{n}`` in
                it becomes a number and a nonce, so that the name is unique: ``"train-{n}"`` becomes
                ``"train-1-5f0c2a91"``.
            names: Names of several Droplets, in place of ``name``; no two are equal. More than ten are created in
                several requests, one after the other; ``with_raw_response`` refuses them.
            backup_policy: The times of the backups, for ``backups=True``; daily by default.
            backups: Whether backups are made; ``False`` by default.
            ipv6: Whether the Droplets get an IPv6 address; ``False`` by default.
            monitoring: Whether the metrics agent is installed; ``False`` by default.
            private_networking: Deprecated by the API; every Droplet is in a VPC.
            public_networking: Whether the Droplets get a public address; ``True`` by default. ``False`` excludes
                ``ipv6``.
            region: Slug of a region, or the beginning of one, such as ``"nyc"``. By default any region.
            ssh_keys: Ids or fingerprints of registered keys. Without a key, the API mails a root password. A key that
                was just registered can be refused for some time; the request is then sent again.
            tags: Tags. A tag that does not exist is created.
            user_data: A cloud-init file or a script for the first boot, at most 64 KiB.
            volumes: UUIDs of volumes to attach, which are in the same region and not attached.
            vpc_uuid: UUID of a VPC; by default the region's default VPC.
            with_droplet_agent: Whether the console agent is installed. By default it is, and a failure is ignored;
                with ``True``, a failure fails the create.
            on_unknown: What to do if the answer was lost and nothing shows the Droplet. ``"raise"`` raises
                ``CreateOutcomeUnknownError``. ``"resend"`` creates again after a quarter of ``create_settle_seconds``,
                looks for a second Droplet until their end, and destroys the younger of two. It destroys only Droplets
                that are surely its own: by the answer, or by the nonce in the name. Not with ``key``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``. With a
                key, the nonce in the names comes from it.

        Returns:
            The Droplet in ``.droplet``; with ``names``, the Droplets in ``.droplets``.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A value is out of range, or parameters exclude each other; or no image is known for the size of
                ``image="auto"``. Nothing was created.
            CapacityError: There is no capacity for this size in this region now.
            GpuLimitError: The account's limit of GPUs is reached.
            DropletLimitError: The account's limit of Droplets is reached.
            SizeRetiredError: The size does not exist, or not any more.
            ImageError: The image does not exist, or does not fit.
            SshKeyUnknownError: An SSH key is not registered.
            CreateOutcomeUnknownError: The answer was lost, and the Droplet may exist.
            PartlyCreatedError: Of more than ten names, the first were created, and then a request failed.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
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

    async def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
            PlacementLostError: This process created the Droplet, and the API found no place for it.
        """
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
    ) -> GPUDropletListResponse:
        """Read one page of Droplets; by default of GPU Droplets.

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
            page: Number of the page, from 1; 1 by default.
            per_page: Droplets on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A value has the wrong type.
            ValueError: A value is out of range.
        """
        return await self._send(droplets.list_page(name, tag_name, type, page, per_page, options))

    async def delete(self, droplet_id: int, **options: Unpack[RequestOptions]) -> None:
        """Destroy a Droplet. It cannot be undone.

        The API destroys in the background: for up to a minute, the Droplet can still be read. Its volumes, snapshots
        and reserved IPs stay, and are billed; see ``destroy_with_associated_resources``.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist. After a lost answer, a 404 means that it is destroyed; nothing is
                raised.
        """
        return await self._send(droplets.DELETE.request(options, droplet_id))

    async def delete_by_tag(self, *, tag_name: str, **options: Unpack[RequestOptions]) -> None:
        """Destroy all Droplets with a tag, with and without GPUs. It cannot be undone.

        If the answer is lost, the request is not sent again: a Droplet that got the tag since would be destroyed
        too.

        Args:
            tag_name: The tag. Upper and lower case differ.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            RequestOutcomeUnknownError: The answer was lost. ``list(tag_name=...)`` shows which Droplets are left.
        """
        return await self._send(droplets.delete_by_tag(tag_name, options))

    async def list_firewalls(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> GPUDropletListFirewallsResponse:
        """Read one page of firewalls of a Droplet: those that name it, and those that name one of its tags.

        Args:
            droplet_id: The Droplet's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Firewalls on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_FIREWALLS.request(options, droplet_id, query=pages))

    async def list_kernels(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> GPUDropletListKernelsResponse:
        """Read one page of kernels of a Droplet. Only Droplets from before March 2017 have any.

        Args:
            droplet_id: The Droplet's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Kernels on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_KERNELS.request(options, droplet_id, query=pages))

    async def list_neighbors(
        self, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> GPUDropletListNeighborsResponse:
        """Read which other Droplets of the account run on the same physical host.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return await self._send(droplets.LIST_NEIGHBORS.request(options, droplet_id))

    async def list_snapshots(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> GPUDropletListSnapshotsResponse:
        """Read one page of snapshots of a Droplet. Its backups are in ``backups.list``.

        Args:
            droplet_id: The Droplet's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Snapshots on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplets.LIST_SNAPSHOTS.request(options, droplet_id, query=pages))
