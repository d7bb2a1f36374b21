"""The endpoint of the account itself."""

from __future__ import annotations

from typing import Final

from gradient_async.http.endpoint import Endpoint
from gradient_async.models.account import AccountRetrieveResponse

RETRIEVE: Final[Endpoint[AccountRetrieveResponse]] = Endpoint(
    "account.retrieve",
    "GET",
    "/v2/account",
    answer=AccountRetrieveResponse,
    scopes=("account:read",),
)
