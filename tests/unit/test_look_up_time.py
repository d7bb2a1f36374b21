"""The time that a look-up may take when its call has a deadline."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import action_request

from gradient_async.http.call import Call
from gradient_async.settings import AccessToken, Settings
from gradient_async.waiting import look_up_time
from gradient_async.waiting.look_up_time import limited

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = Settings(access_token=AccessToken("t"), base_url="https://example.com", timeout=60.0)
TEXT = "the look-up did not end within the time that the run's timeout leaves it"


def call_until(until: float, **facts: Any) -> Call[Any]:
    return Call(action_request(**facts), until=until)


@pytest.fixture
def deadline_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., float]:
    """Return a function that says when a look-up that begins at 100 has to end."""

    def deadline(call: Call[Any], settle_seconds: float, settings: Settings = SETTINGS) -> float:
        seen: list[float] = []

        def scope(*, deadline: float) -> anyio.CancelScope:
            seen.append(deadline)
            return anyio.CancelScope()

        clock = SimpleNamespace(current_time=lambda: 100.0, CancelScope=scope)
        monkeypatch.setattr(look_up_time, "anyio", clock)
        with limited(call, settings, ValueError, settle_seconds=settle_seconds):
            pass
        return seen[0]

    return deadline


async def test_look_up_has_the_settle_time_and_a_short_rest(deadline_of: Callable[..., float]) -> None:
    assert deadline_of(call_until(math.inf), 5.0) == math.inf
    assert deadline_of(call_until(200.0), 5.0) == 215.0
    assert deadline_of(call_until(50.0), 5.0) == 115.0
    assert deadline_of(call_until(50.0, timeout=3.0), 5.0) == 108.0
    assert deadline_of(call_until(50.0, timeout=30.0), 5.0) == 115.0
    short = Settings(access_token=AccessToken("t"), base_url="https://example.com", timeout=2.0)
    assert deadline_of(call_until(50.0), 5.0, short) == 107.0
    assert deadline_of(call_until(50.0, timeout=3.0), 5.0, short) == 108.0


async def test_look_up_that_takes_too_long_is_unknown() -> None:
    call = call_until(anyio.current_time(), timeout=0.0)
    with pytest.raises(ValueError, match=TEXT), limited(call, SETTINGS, ValueError, settle_seconds=0.0):
        await asyncio.sleep(3600)
    with limited(call_until(math.inf), SETTINGS, ValueError, settle_seconds=0.0):
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_of_another_process", [True, False])
async def test_cancelled_look_up_is_logged(caplog: pytest.LogCaptureFixture, is_of_another_process: bool) -> None:
    """A request of an earlier run is not this run's."""
    call = call_until(math.inf)
    call.is_of_another_process = is_of_another_process
    with pytest.raises(asyncio.CancelledError), limited(call, SETTINGS, ValueError, settle_seconds=0.0):
        raise asyncio.CancelledError
    logged = [one for one in caplog.messages if "was cancelled while it was pending" in one]
    assert len(logged) == (0 if is_of_another_process else 1)
