"""Metrics: counters of requests, and what the rate budgets have left."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from opentelemetry.metrics import Observation, get_meter

from gradient_async._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.metrics import CallbackOptions, Counter, Meter

    from gradient_async.http.budget import RateBudget
    from gradient_async.http.endpoint import Request
    from gradient_async.http.sender import Fact

Server: TypeAlias = Mapping[str, str | int]
"""The attributes of a server: its address and its port."""

_TOO_MANY_REQUESTS: Final = 429


class Instruments:
    """The counters and gauges.

    Args:
        meter: Makes them.
    """

    def __init__(self, meter: Meter) -> None:
        self.requests: Counter = meter.create_counter(
            "gradient.requests", "{request}", "Requests that went on the wire"
        )
        self.retries: Counter = meter.create_counter(
            "gradient.retries", "{request}", "Requests after the first of their call"
        )
        self.rate_limited: Counter = meter.create_counter(
            "gradient.rate_limited", "{request}", "Requests answered with 429"
        )
        meter.create_observable_gauge(
            "gradient.rate_budget.left", [_rate_budget_left], "{request}", "Requests that still fit into a rate window"
        )


def count_attempt(request: Request[object], number: int, outcome: str, status: int | None, server: Server) -> None:
    """Count one attempt.

    Args:
        request: The request.
        number: Number of the attempt, from 1.
        outcome: Outcome of the attempt.
        status: HTTP status of its answer; ``None`` without one.
        server: Attributes of the server.
    """
    attributes: dict[str, Fact] = {
        "http.request.method": request.method,
        "url.template": request.endpoint.path_template.text,
        **server,
        "gradient.attempt.outcome": outcome,
    }
    if status is not None:
        attributes["http.response.status_code"] = status
    _instruments.requests.add(1, attributes)
    if number > 1:
        _instruments.retries.add(1, server)
    if status == _TOO_MANY_REQUESTS:
        _instruments.rate_limited.add(1, server)


def watch(budget: RateBudget, server: Server) -> None:
    """Report a rate budget of a server until the budget is collected."""
    _budgets.setdefault(weakref.ref(budget, _forget), server)


def _rate_budget_left(_options: CallbackOptions) -> Iterable[Observation]:
    """Return for each server and window the lowest number of requests left in any budget."""
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


# Weak references: a gauge keeps no budget and no client alive. Several threads change the dictionary, by single
# operations of a built-in type that cannot be interrupted.
_budgets: Final[dict[weakref.ref[RateBudget], Server]] = {}

# It starts to work when the program sets up its provider.
_instruments: Final = Instruments(get_meter("gradient_async", VERSION))
