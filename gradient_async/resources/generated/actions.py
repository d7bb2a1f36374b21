# Generated from gradient_async/resources/actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""What is derived of ``gradient_async.resources.actions``."""

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
    """``Actions``, returning HTTP answers instead of what they say."""

    async def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> RawResponse[ActionRetrieveResponse]:
        """``Actions.retrieve``, returning the HTTP answer."""
        return await self._send(actions.RETRIEVE.request(options, action_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionListResponse]:
        """``Actions.list``, returning the HTTP answer."""
        return await self._send(actions.LIST.request(options, query={"page": page, "per_page": per_page}))


class GeneratedActions(Resource):
    """What is derived of ``Actions``."""

    @property
    def with_raw_response(self) -> RawActions:
        """The same methods, returning the HTTP answer instead of what it says."""
        return RawActions(self._sender)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions, newest first, 200 to a request; each comes once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            return actions.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.actions)
