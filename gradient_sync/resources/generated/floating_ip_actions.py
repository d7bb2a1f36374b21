# Generated from gradient_async/resources/generated/floating_ip_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.floating_ip_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.reserved_ip import ActionCreateResponse
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.resources.generated import floating_ip_actions as async_floating_ip_actions
    from gradient_sync._event_loop import EventLoop


class RawFloatingIPActions:
    """``FloatingIPActions``, with HTTP answers as results."""

    def __init__(self, source: async_floating_ip_actions.RawFloatingIPActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, floating_ip: str, *, type: Literal["assign"], droplet_id: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    @overload
    def create(
        self, floating_ip: str, *, type: Literal["unassign"], **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    def create(
        self, floating_ip: str, *, type: str, droplet_id: int | None = None, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]:
        """``FloatingIPActions.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ActionCreateResponse]]] = self._async.create
        return self._loop.run(method, floating_ip, type=type, droplet_id=droplet_id, **options)

    def retrieve(
        self, action_id: int, *, floating_ip: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionRetrieveResponse]:
        """``FloatingIPActions.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, action_id, floating_ip=floating_ip, **options)

    def list(
        self,
        floating_ip: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionListResponse]:
        """``FloatingIPActions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, floating_ip, page=page, per_page=per_page, **options)
