# Generated from gradient_async/resources/gpu_droplets.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.gpu_droplets``."""

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
    """``GPUDroplets``, with HTTP answers as results."""

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
    """Generated methods of ``GPUDroplets``."""

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, with the HTTP answer as their result."""
        return RawGPUDroplets(self._sender)

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

        def request(page: int) -> Request[GPUDropletListResponse]:
            per_page = MAX_PER_PAGE
            return droplets.list_page(name, tag_name, type, page, per_page, options)

        return self._all(request, lambda answer: answer.droplets)
