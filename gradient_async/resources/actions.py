"""The account's actions: ``client.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import actions
from gradient_async.resources.generated.actions import GeneratedActions

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse


class Actions(GeneratedActions):
    """All actions of the account, on Droplets and other resources."""

    async def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> ActionRetrieveResponse:
        """Read one action.

        Args:
            action_id: The action's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The action does not exist.
        """
        return await self._send(actions.RETRIEVE.request(options, action_id))

    async def list(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions, newest first.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(actions.LIST.request(options, query={"page": page, "per_page": per_page}))
