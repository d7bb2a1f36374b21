"""OpenTelemetry: spans and metrics, where ``opentelemetry-api`` is installed (the extra ``otel``).

This is the only file that imports OpenTelemetry. It is loaded with the first client, if it can be. Without
OpenTelemetry the client has a plain ``Sender``, which knows nothing of all this; with it, but without a provider that
the program has set up, a call costs a few microseconds more. There is nothing to switch on here: whoever sets up a
``TracerProvider`` or a ``MeterProvider``, before or after the client is made, gets what follows.

**Spans.** Each call of the API is a span of kind ``CLIENT``, named by its method and the template of its path, such as
``POST /v2/droplets/{droplet_id}/actions``, over all that it takes: waiting for the rate budget, the pauses, each
attempt, and the look-up of an action whose answer was lost, whose own reads are spans below it. It is the current span
while the request is sent, so that what ``opentelemetry-instrumentation-aiohttp-client`` records stands below it, one
span for each attempt; and its parent is the caller's current span, through the sync client too. Each run of
``client.fleet`` is a span of kind ``INTERNAL``, named ``fleet reboot`` and so on, over the calls that it makes.

=================================  ==================================================================================
attribute of a call                meaning
=================================  ==================================================================================
``http.request.method``            by the semantic conventions, as are ``url.template``, ``server.address`` and
                                   ``server.port``
``http.response.status_code``      of the answer that the call ended with
``http.request.resend_count``      attempts after the first, where there were any
``error.type``                     the status of a refusal, else the error's class
``gradient.outcome``               ``answered``; ``failed`` (of an action: surely not executed); ``unknown`` (it may
                                   have been executed); ``cancelled`` (likewise, if it was on its way)
``gradient.droplet.id``            where the request names a Droplet
``gradient.action.type``           of a request that starts an action
``gradient.action.id``             of the action that it started, or that it reads
``gradient.action.count``          how many a request by tag started
``gradient.is_adopted``            whether the answer was lost, and the action found in the Droplet's list
=================================  ==================================================================================

=================================  ==================================================================================
attribute of a fleet run           meaning
=================================  ==================================================================================
``gradient.fleet.action``          what is done to each Droplet
``gradient.fleet.droplets``        how many there are; where nobody has counted them, how many were turned to
``gradient.fleet.completed``       outcomes of that status, as are ``.started``, ``.failed``, ``.unknown`` and
                                  ``.skipped``
``gradient.fleet.requests``        requests sent, and among them those answered with 429:
                                   ``gradient.fleet.rate_limited``
``gradient.fleet.is_stopped``      whether it ceased to start anything, by ``max_errors`` or ``timeout`` say
``gradient.outcome``               ``completed``, ``failed`` (Droplets failed or are unknown, or it was stopped), or
                                   ``cancelled``
``error.type``                     ``droplets_failed``; ``run_stopped`` where none did; else as of a call
=================================  ==================================================================================

Each attempt is an event ``gradient.attempt``, at the moment when it was sent, with ``gradient.attempt.number``,
``.outcome`` (as in ``Attempt``) and ``.seconds``, and its status. The status of a span is ``ERROR`` if an error is
raised, or if a Droplet of a fleet failed; a call that is cancelled has not failed.

**Looks are no spans.** A wait looks at its actions every few seconds, and one look serves all waits of a client:
as spans they would bury what was done, and stand in the trace of whichever wait happened to look. They count as
requests in the metrics. (aiohttp's instrumentation, which knows nothing of waits, records them.)

**Metrics.** ``gradient.requests`` counts attempts, by method, template, server, status and outcome;
``gradient.retries`` those after the first of a call; ``gradient.rate_limited`` the answers with 429.
``gradient.rate_budget.left`` is what each window of the rate budget, told apart by ``gradient.rate_budget.window`` in
seconds, has left; where several budgets in the process are for the same server, that of the scarcest one, since
nothing that would tell them apart is fit to be shown.

**Never recorded**: the token, headers, bodies, and texts that may quote from them. An error's text may, so what stands
for it is what its class means in general. Ids, methods, statuses and times are recorded; query parameters are not.
"""

from __future__ import annotations

import asyncio
import time
import traceback
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from opentelemetry import context, metrics, trace
from opentelemetry.metrics import Observation
from opentelemetry.trace import SpanKind, StatusCode

from gradient_async._version import VERSION
from gradient_async.errors import (
    ActionOutcomeUnknownError,
    APIResponseValidationError,
    APIStatusError,
    GradientAIError,
)
from gradient_async.http.request import Priority
from gradient_async.http.sender import Sender
from gradient_async.models.responses import actions_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from opentelemetry.metrics import CallbackOptions, Meter
    from opentelemetry.trace import Span

    from gradient_async.errors import Attempt
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.call import Call
    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.results import Result
    from gradient_async.http.sender import Closing, Fact
    from gradient_async.http.settlement import SettlementFactory
    from gradient_async.http.transport import Transport
    from gradient_async.settings import Settings

T = TypeVar("T")

_TOO_MANY_REQUESTS: Final = 429
_STANDARD_PORTS: Final = {"http": 80, "https": 443}


class ObservedSender(Sender):
    """A sender that tells OpenTelemetry what it does.

    Args:
        transport: As for ``Sender``.
        settings: As for ``Sender``.
        budget: As for ``Sender``.
        settlement: As for ``Sender``.
        ancestors: As for ``Sender``.
    """

    def __init__(
        self,
        transport: Transport,
        settings: Settings,
        budget: RateBudget | None,
        settlement: SettlementFactory,
        *,
        ancestors: tuple[Closing, ...] = (),
    ) -> None:
        super().__init__(transport, settings, budget, settlement, ancestors=ancestors)
        self._server = _server_of(settings.base_url)
        if budget is not None:
            _budgets.setdefault(weakref.ref(budget, _forget), self._server)

    async def send(
        self, request: Request[T], *, before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None
    ) -> RawResponse[T]:
        """Send a request within a span of its own, if it is not a look of some wait's."""
        if request.priority is Priority.POLL or not _is_listened_to():
            return await super().send(request, before=before)
        span = _tracer.start_span(request.endpoint.route, kind=SpanKind.CLIENT, attributes=self._attributes_of(request))
        if not span.get_span_context().is_valid:  # only a meter provider is set up
            return await super().send(request, before=before)
        with _Current(span):
            reply = await super().send(request, before=before)
            if span.is_recording():
                span.set_attributes(_facts_of(reply))
        return reply

    @contextmanager
    def span(self, name: str, facts: Callable[[], Mapping[str, Fact]]) -> Iterator[None]:
        """A span over several calls."""
        span = _tracer.start_span(name)
        with _Current(span):
            is_over = False
            try:
                yield
                is_over = True
            finally:
                if span.is_recording():
                    told = dict(facts())
                    failure = told.pop("error.type", None)
                    span.set_attributes(told)
                    if is_over and failure is not None:  # else what is raised says why
                        span.set_attribute("error.type", failure)
                        span.set_status(StatusCode.ERROR)

    async def _exchange(self, call: Call[T]) -> Result:
        if not _is_listened_to():
            return await super()._exchange(call)
        attempt = _Attempt(call.request, len(call.results) + 1)
        try:
            result = await super()._exchange(call)
        except asyncio.CancelledError:
            self._record(attempt, "cancelled", None)
            raise
        self._record(attempt, result.outcome, result.status)
        return result

    def _record(self, attempt: _Attempt, outcome: str, status: int | None) -> None:
        """An attempt is over: it counts, and is an event of its call's span."""
        request = attempt.request
        answer: dict[str, Fact] = {} if status is None else {"http.response.status_code": status}
        _instruments.requests.add(
            1,
            {
                "http.request.method": request.method,
                "url.template": request.endpoint.path_template.text,
                **self._server,
                **answer,
                "gradient.attempt.outcome": outcome,
            },
        )
        if attempt.number > 1:
            _instruments.retries.add(1, self._server)
        if status == _TOO_MANY_REQUESTS:
            _instruments.rate_limited.add(1, self._server)
        span = trace.get_current_span()
        if request.priority is Priority.POLL or not span.is_recording():
            return
        if attempt.number > 1:
            span.set_attribute("http.request.resend_count", attempt.number - 1)
        facts: dict[str, Fact] = {
            "gradient.attempt.number": attempt.number,
            "gradient.attempt.outcome": outcome,
            "gradient.attempt.seconds": time.monotonic() - attempt.began,
            **answer,
        }
        span.add_event("gradient.attempt", facts, timestamp=attempt.began_at)

    def _attributes_of(self, request: Request[object]) -> dict[str, Fact]:
        """What is known of a call before it begins, and may decide whether it is recorded."""
        attributes: dict[str, Fact] = {
            "http.request.method": request.method,
            "url.template": request.endpoint.path_template.text,
            **self._server,
        }
        for parameter, value in zip(request.endpoint.path_template.parameters, request.path_values, strict=True):
            fact = value if isinstance(value, int) else str(value)
            attributes[f"gradient.{parameter.name.replace('_id', '.id')}"] = fact
        if request.action is not None:
            attributes["gradient.action.type"] = request.action.type
        return attributes


class _Instruments:
    """What is counted and measured."""

    def __init__(self, meter: Meter) -> None:
        self.requests = meter.create_counter("gradient.requests", "{request}", "Requests that went on the wire")
        self.retries = meter.create_counter("gradient.retries", "{request}", "Requests after the first of their call")
        self.rate_limited = meter.create_counter("gradient.rate_limited", "{request}", "Requests answered with 429")
        meter.create_observable_gauge(
            "gradient.rate_budget.left", [_rate_budget_left], "{request}", "Requests that still fit into a rate window"
        )


class _Attempt:
    """One attempt on its way."""

    __slots__ = ("began", "began_at", "number", "request")

    def __init__(self, request: Request[object], number: int) -> None:
        self.request = request
        self.number = number
        self.began_at = time.time_ns()
        self.began = time.monotonic()


class _Current:
    """A span that is the current one meanwhile, and ends as what happens in it does."""

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
        # A coroutine that nobody will ever go on with is closed by whoever collects it, in some other context.
        if exc_type is not GeneratorExit:
            context.detach(self._token)
        if exc_value is not None and self._span.is_recording():
            _record_end(self._span, exc_value)
        self._span.end()


def _is_listened_to() -> bool:
    """Whether the program has set up a provider, as it can at any time.

    There is no public way to ask that costs less than what is saved by asking. Where these names are gone the answer is
    yes, and OpenTelemetry's own placeholders do nothing, more slowly.
    """
    return (
        getattr(trace, "_TRACER_PROVIDER", trace) is not None
        or getattr(_metrics_state, "_METER_PROVIDER", metrics) is not None
    )


def _facts_of(reply: RawResponse[T]) -> dict[str, Fact]:
    """What a call's successful answer tells."""
    facts: dict[str, Fact] = {"gradient.outcome": "answered"}
    if not reply.is_adopted:  # that one's answer is lost
        facts["http.response.status_code"] = reply.status
    if (action := reply.request.action) is not None:
        ids = [action.id for action in actions_in(reply.parse())]
        if action.droplet_id is None:
            facts["gradient.action.count"] = len(ids)
        elif ids:
            facts |= {"gradient.action.id": ids[0], "gradient.is_adopted": reply.is_adopted}
    return facts


def _record_end(span: Span, error: BaseException) -> None:
    """Something was raised: an error, or only the wish that it should end."""
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
    meaning = ""
    if isinstance(error, GradientAIError):
        # Its own text may quote the server's answer.
        facts["exception.message"] = meaning = (kind.__doc__ or "").partition("\n")[0]
    else:
        # Nobody foresaw it: the places in the code tell where it comes from, without any value.
        facts["exception.stacktrace"] = "".join(traceback.format_tb(error.__traceback__))
    span.add_event("exception", facts)
    span.set_status(StatusCode.ERROR, meaning or None)


def _server_of(base_url: str) -> dict[str, str | int]:
    url = urlsplit(base_url)
    port = url.port or _STANDARD_PORTS.get(url.scheme.lower(), 0)
    return {"server.address": url.hostname or "", "server.port": port}


def _rate_budget_left(_options: CallbackOptions) -> Iterable[Observation]:
    """What the scarcest budget for each server has left of each of its windows."""
    left: dict[tuple[Fact, ...], Observation] = {}
    for reference, server in _budgets.copy().items():
        budget = reference()
        for use in budget.snapshot().windows if budget is not None else ():
            key = (*server.values(), use.seconds)
            if key not in left or use.left < left[key].value:
                left[key] = Observation(use.left, {**server, "gradient.rate_budget.window": use.seconds})
    return left.values()


def _forget(budget: weakref.ref[RateBudget]) -> None:
    _budgets.pop(budget, None)


# Budgets, not clients, and weakly: watching keeps neither alive. Changed from several threads, by single operations of
# a built-in type that cannot be interrupted.
_budgets: Final[dict[weakref.ref[RateBudget], Mapping[str, str | int]]] = {}

_metrics_state: Final = getattr(metrics, "_internal", None)
# Both wait for the program to set up its providers, if it has not.
_tracer: Final = trace.get_tracer("gradient_async", VERSION)
_instruments: Final = _Instruments(metrics.get_meter("gradient_async", VERSION))
