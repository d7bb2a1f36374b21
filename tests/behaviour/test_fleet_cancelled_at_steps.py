"""A fleet run or stream that is cancelled after any step of the event loop leaves no task and sends nothing more."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import AsyncGradientAI
from gradient_async.emulator import Emulator
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

FIRST = 3164444
COUNT = 3
# Every step of the start; then some of those in which requests are on their way and actions are waited for.
STEPS = (*range(30), *range(30, 120, 6), *range(120, 800, 40))


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def own_tasks(before: set[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """Tasks that are new and not of the emulator's server."""
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    return [task for task in new if "aiohttp.web" not in repr(task) and "RequestHandler" not in repr(task)]


async def steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def read(client: AsyncGradientAI) -> None:
    async for _ in client.fleet.stream("reboot", range(FIRST, FIRST + COUNT), max_concurrency=2):
        pass


async def run(client: AsyncGradientAI) -> None:
    await client.fleet.run("reboot", range(FIRST, FIRST + COUNT), max_concurrency=2)


@pytest.mark.parametrize("cancels", [1, 2, 3])
@pytest.mark.parametrize("what", [run, read])
async def test_nothing_is_left_when_cancelled_after_any_step(what: Any, cancels: int) -> None:
    async with (
        Emulator(COUNT, time_scale=600.0, limits=None) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client,
    ):
        before = asyncio.all_tasks()
        for number in STEPS:
            emulator.clock.advance(3600.0)
            task = asyncio.create_task(what(client))
            await steps(number)
            for _ in range(cancels):
                task.cancel()
                await steps(1)
            await asyncio.wait([task])
            assert own_tasks(before) == [], number
            sent = posts(emulator)
            await steps(20)
            assert posts(emulator) == sent, number


class Source:
    """Droplets that record whether they were closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def plain(self) -> Iterator[int]:
        try:
            yield from range(FIRST, FIRST + COUNT)
        finally:
            self.is_closed = True

    async def asynchronous(self) -> AsyncIterator[int]:
        try:
            for droplet_id in range(FIRST, FIRST + COUNT):
                yield droplet_id
        finally:
            await asyncio.sleep(0)  # a generator's clean-up may wait
            self.is_closed = True


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
@pytest.mark.parametrize("how", ["close", "cancel", "client"])
async def test_callers_generator_is_closed_when_the_stream_ends_early(kind: str, how: str) -> None:
    source = Source()
    async with Emulator(COUNT, time_scale=600.0, limits=None) as emulator:
        client = AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        async with client:
            stream = client.fleet.stream("reboot", getattr(source, kind)(), max_concurrency=1)
            await anext(stream)
            if how == "close":
                await stream.aclose()
            elif how == "client":
                await client.aclose()
            else:
                reader = asyncio.ensure_future(anext(stream))
                await steps(3)
                reader.cancel()
                await asyncio.wait([reader])
            assert source.is_closed


@pytest.mark.parametrize(
    "call", ["fleet.run('reboot', range(1, 9))", "fleet.stream('reboot', range(1, 9)).next_page()"]
)
def test_no_coroutine_is_unawaited_when_the_loop_ends_in_a_start(call: str) -> None:
    script = f"""
        import asyncio, gc
        from gradient_async import AsyncGradientAI

        async def main(steps):
            client = AsyncGradientAI("token", base_url="http://127.0.0.1:9", rate_budget=None)
            task = asyncio.ensure_future(client.{call})
            for _ in range(steps):
                await asyncio.sleep(0)

        for steps in range(14):
            asyncio.run(main(steps))
        gc.collect()
    """
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "always", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "never awaited" not in ended.stderr
    assert ended.returncode == 0, ended.stderr
