# Generated from gradient_async/resources/billing.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Costs: ``client.balance`` and ``client.billing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.billing import BalanceRetrieveResponse, BillingEntry, BillingListHistoryResponse
    from gradient_async.resources import billing as async_billing
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.billing import RawBalance, RawBilling


class Balance:
    """The account's balance."""

    def __init__(self, source: async_billing.Balance, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, **options: Unpack[RequestOptions]) -> BalanceRetrieveResponse:
        """Read what the account owes and has used this month.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.retrieve, **options)

    @property
    def with_raw_response(self) -> RawBalance:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.billing import RawBalance

        return RawBalance(self._async.with_raw_response, self._loop)


class Billing:
    """The account's invoices, payments and credits."""

    def __init__(self, source: async_billing.Billing, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list_history(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> BillingListHistoryResponse:
        """Read one page of the billing history.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Entries on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list_history, page=page, per_page=per_page, **options)

    @property
    def with_raw_response(self) -> RawBilling:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.billing import RawBilling

        return RawBilling(self._async.with_raw_response, self._loop)

    def list_all_history(self, **options: Unpack[RequestOptions]) -> Iterator[BillingEntry]:
        """Iterate over all the billing history.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all_history(**options))
