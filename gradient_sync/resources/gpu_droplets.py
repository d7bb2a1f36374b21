# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_sync.resources.droplet_actions import DropletActions
from gradient_sync.resources.generated.gpu_droplets import RawGPUDroplets
from gradient_sync.resources.sizes import Sizes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.resources import gpu_droplets as async_gpu_droplets
    from gradient_sync._event_loop import EventLoop


class GPUDroplets:
    """GPU Droplets, and what can be done with them.

    Attributes:
        actions: Actions on single Droplets, and on all Droplets with a tag.
        sizes: What Droplets can be made of, and what it costs.
    """

    def __init__(self, source: async_gpu_droplets.GPUDroplets, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop
        self.actions: DropletActions = DropletActions(source.actions, loop)
        self.sizes: Sizes = Sizes(source.sizes, loop)

    def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There is no such Droplet.
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
        return self._loop.run(
            self._async.list(name=name, tag_name=tag_name, type=type, page=page, per_page=per_page, **options)
        )

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, returning the HTTP answer instead of what it says."""
        return RawGPUDroplets(self._async.with_raw_response, self._loop)

    def list_all(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Iterator[Droplet]:
        """Iterate over all Droplets, 200 to a request; each comes once.

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
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: Filters that exclude each other.
            ValueError: A value that is out of range.
        """
        return self._loop.iterate(self._async.list_all(name=name, tag_name=tag_name, type=type, **options))
