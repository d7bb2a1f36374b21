"""GPU Droplets: ``client.gpu_droplets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import evolve

from gradient_async import endpoints
from gradient_async.arguments import checked_choice, checked_id, checked_tag, checked_text
from gradient_async.endpoints import READ_DROPLETS
from gradient_async.http.request import RequestOptions, check_options
from gradient_async.resources.actions import page_query
from gradient_async.resources.droplet_actions import DropletActions
from gradient_async.resources.paginator import PAGE_LENGTH, AsyncPaginator, Page
from gradient_async.resources.raw import RawGPUDroplets
from gradient_async.resources.resource import Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Unpack

    from gradient_async.http.request import Request
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.responses import GPUDropletListResponse, GPUDropletRetrieveResponse
    from gradient_async.watcher import Watcher

_TYPES = ("gpus", "droplets")


class GPUDroplets(Resource):
    """GPU Droplets, and what can be done with them.

    Attributes:
        actions: Actions on single Droplets, and on all Droplets with a tag.
    """

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self.actions: DropletActions = DropletActions(sender, watcher)

    @property
    def with_raw_response(self) -> RawGPUDroplets:
        """The same methods, returning the HTTP answer instead of what it says."""
        return RawGPUDroplets(self)

    async def retrieve(self, droplet_id: int, **options: Unpack[RequestOptions]) -> GPUDropletRetrieveResponse:
        """Read one Droplet.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There is no such Droplet.
        """
        request = endpoints.retrieve_droplet(checked_id("droplet_id", droplet_id), options)
        return await self._send(request)

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
            TypeError: Filters that exclude each other, or ``tag_name`` with ``type`` behind ``with_raw_response``,
                where no answer is filtered.
            ValueError: A value that is out of range.
        """
        keep = _kept(tag_name, type)
        if keep is not None and self._is_raw:
            raise TypeError("type: a raw answer is not filtered; leave it out, and look at gpu_info in the answer")
        answer = await self._send(_page_request(name, tag_name, type, page, per_page, options))
        if keep is None:
            return answer
        return evolve(answer, droplets=tuple(filter(keep, answer.droplets)))

    def list_all(
        self,
        *,
        name: str | None = None,
        tag_name: str | None = None,
        type: Literal["gpus", "droplets"] | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncIterator[Droplet]:
        """Iterate over all Droplets that ``list`` would show page by page, 200 to a request; a Droplet comes once.

        Args:
            name: As ``list``.
            tag_name: As ``list``.
            type: As ``list``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: Filters that exclude each other.
            ValueError: A value that is out of range.
        """
        check_options(options)
        _filters(name, tag_name, type)

        async def fetch(number: int) -> Page[Droplet]:
            answer = await self._send(_page_request(name, tag_name, type, number, PAGE_LENGTH, options))
            return Page(items=answer.droplets, links=answer.links, meta=answer.meta)

        return AsyncPaginator(fetch, key=lambda droplet: droplet.id, keep=_kept(tag_name, type))


def _page_request(
    name: str | None,
    tag_name: str | None,
    type: str | None,
    page: int | None,
    per_page: int | None,
    options: RequestOptions,
) -> Request[GPUDropletListResponse]:
    """The request for one page, with the filters that the API takes together."""
    query = {**_filters(name, tag_name, type), **page_query(page, per_page)}
    scopes = READ_DROPLETS if tag_name is None else (*READ_DROPLETS, "tag:read")
    return endpoints.list_droplets(query, options, scopes)


def _kept(tag_name: str | None, type: str | None) -> Callable[[Droplet], bool] | None:
    """Which Droplets of a page are kept, where the API does not filter them itself; ``None`` for all."""
    if tag_name is None or type is None:
        return None
    return lambda droplet: droplet.has_gpus == (type == "gpus")


def _filters(name: str | None, tag_name: str | None, type: str | None) -> dict[str, object]:
    """The filters of a list of Droplets, as far as the API lets them be combined."""
    if type is not None:
        checked_choice("type", type, _TYPES)
    if tag_name is not None:
        if name is not None:
            raise TypeError("name: the API does not take it together with tag_name; pass one of the two")
        return {"tag_name": checked_tag("tag_name", tag_name)}
    filters: dict[str, object] = {"type": "gpus" if type is None else type}
    if name is not None:
        filters["name"] = checked_text("name", name, "trainer-01")
    return filters
