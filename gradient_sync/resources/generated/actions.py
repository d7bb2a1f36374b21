# Generated from gradient_async/resources/generated/actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.resources.generated import actions as async_actions
    from gradient_sync._event_loop import EventLoop


class RawActions:
    """``Actions``, with HTTP answers as results."""

    def __init__(self, source: async_actions.RawActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> RawResponse[ActionRetrieveResponse]:
        """``Actions.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, action_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``Actions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)
