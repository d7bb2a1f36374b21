"""A reader follows one action, or one Droplet of a fleet, from the method to the wire through few frames."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import CoroutineType
from typing import TYPE_CHECKING

import aiohttp

import gradient_async
from gradient_async import AsyncGradientAI
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

PACKAGE = str(Path(gradient_async.__file__).parent)
EMULATOR = str(Path(PACKAGE, "emulator"))


class FrameCounter:
    """A client middleware that notes the package's own frames between the caller and aiohttp."""

    def __init__(self) -> None:
        self.frames: list[str] = []

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        frame = sys._getframe()
        self.frames = []
        while frame.f_back is not None:
            frame = frame.f_back
            file = frame.f_code.co_filename
            if file.startswith(PACKAGE) and not file.startswith(EMULATOR):
                self.frames.append(frame.f_code.co_qualname)
        return await handler(request)


async def test_action_reaches_the_wire_through_few_frames() -> None:
    counter = FrameCounter()
    async with (
        Emulator(droplets=1) as emulator,
        AsyncGradientAI(
            emulator.token,
            base_url=emulator.base_url,
            http_session=lambda: aiohttp.ClientSession(middlewares=(counter,)),
        ) as client,
    ):
        await client.gpu_droplets.actions.initiate(3164444, "reboot")
    assert counter.frames[-1] == "DropletActions.initiate"
    assert len(counter.frames) <= 10, counter.frames


def frames_of(task: asyncio.Task[None] | None) -> list[str]:
    """Return the package's own frames of a task that awaits something, innermost first."""
    frames: list[str] = []
    waiting: object = None if task is None else task.get_coro()
    while isinstance(waiting, CoroutineType):
        if waiting.cr_code.co_filename.startswith(PACKAGE):
            frames.insert(0, waiting.cr_code.co_qualname)
        waiting = waiting.cr_await
    return frames


class FleetFrameCounter(FrameCounter):
    """The same for a run: the frames of the Droplet's task, and of the task that waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.caller: asyncio.Task[None] | None = asyncio.current_task()

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        response = await super().__call__(request, handler)
        if request.method == "POST":
            self.all_frames = [*self.frames, *frames_of(self.caller)]
        return response


async def test_droplet_of_a_fleet_reaches_the_wire_through_few_frames() -> None:
    counter = FleetFrameCounter()
    async with (
        Emulator(droplets=3, time_scale=1000) as emulator,
        AsyncGradientAI(
            emulator.token,
            base_url=emulator.base_url,
            http_session=lambda: aiohttp.ClientSession(middlewares=(counter,)),
        ) as client,
    ):
        report = await client.fleet.run("reboot", [3164444])
    assert report.counts["completed"] == 1
    # OpenTelemetry is an extra, and its two frames are on top of a plain client's.
    frames = [one for one in counter.all_frames if not one.startswith("ObservedSender.")]
    assert "FleetRuns.run" in frames[-2:]
    assert len(frames) <= 12, " ".join(frames)
