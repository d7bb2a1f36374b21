# Generated from gradient_async/resources/any_endpoint.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.any_endpoint``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import any_endpoint
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.resources.resource import T


class RawAnyEndpoint(RawResource):
    """``AnyEndpoint``, with HTTP answers as results."""

    @overload
    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.get``, returning the HTTP answer."""
        return await self._send(any_endpoint.request("GET", path, options, query=query, cast_to=cast_to))

    @overload
    async def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    async def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    async def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.post``, returning the HTTP answer."""
        return await self._send(any_endpoint.request("POST", path, options, query=query, body=body, cast_to=cast_to))

    @overload
    async def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    async def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    async def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.put``, returning the HTTP answer."""
        return await self._send(any_endpoint.request("PUT", path, options, query=query, body=body, cast_to=cast_to))

    @overload
    async def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    async def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    async def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.patch``, returning the HTTP answer."""
        return await self._send(any_endpoint.request("PATCH", path, options, query=query, body=body, cast_to=cast_to))

    @overload
    async def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    async def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    async def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.delete``, returning the HTTP answer."""
        return await self._send(any_endpoint.request("DELETE", path, options, query=query, body=body, cast_to=cast_to))


class GeneratedAnyEndpoint(Resource):
    """Generated methods of ``AnyEndpoint``."""

    @property
    def with_raw_response(self) -> RawAnyEndpoint:
        """The same methods, with the HTTP answer as their result."""
        return RawAnyEndpoint(self._send_raw)
