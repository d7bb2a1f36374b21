"""The account: ``client.account``, and ``client.gpu_droplets.account`` as in the retired SDK."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gradient_async.endpoints import account
from gradient_async.resources.generated.account import GeneratedAccounts

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.account import AccountRetrieveResponse
    from gradient_async.resources.account_keys import Keys


class Accounts(GeneratedAccounts):
    """The account of the token, and its SSH keys."""

    @cached_property
    def keys(self) -> Keys:
        """SSH keys."""
        from gradient_async.resources.account_keys import Keys

        return Keys(self._sender)

    async def retrieve(self, **options: Unpack[RequestOptions]) -> AccountRetrieveResponse:
        """Read the account: whose it is, its limits and its status.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(account.RETRIEVE.request(options))
