"""OpenTelemetry spans and metrics, if ``opentelemetry-api`` is installed (the extra ``otel``).

Only this package imports OpenTelemetry. The first client loads it. Without OpenTelemetry the client has a plain
``Sender``. With OpenTelemetry and no provider, a call costs a few microseconds more. There is no switch: the program
sets up a ``TracerProvider`` or a ``MeterProvider``, before or after it makes the client.

**Spans.** Each call of the API is a span of kind ``CLIENT``. Its name is the method and the template of the path, such
as ``POST /v2/droplets/{droplet_id}/actions``. The span covers the wait for the rate budget, the pauses, each attempt,
and the look-up of an action whose answer was lost. The requests of a look-up are spans below it. The span is the
current one while the request is sent: spans of ``opentelemetry-instrumentation-aiohttp-client`` are below it, one for
each attempt. Its parent is the caller's current span, in the sync client too. Each run of ``client.fleet`` is a span of
kind ``INTERNAL``, with a name such as ``fleet reboot``. Its calls are below it.

=================================  ==================================================================================
attribute of a call                meaning
=================================  ==================================================================================
``http.request.method``            by the semantic conventions, as are ``url.template``, ``server.address`` and
                                   ``server.port``
``http.response.status_code``      status of the call's last answer
``http.request.resend_count``      number of attempts after the first, if there were any
``error.type``                     the status of a refusal, else the error's class
``gradient.outcome``               ``answered``; ``failed`` (an action was not executed); ``unknown`` (it may have been
                                   executed); ``cancelled`` (the same, if the request was sent)
``gradient.droplet.id``            the Droplet that the request names
``gradient.action.type``           type of the action that the request starts
``gradient.action.id``             id of the action that the request started or reads
``gradient.action.count``          number of actions that a request by tag started
``gradient.is_adopted``            whether the answer was lost and the action was found in the Droplet's list
=================================  ==================================================================================

=================================  ==================================================================================
attribute of a fleet run           meaning
=================================  ==================================================================================
``gradient.fleet.action``          the action of the run
``gradient.fleet.droplets``        number of Droplets; if it is not known, the number that the run began
``gradient.fleet.completed``       number of outcomes with that status; likewise ``.started``, ``.failed``, ``.unknown``
                                   and ``.skipped``
``gradient.fleet.requests``        number of requests; ``gradient.fleet.rate_limited`` of them were answered with 429
``gradient.fleet.is_stopped``      whether the run stopped early, for example by ``max_errors`` or ``timeout``
``gradient.outcome``               ``completed``; ``failed`` (a Droplet failed or is unknown, or the run was stopped);
                                   ``cancelled``
``error.type``                     ``droplets_failed``; ``run_stopped`` if no Droplet failed; else as for a call
=================================  ==================================================================================

Each attempt is an event ``gradient.attempt`` with the time of its start. It has ``gradient.attempt.number``,
``.outcome`` (as in ``Attempt``), ``.seconds``, and the status. The status of a span is ``ERROR`` if an error is raised,
or if a Droplet of a fleet run failed. A cancelled call is not an error.

**Polls are no spans.** One poll serves all waits of a client. As spans, polls would hide the calls, and each would be
in the trace of one wait only. Polls count as requests in the metrics. (aiohttp's instrumentation records them as
spans.)

**Metrics.** ``gradient.requests`` counts attempts, by method, template, server, status and outcome.
``gradient.retries`` counts attempts after the first of a call. ``gradient.rate_limited`` counts answers with 429.
``gradient.rate_budget.left`` is the number of requests that a window of the rate budget still allows;
``gradient.rate_budget.window`` is the window's span in seconds. If the process has several budgets for one server, the
lowest number is reported, since no attribute that may be shown distinguishes the budgets.

**Not recorded**: the token, headers, bodies, query parameters, and texts that may quote them. An error's text may quote
them, so the summary of its class is recorded in its place. Ids, methods, statuses and times are recorded.
"""

from __future__ import annotations

from gradient_async.telemetry.observed_sender import ObservedSender

__all__ = ["ObservedSender"]
