"""Reads are repeated after what may pass, as long as the server asks for, and never after a refusal."""

from __future__ import annotations

import asyncio
import math
import time
from email.utils import formatdate
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from wire_server import CLOSE, HANG, RESET, Reply, WireServer, action, html, reply, until

from gradient_async import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)

if TYPE_CHECKING:
    from flavours import Flavour

FOUND = reply(200, {"action": action(7)})


async def retrieve(flavour: Flavour, client: Any) -> Any:
    return await flavour.call(client.actions.with_raw_response.retrieve, 7)


@pytest.mark.parametrize(
    "failure",
    [
        reply(408),
        reply(429, headers={"Retry-After": "0"}),
        reply(500, {"id": "server_error", "message": "Unexpected server-side error"}),
        reply(501),
        html(502),
        reply(503),
        html(504),
        html(522),
        reply(599),
        RESET,
        CLOSE,
        HANG,
        reply(200, {"action": action(7)}, then="close", cut=5),
        Reply(data=b"rubbish\r\n\r\n", then="close"),
    ],
    ids=["408", "429", "500", "501", "502", "503", "504", "522", "599", "reset", "close", "hang", "cut-off", "rubbish"],
)
async def test_read_repeated_when_the_failure_may_pass(flavour: Flavour, wire: WireServer, failure: Reply) -> None:
    wire.script("GET", failure, FOUND)
    client = flavour.client(wire, timeout=0.5 if failure is HANG else 5.0)

    raw = await retrieve(flavour, client)

    assert raw.parse().action.id == 7
    assert [attempt.number for attempt in raw.attempts] == [1, 2]
    assert raw.attempts[0].outcome in {"unknown", "rejected"}
    assert raw.attempts[1].outcome == "answered"


async def test_read_repeated_when_the_connection_is_refused(flavour: Flavour, caplog: pytest.LogCaptureFixture) -> None:
    server = WireServer()
    server.script("GET", FOUND)
    client = flavour.client(server, max_retries=1000)
    calling = asyncio.create_task(retrieve(flavour, client))
    try:
        await until(lambda: any("not_sent" in record.getMessage() for record in caplog.records))
        await server.start()
        raw = await calling
    finally:
        await server.stop()

    assert raw.attempts[0].outcome == "not_sent"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (410, APIStatusError),
        (422, UnprocessableEntityError),
    ],
)
async def test_read_sent_once_when_the_server_refuses_it(
    flavour: Flavour, wire: WireServer, status: int, error_class: type[APIStatusError]
) -> None:
    wire.script("GET", reply(status, {"id": "some_id", "message": "some text", "request_id": "some-request"}))
    client = flavour.client(wire)

    with pytest.raises(error_class) as caught:
        await retrieve(flavour, client)

    error = caught.value
    assert type(error) is error_class
    assert (error.status, error.status_code, error.id) == (status, status, "some_id")
    assert (error.method, error.path, error.request_id) == ("GET", "/v2/actions/7", "some-request")
    assert "some text" in str(error)
    assert [(attempt.number, attempt.status, attempt.outcome) for attempt in error.attempts] == [
        (1, status, "rejected")
    ]
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("failure", "error_class", "outcome"),
    [
        (reply(503, headers={"X-Request-Id": "one-of-three"}), InternalServerError, "unknown"),
        (reply(429, headers={"Retry-After": "0", "X-Request-Id": "one-of-three"}), RateLimitError, "rejected"),
        (RESET, APIConnectionError, "unknown"),
        (HANG, APITimeoutError, "unknown"),
    ],
    ids=["503", "429", "reset", "hang"],
)
@pytest.mark.parametrize("max_retries", [0, 2])
async def test_every_attempt_recorded_in_the_error_when_none_succeeds(
    flavour: Flavour,
    wire: WireServer,
    failure: Reply,
    error_class: type[Exception],
    outcome: str,
    max_retries: int,
) -> None:
    wire.script("GET", failure)
    client = flavour.client(wire, max_retries=max_retries, timeout=0.4 if failure is HANG else 5.0)

    with pytest.raises(error_class) as caught:
        await retrieve(flavour, client)

    attempts = caught.value.attempts  # type: ignore[attr-defined]  # all four have it
    assert [attempt.number for attempt in attempts] == list(range(1, max_retries + 2))
    assert {attempt.outcome for attempt in attempts} == {outcome}
    assert {attempt.request_id for attempt in attempts} == {"one-of-three" if failure.data else None}
    assert all(0 <= attempt.seconds < 4 for attempt in attempts)
    assert len(wire.requests) == max_retries + 1


async def test_pause_as_long_as_asked_when_retry_after_is_in_seconds(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(503, headers={"RETRY-AFTER": "1"}), FOUND)
    client = flavour.client(wire)

    await retrieve(flavour, client)

    first, second = wire.requests
    assert 1.0 <= second.at - first.at < 10


async def test_pause_until_the_date_when_retry_after_is_one(flavour: Flavour, wire: WireServer) -> None:
    until_then = math.ceil(time.time() + 0.1)
    wire.script("GET", reply(429, headers={"Retry-After": formatdate(until_then, usegmt=True)}), FOUND)
    client = flavour.client(wire)

    await retrieve(flavour, client)

    assert until_then <= time.time() < until_then + 10


@pytest.mark.parametrize("value", ["Tue, 04 Nov 2014 10:00:00 GMT", "-5", "soon", "", "nan", "inf", "1e9", "٣"])
async def test_short_pause_when_retry_after_says_nothing_of_use(flavour: Flavour, wire: WireServer, value: str) -> None:
    answer = reply(503, headers={"Retry-After": value})
    wire.script("GET", Reply(data=answer.data), FOUND)
    client = flavour.client(wire)

    assert (await retrieve(flavour, client)).parse().action.id == 7
    assert wire.requests[1].at - wire.requests[0].at < 10


@pytest.mark.parametrize("value", ["61", "3600", "999999999", "date"])
async def test_error_when_the_server_asks_for_too_long_a_pause(flavour: Flavour, wire: WireServer, value: str) -> None:
    advice = formatdate(time.time() + 7200, usegmt=True) if value == "date" else value
    wire.script("GET", reply(429, headers={"Retry-After": advice}))
    client = flavour.client(wire, max_retry_after=60)
    started = time.monotonic()

    with pytest.raises(RateLimitError) as caught:
        await retrieve(flavour, client)

    assert time.monotonic() - started < 12
    assert caught.value.retry_after == pytest.approx(float(value) if value.isdigit() else 7200, abs=30)
    assert len(wire.requests) == 1


async def test_error_at_once_when_no_pause_is_allowed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(429, headers={"Retry-After": "1"}))
    client = flavour.client(wire, max_retry_after=0)

    with pytest.raises(RateLimitError) as caught:
        await flavour.call(client.gpu_droplets.actions.initiate, 1, type="reboot")

    assert caught.value.retry_after == 1
    assert len(wire.requests) == 1


async def test_error_at_once_when_the_hourly_quota_is_used_up(flavour: Flavour, wire: WireServer) -> None:
    in_an_hour = str(int(time.time()) + 3600)
    wire.script("GET", reply(429, headers={"RateLimit-Remaining": "0", "RateLimit-Reset": in_an_hour}))
    client = flavour.client(wire)

    with pytest.raises(RateLimitError):
        await retrieve(flavour, client)

    assert len(wire.requests) == 1


async def test_pauses_grow_when_the_server_names_none(
    flavour: Flavour, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.1)
    planned: list[float] = []
    sleep = anyio.sleep

    async def recorded(seconds: float) -> None:
        planned.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(anyio, "sleep", recorded)
    wire.script("GET", reply(503))
    client = flavour.client(wire, max_retries=3)

    with pytest.raises(InternalServerError):
        await retrieve(flavour, client)

    moments = [request.at for request in wire.requests]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert planned == [pytest.approx(expected) for expected in (0.05, 0.1, 0.2)]
    # On a busy machine they are longer.
    assert all(pause > 0.9 * expected for pause, expected in zip(pauses, planned, strict=True))
