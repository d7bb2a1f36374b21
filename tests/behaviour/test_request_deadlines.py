"""P4: a request ends within its time limit, whatever the server does to draw it out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import HANG, Reply, WireServer, action, created, listed, reply

from gradient_async import ActionOutcomeUnknownError, APIConnectionError, APITimeoutError
from gradient_async.emulator import Emulator, Slow

if TYPE_CHECKING:
    from flavours import Flavour

WHOLE = reply(200, {"action": action(7)}).data
DRAWN_OUT = {
    "hanging": HANG,
    "dripping-headers": Reply(data=WHOLE, pause_seconds=0.05),
    "dripping-body": Reply(data=WHOLE.replace(b"\r\n\r\n", b"\r\n\r\n" + b" " * 9), pause_seconds=0.01),
    "headers-only": Reply(data=WHOLE.partition(b"{")[0], then="hang"),
    "half-a-body": Reply(data=WHOLE[:-20], then="hang"),
    "endless-chunks": Reply(
        data=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 500, pause_seconds=0.002
    ),
    "interim-answers": Reply(data=b"HTTP/1.1 102 Processing\r\n\r\n" * 100, pause_seconds=0.002),
}


@pytest.mark.parametrize("answer", DRAWN_OUT.values(), ids=DRAWN_OUT)
async def test_time_out_error_when_the_answer_is_drawn_out(flavour: Flavour, wire: WireServer, answer: Reply) -> None:
    wire.script("GET", answer)
    client = flavour.client(wire, timeout=0.1, max_retries=0)
    started = time.monotonic()

    with pytest.raises(APITimeoutError, match=r"0\.1 s") as caught:
        await flavour.call(client.actions.retrieve, 7)

    assert 0.08 < time.monotonic() - started < 10
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, APIConnectionError)
    await wire.left()


@pytest.mark.parametrize("answer", DRAWN_OUT.values(), ids=DRAWN_OUT)
async def test_outcome_looked_up_when_the_answer_is_too_slow(flavour: Flavour, wire: WireServer, answer: Reply) -> None:
    wire.script("POST", answer)
    wire.script("GET", listed([action(7), action(8)]))
    client = flavour.client(wire, timeout=0.1)

    with pytest.raises(ActionOutcomeUnknownError):
        await flavour.call(client.gpu_droplets.actions.initiate, 3164444, type="reboot")

    assert len(wire.sent("POST")) == 1


async def test_own_time_limit_counts_when_a_call_has_one(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", HANG)
    client = flavour.client(wire, timeout=60, max_retries=0)
    started = time.monotonic()

    with pytest.raises(APITimeoutError):
        await flavour.call(client.actions.retrieve, 7, timeout=0.2)

    assert time.monotonic() - started < 12


async def test_each_attempt_has_the_whole_time_limit(flavour: Flavour, wire: WireServer) -> None:
    later = Reply(data=WHOLE, delay_seconds=0.2)
    wire.script("GET", HANG, later)
    client = flavour.client(wire, timeout=0.3)

    response = await flavour.call(client.actions.retrieve, 7)

    assert response.action.id == 7


async def test_slow_answer_awaited_when_the_time_limit_allows_it(flavour: Flavour) -> None:
    async with Emulator(faults=[Slow(0.15)]) as emulator:
        client = flavour.client(emulator, timeout=5)

        response = await flavour.call(client.gpu_droplets.actions.initiate, 3164444, type="reboot")

        assert len(emulator.requests) == 1
        assert emulator.account.pending(3164444) is not None
        assert response.action.status == "in-progress"


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "5", None, True])
async def test_refused_before_sending_when_a_time_limit_is_none(
    flavour: Flavour, wire: WireServer, timeout: Any
) -> None:
    client = flavour.client(wire)
    wire.script("POST", created(7))

    with pytest.raises((ValueError, TypeError), match="timeout"):
        flavour.client(wire, timeout=timeout)
    if timeout is not None:
        with pytest.raises((ValueError, TypeError), match="timeout"):
            await flavour.call(client.gpu_droplets.actions.initiate, 1, type="reboot", timeout=timeout)

    assert wire.requests == []
