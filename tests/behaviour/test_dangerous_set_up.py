"""Mistakes in setting a client up that would give the token away, or only fail later and strangely."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from wire_server import WireServer, listed

from gradient_async import AsyncGradientAI
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour

each_client = pytest.mark.parametrize("client_class", [AsyncGradientAI, GradientAI])


def warnings_in(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.name == "gradient_async"]


@each_client
def test_warned_once_when_the_token_is_sent_in_clear(client_class: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = client_class("dop_v1_secret", base_url="http://gpu.example.com:8080/do")
    client.with_options(timeout=3)
    client.with_options(base_url="http://gpu.example.com/other")

    (warning,) = warnings_in(caplog)
    assert "gpu.example.com" in warning
    assert "https://gpu.example.com" in warning
    assert "dop_v1" not in warning

    client.with_options(base_url="http://another.example.com")
    assert "another.example.com" in warnings_in(caplog)[1]


@each_client
@pytest.mark.parametrize(
    "url", ["https://gpu.example.com", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "HTTP://LOCALHOST"]
)
def test_not_warned_when_the_token_is_safe(client_class: Any, url: str, caplog: pytest.LogCaptureFixture) -> None:
    client_class("dop_v1_secret", base_url=url)
    assert warnings_in(caplog) == []


def test_warning_reaches_standard_error_without_logging() -> None:
    program = "from gradient_sync import GradientAI; GradientAI('dop_v1_secret', base_url='http://gpu.example.com')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stderr.count("gpu.example.com") == 2
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["X Api Key", "X-Api-Key:", "X-Ä", ""])
async def test_nothing_is_sent_when_a_header_has_no_usable_name(flavour: Flavour, wire: WireServer, name: str) -> None:
    with pytest.raises(ValueError, match="default_headers: "):
        flavour.client(wire, default_headers={name: "x"})
    client = flavour.client(wire)
    with pytest.raises(ValueError, match="default_headers: "):
        client.with_options(default_headers={name: "x"})
    with pytest.raises(ValueError, match="extra_headers: "):
        await flavour.call(client.actions.list, extra_headers={name: "x"})
    with pytest.raises(ValueError, match="extra_headers: "):
        await flavour.call(client.gpu_droplets.actions.wait, 7, extra_headers={name: "x"})
    assert wire.requests == []


async def test_error_says_what_to_do_when_no_asyncio_loop_runs(wire: WireServer) -> None:
    """So it is under trio, which runs the same coroutines."""
    wire.script("GET", listed([]))
    async with aiohttp.ClientSession() as session:
        own = AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session)
        client = AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None)
        for coroutine in (
            client.actions.list(),
            own.actions.list(),
            client.__aenter__(),
            client.gpu_droplets.actions.wait(7, droplet_id=3164444),
            client.fleet.run("reboot", droplets=[1]),
            anext(client.fleet.stream("reboot", droplets=[1])),
        ):
            message = await step_elsewhere(coroutine)
            assert "no asyncio event loop runs here" in message
            assert "trio.to_thread.run_sync" in message
            assert "GradientAI" in message
    assert wire.requests == []


async def step_elsewhere(coroutine: Any) -> str:
    """Take a coroutine's first step in a thread where no event loop of asyncio runs."""
    import threading

    messages: list[str] = []

    def step() -> None:
        try:
            steps = coroutine if hasattr(coroutine, "send") else coroutine.__await__()
            steps.send(None)
        except RuntimeError as error:
            messages.append(str(error))

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    return messages[0]
