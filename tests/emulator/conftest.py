from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from emulator_desk import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gradient_async.emulator import Emulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture
def visit(session: aiohttp.ClientSession) -> Callable[[Emulator], Visitor]:
    return lambda emulator: Visitor(emulator, session)
