# Generated from gradient_async/resources/actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import actions
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse


class RawActions(RawResource):
    """``Actions``, with HTTP answers as results."""

    async def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> RawResponse[ActionRetrieveResponse]:
        """``Actions.retrieve``, returning the HTTP answer."""
        return await self._send(actions.RETRIEVE.request(options, action_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``Actions.list``, returning the HTTP answer."""
        return await self._send(actions.LIST.request(options, query={"page": page, "per_page": per_page}))


class GeneratedActions(Resource):
    """Generated methods of ``Actions``."""

    @property
    def with_raw_response(self) -> RawActions:
        """The same methods, with the HTTP answer as their result."""
        return RawActions(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            return actions.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.actions)
