# Generated from gradient_async/resources/billing.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.billing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import billing
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.billing import BalanceRetrieveResponse, BillingEntry, BillingListHistoryResponse


class RawBalance(RawResource):
    """``Balance``, with HTTP answers as results."""

    async def retrieve(self, **options: Unpack[RequestOptions]) -> RawResponse[BalanceRetrieveResponse]:
        """``Balance.retrieve``, returning the HTTP answer."""
        return await self._send(billing.BALANCE.request(options))


class GeneratedBalance(Resource):
    """Generated methods of ``Balance``."""

    @property
    def with_raw_response(self) -> RawBalance:
        """The same methods, with the HTTP answer as their result."""
        return RawBalance(self._send_raw)


class RawBilling(RawResource):
    """``Billing``, with HTTP answers as results."""

    async def list_history(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[BillingListHistoryResponse]:
        """``Billing.list_history``, returning the HTTP answer."""
        return await self._send(billing.HISTORY.request(options, query={"page": page, "per_page": per_page}))


class GeneratedBilling(Resource):
    """Generated methods of ``Billing``."""

    @property
    def with_raw_response(self) -> RawBilling:
        """The same methods, with the HTTP answer as their result."""
        return RawBilling(self._send_raw)

    def list_all_history(self, **options: Unpack[RequestOptions]) -> AsyncIterator[BillingEntry]:
        """Iterate over all the billing history.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[BillingListHistoryResponse]:
            per_page = MAX_PER_PAGE
            return billing.HISTORY.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.billing_history)
