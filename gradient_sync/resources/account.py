# Generated from gradient_async/resources/account.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The account: ``client.account``, and ``client.gpu_droplets.account`` as in the retired SDK."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.account import AccountRetrieveResponse
    from gradient_async.resources import account as async_account
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.account_keys import Keys
    from gradient_sync.resources.generated.account import RawAccounts


class Accounts:
    """The account of the token, and its SSH keys."""

    def __init__(self, source: async_account.Accounts, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def keys(self) -> Keys:
        """SSH keys."""
        from gradient_sync.resources.account_keys import Keys

        return Keys(self._async.keys, self._loop)

    def retrieve(self, **options: Unpack[RequestOptions]) -> AccountRetrieveResponse:
        """Read the account: whose it is, its limits and its status.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.retrieve, **options)

    @property
    def with_raw_response(self) -> RawAccounts:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.account import RawAccounts

        return RawAccounts(self._async.with_raw_response, self._loop)
