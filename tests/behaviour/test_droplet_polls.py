"""P3: waits for Droplets share their polls, and N of them take at most ⌈N/200⌉ + 1 requests a round."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import AsyncGradientAI, DropletGoneError
from gradient_async.emulator import DropletSpec, Emulator, Lag, Visibility
from gradient_async.waiting.awaited_droplet import AwaitedDroplet
from gradient_async.waiting.droplet_poller import DropletPoller

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.once

FIRST = 3164444


def client_of(emulator: Emulator, **options: Any) -> AsyncGradientAI:
    settings = {"rate_budget": None, "create_settle_seconds": 0.4, **options}
    return AsyncGradientAI(emulator.token, base_url=emulator.base_url, **settings)


class Rounds:
    """Polls by hand, and counts the requests of each round."""

    def __init__(self, emulator: Emulator, client: AsyncGradientAI, ids: Sequence[int]) -> None:
        self._emulator = emulator
        self._poller = DropletPoller(client._sender)
        self.awaited = [AwaitedDroplet.of(one) for one in ids]

    async def poll(self) -> int:
        before = len(self._emulator.requests)
        await self._poller.poll([one for one in self.awaited if not one.is_unreadable], {})
        requests = len(self._emulator.requests) - before
        assert requests <= math.ceil(len(self.awaited) / 200) + 1
        return requests

    @property
    def unread(self) -> int:
        return sum(one.last is None for one in self.awaited)


async def test_many_are_read_from_few_pages() -> None:
    specs = [DropletSpec()] * 300 + [DropletSpec(gpu=False)] * 120
    async with Emulator(specs, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, range(FIRST, FIRST + 420))
        await rounds.poll()
        assert rounds.unread <= 120
        await rounds.poll()
        await rounds.poll()
        assert rounds.unread == 0
        assert await rounds.poll() == 3


async def test_few_are_found_on_their_page_of_a_large_account() -> None:
    async with Emulator(droplets=650, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, [FIRST + 640, FIRST + 641, FIRST + 642])
        for _ in range(4):
            await rounds.poll()
        assert rounds.unread == 0
        assert await rounds.poll() == 1


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_few_take_few_requests(count: int) -> None:
    async with Emulator(droplets=5, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, range(FIRST, FIRST + count))
        assert await rounds.poll() == {1: 1, 2: 2, 3: 1}[count]
        assert rounds.unread == 0


async def test_each_that_is_gone_is_noticed_among_both_kinds() -> None:
    specs = [DropletSpec()] * 3 + [DropletSpec(gpu=False)] * 3
    async with Emulator(specs, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, range(FIRST, FIRST + 6))
        for _ in range(6):
            await rounds.poll()
        assert rounds.unread == 0
        for gone in (FIRST, FIRST + 5):
            await client.gpu_droplets.delete(gone)
        emulator.clock.advance(100)
        for _ in range(16):
            await rounds.poll()
        assert [isinstance(one.failure, DropletGoneError) for one in rounds.awaited] == [True, *[False] * 4, True]


async def test_lists_are_not_read_without_their_scope() -> None:
    async with Emulator(droplets=4, limits=None, scopes={"droplet:read"}) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, [*range(FIRST, FIRST + 4), 7])
        for _ in range(3):
            await rounds.poll()
        assert rounds.unread == 1
        assert rounds.awaited[-1].misses >= 1
        assert sum(one.path == "/v2/actions" for one in emulator.requests) == 1


async def test_separate_waits_share_their_polls() -> None:
    specs = [DropletSpec(status="new")] * 60
    async with Emulator(specs, time_scale=60, limits=None) as emulator, client_of(emulator) as client:
        async with asyncio.TaskGroup() as group:
            for number in range(60):
                wait = client.gpu_droplets.wait(FIRST + number, timeout=20, poll_interval=0.2)
                group.create_task(wait)
        assert len(emulator.requests) <= 20
        assert {one.path for one in emulator.requests} <= {
            "/v2/droplets",
            *(f"/v2/droplets/{FIRST + n}" for n in range(60)),
        }


async def test_lists_that_lag_end_no_wait() -> None:
    lags = Visibility(list=Lag(10.0), get=Lag(6.0, chance=0.5))
    async with Emulator(droplets=1, time_scale=20, limits=None, visibility=lags) as emulator:
        async with client_of(emulator, create_settle_seconds=8.0) as client:
            made = await client.gpu_droplets.create(
                names=["a", "b", "c", "d"], size="gpu-h100x1-80gb", image="gpu-h100x1-base", region="tor1"
            )
            ready = await client.gpu_droplets.wait(made.droplets, timeout=20, poll_interval=0.02)
    assert [one.name for one in ready] == ["a", "b", "c", "d"]
    assert all(one.is_active for one in ready)


@pytest.mark.parametrize("until", ["active", "ssh"])
async def test_nothing_is_left_when_waits_are_cancelled(until: Any) -> None:
    status: Any = "new" if until == "active" else "active"
    async with Emulator([DropletSpec(status=status)] * 30, limits=None) as emulator, client_of(emulator) as client:
        tasks_before = asyncio.all_tasks()
        waits = [
            asyncio.create_task(client.gpu_droplets.wait(range(first, first + 10), until=until, poll_interval=0.02))
            for first in range(FIRST, FIRST + 30, 10)
        ]
        while not emulator.requests:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
        for number, wait in enumerate(waits):
            wait.cancel()
            with pytest.raises(asyncio.CancelledError):
                await wait
            if number < 2:
                seen = len(emulator.requests)
                while len(emulator.requests) == seen:  # noqa: ASYNC110 - the other waits poll on
                    await asyncio.sleep(0.01)
        seen = len(emulator.requests)
        await asyncio.sleep(0.1)
        assert len(emulator.requests) <= seen + 1  # one may have been on its way
        assert not client._watcher.droplets._watches
        assert {one for one in asyncio.all_tasks() - tasks_before if "wait" in str(one.get_coro())} == set()


async def test_round_is_finished_by_the_next_leader() -> None:
    async with Emulator(droplets=500, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, range(FIRST, FIRST + 500))
        poll = asyncio.create_task(rounds.poll())
        while rounds.unread == 500:  # noqa: ASYNC110 - until the first page is read
            await asyncio.sleep(0)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        await rounds.poll()
    pages = [dict(one.query).get("page") for one in emulator.requests]
    assert pages.count("1") == 1
    assert rounds.unread == 0


async def test_pages_take_turns_when_a_few_are_on_several() -> None:
    async with Emulator(droplets=650, limits=None) as emulator, client_of(emulator) as client:
        rounds = Rounds(emulator, client, [FIRST, FIRST + 1, FIRST + 250, FIRST + 450, FIRST + 451, FIRST + 640])
        for _ in range(10):
            await rounds.poll()
        before = [one.reads for one in rounds.awaited]
        for _ in range(6):
            await rounds.poll()
    gained = [one.reads - reads for one, reads in zip(rounds.awaited, before, strict=True)]
    assert min(gained) >= 2, gained
