"""Polls that fail for a while are one warning, and one more when they work again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from wire_server import WireServer, action, html, listed

from gradient_async import APIConnectionError, AsyncGradientAI
from gradient_async.emulator import Emulator, faults
from gradient_async.waiting import outage, poller
from gradient_async.waiting.outage import Outage

FIRST = 3164444
AWAY = APIConnectionError("connection refused", method="GET", path="/v2/actions")


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [message for message in caplog.messages if message.startswith("polls ")]


@pytest.mark.once
def test_outage_is_logged_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    state = Outage()
    state.polled(None, began=0.0, now=1.0)
    for now in (5.0, 9.0, 14.9, 15.0, 40.0):
        state.polled(AWAY, began=now - 1.0 if now > 5.0 else 5.0, now=now)
    assert warnings_in(caplog) == ["polls have failed for 10 s; retrying: connection refused (GET /v2/actions)"]
    state.polled(None, began=65.0, now=66.0)
    state.polled(None, began=67.0, now=68.0)
    assert warnings_in(caplog)[1:] == ["polls work again, after 61 s"]


@pytest.mark.once
def test_outage_is_not_logged_when_it_is_short(caplog: pytest.LogCaptureFixture) -> None:
    state = Outage()
    for start in (0.0, 100.0):
        state.polled(AWAY, began=start, now=start + 1.0)
        state.polled(AWAY, began=start + 8.0, now=start + 9.9)
        state.polled(None, began=start + 10.0, now=start + 11.0)
    assert warnings_in(caplog) == []


@pytest.fixture
def _short_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_MIN_OUTAGE_SECONDS", 0.3)
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


@pytest.mark.usefixtures("_short_outage")
@pytest.mark.parametrize("options", [{}, {"until": "status"}], ids=["action", "status"])
async def test_run_logs_an_outage_when_the_api_is_away(
    caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    route = "GET *" if not options else f"GET /v2/droplets/{FIRST}"
    away = faults.ServerError(503, route=route)
    async with (
        Emulator(1, time_scale=600.0, limits=None) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None, max_retries=0) as client,
    ):
        emulator.faults.add(away)
        run = asyncio.create_task(client.fleet.run("reboot", [FIRST], **options))
        async with asyncio.timeout(20):
            while not warnings_in(caplog):  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.05)
            emulator.faults.clear()
            report = await run
    assert report.counts["completed"] == 1
    first, last = warnings_in(caplog)
    assert first.startswith("polls have failed for ")
    assert "503" in first
    assert last.startswith("polls work again, after ")


@pytest.mark.usefixtures("_short_outage")
@pytest.mark.parametrize("failing", [1, 2, 3])
async def test_outage_is_not_logged_when_one_action_is_unreadable(
    caplog: pytest.LogCaptureFixture, wire: WireServer, failing: int
) -> None:
    wire.script("GET /v2/actions", listed([action(number) for number in (1, 2, 3) if number != failing]))
    wire.script(f"GET /v2/actions/{failing}", html(502))
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None, max_retries=0) as client:
        wait = asyncio.create_task(client.gpu_droplets.actions.wait([1, 2, 3], timeout=60, poll_interval=0.05))
        await asyncio.sleep(0.5)  # longer than what is an outage here
        await wire.seen(len(wire.requests) + 5)
        wait.cancel()
        await asyncio.wait([wait])
    assert warnings_in(caplog) == []
