# Generated from gradient_async/resources/sizes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.sizes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import sizes
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import SizeListResponse
    from gradient_async.models.size import Size


class RawSizes(RawResource):
    """``Sizes``, with HTTP answers as results."""

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[SizeListResponse]:
        """``Sizes.list``, returning the HTTP answer."""
        return await self._send(sizes.LIST.request(options, query={"page": page, "per_page": per_page}))


class GeneratedSizes(Resource):
    """Generated methods of ``Sizes``."""

    @property
    def with_raw_response(self) -> RawSizes:
        """The same methods, with the HTTP answer as their result."""
        return RawSizes(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Size]:
        """Iterate over all sizes.

        One request reads 200 items. Each item is yielded once.

        Sizes by contract are not listed. A size can be ``available`` although its list of regions is empty.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[SizeListResponse]:
            per_page = MAX_PER_PAGE
            return sizes.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.sizes)
