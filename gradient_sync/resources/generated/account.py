# Generated from gradient_async/resources/generated/account.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.account``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.account import AccountRetrieveResponse
    from gradient_async.resources.generated import account as async_account
    from gradient_sync._event_loop import EventLoop


class RawAccounts:
    """``Accounts``, with HTTP answers as results."""

    def __init__(self, source: async_account.RawAccounts, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, **options: Unpack[RequestOptions]) -> RawResponse[AccountRetrieveResponse]:
        """``Accounts.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, **options)
