"""Spans and metrics: a span for each call and each fleet run, no secret in any, nothing without a provider."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import re
import subprocess
import sys
import textwrap
import weakref
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes
from opentelemetry.trace import SpanKind, StatusCode
from wire_server import CLOSE, HANG, RESET, Reply, WireServer, action, created, html, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    AsyncGradientAI,
    FleetCancelled,
    GradientAIError,
    NotFoundError,
    PermissionDeniedError,
    RateBudget,
    RateLimitError,
)
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_async.http import retry
from gradient_async.telemetry import ObservedSender, metrics, providers, spans
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flavours import Flavour
    from opentelemetry.sdk.trace import ReadableSpan

SECRET = "dop_v1_0123456789abcdef_secret"
FIRST = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
LIST_OF_DROPLET = "GET /v2/droplets/{droplet_id}/actions"


class Recorded:
    """The spans and metrics that were recorded."""

    def __init__(self, exporter: InMemorySpanExporter, provider: TracerProvider, reader: InMemoryMetricReader) -> None:
        self._exporter = exporter
        self._reader = reader
        self.provider = provider

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    @property
    def names(self) -> Counter[str]:
        return Counter(span.name for span in self.spans)

    def named(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.spans if span.name == name]
        return span

    def below(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent and span.parent.span_id == parent.context.span_id]

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def total(self, name: str, **attributes: Any) -> int:
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        return sum(point.value for point in self.points(name) if wanted.items() <= dict(point.attributes).items())

    def everything(self) -> str:
        data = self._reader.get_metrics_data()
        return "\n".join([*(span.to_json() for span in self.spans), data.to_json() if data else ""])


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """Providers of this test's own: the global ones can be set once in a process."""
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    monkeypatch.setattr(providers, "is_any_set_up", lambda: True)
    monkeypatch.setattr(spans, "_tracer", tracers.get_tracer("gradient_async"))
    monkeypatch.setattr(metrics, "_instruments", metrics.Instruments(meters.get_meter("gradient_async")))
    yield Recorded(exporter, tracers, reader)
    tracers.shutdown()
    meters.shutdown()


def attempts(span: ReadableSpan) -> list[tuple[int, str, int | None]]:
    return [
        (
            event.attributes["gradient.attempt.number"],
            event.attributes["gradient.attempt.outcome"],
            event.attributes.get("http.response.status_code"),
        )
        for event in span.events
        if event.name == "gradient.attempt"
    ]


def exceptions(span: ReadableSpan) -> list[dict[str, Any]]:
    return [dict(event.attributes) for event in span.events if event.name == "exception"]


async def reboot(flavour: Flavour, client: Any, droplet_id: int = FIRST) -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, droplet_id, type="reboot")


async def test_action_request_is_a_span_when_it_is_answered(flavour: Flavour, recorded: Recorded) -> None:
    async with Emulator(1) as emulator:
        port = int(emulator.base_url.rpartition(":")[2])
        response = await reboot(flavour, flavour.client(emulator))

    span = recorded.named(INITIATE)
    assert dict(span.attributes) == {
        http_attributes.HTTP_REQUEST_METHOD: "POST",
        "url.template": "/v2/droplets/{droplet_id}/actions",
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        server_attributes.SERVER_PORT: port,
        http_attributes.HTTP_RESPONSE_STATUS_CODE: 201,
        "gradient.outcome": "answered",
        "gradient.droplet.id": FIRST,
        "gradient.action.type": "reboot",
        "gradient.action.id": response.action.id,
        "gradient.is_adopted": False,
    }
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    assert attempts(span) == [(1, "answered", 201)]
    (event,) = span.events
    assert span.start_time <= event.timestamp <= span.end_time
    assert 0 < event.attributes["gradient.attempt.seconds"] <= (span.end_time - span.start_time) / 1e9


async def test_names_are_few_when_there_are_many_ids(flavour: Flavour, recorded: Recorded) -> None:
    async with Emulator([DropletSpec(tags=["training"])] * 3) as emulator:
        client = flavour.client(emulator)
        for droplet_id in range(FIRST, FIRST + 3):
            started = (await reboot(flavour, client, droplet_id)).action
            await flavour.call(client.actions.retrieve, started.id)
            await flavour.call(client.gpu_droplets.actions.retrieve, started.id, droplet_id=droplet_id)
            await flavour.call(client.gpu_droplets.actions.list, droplet_id)
            await flavour.call(client.gpu_droplets.retrieve, droplet_id)
        await flavour.items(client.gpu_droplets.list_all())
        await flavour.items(client.actions.list_all())
        await flavour.call(client.gpu_droplets.actions.bulk_initiate, tag_name="training", type="snapshot", name="n")

    names = recorded.names
    assert all(names[name] == 3 for name in (INITIATE, LIST_OF_DROPLET, "GET /v2/droplets/{droplet_id}"))
    assert names["GET /v2/actions/{action_id}"] == 3
    assert names["GET /v2/droplets/{droplet_id}/actions/{action_id}"] == 3
    assert names["GET /v2/actions"] == names["POST /v2/droplets/actions"] == 1
    assert not any(re.search(r"\d{3}", name) for name in names)
    read = [span for span in recorded.spans if span.name == "GET /v2/droplets/{droplet_id}/actions/{action_id}"][-1]
    assert read.attributes["gradient.droplet.id"] == FIRST + 2
    assert read.attributes["gradient.action.id"] == started.id
    by_tag = recorded.named("POST /v2/droplets/actions").attributes
    assert (by_tag["gradient.action.type"], by_tag["gradient.action.count"]) == ("snapshot", 0)
    assert "gradient.droplet.id" not in by_tag


async def test_parent_is_the_callers_span_when_there_is_one(flavour: Flavour, recorded: Recorded) -> None:
    async with Emulator(1) as emulator:
        client = flavour.client(emulator)
        await reboot(flavour, client)  # the sync client's thread is there before the caller's span
        with recorded.provider.get_tracer("app").start_as_current_span("night shift"):
            await flavour.call(client.gpu_droplets.retrieve, FIRST)
            await flavour.items(client.actions.list_all())
        await flavour.call(client.actions.list)

    shift = recorded.named("night shift")
    assert [span.name for span in recorded.below(shift)] == ["GET /v2/droplets/{droplet_id}", "GET /v2/actions"]
    assert recorded.spans[-1].parent is None


async def test_adopted_action_shows_its_attempts_and_look_up(flavour: Flavour, recorded: Recorded) -> None:
    lost = faults.DropAfter(route=INITIATE, times=1)
    async with Emulator(1, faults=[lost]) as emulator:
        response = await reboot(flavour, flavour.client(emulator))

    span = recorded.named(INITIATE)
    assert response.is_adopted
    assert attempts(span) == [(1, "unknown", None)]
    assert span.attributes["gradient.is_adopted"] is True
    assert span.attributes["gradient.action.id"] == response.action.id
    assert span.attributes["gradient.outcome"] == "answered"
    assert "http.response.status_code" not in span.attributes
    assert span.status.status_code is StatusCode.UNSET
    # On a busy machine the list is read twice, to know the server's time better.
    reads = len(emulator.requests.on("GET *"))
    assert [child.name for child in recorded.below(span)] == [LIST_OF_DROPLET] * reads
    assert 1 <= reads <= 2


async def test_429_is_an_attempt_and_counts(flavour: Flavour, recorded: Recorded) -> None:
    refusal = faults.TooManyRequests(route="* *", times=1, retry_after=0)
    async with Emulator(1, faults=[refusal]) as emulator:
        await reboot(flavour, flavour.client(emulator))

    span = recorded.named(INITIATE)
    assert attempts(span) == [(1, "rejected", 429), (2, "answered", 201)]
    assert span.attributes[http_attributes.HTTP_REQUEST_RESEND_COUNT] == 1
    assert recorded.total("gradient.requests", http__response__status_code=429) == 1
    assert recorded.total("gradient.requests", http__request__method="POST") == 2
    assert recorded.total("gradient.rate_limited") == recorded.total("gradient.retries") == 1


@pytest.mark.parametrize(
    ("droplet_id", "trouble", "error_class", "kind", "outcome"),
    [
        (FIRST + 9, [], NotFoundError, "404", "failed"),
        (FIRST, [faults.TooManyRequests(route="* *", retry_after=0)], RateLimitError, "429", "failed"),
        (
            FIRST,
            [faults.DropAfter(route=INITIATE), faults.ServerError(route="GET *")],
            ActionOutcomeUnknownError,
            "gradient_async.errors.ActionOutcomeUnknownError",
            "unknown",
        ),
    ],
)
async def test_span_is_an_error_when_the_call_raises(
    flavour: Flavour,
    recorded: Recorded,
    droplet_id: int,
    trouble: Sequence[Any],
    error_class: type[Exception],
    kind: str,
    outcome: str,
) -> None:
    async with Emulator(1, faults=trouble) as emulator:
        with pytest.raises(error_class):
            await reboot(flavour, flavour.client(emulator, max_retries=1), droplet_id)

    span = recorded.named(INITIATE)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["gradient.outcome"] == outcome
    assert span.attributes[error_attributes.ERROR_TYPE] == kind
    assert span.attributes.get("http.response.status_code") == (int(kind) if kind.isdecimal() else None)
    (exception,) = exceptions(span)
    assert exception["exception.type"] == f"gradient_async.errors.{error_class.__name__}"
    assert exception["exception.message"] == span.status.description == error_class.__doc__.partition("\n")[0]


async def test_polls_are_counted_and_are_no_spans(flavour: Flavour, recorded: Recorded) -> None:
    async with Emulator(3, time_scale=200) as emulator:
        client = flavour.client(emulator)
        started = [(await reboot(flavour, client, FIRST + number)).action for number in range(3)]
        with recorded.provider.get_tracer("app").start_as_current_span("night shift"):
            await flavour.call(client.gpu_droplets.actions.wait, started, poll_interval=0.02)

    assert recorded.names == {INITIATE: 3, "night shift": 1}
    assert len(emulator.requests) > 3
    assert recorded.total("gradient.requests") == len(emulator.requests)
    assert recorded.total("gradient.requests", url__template="/v2/actions") > 0
    assert [len(attempts(span)) for span in recorded.spans] == [1, 1, 1, 0]


async def test_fleet_run_is_a_span_over_its_calls_when_droplets_fail(flavour: Flavour, recorded: Recorded) -> None:
    errored = faults.ErroredAction(route=f"POST /v2/droplets/{FIRST}/actions")
    async with Emulator(5, time_scale=200, limits=None, faults=[errored]) as emulator:
        client = flavour.client(emulator)
        with recorded.provider.get_tracer("app").start_as_current_span("night shift"):
            report = await flavour.call(client.fleet.reboot, droplets=range(FIRST, FIRST + 6))

    run = recorded.named("fleet reboot")
    assert report.counts == {"completed": 4, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}
    assert {name: value for name, value in run.attributes.items() if name != "gradient.fleet.requests"} == {
        "gradient.fleet.action": "reboot",
        "gradient.fleet.droplets": 6,
        "gradient.fleet.completed": 4,
        "gradient.fleet.started": 0,
        "gradient.fleet.failed": 2,
        "gradient.fleet.unknown": 0,
        "gradient.fleet.skipped": 0,
        "gradient.fleet.rate_limited": 0,
        "gradient.fleet.is_stopped": False,
        "gradient.outcome": "failed",
        "error.type": "droplets_failed",
    }
    assert run.attributes["gradient.fleet.requests"] == report.requests == len(emulator.requests)
    assert run.kind is SpanKind.INTERNAL
    assert run.status.status_code is StatusCode.ERROR
    assert recorded.below(recorded.named("night shift")) == [run]
    assert Counter(span.name for span in recorded.below(run)) == {INITIATE: 6}


async def test_fleet_span_counts_skipped_droplets_of_a_stopped_run(flavour: Flavour, recorded: Recorded) -> None:
    async with Emulator(2, time_scale=200, limits=None) as emulator:
        client = flavour.client(emulator)
        droplets = [FIRST + 8, FIRST + 9, FIRST, FIRST + 1]
        await flavour.call(client.fleet.run, "reboot", droplets=droplets, max_errors=0, max_concurrency=1)

    facts = recorded.named("fleet reboot").attributes
    assert (facts["gradient.fleet.failed"], facts["gradient.fleet.skipped"]) == (1, 3)
    assert facts["gradient.fleet.is_stopped"] is True


async def test_fleet_span_is_an_error_when_listing_fails(
    flavour: Flavour, wire: WireServer, recorded: Recorded
) -> None:
    wire.script("GET", reply(403))
    with pytest.raises(PermissionDeniedError):
        await flavour.call(flavour.client(wire).fleet.reboot, tag="training")

    run = recorded.named("fleet reboot")
    assert (run.attributes["gradient.outcome"], run.attributes["error.type"]) == ("failed", "403")
    assert run.attributes["gradient.fleet.droplets"] == 0
    assert [span.name for span in recorded.below(run)] == ["GET /v2/droplets"]
    assert {span.status.status_code for span in recorded.spans} == {StatusCode.ERROR}


@pytest.mark.parametrize("is_left", [False, True])
async def test_stream_is_a_span_when_it_ends_and_when_it_is_left(
    flavour: Flavour, recorded: Recorded, is_left: bool
) -> None:
    async with Emulator(3, time_scale=200, limits=None) as emulator:
        client = flavour.client(emulator)
        with recorded.provider.get_tracer("app").start_as_current_span("night shift"):
            stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 3), max_concurrency=1)
            if is_left:
                await flavour.first(stream)
            else:
                assert len(await flavour.items(stream)) == 3
        await flavour.close(client)

    run = recorded.named("fleet reboot")
    assert run.attributes["gradient.outcome"] == ("cancelled" if is_left else "completed")
    assert run.status.status_code is StatusCode.UNSET
    assert recorded.below(recorded.named("night shift")) == [run]
    assert recorded.names[INITIATE] == len(recorded.below(run))


async def test_span_ends_as_cancelled_when_its_call_is_cancelled(wire: WireServer, recorded: Recorded) -> None:
    flavour = AsyncFlavour()
    wire.script("POST", reply(429, headers={"Retry-After": "0"}), HANG)
    task = asyncio.create_task(reboot(flavour, flavour.client(wire)))
    await wire.seen(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await flavour.close_all()

    span = recorded.named(INITIATE)
    assert span.attributes["gradient.outcome"] == "cancelled"
    assert span.status.status_code is StatusCode.UNSET
    assert "error.type" not in span.attributes
    assert attempts(span) == [(1, "rejected", 429), (2, "cancelled", None)]
    assert recorded.total("gradient.requests", gradient__attempt__outcome="cancelled") == 1


async def test_fleet_span_ends_as_cancelled_when_the_run_is_cancelled(wire: WireServer, recorded: Recorded) -> None:
    flavour = AsyncFlavour()
    wire.script("POST", HANG)
    client = flavour.client(wire)
    task = asyncio.create_task(client.fleet.reboot(droplets=[FIRST, FIRST + 1, FIRST + 2], max_concurrency=1))
    await wire.seen()
    task.cancel()
    with pytest.raises(FleetCancelled):
        await task
    await flavour.close_all()

    facts = recorded.named("fleet reboot").attributes
    assert facts["gradient.outcome"] == "cancelled"
    assert (facts["gradient.fleet.unknown"], facts["gradient.fleet.skipped"]) == (1, 2)


async def test_nothing_is_logged_when_an_abandoned_call_is_closed(
    wire: WireServer, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    flavour = AsyncFlavour()
    client = flavour.client(wire, rate_budget=RateBudget([(1, 3600.0)]))
    wire.script("GET", reply(200, {"action": action(7)}))
    await client.actions.retrieve(7)
    call = client.actions.retrieve(7)
    contextvars.copy_context().run(call.send, None)  # waits for the budget, and is never gone on with
    call.close()
    await flavour.close_all()

    assert recorded.spans[-1].attributes["gradient.outcome"] == "cancelled"
    assert "opentelemetry.context" not in {record.name for record in caplog.records}


async def test_http_spans_are_below_the_call_when_instrumented(flavour: Flavour, recorded: Recorded) -> None:
    refusal = faults.TooManyRequests(route="* *", times=1, retry_after=0)
    instrumentor = AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=recorded.provider)
    try:
        async with Emulator(1, faults=[refusal]) as emulator:
            await reboot(flavour, flavour.client(emulator))
            await flavour.close_all()
    finally:
        instrumentor.uninstrument()

    call = recorded.named(INITIATE)
    assert [span.name for span in recorded.below(call)] == ["POST", "POST"]
    assert {span.instrumentation_scope.name for span in recorded.below(call)} == {
        "opentelemetry.instrumentation.aiohttp_client"
    }


async def test_nothing_below_is_recorded_when_the_call_is_sampled_out(
    flavour: Flavour, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    monkeypatch.setattr(spans, "_tracer", silent.get_tracer("gradient_async"))
    recorded.provider.sampler = ParentBased(recorded.provider.sampler)
    instrumentor = AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=recorded.provider)
    try:
        async with Emulator(1, time_scale=200, limits=None) as emulator:
            client = flavour.client(emulator)
            await reboot(flavour, client)
            assert (await flavour.call(client.fleet.reboot, droplets=[FIRST])).counts["completed"] == 1
            await flavour.close_all()
    finally:
        instrumentor.uninstrument()

    assert recorded.spans == []
    assert recorded.total("gradient.requests") == len(emulator.requests)


async def test_budget_left_is_the_scarcest_of_several(flavour: Flavour, wire: WireServer, recorded: Recorded) -> None:
    wire.script("POST", *(created(number) for number in range(7)))
    budgets = [RateBudget([(10, 60.0), (100, 3600.0)]), RateBudget([(5, 60.0)])]
    clients = [flavour.client(wire, rate_budget=budget) for budget in (budgets[0], budgets[0], budgets[1])]
    port = int(wire.base_url.rpartition(":")[2])

    def left() -> dict[float, int]:
        points = [
            point for point in recorded.points("gradient.rate_budget.left") if point.attributes["server.port"] == port
        ]
        windows = {point.attributes["gradient.rate_budget.window"]: point.value for point in points}
        assert len(windows) == len(points)
        return windows

    assert left() == {60.0: 5, 3600.0: 100}
    for _ in range(7):
        await reboot(flavour, clients[0])
    assert left() == {60.0: 3, 3600.0: 93}
    assert all(set(point.attributes) == {"server.address", "server.port", "gradient.rate_budget.window"}
               for point in recorded.points("gradient.rate_budget.left"))  # fmt: skip


async def test_client_and_budget_are_forgotten_when_unreferenced(wire: WireServer, recorded: Recorded) -> None:
    wire.script("POST", created())
    client = AsyncGradientAI(wire.token, base_url=wire.base_url)
    await client.gpu_droplets.actions.initiate(FIRST, type="reboot")
    await client.aclose()
    assert client.rate_budget is not None
    left = [weakref.ref(client), weakref.ref(client._sender), weakref.ref(client.rate_budget)]
    port = int(wire.base_url.rpartition(":")[2])
    assert any(server["server.port"] == port for server in metrics._budgets.values())

    del client
    gc.collect()

    assert [one() for one in left] == [None] * 3
    assert not any(server["server.port"] == port for server in metrics._budgets.values())
    assert not any(point.attributes["server.port"] == port for point in recorded.points("gradient.rate_budget.left"))


# The server says the token wherever it can.
TROUBLES: dict[str, Reply] = {
    "fine": reply(200, {"action": action(7, type=SECRET, region_slug=SECRET)}, {"X-Request-Id": SECRET}),
    "401": reply(401, {"id": SECRET, "message": f"Unable to authenticate {SECRET}."}, {"X-Request-Id": SECRET}),
    "404": reply(404, {"id": "not_found", "message": SECRET, "request_id": SECRET}),
    "422": reply(422, {"id": "unprocessable_entity", "message": f"pending event: {SECRET}"}),
    "429": reply(429, {"message": SECRET}, headers={"Retry-After": "0", "X-Secret": SECRET}),
    "500": reply(500, {"message": SECRET}),
    "302": reply(302, headers={"Location": f"http://127.0.0.1:9/{SECRET}"}),
    "html": html(502),
    "no-json": reply(200, SECRET.encode()),
    "wrong-shape": reply(200, {"action": {"id": SECRET}}),
    "cut-off": reply(200, {"action": SECRET}, then="close", cut=9),
    "cut-head": Reply(data=f"HTTP/1.1 200 OK\r\nX-Secret: {SECRET}\r\n".encode(), then="close"),
    "no-http": Reply(data=f"{SECRET}\r\n\r\n".encode(), then="close"),
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_nothing_secret_is_recorded_when_there_is_trouble(
    recorded: Recorded, trouble: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BACKOFF_SECONDS", (0.1,))
    flavour = AsyncFlavour()  # what records is the same for both
    server = WireServer(SECRET)
    await server.start()
    for method in ("GET", "POST"):
        server.script(method, trouble)
    client = flavour.client(
        server,
        timeout=0.05,
        max_retries=1,
        settle_seconds=0.01,
        default_headers={"X-Api-Key": SECRET},
        rate_budget=RateBudget(),
    )
    options: dict[str, Any] = {"extra_headers": {"X-Own": SECRET}, "extra_query": {"own": SECRET}}
    calls: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (client.actions.retrieve, {"action_id": 7, **options}),
        (client.gpu_droplets.actions.initiate, {"droplet_id": FIRST, "type": "snapshot", "name": SECRET, **options}),
        (client.gpu_droplets.actions.bulk_initiate, {"tag_name": SECRET, "type": "shutdown", **options}),
        (client.fleet.run, {"action": "reboot", "droplets": [FIRST], "action_timeout": 0.05, "timeout": 0.1}),
    ]
    for method, arguments in calls:
        with contextlib.suppress(GradientAIError):
            await flavour.call(method, **arguments)
    await flavour.close(client)
    await server.stop()

    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    assert {"GET /v2/actions/{action_id}", INITIATE, "POST /v2/droplets/actions", "fleet reboot"} <= set(recorded.names)
    assert "secret" not in recorded.everything()


def run_python(code: str) -> str:
    """Return the output of a program in a process of its own, with global providers of its own."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.once
def test_client_works_without_opentelemetry() -> None:
    printed = run_python(
        """
        import sys
        sys.modules["opentelemetry"] = None  # as if it were not installed
        from gradient_async.emulator import Emulator
        from gradient_sync import GradientAI
        with Emulator(2) as emulator, GradientAI(emulator.token, base_url=emulator.base_url) as client:
            response = client.gpu_droplets.actions.initiate(3164444, type="reboot")
            report = client.fleet.run("reboot", droplets=[3164445], wait=False)
            print(type(client._async._sender).__name__, response.action.type, len(report.completed))
        print([name for name in sys.modules if name.startswith("opentelemetry.") or name.endswith("telemetry")])
        """
    )
    assert printed.split("\n")[:2] == ["Sender reboot 1", "['opentelemetry']"]


@pytest.mark.once
def test_import_does_not_load_opentelemetry_when_it_is_installed() -> None:
    printed = run_python(
        """
        import sys
        import gradient_async, gradient_sync
        print([name for name in sys.modules if name.startswith("opentelemetry")])
        gradient_async.AsyncGradientAI("token")
        print("opentelemetry.trace" in sys.modules)
        """
    )
    assert printed == "[]\nTrue\n"


@pytest.mark.once
def test_broken_telemetry_is_not_taken_for_absent() -> None:
    printed = run_python(
        """
        import sys
        sys.modules["gradient_async.telemetry"] = None
        import gradient_async
        try:
            gradient_async.AsyncGradientAI("token")
        except ImportError as error:
            print(error.name)
        """
    )
    assert printed == "gradient_async.telemetry\n"


@pytest.mark.once
def test_global_providers_are_found_when_set_after_the_client() -> None:
    printed = run_python(
        """
        from opentelemetry import metrics, trace
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        from gradient_async.emulator import Emulator
        from gradient_sync import GradientAI

        exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
        with Emulator(2) as emulator, GradientAI(emulator.token, base_url=emulator.base_url) as client:
            client.gpu_droplets.actions.initiate(3164444, type="reboot")
            provider = TracerProvider()
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            trace.set_tracer_provider(provider)
            metrics.set_meter_provider(MeterProvider([reader]))
            client.gpu_droplets.actions.initiate(3164445, type="reboot")
            scope = reader.get_metrics_data().resource_metrics[0].scope_metrics[0]
            print([span.name for span in exporter.get_finished_spans()])
            print(sorted(metric.name for metric in scope.metrics), scope.scope.name)
        """
    )
    assert printed.splitlines() == [
        "['POST /v2/droplets/{droplet_id}/actions']",
        "['gradient.rate_budget.left', 'gradient.requests'] gradient_async",
    ]


@pytest.mark.parametrize("knows", [True, False])
async def test_nothing_is_recorded_without_a_provider(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(spans.context, "attach", done.append)
    if knows:
        monkeypatch.setattr(spans, "_tracer", None)
        monkeypatch.setattr(metrics, "_instruments", None)
    else:  # an OpenTelemetry that keeps its providers elsewhere
        monkeypatch.setattr(providers, "is_any_set_up", lambda: True)
    async with Emulator(1, time_scale=200) as emulator:
        client = flavour.client(emulator)
        assert type(getattr(client, "_async", client)._sender) is ObservedSender
        await reboot(flavour, client)
    assert done == []
