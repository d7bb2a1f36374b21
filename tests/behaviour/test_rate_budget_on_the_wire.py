"""P2 as the server sees it: never more requests in a window than it lets in, and silence after a 429."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour, SyncFlavour
from wire_server import Reply, WireServer, action, created_for, html, listed, reply, until

from gradient_async import ActionTimeoutError, RateBudget, RateLimitError
from gradient_async.emulator import Emulator, RateLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

LIMIT, SECONDS = 20, 0.5
# Requests that leave together do not arrive together: on this machine, one loop handles them one after the other.
UNEVENNESS_SECONDS = 0.04


@pytest.fixture
async def both(wire: WireServer) -> AsyncIterator[tuple[AsyncFlavour, SyncFlavour]]:
    """An async and a sync flavour in one test."""
    wire.script("GET", listed([]))
    flavours = AsyncFlavour(), SyncFlavour()
    yield flavours
    for flavour in flavours:
        await flavour.close_all()


@pytest.fixture
async def async_flavour() -> AsyncIterator[AsyncFlavour]:
    """For what both flavours have in one piece: a budget is the same object in either."""
    flavour = AsyncFlavour()
    yield flavour
    await flavour.close_all()


def most_in_a_window(moments: list[float], seconds: float) -> int:
    moments = sorted(moments)
    return max(sum(start <= moment < start + seconds for moment in moments) for start in moments)


async def list_often(flavour: Flavour, client: Any, count: int) -> None:
    await asyncio.gather(*(flavour.call(client.actions.list) for _ in range(count)))


async def test_no_window_overfull_when_many_calls_are_made_at_once(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(wire, rate_budget=RateBudget(windows=((LIMIT, SECONDS),)))
    opened = time.monotonic()
    await list_often(flavour, client.with_options(rate_budget=None), LIMIT)  # opens the connections
    wire.requests.clear()
    started = time.monotonic()
    unpaced = started - opened  # the more, the busier the machine

    await list_often(flavour, client, 3 * LIMIT)

    moments = [request.at for request in wire.requests]
    assert len(moments) == 3 * LIMIT
    assert most_in_a_window(moments, SECONDS - UNEVENNESS_SECONDS) <= LIMIT
    assert 2 * SECONDS <= time.monotonic() - started < 2 * SECONDS + 8 + 3 * unpaced


async def test_both_windows_held_when_there_are_two(async_flavour: AsyncFlavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = async_flavour.client(wire, rate_budget=RateBudget(windows=((5, 0.15), (10, 0.5))))
    await list_often(async_flavour, client.with_options(rate_budget=None), 5)
    wire.requests.clear()

    await list_often(async_flavour, client, 16)

    moments = [request.at for request in wire.requests]
    assert most_in_a_window(moments, 0.15 - UNEVENNESS_SECONDS) <= 5
    assert most_in_a_window(moments, 0.5 - UNEVENNESS_SECONDS) <= 10


async def test_every_request_counted_when_calls_take_several(async_flavour: AsyncFlavour, wire: WireServer) -> None:
    wire.script("GET", html(502), listed([action(7)]))
    wire.script("POST", Reply(then="reset"))
    client = async_flavour.client(wire, rate_budget=RateBudget(windows=((2, 0.4),)))

    await async_flavour.call(client.gpu_droplets.actions.initiate, 3164444, type="reboot")

    methods = [request.method for request in wire.requests]
    assert methods[:3] == ["POST", "GET", "GET"]
    assert "POST" not in methods[3:]  # a new second may take one more look
    assert wire.requests[2].at - wire.requests[0].at >= 0.4 - UNEVENNESS_SECONDS


async def test_no_429_when_the_budget_is_below_the_accounts(async_flavour: AsyncFlavour) -> None:
    limits = RateLimits(burst=LIMIT, burst_seconds=24)  # 0.4 s of the wall
    async with Emulator(droplets=40, time_scale=60, limits=limits) as emulator:
        client = async_flavour.client(emulator, rate_budget=RateBudget(windows=((LIMIT, 0.6),)))
        method = client.gpu_droplets.actions.initiate

        await asyncio.gather(*(async_flavour.call(method, 3164444 + number, type="reboot") for number in range(40)))

        assert [request.status for request in emulator.requests] == [201] * 40


async def test_everybody_pauses_when_one_call_meets_a_429(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="gradient_async")
    wire.script("GET", reply(429, headers={"Retry-After": "0.5"}), listed([]))
    client = flavour.client(wire, rate_budget=RateBudget())
    first = asyncio.create_task(flavour.call(client.actions.list))
    await until(lambda: any("429" in record.getMessage() for record in caplog.records))

    await list_often(flavour, client, 5)
    await first

    refused, *others = wire.requests
    assert len(others) == 6
    assert min(request.at for request in others) - refused.at >= 0.5


async def test_error_when_a_429_asks_for_more_than_an_hour(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(429, headers={"Retry-After": "3"}))
    budget = RateBudget()
    client = flavour.client(wire, rate_budget=budget, max_retry_after=2)

    with pytest.raises(RateLimitError) as caught:
        await flavour.call(client.actions.list)

    assert caught.value.retry_after == 3
    assert len(wire.requests) == 1


async def test_budget_is_shared_by_clients_of_both_flavours(
    wire: WireServer, both: tuple[AsyncFlavour, SyncFlavour]
) -> None:
    budget = RateBudget(windows=((LIMIT, SECONDS),))
    clients = [(flavour, flavour.client(wire, rate_budget=budget)) for flavour in both]
    await asyncio.gather(*(list_often(one, client.with_options(rate_budget=None), LIMIT) for one, client in clients))
    wire.requests.clear()

    await asyncio.gather(*(list_often(flavour, client, LIMIT) for flavour, client in clients))

    moments = [request.at for request in wire.requests]
    assert len(moments) == 2 * LIMIT
    assert most_in_a_window(moments, SECONDS - UNEVENNESS_SECONDS) <= LIMIT


async def test_clients_of_one_token_share_a_budget(wire: WireServer, both: tuple[AsyncFlavour, SyncFlavour]) -> None:
    shared = [flavour.client(wire, rate_budget="shared") for flavour in both]
    other_token = both[0].client(wire, rate_budget="shared", access_token="another")

    assert shared[0].rate_budget is shared[1].rate_budget
    assert isinstance(shared[0].rate_budget, RateBudget)
    assert other_token.rate_budget is not shared[0].rate_budget


async def test_other_flavour_pauses_too_when_one_meets_a_429(
    wire: WireServer, both: tuple[AsyncFlavour, SyncFlavour]
) -> None:
    wire.script("GET", reply(429, headers={"Retry-After": "0.5"}), listed([]))
    one, other = (flavour.client(wire, rate_budget="shared", max_retries=0) for flavour in both)
    with pytest.raises(RateLimitError):
        await both[0].call(one.actions.list)

    await both[1].call(other.actions.list)

    refused, later = wire.requests
    assert later.at - refused.at >= 0.5


async def test_place_given_back_when_a_waiting_call_is_cancelled(
    wire: WireServer, both: tuple[AsyncFlavour, SyncFlavour]
) -> None:
    client = both[0].client(wire, rate_budget=RateBudget(windows=((2, 0.5),)))
    await list_often(both[0], client, 2)
    waiting = [asyncio.create_task(both[0].call(client.actions.list)) for _ in range(102)]
    await asyncio.sleep(0.05)  # they have to be in the queue

    for task in waiting[:100]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

    moments = [request.at for request in wire.requests]
    assert len(moments) == 4
    assert 0.5 - UNEVENNESS_SECONDS <= moments[3] - moments[0] < 12  # behind all it would be 25 s


async def test_nothing_sent_when_closed_while_calls_wait_for_budget(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created_for)
    client = flavour.client(wire, rate_budget=RateBudget(windows=((1, 1.5),)))
    await flavour.call(client.gpu_droplets.actions.initiate, 1, type="reboot")
    waiting = [
        asyncio.create_task(flavour.call(client.gpu_droplets.actions.initiate, number, type="reboot"))
        for number in (2, 3)
    ]
    await asyncio.sleep(0.05)  # they have to be in the queue

    await flavour.close(client)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(outcome, RuntimeError) for outcome in outcomes)
    assert len(wire.requests) == 1


async def test_waiting_for_the_budget_counts_not_as_request_time(async_flavour: AsyncFlavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = async_flavour.client(wire, rate_budget=RateBudget(windows=((1, 0.2),)), timeout=0.15, max_retries=0)

    await list_often(async_flavour, client, 3)

    assert len(wire.requests) == 3


async def test_wait_ends_in_time_when_the_budget_is_used_up(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"action": action(7)}))
    client = flavour.client(wire, rate_budget=RateBudget(windows=((1, 30),)))
    await flavour.call(client.actions.retrieve, 7)
    started = time.monotonic()

    with pytest.raises(ActionTimeoutError):
        await flavour.call(client.gpu_droplets.actions.wait, 7, timeout=0.2)

    assert time.monotonic() - started < 12
    assert len(wire.requests) == 1


@pytest.mark.parametrize("windows", [(), ((0, 1),), ((1, 0),), ((1.5, 1),), ((1, -1),), ((1, float("inf")),)], ids=str)
async def test_refused_at_once_when_a_budget_is_impossible(windows: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="windows"):
        RateBudget(windows=windows)


async def test_refused_at_once_when_the_budget_is_none_of_the_three(flavour: Flavour, wire: WireServer) -> None:
    with pytest.raises((TypeError, ValueError), match="rate_budget"):
        flavour.client(wire, rate_budget="global")
