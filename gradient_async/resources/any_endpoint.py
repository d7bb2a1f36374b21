"""Any endpoint of the API, by its path: ``client.get``, ``client.post`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.endpoints import any_endpoint
from gradient_async.resources.generated.any_endpoint import GeneratedAnyEndpoint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.resources.resource import T


class AnyEndpoint(GeneratedAnyEndpoint):
    """Requests to paths that the SDK does not know. The client inherits them."""

    @overload
    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Read any path of the API. A lost answer is asked for again.

        The rate budget, retries, errors and ``with_raw_response`` are those of all other methods.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
        """
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
    ) -> T: ...

    @overload
    async def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    async def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a POST to any path of the API. It is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
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
    ) -> T: ...

    @overload
    async def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    async def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a PUT to any path of the API. It is sent again if the answer is lost.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
        """
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
    ) -> T: ...

    @overload
    async def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    async def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a PATCH to any path of the API. It is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
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
    ) -> T: ...

    @overload
    async def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    async def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a DELETE to any path of the API.

        It is sent again if the answer is lost, and a 404 then means that it is done. One with a query, and one that
        destroys associated resources, is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
        return await self._send(any_endpoint.request("DELETE", path, options, query=query, body=body, cast_to=cast_to))
