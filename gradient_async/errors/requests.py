"""Errors of one request: no answer, an unreadable answer, or a status that is no success."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Required, TypedDict

from gradient_async.errors.root import GradientAIError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from gradient_async.errors.attempts import Attempt


class APIError(GradientAIError):
    """A request to the API got no usable answer.

    Attributes:
        method: HTTP method of the request.
        path: Its path, without the host and the query.
        request_id: The server's id of the request, from the body or the ``x-request-id`` header.
        attempts: All attempts, oldest first.
        hint: What to do about it; ``None`` if that is not known.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts
        self.hint = hint

    def __str__(self) -> str:
        tries = len(self.attempts)
        facts = [f"{self.method} {self.path}"]
        if self.request_id:
            facts.append(f"request id {self.request_id}")
        if tries > 1:
            facts.append(f"{tries} attempts")
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.message} ({', '.join(facts)}){hint}"


class APIConnectionError(APIError):
    """The server could not be reached, or the connection broke before the answer was complete."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """The request was not answered within its ``timeout``."""


class APIResponseValidationError(APIError):
    """The server's answer is not what the API promises: no JSON, or JSON of another shape.

    Attributes:
        status: HTTP status of the answer.
        fault_path: The faulty field of the body, such as ``$.action.id``; ``$`` for the whole body.
        excerpt: The beginning of the body, at most 200 characters.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        fault_path: str,
        excerpt: str,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts)
        self.status = status
        self.fault_path = fault_path
        self.excerpt = excerpt


class ResponseTooLargeError(APIResponseValidationError):
    """The server's answer is larger than the client's ``max_response_bytes``. It was not read to its end.

    ``fault_path`` is ``$`` and ``excerpt`` is empty. An action request never ends with this error: its answer counts as
    lost, and the SDK looks up the action.

    Attributes:
        limit: Maximum number of bytes of an answer, decompressed.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        limit: int,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(
            message,
            method=method,
            path=path,
            status=status,
            fault_path="$",
            excerpt="",
            request_id=request_id,
            attempts=attempts,
        )
        self.limit = limit
        self.hint = "Ask for a smaller page, or give the client a larger max_response_bytes."


class StatusFacts(TypedDict, total=False):
    """The arguments of an ``APIStatusError`` beside its message."""

    method: Required[str]
    path: Required[str]
    status: Required[int]
    id: str | None
    body: Mapping[str, object] | None
    excerpt: str
    headers: Mapping[str, str] | None
    retry_after: float | None
    request_id: str | None
    attempts: tuple[Attempt, ...]
    hint: str | None


class APIStatusError(APIError):
    """The server answered with a status that is no success.

    Attributes:
        status: HTTP status of the answer. ``status_code`` is the same number under the retired SDK's name.
        id: The API's name for the error, such as ``"not_found"``; ``None`` if the body has none.
        body: The parsed JSON body; ``None`` if it is no JSON.
        excerpt: The beginning of the body, at most 200 characters.
        headers: Headers of the answer, names in lower case.
        retry_after: Seconds that the server asks to wait; ``None`` if it does not ask.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int,
        id: str | None = None,
        body: Mapping[str, object] | None = None,
        excerpt: str = "",
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(message, method=method, path=path, request_id=request_id, attempts=attempts, hint=hint)
        self.status = status
        self.id = id
        self.body = body
        self.excerpt = excerpt
        self.headers: dict[str, str] = dict(headers or {})
        self.retry_after = retry_after

    @property
    def status_code(self) -> int:
        """HTTP status of the answer, under the retired SDK's name."""
        return self.status

    @property
    def response(self) -> Self:
        """The error itself, for scripts of the retired SDK.

        It has these names of the retired SDK's answer: ``status_code``, ``headers``, ``text`` and ``json()``.
        """
        return self

    @property
    def text(self) -> str:
        """The body as JSON; of a body that is no JSON, the beginning (see ``excerpt``)."""
        return self.excerpt if self.body is None else json.dumps(self.body, ensure_ascii=False)

    def json(self) -> Mapping[str, object]:
        """Return ``body``.

        Raises:
            ValueError: The body is no JSON.
        """
        if self.body is None:
            raise ValueError(f"the body is no JSON; it begins with {self.excerpt!r:.80}")
        return self.body


class BadRequestError(APIStatusError):
    """400: the request could not be understood."""


class AuthenticationError(APIStatusError):
    """401: the access token is missing, wrong or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the access token lacks a scope that the request needs."""


class LoadBalancerBusyError(PermissionDeniedError):
    """403: the API still processes an earlier change of the load balancer, or its creation. Try again later."""


class NotFoundError(APIStatusError):
    """404: the Droplet, action or route does not exist, or the token may not read it."""


class ConflictError(APIStatusError):
    """409: the resource's state forbids the request."""


class UnprocessableEntityError(APIStatusError):
    """422: the server understood the request and refused it.

    The API uses this status, with one ``id``, for busy Droplets, wrong power states, bad values and requests that would
    change nothing. The message decides which subclass is raised.
    """


class PendingEventError(UnprocessableEntityError):
    """422: another event runs on the Droplet. The same request can succeed when that event has ended."""


class WrongPowerStateError(UnprocessableEntityError):
    """422: the Droplet is on and the action needs it off, or the other way round."""


class RateLimitError(APIStatusError):
    """429: the token's requests per minute or per hour are used up."""


class InternalServerError(APIStatusError):
    """500 and above: the server, or the gateway in front of it, failed."""


def with_needed_scopes(error: Exception) -> str:
    """Return an error's message without its request, and for a refused token which scopes the request needs."""
    message = error.message if isinstance(error, GradientAIError) else str(error)
    hint = getattr(error, "hint", None) if isinstance(error, PermissionDeniedError) else None
    return f"{message.rstrip('.')}. {hint}" if hint else message
