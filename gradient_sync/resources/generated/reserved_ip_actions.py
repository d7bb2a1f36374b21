# Generated from gradient_async/resources/generated/reserved_ip_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.reserved_ip_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.reserved_ip import ActionCreateResponse
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.resources.generated import reserved_ip_actions as async_reserved_ip_actions
    from gradient_sync._event_loop import EventLoop


class RawReservedIPActions:
    """``ReservedIPActions``, with HTTP answers as results."""

    def __init__(self, source: async_reserved_ip_actions.RawReservedIPActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, reserved_ip: str, *, type: Literal["assign"], droplet_id: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    @overload
    def create(
        self, reserved_ip: str, *, type: Literal["unassign"], **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    def create(
        self, reserved_ip: str, *, type: str, droplet_id: int | None = None, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]:
        """``ReservedIPActions.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ActionCreateResponse]]] = self._async.create
        return self._loop.run(method, reserved_ip, type=type, droplet_id=droplet_id, **options)

    def retrieve(
        self, action_id: int, *, reserved_ip: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionRetrieveResponse]:
        """``ReservedIPActions.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, action_id, reserved_ip=reserved_ip, **options)

    def list(
        self,
        reserved_ip: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionListResponse]:
        """``ReservedIPActions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, reserved_ip, page=page, per_page=per_page, **options)
