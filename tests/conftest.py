from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from flavours import FLAVOURS, Flavour
from redis_servers import RedisServer, programs, running_server
from wire_server import WireServer

from gradient_async.budget import redis_connection
from gradient_async.http import token_budgets
from gradient_async.waiting import claims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# The same examples in every run: what these tests show does not depend on the day they are run on. Without a deadline,
# and with slow draws allowed, a busy machine is no failure, whichever folder of tests runs by itself.
hypothesis.settings.register_profile(
    "same",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=120,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")

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


@pytest.fixture(autouse=True)
def _apart_from_other_tests() -> None:
    """Let no client share with those of earlier tests, which may still be in memory.

    Clients of one URL share their claims and budgets. Sooner or later, a server gets the port of an earlier one, and
    its actions have the same ids.
    """
    for shared in (claims._shared_claims, claims._shared_creates, token_budgets._budgets):
        shared.clear()


@pytest.fixture
def hangup_is_not_ignored() -> Iterator[None]:
    """Let processes that a test starts get SIGHUP, also if the tests run under ``nohup``."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


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


@pytest.fixture
def _patient_with_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not take a server for away that stands still together with the whole machine."""
    monkeypatch.setattr(redis_connection, "_CONNECT_SECONDS", 20.0)
    monkeypatch.setattr(redis_connection, "_ANSWER_SECONDS", 20.0)


@pytest.fixture(params=programs() or [None], ids=lambda program: "no-server" if program is None else Path(program).name)
def redis_server(request: pytest.FixtureRequest, tmp_path: Path, _patient_with_redis: None) -> Iterator[RedisServer]:
    """A real, empty server of each kind that this machine has: Redis, Valkey."""
    with running_server(tmp_path, program=request.param) as server:
        yield server
