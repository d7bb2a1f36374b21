# Generated from gradient_async/resources/generated/billing.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.billing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.billing import BalanceRetrieveResponse, BillingListHistoryResponse
    from gradient_async.resources.generated import billing as async_billing
    from gradient_sync._event_loop import EventLoop


class RawBalance:
    """``Balance``, with HTTP answers as results."""

    def __init__(self, source: async_billing.RawBalance, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, **options: Unpack[RequestOptions]) -> RawResponse[BalanceRetrieveResponse]:
        """``Balance.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, **options)


class RawBilling:
    """``Billing``, with HTTP answers as results."""

    def __init__(self, source: async_billing.RawBilling, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def list_history(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[BillingListHistoryResponse]:
        """``Billing.list_history``, returning the HTTP answer."""
        return self._loop.run(self._async.list_history, page=page, per_page=per_page, **options)
