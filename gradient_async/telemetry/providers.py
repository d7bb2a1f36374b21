"""Whether the program has set up a provider of OpenTelemetry."""

from __future__ import annotations

from typing import Final

from opentelemetry import metrics, trace

_metrics_state: Final = getattr(metrics, "_internal", None)


def is_any_set_up() -> bool:
    """Return whether the program has set up a provider. It can do so at any time.

    OpenTelemetry has no public way to ask that costs less than what the answer saves. If these private names are gone,
    the answer is yes: OpenTelemetry's own placeholders do nothing then, but more slowly.
    """
    return (
        getattr(trace, "_TRACER_PROVIDER", trace) is not None
        or getattr(_metrics_state, "_METER_PROVIDER", metrics) is not None
    )
