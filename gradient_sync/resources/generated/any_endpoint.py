# Generated from gradient_async/resources/generated/any_endpoint.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.any_endpoint``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.resources.generated import any_endpoint as async_any_endpoint
    from gradient_async.resources.resource import T
    from gradient_sync._event_loop import EventLoop


class RawAnyEndpoint:
    """``AnyEndpoint``, with HTTP answers as results."""

    def __init__(self, source: async_any_endpoint.RawAnyEndpoint, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.get``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[object]]] = self._async.get
        return self._loop.run(method, path, query=query, cast_to=cast_to, **options)

    @overload
    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.post``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[object]]] = self._async.post
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.put``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[object]]] = self._async.put
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.patch``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[object]]] = self._async.patch
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> RawResponse[T]: ...

    @overload
    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[dict[str, Any]]: ...

    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[object]:
        """``AnyEndpoint.delete``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[object]]] = self._async.delete
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)
