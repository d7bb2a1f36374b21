# Generated from gradient_async/resources/generated/autoscale.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.autoscale``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.autoscale_pool import (
        AutoscaleCreateResponse,
        AutoscaleListHistoryResponse,
        AutoscaleListMembersResponse,
        AutoscaleListResponse,
        AutoscaleRetrieveResponse,
        AutoscaleUpdateResponse,
    )
    from gradient_async.models.autoscale_pool_parts import (
        AutoscalePoolConfig,
        AutoscalePoolConfigParam,
        AutoscalePoolDropletTemplate,
        AutoscalePoolDropletTemplateParam,
    )
    from gradient_async.resources.generated import autoscale as async_autoscale
    from gradient_sync._event_loop import EventLoop


class RawAutoscale:
    """``Autoscale``, with HTTP answers as results."""

    def __init__(self, source: async_autoscale.RawAutoscale, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[AutoscaleCreateResponse]:
        """``Autoscale.create``, returning the HTTP answer."""
        return self._loop.run(
            self._async.create, name=name, config=config, droplet_template=droplet_template, **options
        )

    def retrieve(
        self, autoscale_pool_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[AutoscaleRetrieveResponse]:
        """``Autoscale.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, autoscale_pool_id, **options)

    def update(
        self,
        autoscale_pool_id: str,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleUpdateResponse]:
        """``Autoscale.update``, returning the HTTP answer."""
        return self._loop.run(
            self._async.update,
            autoscale_pool_id,
            name=name,
            config=config,
            droplet_template=droplet_template,
            **options,
        )

    def list(
        self,
        *,
        name: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListResponse]:
        """``Autoscale.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, name=name, page=page, per_page=per_page, **options)

    def delete(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Autoscale.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, autoscale_pool_id, **options)

    def delete_dangerous(
        self, autoscale_pool_id: str, *, x_dangerous: bool, **options: Unpack[RequestOptions]
    ) -> RawResponse[None]:
        """``Autoscale.delete_dangerous``, returning the HTTP answer."""
        return self._loop.run(self._async.delete_dangerous, autoscale_pool_id, x_dangerous=x_dangerous, **options)

    def list_history(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListHistoryResponse]:
        """``Autoscale.list_history``, returning the HTTP answer."""
        return self._loop.run(self._async.list_history, autoscale_pool_id, page=page, per_page=per_page, **options)

    def list_members(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[AutoscaleListMembersResponse]:
        """``Autoscale.list_members``, returning the HTTP answer."""
        return self._loop.run(self._async.list_members, autoscale_pool_id, page=page, per_page=per_page, **options)
