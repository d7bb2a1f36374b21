# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""What is derived of ``gradient_async.resources.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import droplets
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse


class RawGPUDroplets(RawResource):
    """``GPUDroplets``, returning HTTP answers instead of what they say."""

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


class GeneratedGPUDroplets(Resource):
    """What is derived of ``GPUDroplets``."""

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, returning the HTTP answer instead of what it says."""
        return RawGPUDroplets(self._sender)

    def list_all(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncIterator[Droplet]:
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

        def request(page: int) -> Request[GPUDropletListResponse]:
            per_page = MAX_PER_PAGE
            return droplets.list_page(name, tag_name, type, page, per_page, options)

        return self._all(request, lambda answer: answer.droplets)
