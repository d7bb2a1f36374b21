"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.endpoints import droplets
from gradient_async.resources.droplet_actions import DropletActions
from gradient_async.resources.generated.gpu_droplets import GeneratedGPUDroplets
from gradient_async.resources.sizes import Sizes

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.waiting.watcher import Watcher


class GPUDroplets(GeneratedGPUDroplets):
    """GPU Droplets, and what can be done with them.

    Attributes:
        actions: Actions on single Droplets, and on all Droplets with a tag.
        sizes: What Droplets can be made of, and what it costs.
    """

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self.actions: DropletActions = DropletActions(sender, watcher)
        self.sizes: Sizes = Sizes(sender)

    async def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There is no such Droplet.
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
        """Read one page of Droplets; of GPU Droplets, unless a filter says otherwise.

        The API leaves GPU Droplets out of its list unless it is asked for ``type=gpus``, and takes ``tag_name`` only
        alone: a list by tag holds whatever has the tag, with GPUs or without (see ``Droplet.has_gpus``). With
        ``tag_name`` and ``type`` the page is read by tag, and the Droplets of the other type are left out of it here:
        it can be shorter than ``per_page``, or empty although more follow, and ``meta.total`` counts all that have the
        tag. ``list_all`` reads on to the end.

        Args:
            name: Only Droplets of exactly this name, in any case.
            tag_name: Only Droplets with this tag; not together with ``name``.
            type: ``"gpus"``, which is the default without ``tag_name``, or ``"droplets"``, which have no GPUs. With
                ``tag_name`` the default is both.
            page: Number of the page, from 1, which is the default.
            per_page: Droplets on a page, 1 to 200; the API's default is 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: Filters that exclude each other.
            ValueError: A value that is out of range.
        """
        return await self._send(droplets.list_page(name, tag_name, type, page, per_page, options))
