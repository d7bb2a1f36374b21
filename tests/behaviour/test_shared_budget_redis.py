"""A rate budget on a Redis server, beyond what all stores have in common."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis.asyncio
from redis_servers import require_server, running_server
from shared_stores import processes_of, send
from wire_server import WireServer, action, reply

from gradient_async import RateBudget
from gradient_async.budget import redis_connection
from gradient_async.budget.redis_budget import RedisRateBudget
from gradient_async.budget.redis_connection import connection_to
from gradient_async.budget.redis_ledger import RedisLedger
from gradient_async.budget.redis_store import RedisStore, Wish
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.windows import RateWindow
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from redis_servers import RedisServer

pytestmark = pytest.mark.once

WINDOWS = (RateWindow(9, 60.0),)


def soak() -> Any:
    """Return the soak program of shared budgets, which is no module of a package."""
    path = Path(__file__).parents[1] / "soak" / "shared_budgets.py"
    spec = importlib.util.spec_from_file_location("shared_budgets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def budget_on(server: RedisServer, windows: Iterable[tuple[int, float]] = WINDOWS) -> RedisRateBudget:
    budget = RateBudget.shared(server.url, windows=windows).bound_to(b"account")
    assert isinstance(budget, RedisRateBudget)
    return budget


def store_on(server: RedisServer, process: str) -> RedisStore:
    connection = connection_to(server.url)
    return RedisStore(connection=connection, name="{gb:x}", process=process, windows=WINDOWS, reserve=0.0)


@pytest.mark.parametrize(
    "facts",
    [
        {
            "name": "back empty, clocks 30 s off",
            "kill_store_at": 0.4,
            "back_after": 0.2,
            "clock": 30.0,
        },
        {"name": "killed for good", "kill_store_at": 0.4},
    ],
    ids=lambda facts: facts["name"],
)
async def test_processes_keep_the_window(facts: dict[str, Any]) -> None:
    require_server()
    program = soak()
    case = program.Case(engine="redis", counts=(12,) * 3, limit=12, span=0.5, **facts)
    outcome = await program.run(case, seed=1)
    assert (len(outcome.sent), outcome.lost) == (36, 0)
    assert outcome.most_in(case.span) <= case.limit


def test_next_event_loop_goes_on_with_what_the_last_one_knew(redis_server: RedisServer) -> None:
    budget = budget_on(redis_server)

    async def take_two() -> None:
        await budget.acquire()
        slot = await budget.acquire()
        await budget.release(200, {}, slot=slot)  # type: ignore[misc]  # a report, on a server

    asyncio.run(take_two())
    asyncio.run(take_two())
    asyncio.run(budget.refresh())
    assert [(use.used, use.pending, use.is_this) for use in budget.processes()] == [((4,), 0, True)]


def test_sync_client_reports_each_request(redis_server: RedisServer) -> None:
    async def start() -> WireServer:
        wire = WireServer()
        wire.script("GET", lambda _: reply(200, {"action": action(1)}))
        await wire.start()
        return wire

    with asyncio.Runner() as runner:
        wire = runner.run(start())
        options: dict[str, Any] = {"base_url": wire.base_url, "rate_budget": RateBudget.shared(redis_server.url)}

        def call() -> None:
            with GradientAI(wire.token, **options) as client:
                for _ in range(3):
                    client.gpu_droplets.actions.retrieve(1, droplet_id=1)

        runner.run(asyncio.to_thread(call))
        budget = options["rate_budget"]
        runner.run(budget.refresh())
        runner.run(wire.stop())
    assert sum(use.used[0] for use in budget.processes()) == 3
    assert sum(use.pending for use in budget.processes()) == 0


async def test_idle_connection_that_was_closed_is_no_outage(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    budget = budget_on(redis_server)
    await send(budget, [])
    client = redis.Redis.from_url(redis_server.url)
    client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    client.close()
    await send(budget, [])
    await budget.refresh()
    assert budget.snapshot().paused_for == 0.0
    assert not caplog.records


async def test_call_that_comes_too_late_changes_nothing(redis_server: RedisServer) -> None:
    store = store_on(redis_server, "one")
    await store.ask(now=0.0, call=2, epoch="")
    with pytest.raises(StoreAwayError, match="a later call of this process"):
        await store.ask(now=0.0, call=1, epoch="", wish=Wish(priority=0, wanted=3, lease=60.0, first=1))
    assert (await store.ask(now=0.0, call=3, epoch="")).windows[0].used == 0


async def test_clock_that_is_set_back_does_not_stop_the_budget(redis_server: RedisServer) -> None:
    """What counts for a minute still counts for a minute, and not for the hour that the clock was wrong by."""
    from test_stores_decide_alike import CLOCKED

    store = RedisStore(
        connection=connection_to(redis_server.url),
        name="{gb:x}",
        process="one",
        windows=WINDOWS,
        reserve=0.0,
        script=CLOCKED,
    )
    wish = Wish(priority=0, wanted=9, lease=30.0, first=1)
    assert (await store.ask(now=0.0, call=1, epoch="", wish=wish, clock=[10_000, 0])).got == 9
    answer = await store.ask(now=0.0, call=2, epoch="", clock=[6_400, 0])
    assert (answer.windows[0].used, answer.free) == (9, 0)
    assert (await store.ask(now=0.0, call=3, epoch="", clock=[6_485, 0])).windows[0].used == 9
    assert (await store.ask(now=0.0, call=4, epoch="", clock=[6_491, 0])).windows[0].used == 0


async def test_server_that_stands_still_is_away(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers late what it was asked before, after this process has gone on alone: no slot is left behind."""
    monkeypatch.setattr(redis_connection, "_ANSWER_SECONDS", 0.2)
    budget, sent = budget_on(redis_server), list[float]()
    await send(budget, sent)
    redis_server.signal(signal.SIGSTOP)
    began = time.monotonic()
    await send(budget, sent)
    await send(budget, sent)
    assert time.monotonic() - began < 10
    redis_server.signal(signal.SIGCONT)
    await asyncio.sleep(0.3)
    (use,) = await processes_of(budget)
    assert (use.used, use.pending) == ((3,), 0)


async def test_neither_log_nor_repr_shows_the_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    word = "s3cret-of-the-server"
    with running_server(tmp_path, "--requirepass", word) as server:
        shared = RateBudget.shared(server.url.replace("redis://", f"redis://:{word}@"), windows=WINDOWS)
        budget = shared.bound_to(b"account")
        await send(budget, [])
        async with redis.asyncio.Redis(port=server.port, password=word) as client:
            held = [repr(await client.dump(key)) for key in await client.keys()]
        server.kill()
        await send(budget, [])
    shown = [repr(one) + str(vars(one)) for one in (shared, budget, connection_of(budget))]
    assert "is away" in caplog.text
    assert held
    assert word not in "".join([caplog.text, *held, *shown])


def connection_of(budget: RateBudget) -> object:
    assert isinstance(budget, RedisRateBudget)
    return budget.connection


async def test_server_with_a_strange_answer_is_away(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_on(redis_server, "one")

    async def nonsense(*_: object) -> object:
        return "[1]"

    monkeypatch.setattr(type(store.connection), "run", nonsense)
    with pytest.raises(StoreAwayError, match="its answer cannot be read"):
        await store.ask(now=0.0, call=1, epoch="")


async def test_idle_process_needs_no_pause_after_a_server_was_emptied(redis_server: RedisServer) -> None:
    """It has nothing to report: all its requests left the windows long ago."""
    ledger = RedisLedger(connection_to(redis_server.url), "{gb:x}", (RateWindow(9, 0.5),), 0.0, "share")
    await ledger.exchange()
    redis_server.kill()
    redis_server.start()
    await asyncio.sleep(0.6)
    assert (await ledger.exchange()).paused_for == 0.0
    redis_server.kill()
    redis_server.start()
    assert (await ledger.exchange()).paused_for > 0.6
