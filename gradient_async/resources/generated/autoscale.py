# Generated from gradient_async/resources/autoscale.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.autoscale``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import autoscale
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.autoscale_pool import (
        AutoscaleCreateResponse,
        AutoscaleHistory,
        AutoscaleListHistoryResponse,
        AutoscaleListMembersResponse,
        AutoscaleListResponse,
        AutoscaleMember,
        AutoscalePool,
        AutoscaleRetrieveResponse,
        AutoscaleUpdateResponse,
    )
    from gradient_async.models.autoscale_pool_parts import (
        AutoscalePoolConfig,
        AutoscalePoolConfigParam,
        AutoscalePoolDropletTemplate,
        AutoscalePoolDropletTemplateParam,
    )


class RawAutoscale(RawResource):
    """``Autoscale``, with HTTP answers as results."""

    async def create(
        self,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[AutoscaleCreateResponse]:
        """``Autoscale.create``, returning the HTTP answer."""
        return await self._send(
            autoscale.CREATE.request(
                options, body={"name": name, "config": config, "droplet_template": droplet_template}
            )
        )

    async def retrieve(
        self, autoscale_pool_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[AutoscaleRetrieveResponse]:
        """``Autoscale.retrieve``, returning the HTTP answer."""
        return await self._send(autoscale.RETRIEVE.request(options, autoscale_pool_id))

    async def update(
        self,
        autoscale_pool_id: str,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleUpdateResponse]:
        """``Autoscale.update``, returning the HTTP answer."""
        return await self._send(
            autoscale.UPDATE.request(
                options,
                autoscale_pool_id,
                body={"name": name, "config": config, "droplet_template": droplet_template},
            )
        )

    async def list(
        self,
        *,
        name: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListResponse]:
        """``Autoscale.list``, returning the HTTP answer."""
        return await self._send(
            autoscale.LIST.request(options, query={"name": name, "page": page, "per_page": per_page})
        )

    async def delete(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Autoscale.delete``, returning the HTTP answer."""
        return await self._send(autoscale.DELETE.request(options, autoscale_pool_id))

    async def delete_dangerous(
        self, autoscale_pool_id: str, *, x_dangerous: bool, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``Autoscale.delete_dangerous``, returning the HTTP answer."""
        return await self._send(autoscale.delete_dangerous(autoscale_pool_id, x_dangerous, options))

    async def list_history(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListHistoryResponse]:
        """``Autoscale.list_history``, returning the HTTP answer."""
        return await self._send(
            autoscale.LIST_HISTORY.request(options, autoscale_pool_id, query={"page": page, "per_page": per_page})
        )

    async def list_members(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListMembersResponse]:
        """``Autoscale.list_members``, returning the HTTP answer."""
        return await self._send(
            autoscale.LIST_MEMBERS.request(options, autoscale_pool_id, query={"page": page, "per_page": per_page})
        )


class GeneratedAutoscale(Resource):
    """Generated methods of ``Autoscale``."""

    @property
    def with_raw_response(self) -> RawAutoscale:
        """The same methods, with the HTTP answer as their result."""
        return RawAutoscale(self._send_raw)

    def list_all(self, *, name: str | None = None, **options: Unpack[RequestOptions]) -> AsyncIterator[AutoscalePool]:
        """Iterate over all pools.

        One request reads 200 items. Each item is yielded once.

        Args:
            name: Only pools with this name.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[AutoscaleListResponse]:
            per_page = MAX_PER_PAGE
            return autoscale.LIST.request(options, query={"name": name, "page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.autoscale_pools)

    def list_all_history(
        self, autoscale_pool_id: str, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[AutoscaleHistory]:
        """Iterate over all a pool's history.

        One request reads 200 items. Each item is yielded once.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """

        def request(page: int) -> Request[AutoscaleListHistoryResponse]:
            per_page = MAX_PER_PAGE
            return autoscale.LIST_HISTORY.request(
                options, autoscale_pool_id, query={"page": page, "per_page": per_page}
            )

        return self._all(request, lambda answer: answer.history)

    def list_all_members(
        self, autoscale_pool_id: str, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[AutoscaleMember]:
        """Iterate over all a pool's Droplets.

        One request reads 200 items. Each item is yielded once.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """

        def request(page: int) -> Request[AutoscaleListMembersResponse]:
            per_page = MAX_PER_PAGE
            return autoscale.LIST_MEMBERS.request(
                options, autoscale_pool_id, query={"page": page, "per_page": per_page}
            )

        return self._all(request, lambda answer: answer.droplets)
