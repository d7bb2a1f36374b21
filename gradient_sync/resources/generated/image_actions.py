# Generated from gradient_async/resources/generated/image_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.image_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse
    from gradient_async.resources.generated import image_actions as async_image_actions
    from gradient_sync._event_loop import EventLoop


class RawImageActions:
    """``ImageActions``, with HTTP answers as results."""

    def __init__(self, source: async_image_actions.RawImageActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, image_id: int, *, type: Literal["transfer"], region: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[Action]: ...

    @overload
    def create(
        self, image_id: int, *, type: Literal["convert"], **options: Unpack[KeyedOptions]
    ) -> RawResponse[Action]: ...

    def create(
        self,
        image_id: int,
        *,
        type: Literal["convert", "transfer"],
        region: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[Action]:
        """``ImageActions.create``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[Action]]] = self._async.create
        return self._loop.run(method, image_id, type=type, region=region, **options)

    def retrieve(self, action_id: int, *, image_id: int, **options: Unpack[RequestOptions]) -> RawResponse[Action]:
        """``ImageActions.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, action_id, image_id=image_id, **options)

    def list(
        self, image_id: int, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``ImageActions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, image_id, page=page, per_page=per_page, **options)
