# Generated from gradient_async/resources/account.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.account``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import account
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.account import AccountRetrieveResponse


class RawAccounts(RawResource):
    """``Accounts``, with HTTP answers as results."""

    async def retrieve(self, **options: Unpack[RequestOptions]) -> RawResponse[AccountRetrieveResponse]:
        """``Accounts.retrieve``, returning the HTTP answer."""
        return await self._send(account.RETRIEVE.request(options))


class GeneratedAccounts(Resource):
    """Generated methods of ``Accounts``."""

    @property
    def with_raw_response(self) -> RawAccounts:
        """The same methods, with the HTTP answer as their result."""
        return RawAccounts(self._send_raw)
