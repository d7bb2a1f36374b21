"""Endpoints of the account's balance and billing history."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.billing import BalanceRetrieveResponse, BillingListHistoryResponse

_READ: Final = ("billing:read",)

BALANCE: Final[Endpoint[BalanceRetrieveResponse]] = Endpoint(
    "balance.retrieve",
    "GET",
    "/v2/customers/my/balance",
    answer=BalanceRetrieveResponse,
    scopes=_READ,
)
HISTORY: Final[Endpoint[BillingListHistoryResponse]] = Endpoint(
    "billing.list_history",
    "GET",
    "/v2/customers/my/billing_history",
    answer=BillingListHistoryResponse,
    items="billing_history",
    key="",
    scopes=_READ,
)
