"""The log: one line for each request, with the request and its result."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest
from wire_server import RESET, WireServer, action, created, html, listed, reply

from gradient_async import APIError
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
# Two clients, and still one line a request.
PROGRAM = """
import asyncio, sys
from gradient_async import AsyncGradientAI

async def main():
    async with AsyncGradientAI(rate_budget=None) as client, AsyncGradientAI() as other:
        await client.gpu_droplets.actions.initiate(3164444, type="reboot")

asyncio.run(main())
"""


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.partition(".")[0] == "gradient_async"
    ]


async def test_one_line_with_everything_when_a_request_is_answered(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="gradient_async")
    wire.script("POST", reply(201, {"action": action(7)}, {"X-Request-Id": "the-request-id"}))
    client = flavour.client(wire)

    await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot", extra_query={"key": "hidden"})

    ((level, line),) = lines(caplog)
    assert level == "INFO"
    for part in ("POST", f"/v2/droplets/{DROPLET}/actions", "201", "attempt 1", "the-request-id"):
        assert part in line
    assert re.search(r"\d+\.\d+ s\b", line)
    assert "hidden" not in line


async def test_one_line_an_attempt_when_a_request_is_repeated(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="gradient_async")
    wire.script("GET", html(502), reply(200, {"action": action(7)}, then="close", cut=4), listed([]))
    client = flavour.client(wire)

    await flavour.call(client.actions.list)

    assert [(level, f"attempt {number}" in line) for number, (level, line) in enumerate(lines(caplog), 1)] == [
        ("WARNING", True),
        ("WARNING", True),
        ("INFO", True),
    ]


async def test_one_warning_when_the_server_asks_for_a_long_pause(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    without_sleep = SimpleNamespace(current_time=anyio.current_time, sleep=sleep)
    monkeypatch.setattr("gradient_async.http.sender.anyio", without_sleep)
    limited = reply(429, headers={"Retry-After": "30"})
    wire.script("GET", limited, listed([]), limited, listed([]))
    client = flavour.client(wire, rate_budget=None)

    for _ in range(2):  # as two that wait at the same time
        await flavour.call(client.actions.list)

    assert slept == [30, 30]
    assert lines(caplog) == [
        ("WARNING", "GET /v2/actions: the answer 429 asks for a pause: the request is sent again in 30.0 s")
    ]


async def test_refusal_logged_when_the_server_refuses(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="gradient_async")
    wire.script("GET", reply(404))
    client = flavour.client(wire)

    with pytest.raises(APIError):
        await flavour.call(client.actions.retrieve, 7)

    ((_, line),) = lines(caplog)
    assert "404" in line
    assert "rejected" in line


async def test_adoption_logged_when_an_answer_was_lost(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    wire.script("POST", RESET)
    wire.script("GET", listed([action(7)]))
    client = flavour.client(wire)

    await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")

    warnings = [line for level, line in lines(caplog) if level == "WARNING"]
    assert len(warnings) == 2
    assert "action 7" in warnings[1]


async def test_nothing_logged_when_the_level_is_off(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    wire.script("POST", created(7))

    await flavour.call(flavour.client(wire).gpu_droplets.actions.initiate, DROPLET, type="reboot")

    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("setting", "is_loud"), [(None, False), ("info", True), (" DEBUG ", True), ("", False), ("loud", False)], ids=str
)
async def test_log_on_standard_error_when_the_environment_says_so(setting: str | None, is_loud: bool) -> None:
    async with Emulator() as emulator:
        environment = os.environ | {"DIGITALOCEAN_ACCESS_TOKEN": emulator.token, "GRADIENT_BASE_URL": emulator.base_url}
        environment.pop("GRADIENT_LOG", None)
        if setting is not None:
            environment["GRADIENT_LOG"] = setting

        ran = await anyio.to_thread.run_sync(
            lambda: subprocess.run(
                [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM],
                env=environment,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
        )

        ours = [line for line in ran.stderr.splitlines() if "gradient_async" in line]
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout == ""
        assert [f"POST /v2/droplets/{DROPLET}/actions -> 201" in line for line in ours] == [True] * is_loud
        assert emulator.token not in ran.stderr
