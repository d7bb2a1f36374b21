"""The account's actions: ``client.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async import endpoints
from gradient_async.arguments import checked_count, checked_id
from gradient_async.http.request import RequestOptions, check_options
from gradient_async.resources.paginator import PAGE_LENGTH, AsyncPaginator, Page
from gradient_async.resources.raw import RawActions
from gradient_async.resources.resource import Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse


class Actions(Resource):
    """Every action of the account, on Droplets and on anything else."""

    @property
    def with_raw_response(self) -> RawActions:
        """The same methods, returning the HTTP answer instead of what it says."""
        return RawActions(self)

    async def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> ActionRetrieveResponse:
        """Read one action.

        Args:
            action_id: The action's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: There is no such action.
        """
        request = endpoints.retrieve_action(checked_id("action_id", action_id), None, options)
        return await self._send(request)

    async def list(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions, newest first.

        Args:
            page: Number of the page, from 1, which is the default.
            per_page: Actions on a page, 1 to 200; the API's default is 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(endpoints.list_actions(None, page_query(page, per_page), options))

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions, newest first, 200 to a request; an action comes once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        check_options(options)

        async def fetch(number: int) -> Page[Action]:
            answer = await self.list(page=number, per_page=PAGE_LENGTH, **options)
            return Page(items=answer.actions, links=answer.links, meta=answer.meta)

        return AsyncPaginator(fetch, key=lambda action: action.id)


def page_query(page: int | None, per_page: int | None) -> dict[str, object]:
    """The query parameters of a list; the range is the API's documented one."""
    query: dict[str, object] = {}
    if page is not None:
        query["page"] = checked_count("page", page, least=1)
    if per_page is not None:
        query["per_page"] = checked_count("per_page", per_page, least=1, most=PAGE_LENGTH)
    return query
