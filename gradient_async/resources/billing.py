"""Costs: ``client.balance`` and ``client.billing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import billing
from gradient_async.resources.generated.billing import GeneratedBalance, GeneratedBilling

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.billing import BalanceRetrieveResponse, BillingListHistoryResponse


class Balance(GeneratedBalance):
    """The account's balance."""

    async def retrieve(self, **options: Unpack[RequestOptions]) -> BalanceRetrieveResponse:
        """Read what the account owes and has used this month.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(billing.BALANCE.request(options))


class Billing(GeneratedBilling):
    """The account's invoices, payments and credits."""

    async def list_history(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> BillingListHistoryResponse:
        """Read one page of the billing history.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Entries on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(billing.HISTORY.request(options, query={"page": page, "per_page": per_page}))
