"""A reader follows one action from the method to the wire through few frames."""

from __future__ import annotations

import sys
from pathlib import Path
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
