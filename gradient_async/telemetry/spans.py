"""Spans: their start, their attributes and their end."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final, TypeVar

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, StatusCode

from gradient_async._version import VERSION
from gradient_async.errors import (
    ActionOutcomeUnknownError,
    APIResponseValidationError,
    APIStatusError,
    GradientAIError,
)
from gradient_async.models.responses import actions_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from opentelemetry.trace import Span

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.sender import Fact

T = TypeVar("T")


def start_call(request: Request[object], server: Mapping[str, str | int]) -> Span:
    """Return a new span for one call."""
    return _tracer.start_span(request.endpoint.route, kind=SpanKind.CLIENT, attributes=_attributes_of(request, server))


def start_group(name: str) -> Span:
    """Return a new span for several calls."""
    return _tracer.start_span(name)


class CurrentSpan:
    """A context manager: the span is the current one inside, and ends with the block."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> None:
        self._token = context.attach(trace.set_span_in_context(self._span))

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # An abandoned coroutine is closed by the garbage collector, in another context.
        if exc_type is not GeneratorExit:
            context.detach(self._token)
        if exc_value is not None and self._span.is_recording():
            _record_end(self._span, exc_value)
        self._span.end()


def record_answer(span: Span, reply: RawResponse[T]) -> None:
    """Record the successful answer of a call."""
    if span.is_recording():
        span.set_attributes(_facts_of(reply))


def record_group(span: Span, facts: Callable[[], Mapping[str, Fact]], *, is_over: bool) -> None:
    """Record the result of several calls.

    Args:
        span: Their span.
        facts: Returns the attributes; among them ``error.type`` if the calls failed without an error.
        is_over: Whether the calls ended without an error. An error is recorded when the span ends.
    """
    if not span.is_recording():
        return
    attributes = dict(facts())
    failure = attributes.pop("error.type", None)
    span.set_attributes(attributes)
    if is_over and failure is not None:
        span.set_attribute("error.type", failure)
        span.set_status(StatusCode.ERROR)


def record_attempt(number: int, outcome: str, status: int | None, *, began_at: int, seconds: float) -> None:
    """Record one attempt as an event of the current span.

    Args:
        number: Number of the attempt, from 1.
        outcome: Outcome of the attempt.
        status: HTTP status of its answer; ``None`` without one.
        began_at: Start of the attempt, in nanoseconds since the epoch.
        seconds: Duration of the attempt.
    """
    span = trace.get_current_span()
    if not span.is_recording():
        return
    if number > 1:
        span.set_attribute("http.request.resend_count", number - 1)
    facts: dict[str, Fact] = {
        "gradient.attempt.number": number,
        "gradient.attempt.outcome": outcome,
        "gradient.attempt.seconds": seconds,
    }
    if status is not None:
        facts["http.response.status_code"] = status
    span.add_event("gradient.attempt", facts, timestamp=began_at)


def _attributes_of(request: Request[object], server: Mapping[str, str | int]) -> dict[str, Fact]:
    """Return the attributes that are known before the call. A sampler can use them."""
    attributes: dict[str, Fact] = {
        "http.request.method": request.method,
        "url.template": request.endpoint.path_template.text,
        **server,
    }
    for parameter, value in zip(request.endpoint.path_template.parameters, request.path_values, strict=True):
        fact = value if isinstance(value, int) else str(value)
        attributes[f"gradient.{parameter.name.replace('_id', '.id')}"] = fact
    if request.action is not None:
        attributes["gradient.action.type"] = request.action.type
    return attributes


def _facts_of(reply: RawResponse[T]) -> dict[str, Fact]:
    """Return the attributes of a successful answer."""
    facts: dict[str, Fact] = {"gradient.outcome": "answered"}
    if not reply.is_adopted:  # else the call's own answer was lost
        facts["http.response.status_code"] = reply.status
    if (action := reply.request.action) is not None:
        ids = [action.id for action in actions_in(reply.parse())]
        if action.resource_id is None and action.search is None:
            facts["gradient.action.count"] = len(ids)
        elif ids:
            facts |= {"gradient.action.id": ids[0], "gradient.is_adopted": reply.is_adopted}
    return facts


def _record_end(span: Span, error: BaseException) -> None:
    """Record an error or a cancellation that ends a span."""
    if not isinstance(error, Exception):
        span.set_attribute("gradient.outcome", "cancelled")
        return
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}"
    span.set_attribute("gradient.outcome", "unknown" if isinstance(error, ActionOutcomeUnknownError) else "failed")
    span.set_attribute("error.type", str(error.status) if isinstance(error, APIStatusError) else name)
    if isinstance(error, APIStatusError | APIResponseValidationError):
        span.set_attribute("http.response.status_code", error.status)
    facts = {"exception.type": name}
    summary = ""
    if isinstance(error, GradientAIError):
        # The error's own text may quote the server's answer.
        facts["exception.message"] = summary = (kind.__doc__ or "").partition("\n")[0]
    else:
        # An unexpected error: the places in the code show where it comes from, without any value.
        facts["exception.stacktrace"] = "".join(traceback.format_tb(error.__traceback__))
    span.add_event("exception", facts)
    span.set_status(StatusCode.ERROR, summary or None)


# It starts to work when the program sets up its provider.
_tracer: Final = trace.get_tracer("gradient_async", VERSION)
