# Generated from gradient_async/resources/autoscale.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Autoscale pools: ``client.gpu_droplets.autoscale``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

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
    from gradient_async.resources import autoscale as async_autoscale
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.autoscale import RawAutoscale


class Autoscale:
    """Autoscale pools: equal Droplets, whose number the API sets."""

    def __init__(self, source: async_autoscale.Autoscale, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[KeyedOptions],
    ) -> AutoscaleCreateResponse:
        """Create a pool. It creates its Droplets afterwards, and they bill like any others.

        If the answer is lost, the SDK looks for the pool in the account's list of pools, for up to the client's
        ``create_settle_seconds``. It does not create again, since a second pool would create Droplets too.

        Args:
            name: The pool's name.
            config: How many Droplets it has: a fixed number, or a number by their load.
            droplet_template: What its Droplets are like.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            TypeError: A part lacks a field, or has an unknown one.
            ValueError: A value is out of range.
            UnprocessableEntityError: The API does not know a size, a region, an image or a key.
            CreateOutcomeUnknownError: The answer was lost, and the pool may exist.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        return self._loop.run(
            self._async.create, name=name, config=config, droplet_template=droplet_template, **options
        )

    def retrieve(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> AutoscaleRetrieveResponse:
        """Read one pool.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """
        return self._loop.run(self._async.retrieve, autoscale_pool_id, **options)

    def update(
        self,
        autoscale_pool_id: str,
        *,
        name: str,
        config: AutoscalePoolConfig | AutoscalePoolConfigParam,
        droplet_template: AutoscalePoolDropletTemplate | AutoscalePoolDropletTemplateParam,
        **options: Unpack[RequestOptions],
    ) -> AutoscaleUpdateResponse:
        """Replace all settings of a pool: each setting that is not given gets its default.

        To change some settings and keep the others, pass ``**pool.settings(...)``, where ``pool`` is the pool as it was
        read. With another template, the API replaces the Droplets. If the answer is lost, the request is sent again.

        Args:
            autoscale_pool_id: The pool's id.
            name: The pool's name, which cannot change.
            config: How many Droplets it has: a fixed number, or a number by their load.
            droplet_template: What its Droplets are like.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: A part lacks a field, or has an unknown one.
            ValueError: A value is out of range.
            NotFoundError: The pool does not exist.
            UnprocessableEntityError: The API does not know a size, a region, an image or a key.
        """
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
    ) -> AutoscaleListResponse:
        """Read one page of pools.

        Args:
            name: Only pools with this name.
            page: Number of the page, from 1; 1 by default.
            per_page: Pools on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, name=name, page=page, per_page=per_page, **options)

    def delete(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a pool. Its Droplets stay, and still bill.

        The API accepts the request and deletes the pool afterwards. Until then the pool's status is ``"deleting"``.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, autoscale_pool_id, **options)

    def delete_dangerous(self, autoscale_pool_id: str, *, x_dangerous: bool, **options: Unpack[RequestOptions]) -> None:
        """Delete a pool and destroy all of its Droplets.

        The API accepts the request and destroys them afterwards. Until then the pool's status is ``"deleting"``. If the
        answer is lost, the request is not sent again.

        Args:
            autoscale_pool_id: The pool's id.
            x_dangerous: ``True``, to say that you mean it.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            ValueError: ``x_dangerous`` is ``False``. Nothing was sent.
            NotFoundError: The pool does not exist.
            RequestOutcomeUnknownError: The answer was lost. Read the pool before you send the request again.
        """
        return self._loop.run(self._async.delete_dangerous, autoscale_pool_id, x_dangerous=x_dangerous, **options)

    def list_history(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> AutoscaleListHistoryResponse:
        """Read one page of a pool's history.

        Args:
            autoscale_pool_id: The pool's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Entries on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """
        return self._loop.run(self._async.list_history, autoscale_pool_id, page=page, per_page=per_page, **options)

    def list_members(
        self,
        autoscale_pool_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> AutoscaleListMembersResponse:
        """Read one page of a pool's Droplets. They are no ``Droplet``, and have fewer fields.

        Args:
            autoscale_pool_id: The pool's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Droplets on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """
        return self._loop.run(self._async.list_members, autoscale_pool_id, page=page, per_page=per_page, **options)

    @property
    def with_raw_response(self) -> RawAutoscale:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.autoscale import RawAutoscale

        return RawAutoscale(self._async.with_raw_response, self._loop)

    def list_all(self, *, name: str | None = None, **options: Unpack[RequestOptions]) -> Iterator[AutoscalePool]:
        """Iterate over all pools.

        One request reads 200 items. Each item is yielded once.

        Args:
            name: Only pools with this name.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(name=name, **options))

    def list_all_history(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> Iterator[AutoscaleHistory]:
        """Iterate over all a pool's history.

        One request reads 200 items. Each item is yielded once.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """
        return self._loop.iterate(self._async.list_all_history(autoscale_pool_id, **options))

    def list_all_members(self, autoscale_pool_id: str, **options: Unpack[RequestOptions]) -> Iterator[AutoscaleMember]:
        """Iterate over all a pool's Droplets.

        One request reads 200 items. Each item is yielded once.

        Args:
            autoscale_pool_id: The pool's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The pool does not exist.
        """
        return self._loop.iterate(self._async.list_all_members(autoscale_pool_id, **options))
