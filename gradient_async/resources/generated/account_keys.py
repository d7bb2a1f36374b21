# Generated from gradient_async/resources/account_keys.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.account_keys``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import account_keys
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.ssh_key import (
        KeyCreateResponse,
        KeyListResponse,
        KeyRetrieveResponse,
        KeyUpdateResponse,
        SSHKeys,
    )


class RawKeys(RawResource):
    """``Keys``, with HTTP answers as results."""

    async def create(
        self, *, name: str, public_key: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[KeyCreateResponse]:
        """``Keys.create``, returning the HTTP answer."""
        return await self._send(account_keys.CREATE.request(options, body={"name": name, "public_key": public_key}))

    async def retrieve(
        self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyRetrieveResponse]:
        """``Keys.retrieve``, returning the HTTP answer."""
        return await self._send(account_keys.RETRIEVE.request(options, ssh_key_identifier))

    async def update(
        self, ssh_key_identifier: int | str, *, name: str | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyUpdateResponse]:
        """``Keys.update``, returning the HTTP answer."""
        return await self._send(account_keys.UPDATE.request(options, ssh_key_identifier, body={"name": name}))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[KeyListResponse]:
        """``Keys.list``, returning the HTTP answer."""
        return await self._send(account_keys.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Keys.delete``, returning the HTTP answer."""
        return await self._send(account_keys.DELETE.request(options, ssh_key_identifier))


class GeneratedKeys(Resource):
    """Generated methods of ``Keys``."""

    @property
    def with_raw_response(self) -> RawKeys:
        """The same methods, with the HTTP answer as their result."""
        return RawKeys(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[SSHKeys]:
        """Iterate over all keys.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[KeyListResponse]:
            per_page = MAX_PER_PAGE
            return account_keys.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.ssh_keys)
