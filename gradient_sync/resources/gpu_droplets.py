# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.resources import gpu_droplets as async_gpu_droplets
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.account import Accounts
    from gradient_sync.resources.droplet_actions import DropletActions
    from gradient_sync.resources.firewalls import Firewalls
    from gradient_sync.resources.generated.gpu_droplets import RawGPUDroplets
    from gradient_sync.resources.images import Images
    from gradient_sync.resources.load_balancers import LoadBalancers
    from gradient_sync.resources.sizes import Sizes
    from gradient_sync.resources.volumes import Volumes


class GPUDroplets:
    """GPU Droplets, their actions and their sizes."""

    def __init__(self, source: async_gpu_droplets.GPUDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def actions(self) -> DropletActions:
        """Actions on single Droplets, and on all Droplets with a tag."""
        from gradient_sync.resources.droplet_actions import DropletActions

        return DropletActions(self._async.actions, self._loop)

    @cached_property
    def firewalls(self) -> Firewalls:
        """Firewalls of Droplets."""
        from gradient_sync.resources.firewalls import Firewalls

        return Firewalls(self._async.firewalls, self._loop)

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
    def volumes(self) -> Volumes:
        """Volumes: block storage that is attached to Droplets."""
        from gradient_sync.resources.volumes import Volumes

        return Volumes(self._async.volumes, self._loop)

    @cached_property
    def account(self) -> Accounts:
        """The account: its SSH keys."""
        from gradient_sync.resources.account import Accounts

        return Accounts(self._async.account, self._loop)

    def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.run(self._async.retrieve(droplet_id, **options))

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
        a list by tag has Droplets with and without GPUs (see ``Droplet.has_gpus``). With ``tag_name`` and ``type``,
        this method reads the page by tag and removes the Droplets of the other type. Such a page can be shorter than
        ``per_page``, or empty although other pages follow, and ``meta.total`` counts all Droplets with the tag.
        ``list_all`` reads all pages.

        Args:
            name: Only Droplets with exactly this name, in upper or lower case.
            tag_name: Only Droplets with this tag; not together with ``name``.
            type: ``"gpus"``, or ``"droplets"`` for Droplets without GPUs. By default ``"gpus"``; with ``tag_name``,
                both.
            page: Number of the page, from 1; 1 by default.
            per_page: Droplets on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: The filters exclude each other.
            ValueError: A value is out of range.
        """
        return self._loop.run(
            self._async.list(name=name, tag_name=tag_name, type=type, page=page, per_page=per_page, **options)
        )

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
        a list by tag has Droplets with and without GPUs (see ``Droplet.has_gpus``). With ``tag_name`` and ``type``,
        this method reads the page by tag and removes the Droplets of the other type. Such a page can be shorter than
        ``per_page``, or empty although other pages follow, and ``meta.total`` counts all Droplets with the tag.
        ``list_all`` reads all pages.

        Args:
            name: Only Droplets with exactly this name, in upper or lower case.
            tag_name: Only Droplets with this tag; not together with ``name``.
            type: ``"gpus"``, or ``"droplets"`` for Droplets without GPUs. By default ``"gpus"``; with ``tag_name``,
                both.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: The filters exclude each other.
            ValueError: A value is out of range.
        """
        return self._loop.iterate(self._async.list_all(name=name, tag_name=tag_name, type=type, **options))
