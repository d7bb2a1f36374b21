"""Requests to paths that the SDK does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, unquote

import attrs

from gradient_async import converter
from gradient_async.arguments import checked_json, checked_lines, checked_texts
from gradient_async.http.endpoint import Endpoint, Resend

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

T = TypeVar("T")

_EXAMPLE: Final = "/v2/cdn/endpoints"
_PREFIX: Final = "/v2/"
# What a path may have beside letters and digits (RFC 3986). The percent sign is kept: a caller may have encoded a part.
_SAFE: Final = "/%-._~!$&'()*+,;=:@"
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\\?#]|//|%(?![0-9a-fA-F]{2})")
_HOST: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://|//")


def request(
    method: str,
    path: str,
    options: ReadOptions,
    *,
    query: Mapping[str, str | int | float | bool] | None = None,
    body: Mapping[str, object] | None = None,
    cast_to: type[T] | None = None,
) -> Request[T]:
    """Return a request to any path of the API.

    Args:
        method: The HTTP method.
        path: The path, with or without ``/v2/`` at its beginning.
        options: The caller's options.
        query: Query parameters.
        body: The JSON body.
        cast_to: The model of the answer; ``None`` for a dict, and ``object`` too, as callers of the retired SDK write.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: The path leaves the API, or has a query.
    """
    where = _checked_path(path)
    answer: type[Any] = dict if cast_to in (None, object) else _checked_model(cast_to)
    endpoint: Endpoint[T] = Endpoint(method.lower(), method, "/v2/{path:text}", answer=answer)
    if not _is_repeated(method, where, query):
        endpoint = attrs.evolve(endpoint, resend=Resend.NEVER)
    made = endpoint.request(options, where.removeprefix(_PREFIX), body=_checked_body(body))
    return made._replace(path=where, query={**checked_texts("query", query), **made.query})


def _is_repeated(method: str, path: str, query: Mapping[str, object] | None) -> bool:
    """Return whether a DELETE removes one thing. Others may find more to remove the second time."""
    return method != "DELETE" or not (query or "/destroy_with_associated_resources" in path)


def _checked_path(path: object) -> str:
    text = checked_lines("path", path, _EXAMPLE)
    if _HOST.match(text):
        raise ValueError(f"path: expected a path such as {_EXAMPLE!r} and no host, got {text!r:.80}")
    found = _FORBIDDEN.search(text)
    if found is not None:
        hint = "; pass query=" if found[0] == "?" else ""
        raise ValueError(f"path: {found[0]!r} is not allowed in a path{hint}; got {text!r:.80}")
    where = text if text.startswith("/") else _PREFIX + text.removeprefix(_PREFIX[1:])
    if not where.startswith(_PREFIX) or where == _PREFIX:
        raise ValueError(f"path: expected one that begins with {_PREFIX!r}, such as {_EXAMPLE!r}, got {text!r:.80}")
    if {".", ".."} & set(unquote(where).replace("\\", "/").split("/")):
        raise ValueError(f"path: '.' and '..' are not allowed, got {text!r:.80}")
    return quote(where, safe=_SAFE)


def _checked_model(cast_to: object) -> type[Any]:
    if isinstance(cast_to, type) and (cast_to is dict or attrs.has(cast_to)):
        return cast_to
    raise TypeError(f"cast_to: expected an attrs class, such as a model of this SDK, got {cast_to!r:.80}")


def _checked_body(body: object) -> Mapping[str, object] | None:
    if body is None:
        return None
    if not isinstance(body, Mapping):
        raise TypeError(f"body: expected a mapping of names to values, got {type(body).__name__}")
    checked_json("body", body)
    try:
        converter.encode(dict(body))
    except (TypeError, ValueError) as error:
        raise type(error)(f"body: {error}") from None
    return dict(body)
