# Generated from gradient_async/resources/reserved_ip_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.reserved_ip_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import reserved_ips
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.reserved_ip import ActionCreateResponse
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse


class RawReservedIPActions(RawResource):
    """``ReservedIPActions``, with HTTP answers as results."""

    @overload
    async def create(
        self, reserved_ip: str, *, type: Literal["assign"], droplet_id: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    @overload
    async def create(
        self, reserved_ip: str, *, type: Literal["unassign"], **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]: ...

    async def create(
        self, reserved_ip: str, *, type: str, droplet_id: int | None = None, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionCreateResponse]:
        """``ReservedIPActions.create``, returning the HTTP answer."""
        endpoint = reserved_ips.CREATE_ACTION
        return await self._send(reserved_ips.action(endpoint, reserved_ip, type, droplet_id, options))

    async def retrieve(
        self, action_id: int, *, reserved_ip: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionRetrieveResponse]:
        """``ReservedIPActions.retrieve``, returning the HTTP answer."""
        return await self._send(reserved_ips.RETRIEVE_ACTION.request(options, reserved_ip, action_id))

    async def list(
        self,
        reserved_ip: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionListResponse]:
        """``ReservedIPActions.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(reserved_ips.LIST_ACTIONS.request(options, reserved_ip, query=pages))


class GeneratedReservedIPActions(Resource):
    """Generated methods of ``ReservedIPActions``."""

    @property
    def with_raw_response(self) -> RawReservedIPActions:
        """The same methods, with the HTTP answer as their result."""
        return RawReservedIPActions(self._send_raw)

    def list_all(self, reserved_ip: str, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions on an IP, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            reserved_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return reserved_ips.LIST_ACTIONS.request(options, reserved_ip, query=pages)

        return self._all(request, lambda answer: answer.actions)
