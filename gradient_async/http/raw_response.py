"""An HTTP answer with its status, headers and attempts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from gradient_async.errors import APIResponseValidationError
from gradient_async.http import reader
from gradient_async.http.correspondence import mismatch_of
from gradient_async.http.headers import made_of
from gradient_async.http.results import attempts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.errors import Attempt
    from gradient_async.http.correspondence import Mismatch
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import Response
    from gradient_async.http.results import Result

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class RawResponse(Generic[T_co]):
    """An HTTP answer that is not parsed yet.

    Attributes:
        response: The answer as received.
        request: The request of the answer.
        is_adopted: ``True`` if the answer was lost, and the action or the created thing was found in a list. Status,
            headers and request id are those of the list then, and the body is its item.
        others: Further things that may be the result of the same request.
        is_replayed: ``True`` if the request was executed by an earlier call with the same key. The answer is that
            call's, with some of its headers and without its attempts.
    """

    __slots__ = (
        "_is_accepted",
        "_mismatch",
        "_parsed",
        "is_adopted",
        "is_replayed",
        "others",
        "request",
        "response",
        "results",
    )

    def __init__(
        self,
        response: Response,
        request: Request[T_co],
        results: Sequence[Result] = (),
        *,
        is_adopted: bool = False,
        others: tuple[object, ...] = (),
        is_replayed: bool = False,
    ) -> None:
        self.response: Response = response
        self.request: Request[T_co] = request
        self._parsed: T_co | None = None
        self.results: Sequence[Result] = results
        self.is_adopted: bool = is_adopted
        self.others: tuple[object, ...] = others
        self.is_replayed: bool = is_replayed
        self._mismatch: Mismatch | None = None
        self._is_accepted: bool = False

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts, oldest first."""
        return attempts_of(self.results)

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.response.status

    @property
    def status_code(self) -> int:
        """HTTP status, under the retired SDK's name."""
        return self.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers; a look-up ignores upper and lower case."""
        return self.response.headers

    @property
    def body(self) -> bytes:
        """The body's bytes."""
        return self.response.body

    @property
    def request_id(self) -> str | None:
        """The server's id of the request, from the ``x-request-id`` header."""
        return self.response.request_id

    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> object:
        """Return the body as parsed JSON, unchecked.

        Raises:
            ValueError: The body is no JSON.
        """
        return json.loads(self.body)

    def parse(self) -> T_co:
        """Return the body as the model that the method without ``with_raw_response`` returns.

        Raises:
            APIResponseValidationError: The body is no JSON, has another shape, or belongs to another request.
        """
        if self._parsed is None:
            try:
                answer = reader.read(self.response, self.request, lambda: self.attempts)
            except APIResponseValidationError as error:
                raise error.with_traceback(None) from None  # the reader's frames have the answer's body
            self._mismatch = mismatch_of(answer, self.request)
            if self._mismatch is not None and not self._is_accepted:
                raise self.wrong(self._mismatch)
            self._parsed = answer
            if self.is_adopted and hasattr(answer, "is_adopted"):
                more = {"others": self.others} if self.others and hasattr(answer, "others") else {}
                self._parsed = attrs.evolve(answer, is_adopted=True, **more)  # type: ignore[misc]  # an attrs class
            if self.is_replayed and hasattr(self._parsed, "is_replayed"):
                self._parsed = attrs.evolve(self._parsed, is_replayed=True)  # type: ignore[misc]  # likewise
        return self._parsed

    def wrong(self, mismatch: Mismatch) -> APIResponseValidationError:
        """Return the error for an answer that belongs to another request."""
        return APIResponseValidationError(
            f"status {self.status}, but {mismatch.reason}",
            method=self.request.method,
            path=self.request.path,
            status=self.status,
            fault_path=mismatch.fault_path,
            excerpt=reader.excerpt_of(self.body),
            request_id=self.request_id,
            attempts=self.attempts,
        )

    def __getstate__(self) -> tuple[object, ...]:
        """Return what a copy or a pickle needs, without the types of other libraries that cannot be pickled."""
        results = [one._replace(headers={}) for one in self.results]
        headers = [_fields_of(one) for one in (self.headers, *(one.headers for one in self.results))]
        response = self.response._replace(headers={})
        request = self.request._replace(query=dict(self.request.query), headers=dict(self.request.headers))
        return response, request, results, headers, self._parsed, self.is_adopted, self.others, self.is_replayed

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        response, self.request, results, fields, self._parsed, self.is_adopted, self.others, self.is_replayed = state
        headers = list(map(made_of, fields))
        self.response = response._replace(headers=headers[0])
        self.results = [one._replace(headers=own) for one, own in zip(results, headers[1:], strict=True)]
        self._mismatch, self._is_accepted = None, True  # a mismatch was an error before this could be copied

    def __repr__(self) -> str:
        return f"<RawResponse {self.status} {self.request.method} {self.request.path} request_id={self.request_id}>"


def mismatch_in(raw: RawResponse[T]) -> Mismatch | None:
    """Return how an answer that was parsed differs from its request; ``None`` if it does not."""
    return raw._mismatch  # noqa: SLF001 - of this module's class


def accept(raw: RawResponse[T]) -> None:
    """Accept an answer that differs from its request: the API gave it twice."""
    raw._is_accepted = True  # noqa: SLF001 - of this module's class


def parsed_as(raw: RawResponse[T], answer: T) -> RawResponse[T]:
    """Return an HTTP answer that is already parsed, to a model with more values than its body."""
    made = RawResponse(
        raw.response,
        raw.request,
        raw.results,
        is_adopted=raw.is_adopted,
        others=raw.others,
        is_replayed=raw.is_replayed,
    )
    made._parsed = answer  # noqa: SLF001 - of this module's class
    return made


def _fields_of(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(str(name), value) for name, value in headers.items()]
