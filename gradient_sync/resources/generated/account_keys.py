# Generated from gradient_async/resources/generated/account_keys.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.account_keys``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.ssh_key import KeyCreateResponse, KeyListResponse, KeyRetrieveResponse, KeyUpdateResponse
    from gradient_async.resources.generated import account_keys as async_account_keys
    from gradient_sync._event_loop import EventLoop


class RawKeys:
    """``Keys``, with HTTP answers as results."""

    def __init__(self, source: async_account_keys.RawKeys, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(self, *, name: str, public_key: str, **options: Unpack[KeyedOptions]) -> RawResponse[KeyCreateResponse]:
        """``Keys.create``, returning the HTTP answer."""
        return self._loop.run(self._async.create, name=name, public_key=public_key, **options)

    def retrieve(
        self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyRetrieveResponse]:
        """``Keys.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, ssh_key_identifier, **options)

    def update(
        self, ssh_key_identifier: int | str, *, name: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyUpdateResponse]:
        """``Keys.update``, returning the HTTP answer."""
        return self._loop.run(self._async.update, ssh_key_identifier, name=name, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyListResponse]:
        """``Keys.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Keys.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, ssh_key_identifier, **options)
