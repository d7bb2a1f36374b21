from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

import pytest
from flavours import FLAVOURS, Flavour
from wire_server import WireServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


# A shell that starts the tests in the background has them, and every process that they start, pass over Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Collect tests without collecting garbage, and keep them out of every later collection of it.

    With 18,000 tests in memory, which all stay, a ``gc.collect()`` in a test takes half a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(params=FLAVOURS)
async def flavour(request: pytest.FixtureRequest) -> AsyncIterator[Flavour]:
    """Each flavour in turn; the clients that it made are closed after the test."""
    flavour = FLAVOURS[request.param]()
    yield flavour
    await flavour.close_all()


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    """A server that answers by script."""
    server = WireServer()
    await server.start()
    yield server
    await server.stop()
