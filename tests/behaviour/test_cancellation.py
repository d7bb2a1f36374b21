"""P5, async: cancelling closes the connection, sends nothing more, leaves no task. The sync half is in event_loop/."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour
from wire_server import HANG, RESET, WireServer, action, html, listed, reply, until

from gradient_async import AsyncGradientAI
from gradient_async.emulator import Emulator, Slow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DROPLET = 3164444


@pytest.fixture
async def client(wire: WireServer) -> AsyncIterator[AsyncGradientAI]:
    flavour = AsyncFlavour()
    yield flavour.client(wire, timeout=30)
    await flavour.close_all()


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def calls(client: AsyncGradientAI) -> dict[str, Any]:
    return {
        "retrieve": lambda: client.actions.retrieve(7),
        "initiate": lambda: client.gpu_droplets.actions.initiate(DROPLET, type="reboot"),
        "bulk": lambda: client.gpu_droplets.actions.bulk_initiate(tag_name="a", type="shutdown"),
        "wait": lambda: client.gpu_droplets.actions.wait(7),
        "wait-many": lambda: client.gpu_droplets.actions.wait([7, 8, 9]),
        "power-off": lambda: client.gpu_droplets.actions.power_off_gracefully(DROPLET),
        "list-all": lambda: anext(client.actions.list_all()),
    }


@pytest.mark.parametrize("name", ["retrieve", "initiate", "bulk", "wait", "wait-many", "power-off", "list-all"])
async def test_connection_is_closed_when_a_call_is_cancelled(
    wire: WireServer, client: AsyncGradientAI, name: str
) -> None:
    wire.script("GET", HANG)
    wire.script("POST", HANG)
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(calls(client)[name]())
    await wire.seen()

    await cancelled(task)

    await wire.left()
    await until(lambda: len(asyncio.all_tasks() - before) == 0)
    assert len(wire.requests) == 1
    assert wire.stray == b""


async def test_nothing_resent_when_a_pause_is_cancelled(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("POST", reply(429, headers={"Retry-After": "0.3"}))
    task = asyncio.ensure_future(client.gpu_droplets.actions.initiate(DROPLET, type="reboot"))
    await wire.seen()

    await cancelled(task)

    await asyncio.sleep(0.4)  # the moment at which it would have been sent again has to pass
    assert len(wire.requests) == 1


@pytest.mark.parametrize("lost", [RESET, html(502)], ids=["reset", "502"])
async def test_nothing_sent_again_when_a_lookup_is_cancelled(
    wire: WireServer, client: AsyncGradientAI, lost: Any
) -> None:
    wire.script("POST", lost)
    wire.script("GET", HANG)
    task = asyncio.ensure_future(client.gpu_droplets.actions.initiate(DROPLET, type="reboot"))
    await wire.seen(method="GET")

    await cancelled(task)

    await wire.left(wire.connections)
    assert [request.method for request in wire.requests] == ["POST", "GET"]


async def test_warning_logged_when_an_action_is_cancelled_on_its_way(
    wire: WireServer, client: AsyncGradientAI, caplog: pytest.LogCaptureFixture
) -> None:
    wire.script("POST", HANG)
    task = asyncio.ensure_future(client.gpu_droplets.actions.initiate(DROPLET, type="reboot"))
    await wire.seen()

    await cancelled(task)

    assert any("may have been executed" in record.getMessage() for record in caplog.records)


async def test_client_usable_when_one_of_its_calls_was_cancelled(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("GET", HANG)
    task = asyncio.ensure_future(client.actions.retrieve(7))
    await wire.seen()
    await cancelled(task)
    wire.script("GET", reply(200, {"action": action(8)}))

    assert (await client.actions.retrieve(8)).action.id == 8


async def test_other_calls_unharmed_when_one_of_many_is_cancelled(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("GET /v2/actions/1", HANG)
    wire.script("GET /v2/actions", listed([action(8)]))
    hanging = [asyncio.ensure_future(client.actions.retrieve(1)) for _ in range(20)]
    await wire.seen(20)

    for task in hanging[::2]:
        await cancelled(task)

    assert (await client.actions.list()).actions[0].id == 8
    assert not any(task.done() for task in hanging[1::2])
    for task in hanging[1::2]:
        await cancelled(task)


async def test_callers_shorter_time_limit_ends_the_call(wire: WireServer, client: AsyncGradientAI) -> None:
    wire.script("POST", HANG)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.gpu_droplets.actions.initiate(DROPLET, type="reboot")

    await wire.left()
    assert len(wire.requests) == 1


async def test_emulator_sees_the_client_go_when_a_call_is_cancelled() -> None:
    async with (
        Emulator(faults=[Slow(30, "after")]) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client,
    ):
        task = asyncio.ensure_future(client.gpu_droplets.actions.initiate(DROPLET, type="reboot"))
        await emulator.requests.seen()

        await cancelled(task)

        await emulator.requests.seen(done=True)
        assert emulator.requests[0].disconnected
        assert emulator.account.actions_of(DROPLET, "reboot") == ()
