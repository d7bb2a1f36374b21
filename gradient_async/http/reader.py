"""Reads an answer: its model, its error, and its headers about rates and time."""

from __future__ import annotations

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from gradient_async import converter
from gradient_async.errors import (
    APIResponseValidationError,
    APIStatusError,
    AuthenticationError,
    PermissionDeniedError,
    ResponseTooLargeError,
)
from gradient_async.http import refusals
from gradient_async.http.windows import Allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradient_async.errors import Attempt
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ExchangeError, Response

T = TypeVar("T")

_EXCERPT_LENGTH: Final = 200
_MAX_TEXT_LENGTH: Final = 500
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_PROXY_AUTHENTICATION: Final = 407

_ALLOWANCE: Final = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
_TOO_LARGE: Final = 10**12

# Gateways answer with HTML pages.
_TITLE: Final = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)


def read(response: Response, request: Request[T], attempts: Callable[[], tuple[Attempt, ...]] = tuple) -> T:
    """Return the model of a successful answer; ``None`` if the endpoint's answers have no body.

    Raises:
        APIResponseValidationError: The body is no JSON, or has another shape.
    """
    model = request.endpoint.answer
    if model is None:
        return cast("T", None)  # T is None then
    if model is dict and not (response.is_success and response.body.strip()):
        return cast("T", {})  # an answer without a body, and a 404 that means that a DELETE is done
    try:
        answer = converter.decode(response.body, model, request.endpoint.envelope)
    except converter.DecodingError as error:
        reason, fault_path = error.reason, error.fault_path
        # Raised below: the decoder's frames hold the body, and the traceback would show it.
        answer = None
    if answer is None:
        raise _unreadable(response, request, reason, fault_path, attempts())
    if request.keep is None:
        return answer
    items = request.endpoint.items
    kept = tuple(filter(request.keep, getattr(answer, items)))
    return attrs.evolve(answer, **{items: kept})  # type: ignore[misc]  # every answer is an attrs class


def _unreadable(
    response: Response, request: Request[T], reason: str, fault_path: str, attempts: tuple[Attempt, ...]
) -> APIResponseValidationError:
    excerpt = _excerpt_of(response)
    fault_path = response.redaction.text(fault_path)
    return APIResponseValidationError(
        f"status {response.status}, but the answer is not what the API promises: "
        f"{response.redaction.text(reason)}, at {fault_path}; it begins with {excerpt!r}",
        method=request.method,
        path=request.path,
        status=response.status,
        fault_path=fault_path,
        excerpt=excerpt,
        request_id=response.request_id,
        attempts=attempts,
    )


def too_large(failure: ExchangeError, request: Request[object], attempts: tuple[Attempt, ...]) -> ResponseTooLargeError:
    """Return the error for an answer that is larger than ``max_response_bytes``."""
    assert failure.status is not None  # noqa: S101 - a body follows a status
    assert failure.limit is not None  # noqa: S101 - the caller has asked
    return ResponseTooLargeError(
        f"status {failure.status}, but {failure.reason}; it was not read further",
        method=request.method,
        path=request.path,
        status=failure.status,
        limit=failure.limit,
        attempts=attempts,
    )


def error_of(response: Response, request: Request[object], attempts: tuple[Attempt, ...] = ()) -> APIStatusError:
    """Return the error for an unsuccessful answer. The HTTP status decides its class, not the body's ``id``.

    The request's credentials are removed from all quotes.
    """
    body = _object_in(response)
    error_id, text = _text_of(body.get("id")), _text_of(body.get("message") or body.get("error"))
    refusal = refusals.refusal_of(response.status, text or "", body, request.body or {})
    error_class = refusal.error_class
    excerpt = _excerpt_of(response)
    return error_class(
        f"{response.status} {error_id}: {text}" if error_id and text else _plain(response.status, text, excerpt),
        method=request.method,
        path=request.path,
        status=response.status,
        id=error_id,
        body=body or None,
        excerpt=excerpt,
        headers={name.lower(): value for name, value in response.headers.items()},
        retry_after=advised_pause(response.headers, time.time()),
        request_id=_text_of(body.get("request_id")) or response.request_id,
        attempts=attempts,
        hint=refusal.hint or _hint(error_class, request, response),
        **refusal.facts,
    )


def message_of(response: Response) -> str:
    """Return the message of a refusal; ``""`` if it has none."""
    body = _object_in(response)
    return _text_of(body.get("message") or body.get("error")) or ""


def retry_after_of(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds of ``Retry-After``, which holds seconds or a date. The result is at least zero."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
        return float(value)
    timestamp = _timestamp_of(value)
    return None if timestamp is None else max(0.0, timestamp - now)


def advised_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that an answer asks to wait before the next request; ``None`` if it does not ask.

    The hourly 429 has no ``Retry-After``. Its ``ratelimit-remaining`` is 0, and ``ratelimit-reset`` is the time of the
    next free request. That time can lie in the past (digitalocean-node#37, Gamocosm#96); it is ignored then.
    """
    asked = retry_after_of(headers, now)
    if asked is not None or headers.get("ratelimit-remaining") != "0":
        return asked
    reset = _number_of(headers.get("ratelimit-reset"))
    seconds = 0.0 if reset is None else reset - now
    return seconds if seconds > 0 else None


def allowance_of(headers: Mapping[str, str], now: float) -> Allowance | None:
    """Return the values of the ``ratelimit-`` headers; ``None`` if one is missing or no number."""
    limit, remaining, reset = map(_number_of, map(headers.get, _ALLOWANCE))
    if limit is None or remaining is None or reset is None:
        return None
    return Allowance(limit=limit, remaining=remaining, reset_in=reset - now) if limit > 0 else None


def date_of(headers: Mapping[str, str]) -> float | None:
    """Return the server's time by the ``Date`` header, in whole seconds since the epoch."""
    return _timestamp_of(headers.get("date", ""))


def excerpt_of(body: bytes) -> str:
    """Return the beginning of a body as one line of text, at most 200 characters."""
    beginning = body.lstrip()[: 4 * _EXCERPT_LENGTH]
    text = " ".join(beginning.decode(errors="replace").split())
    is_all = len(text) <= _EXCERPT_LENGTH and len(beginning) == len(body.lstrip())
    return text if is_all else f"{text[: _EXCERPT_LENGTH - 1]}…"


def _excerpt_of(answer: Response) -> str:
    """Return the excerpt of an answer without the request's credentials."""
    return excerpt_of(answer.redaction.bytes(answer.body.lstrip()[: 16 * _EXCERPT_LENGTH]))


def _object_in(response: Response) -> Mapping[str, object]:
    try:
        value = response.redaction.json(converter.decode_json(response.body))
    except converter.DecodingError:
        return {}
    return value if isinstance(value, dict) else {}


def _number_of(text: str | None) -> int | None:
    """Return a whole number of at most twelve digits; ``None`` for any other text."""
    if not text or not text.isascii():
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if 0 <= number < _TOO_LARGE else None


def _timestamp_of(date: str) -> float | None:
    """Return the seconds since the epoch of an HTTP date. All three forms of it mean UTC."""
    try:
        parsed = parsedate_to_datetime(date)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _text_of(value: object) -> str | None:
    return value[:_MAX_TEXT_LENGTH] if isinstance(value, str) and value else None


def _plain(status: int, text: str | None, excerpt: str) -> str:
    title = _TITLE.search(excerpt)
    page = f"a page instead of JSON, titled {title[1].strip()!r}" if title else None
    return f"{status}: {text or page or excerpt or 'an answer without a body'}"


def _hint(error_class: type[APIStatusError], request: Request[object], response: Response) -> str | None:
    if error_class is AuthenticationError:
        return "Check the access token: DIGITALOCEAN_ACCESS_TOKEN, or access_token=."
    if error_class is PermissionDeniedError and request.scopes:
        return f"This request needs a token with {' and '.join(request.scopes)}."
    if response.status in _REDIRECTS and "location" in response.headers:
        return (
            f"The answer redirects to {response.headers['location']!r:.200}. The client follows no redirects, so that "
            "the token reaches no other host. Check base_url."
        )
    if response.proxy is not None and response.status == _PROXY_AUTHENTICATION:
        return f"The proxy {response.proxy} asks for credentials. Add them to its URL: http://user:password@host:port."
    if response.proxy is not None:
        return f"The answer came through the proxy {response.proxy}. It may be the proxy's own answer."
    return None
