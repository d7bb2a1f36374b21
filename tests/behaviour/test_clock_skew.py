"""P1 where clocks differ: the server's Date, the clock that stamps actions, and this machine's."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, Reply, WireServer, action, created, listed, reply, stamp

from gradient_async import ActionOutcomeUnknownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

DROPLET = 3164444
SKEWS = [15, 60, 300, 3600, 86_400]


async def initiate(flavour: Flavour, client: Any) -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")


def dated(actions: list[Any], ahead: float) -> Reply:
    """Return a list whose Date is ahead of the clock that stamps its actions."""
    return reply(200, {"actions": actions}, {"Date": formatdate(time.time() + ahead, usegmt=True)})


@pytest.mark.parametrize("ahead", [*SKEWS, *(-skew for skew in SKEWS)])
async def test_executed_action_not_resent_when_date_differs(flavour: Flavour, wire: WireServer, ahead: float) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: dated([action(7, age=0.2)], ahead))
    client = flavour.client(wire, settle_seconds=0.05)

    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await initiate(flavour, client)

    assert [one.id for one in caught.value.candidates] == [7]
    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("behind", [15, 60, 300, 3600])
async def test_executed_action_not_resent_when_stamps_are_behind(
    flavour: Flavour, wire: WireServer, behind: float
) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([action(7, age=behind)]))
    client = flavour.client(wire, settle_seconds=0.05)

    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("ahead", [15, -15, 3600, -3600])
async def test_request_resent_when_clocks_differ_and_no_action_is_near(
    flavour: Flavour, wire: WireServer, ahead: float
) -> None:
    others = [action(5, type="snapshot"), action(4, age=2 * 86_400)]
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: dated(others, ahead))
    client = flavour.client(wire, settle_seconds=0.05)

    assert (await initiate(flavour, client)).action.id == 8


async def test_foreign_action_not_adopted_when_date_is_known_behind(flavour: Flavour, wire: WireServer) -> None:
    """By Date it began just now; by the own action's answer, Date is fifteen seconds behind."""
    wire.script("POST", reply(201, {"action": action(6)}, {"Date": formatdate(time.time() - 15, usegmt=True)}), RESET)
    wire.script("GET", lambda _: dated([action(7, age=15)], -15))
    client = flavour.client(wire, settle_seconds=0.05)
    await initiate(flavour, client)

    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 2


async def test_not_sent_again_when_the_lists_come_from_a_cache(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, created(8))
    stopped = {"Date": formatdate(usegmt=True)}
    wire.script("GET", reply(200, {"actions": []}, stopped))
    client = flavour.client(wire, settle_seconds=2.5)

    with pytest.raises(ActionOutcomeUnknownError, match="contradict each other"):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("before", [1.3, 1.6, 2.0, 3.0])
async def test_foreign_action_not_adopted_when_it_began_earlier(
    flavour: Flavour, wire: WireServer, before: float
) -> None:
    wire.script("POST", RESET, created(8))
    earlier = action(7, started_at=stamp(before))
    wire.script("GET", lambda _: listed([earlier]))
    client = flavour.client(wire, settle_seconds=0.05)

    with pytest.raises(ActionOutcomeUnknownError, match="may have begun before the request was sent") as caught:
        await initiate(flavour, client)

    assert [one.id for one in caught.value.candidates] == [7]
    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("lost_after", [0.0, 0.35, 0.8])
async def test_own_action_adopted_whenever_in_a_second_it_was_sent(flavour: Flavour, lost_after: float) -> None:
    """Side by side, since each waits for its moment, and each with a server of its own."""
    async with asyncio.TaskGroup() as group:
        for phase in (0.0, 0.3, 0.6, 0.9, 0.99):
            group.create_task(adopt_at(flavour, phase, lost_after))


async def adopt_at(flavour: Flavour, phase: float, lost_after: float) -> None:
    executed: list[Any] = []

    def execute(_: Any) -> Reply:
        executed.append(action(7))
        return Reply(then="reset", delay_seconds=lost_after)

    async with served() as wire:
        wire.script("POST", execute)
        wire.script("GET", lambda _: listed(executed))
        client = flavour.client(wire, settle_seconds=0.05)
        await asyncio.sleep((phase - time.time()) % 1)

        response = await initiate(flavour, client)

        assert (response.action.id, response.is_adopted) == (7, True), phase
        assert len(wire.sent("POST")) == 1


@asynccontextmanager
async def served() -> AsyncIterator[WireServer]:
    server = WireServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def test_action_seen_before_the_sending_is_not_adopted(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, created(8))
    earlier = action(7)
    wire.script("GET", lambda _: listed([earlier]))
    client = flavour.client(wire, settle_seconds=0.05)
    await flavour.call(client.gpu_droplets.actions.list, DROPLET)

    response = await initiate(flavour, client)

    assert (response.action.id, response.is_adopted) == (8, False)


async def test_action_of_an_unknown_request_is_not_adopted_later(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, RESET)
    wire.script("GET", reply(401, {"id": "unauthorized", "message": "Unable to authenticate you."}))
    client = flavour.client(wire, settle_seconds=0.05)
    with pytest.raises(ActionOutcomeUnknownError):
        await initiate(flavour, client)

    wire.script("GET", lambda _: listed([action(7)]))
    with pytest.raises(ActionOutcomeUnknownError, match="another such request of this process"):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 2


async def test_action_of_a_cancelled_request_is_not_adopted_later(wire: WireServer) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    client = flavour.client(wire, settle_seconds=0.05)
    wire.script("POST", Reply(then="hang"), RESET)
    wire.script("GET", lambda _: listed([action(7)]))
    cancelled = asyncio.create_task(initiate(flavour, client))
    await wire.seen(method="POST")
    cancelled.cancel()

    with pytest.raises(ActionOutcomeUnknownError, match="another such request of this process"):
        await initiate(flavour, client)

    assert len(wire.sent("POST")) == 2
    await flavour.close_all()
