"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from gradient_async.endpoints import droplets
from gradient_async.resources.generated.gpu_droplets import GeneratedGPUDroplets

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.resources.account import Accounts
    from gradient_async.resources.droplet_actions import DropletActions
    from gradient_async.resources.firewalls import Firewalls
    from gradient_async.resources.images import Images
    from gradient_async.resources.load_balancers import LoadBalancers
    from gradient_async.resources.sizes import Sizes
    from gradient_async.resources.volumes import Volumes
    from gradient_async.waiting.watcher import Watcher


class GPUDroplets(GeneratedGPUDroplets):
    """GPU Droplets, their actions and their sizes."""

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    @cached_property
    def actions(self) -> DropletActions:
        """Actions on single Droplets, and on all Droplets with a tag."""
        from gradient_async.resources.droplet_actions import DropletActions

        return DropletActions(self._sender, self._watcher)

    @cached_property
    def firewalls(self) -> Firewalls:
        """Firewalls of Droplets."""
        from gradient_async.resources.firewalls import Firewalls

        return Firewalls(self._sender)

    @cached_property
    def images(self) -> Images:
        """Images of Droplets."""
        from gradient_async.resources.images import Images

        return Images(self._sender)

    @cached_property
    def load_balancers(self) -> LoadBalancers:
        """Load balancers in front of Droplets."""
        from gradient_async.resources.load_balancers import LoadBalancers

        return LoadBalancers(self._sender)

    @cached_property
    def sizes(self) -> Sizes:
        """Sizes of Droplets, and their prices."""
        from gradient_async.resources.sizes import Sizes

        return Sizes(self._sender)

    @cached_property
    def volumes(self) -> Volumes:
        """Volumes: block storage that is attached to Droplets."""
        from gradient_async.resources.volumes import Volumes

        return Volumes(self._sender, self._watcher)

    @cached_property
    def account(self) -> Accounts:
        """The account: its SSH keys."""
        from gradient_async.resources.account import Accounts

        return Accounts(self._sender)

    async def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
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
        return await self._send(droplets.list_page(name, tag_name, type, page, per_page, options))
