"""Keys on a server that other hosts reach: it restarts empty, its clock jumps, and the hosts' clocks are not equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import anyio
import pytest

from gradient_async import ActionOutcomeUnknownError, AsyncGradientAI, RateBudget, RequestKeyStoreError
from gradient_async.budget import held_key, key_record
from gradient_async.budget.key_redis import RedisKeyStore
from gradient_async.budget.redis_connection import RedisConnection, Script
from gradient_async.emulator import Emulator, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from flavours import Flavour
    from redis_servers import RedisServer

    from gradient_async.http.key_store import StoreTime

pytestmark = pytest.mark.once

DROPLET = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
CONNECTED = Script("return tonumber(string.match(redis.call('INFO', 'clients'), 'connected_clients:(%d+)'))")
LIST = "GET /v2/droplets/{droplet_id}/actions"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=1, time_scale=600, limits=None) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_record, "LEASE_SECONDS", 0.6)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets the server's clock, by a number of seconds from the right time."""
    run, offset = RedisKeyStore._run, [0.0]

    async def shifted(
        store: RedisKeyStore, script: Script, name: str, arguments: Sequence[str | int]
    ) -> tuple[bool, str, StoreTime]:
        flag, text, time = await run(store, script, name, arguments)
        return flag, text, time._replace(now=time.now + offset[0])

    monkeypatch.setattr(RedisKeyStore, "_run", shifted)
    return lambda seconds: offset.__setitem__(0, seconds)


def client_of(server: RedisServer, emulator: Emulator, **options: Any) -> AsyncGradientAI:
    budget = RateBudget.shared(server.url)
    usual: dict[str, Any] = {"rate_budget": budget, "settle_seconds": 0.1, "timeout": 0.5}
    return AsyncGradientAI(emulator.token, base_url=emulator.base_url, **usual | options)


async def reboot(client: AsyncGradientAI) -> Any:
    return await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")


def reboots(emulator: Emulator) -> int:
    return len(emulator.account.actions_of(DROPLET, "reboot"))


async def left_open(server: RedisServer, emulator: Emulator, lost: Any = faults.DropAfter) -> None:
    """Leave a request behind whose answer was lost, and which could not be looked up."""
    emulator.faults.add(lost(route=INITIATE, times=1))
    emulator.faults.add(faults.HTMLError(403, route=LIST, times=1))
    async with client_of(server, emulator) as client:
        with pytest.raises(ActionOutcomeUnknownError):
            await reboot(client)


async def test_second_call_gets_the_result_of_the_first(
    flavour: Flavour, emulator: Emulator, redis_server: RedisServer
) -> None:
    answers = []
    for _ in range(2):
        client = flavour.client(emulator, rate_budget=RateBudget.shared(redis_server.url))
        answers.append(await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, "reboot", key="k"))
    assert [answer.is_replayed for answer in answers] == [False, True]
    assert answers[0].action == answers[1].action
    assert reboots(emulator) == 1


async def test_many_calls_at_once_need_few_connections(redis_server: RedisServer) -> None:
    store = RedisKeyStore(RedisConnection(redis_server.url))
    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(store.swap, f"{number}", None, "a", 10.0)
    assert cast("int", await store._connection.run(CONNECTED, [], [])) <= 10
    assert (await store.read("199")).text == "a"


async def test_result_is_kept_when_the_server_restarts_empty(emulator: Emulator, redis_server: RedisServer) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.3, times=1))
    async with client_of(redis_server, emulator) as client, anyio.create_task_group() as group:
        group.start_soon(reboot, client)
        await emulator.requests.seen(INITIATE)
        redis_server.kill()
        redis_server.start()
    async with client_of(redis_server, emulator) as client:
        assert (await reboot(client)).is_replayed
    assert reboots(emulator) == 1


async def test_nothing_is_sent_while_the_server_is_away(
    emulator: Emulator, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.1)
    url = redis_server.url.replace("//", "//:secret-word@")
    redis_server.kill()
    async with client_of(redis_server, emulator, rate_budget=RateBudget.shared(url)) as client:
        with pytest.raises(RequestKeyStoreError, match="so it is not sent") as caught:
            await reboot(client)
    assert "secret-word" not in f"{caught.value!r}{caught.value.__context__!r}{caught.value.__cause__!r}"
    assert len(emulator.requests) == 0


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_clock_that_jumps_costs_no_second_execution(
    emulator: Emulator, redis_server: RedisServer, set_clock: Callable[[float], None], jump: float
) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.4, times=1))
    answers: list[Any] = []

    async def first(client: AsyncGradientAI) -> None:
        answers.append(await reboot(client))

    async with client_of(redis_server, emulator) as client, client_of(redis_server, emulator) as other:
        async with anyio.create_task_group() as group:
            group.start_soon(first, client)
            await emulator.requests.seen(INITIATE)
            set_clock(jump)
            answers.append(await reboot(other))
        answers.append(await reboot(other))
    assert len({answer.action.id for answer in answers}) == 1
    assert answers[2].is_replayed
    assert reboots(emulator) == 1


async def test_other_host_adopts_by_the_servers_clock(
    emulator: Emulator, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_open(redis_server, emulator)
    monkeypatch.setattr(held_key, "boot_id", lambda: "another host")
    async with client_of(redis_server, emulator) as client:
        answer = await reboot(client)
    assert answer.is_adopted
    assert reboots(emulator) == 1


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_other_host_reports_unknown_when_clocks_contradict(
    emulator: Emulator,
    redis_server: RedisServer,
    set_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    jump: float,
) -> None:
    await left_open(redis_server, emulator)
    monkeypatch.setattr(held_key, "boot_id", lambda: "another host")
    set_clock(jump)
    async with client_of(redis_server, emulator) as client:
        for _ in range(2):
            with pytest.raises(ActionOutcomeUnknownError, match="the clocks do not agree") as caught:
                await reboot(client)
    assert len(caught.value.candidates) == 1
    assert reboots(emulator) == 1


async def test_other_host_sends_what_was_certainly_not_executed(
    emulator: Emulator, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_open(redis_server, emulator, faults.DropBefore)
    monkeypatch.setattr(held_key, "boot_id", lambda: "another host")
    async with client_of(redis_server, emulator) as client:
        answer = await reboot(client)
    assert not answer.is_adopted
    assert reboots(emulator) == 1
