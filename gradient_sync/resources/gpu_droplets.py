# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
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
    from gradient_async.resources import gpu_droplets as async_gpu_droplets
    from gradient_async.waiting.readiness import Until
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.account import Accounts
    from gradient_sync.resources.autoscale import Autoscale
    from gradient_sync.resources.destroy_with_associated_resources import DestroyWithAssociatedResources
    from gradient_sync.resources.droplet_actions import DropletActions
    from gradient_sync.resources.droplet_backups import Backups
    from gradient_sync.resources.firewalls import Firewalls
    from gradient_sync.resources.floating_ips import FloatingIPs
    from gradient_sync.resources.generated.gpu_droplets import RawGPUDroplets
    from gradient_sync.resources.images import Images
    from gradient_sync.resources.load_balancers import LoadBalancers
    from gradient_sync.resources.sizes import Sizes
    from gradient_sync.resources.snapshots import SnapshotsResource
    from gradient_sync.resources.volumes import Volumes


class GPUDroplets:
    """GPU Droplets, their actions and their sizes."""

    def __init__(self, source: async_gpu_droplets.GPUDroplets, loop: EventLoop) -> None:
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
    ) -> SingleDropletResponse: ...

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
    ) -> MultipleDropletResponse: ...

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
        method: Callable[..., Coroutine[object, object, GPUDropletCreateResponse]] = self._async.create
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

    def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
            PlacementLostError: This process created the Droplet, and the API found no place for it.
        """
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
        return self._loop.run(
            self._async.list, name=name, tag_name=tag_name, type=type, page=page, per_page=per_page, **options
        )

    def delete(self, droplet_id: int, **options: Unpack[RequestOptions]) -> None:
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
        return self._loop.run(self._async.delete, droplet_id, **options)

    def delete_by_tag(self, *, tag_name: str, **options: Unpack[RequestOptions]) -> None:
        """Destroy all Droplets with a tag, with and without GPUs. It cannot be undone.

        If the answer is lost, the request is not sent again: a Droplet that got the tag since would be destroyed
        too.

        Args:
            tag_name: The tag. Upper and lower case differ.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            RequestOutcomeUnknownError: The answer was lost. ``list(tag_name=...)`` shows which Droplets are left.
        """
        return self._loop.run(self._async.delete_by_tag, tag_name=tag_name, **options)

    def list_firewalls(
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
        return self._loop.run(self._async.list_firewalls, droplet_id, page=page, per_page=per_page, **options)

    def list_kernels(
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
        return self._loop.run(self._async.list_kernels, droplet_id, page=page, per_page=per_page, **options)

    def list_neighbors(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletListNeighborsResponse:
        """Read which other Droplets of the account run on the same physical host.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.run(self._async.list_neighbors, droplet_id, **options)

    def list_snapshots(
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
        return self._loop.run(self._async.list_snapshots, droplet_id, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        droplets: Droplet | int,
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> Droplet: ...

    @overload
    def wait(
        self,
        droplets: Iterable[Droplet | int],
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> tuple[Droplet, ...]: ...

    def wait(
        self,
        droplets: Droplet | int | Iterable[Droplet | int],
        *,
        until: Until = "active",
        timeout: float = 900.0,
        poll_interval: float | None = None,
        ssh_port: int = 22,
        address: Literal["public", "private"] = "public",
        **options: Unpack[ReadOptions],
    ) -> Droplet | tuple[Droplet, ...]:
        """Wait until one Droplet, or each of several, is ready to be used.

        A Droplet that is active may have no address yet, one with an address may not answer to SSH yet, and one that
        does may not have finished its first boot. ``until`` says which of these to wait for.

        All waits of a client share their polls: N Droplets take at most ⌈N/200⌉ + 1 requests a round. If a Droplet
        fails, the wait for the others continues.

        Args:
            droplets: The Droplet, its id, or an iterable of Droplets and ids.
            until: ``"active"``; ``"address"``, which implies it; ``"ssh"``, which implies both: an SSH server answers
                at the address. Or a probe: a function or a coroutine function that is called with the Droplet as last
                read, again and again, until it returns ``True``; ``gradient_async.probes`` has some. A function may
                block: it runs in a thread. An error that it raises counts as ``False``, except ``ImportError``,
                ``NameError``, ``TypeError`` and ``UnhealthyDropletError``. Or a sequence of these, which are reached in
                order.
            timeout: Maximum seconds of the whole wait.
            poll_interval: Seconds until the second poll, and until the second try of SSH or a probe. Later intervals
                grow up to 15 seconds for polls, and 5 seconds for tries. By default one second.
            ssh_port: TCP port of SSH.
            address: The address that ``"address"`` and ``"ssh"`` are about, ``"public"`` or ``"private"``.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The Droplet as last read; of several, a tuple in the order given.

        Raises:
            TypeError: An argument has the wrong type, or a probe returned neither ``True`` nor ``False``.
            ValueError: An argument is out of range.
            DropletWaitTimeoutError: A Droplet was not ready at the end of ``timeout``. It exists, and is billed.
            DropletGoneError: A Droplet does not exist any more. A new Droplet that is not readable yet is given time: a
                quarter of the client's ``create_settle_seconds``.
            PlacementLostError: The API accepted a Droplet, found no place for it, and removed it.
        """
        method: Callable[..., Coroutine[object, object, Droplet | tuple[Droplet, ...]]] = self._async.wait
        return self._loop.run(
            method,
            materialized(droplets),
            until=until,
            timeout=timeout,
            poll_interval=poll_interval,
            ssh_port=ssh_port,
            address=address,
            **options,
        )

    @cached_property
    def actions(self) -> DropletActions:
        """Actions on single Droplets, and on all Droplets with a tag."""
        from gradient_sync.resources.droplet_actions import DropletActions

        return DropletActions(self._async.actions, self._loop)

    @cached_property
    def backups(self) -> Backups:
        """Backups of Droplets, and their policies."""
        from gradient_sync.resources.droplet_backups import Backups

        return Backups(self._async.backups, self._loop)

    @cached_property
    def destroy_with_associated_resources(self) -> DestroyWithAssociatedResources:
        """Destroys Droplets with their snapshots, volumes and IPs."""
        from gradient_sync.resources.destroy_with_associated_resources import DestroyWithAssociatedResources

        return DestroyWithAssociatedResources(self._async.destroy_with_associated_resources, self._loop)

    @cached_property
    def firewalls(self) -> Firewalls:
        """Firewalls of Droplets."""
        from gradient_sync.resources.firewalls import Firewalls

        return Firewalls(self._async.firewalls, self._loop)

    @cached_property
    def floating_ips(self) -> FloatingIPs:
        """Reserved IPs under their former name."""
        from gradient_sync.resources.floating_ips import FloatingIPs

        return FloatingIPs(self._async.floating_ips, self._loop)

    @cached_property
    def autoscale(self) -> Autoscale:
        """Pools of equal Droplets, whose number the API sets."""
        from gradient_sync.resources.autoscale import Autoscale

        return Autoscale(self._async.autoscale, self._loop)

    @cached_property
    def images(self) -> Images:
        """Images of Droplets."""
        from gradient_sync.resources.images import Images

        return Images(self._async.images, self._loop)

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        """Load balancers in front of Droplets."""
        from gradient_sync.resources.load_balancers import LoadBalancers

        return LoadBalancers(self._async.load_balancers, self._loop)

    @cached_property
    def sizes(self) -> Sizes:
        """Sizes of Droplets, and their prices."""
        from gradient_sync.resources.sizes import Sizes

        return Sizes(self._async.sizes, self._loop)

    @cached_property
    def snapshots(self) -> SnapshotsResource:
        """Snapshots of Droplets and volumes."""
        from gradient_sync.resources.snapshots import SnapshotsResource

        return SnapshotsResource(self._async.snapshots, self._loop)

    @cached_property
    def volumes(self) -> Volumes:
        """Volumes: block storage that is attached to Droplets."""
        from gradient_sync.resources.volumes import Volumes

        return Volumes(self._async.volumes, self._loop)

    @cached_property
    def account(self) -> Accounts:
        """The account: its SSH keys."""
        from gradient_sync.resources.account import Accounts

        return Accounts(self._async.account, self._loop)

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.gpu_droplets import RawGPUDroplets

        return RawGPUDroplets(self._async.with_raw_response, self._loop)

    def list_all(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Iterator[Droplet]:
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
        return self._loop.iterate(self._async.list_all(name=name, tag_name=tag_name, type=type, **options))

    def list_all_firewalls(self, droplet_id: int, **options: Unpack[RequestOptions]) -> Iterator[Firewall]:
        """Iterate over all firewalls of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.iterate(self._async.list_all_firewalls(droplet_id, **options))

    def list_all_kernels(self, droplet_id: int, **options: Unpack[RequestOptions]) -> Iterator[Kernel]:
        """Iterate over all kernels of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.iterate(self._async.list_all_kernels(droplet_id, **options))

    def list_all_snapshots(self, droplet_id: int, **options: Unpack[RequestOptions]) -> Iterator[DropletSnapshot]:
        """Iterate over all snapshots of a Droplet.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.iterate(self._async.list_all_snapshots(droplet_id, **options))
