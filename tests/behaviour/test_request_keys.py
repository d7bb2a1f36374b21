"""A request with a key is executed once, however often it is asked for, and by whichever process."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import (
    ActionOutcomeUnknownError,
    AsyncGradientAI,
    NotFoundError,
    RateBudget,
    RequestKeyMismatchError,
    RequestKeyStoreError,
)
from gradient_async.budget import held_key, key_record
from gradient_async.budget.held_key import HeldKey
from gradient_async.budget.key_store import MemoryKeyStore, Reading
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from flavours import Flavour
    from redis_servers import RedisServer

    from gradient_async.http.request import Timestamp

pytestmark = pytest.mark.once

DROPLET = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
WORKER = """
    import asyncio, sys
    from gradient_async import AsyncGradientAI, RateBudget
    from gradient_async.budget import held_key, key_record

    key_record.LEASE_SECONDS = 0.4

    async def main():
        url, token, store, key = sys.argv[1:]
        options = {"rate_budget": RateBudget.shared(store), "settle_seconds": 0.3, "timeout": 1.0}
        async with AsyncGradientAI(token, base_url=url, **options) as client:
            response = await client.gpu_droplets.actions.initiate(3164444, "reboot", key=key)
            print(response.action.id, response.is_replayed)

    asyncio.run(main())
"""


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    droplets = [DropletSpec(tags=["a"]), DropletSpec()]
    async with Emulator(droplets, time_scale=600, limits=None) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_record, "LEASE_SECONDS", 0.4)
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.2)


def store_of(path: Path) -> str:
    return f"sqlite://{path / 'budget.sqlite3'}"


def client_of(flavour: Flavour, emulator: Emulator, path: Path, **options: Any) -> Any:
    """Return a client that shares nothing but the file with the others."""
    return flavour.client(emulator, rate_budget=RateBudget.shared(store_of(path)), **options)


async def worker(emulator: Emulator, path: Path, key: str) -> asyncio.subprocess.Process:
    arguments = ["-c", textwrap.dedent(WORKER), emulator.base_url, emulator.token, store_of(path), key]
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)


def content_of(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.iterdir())


def reboots(emulator: Emulator) -> int:
    return len(emulator.account.actions_of(DROPLET, "reboot"))


async def test_second_call_gets_the_result_of_the_first(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    answers = []
    for _ in range(3):
        actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
        answers.append(await flavour.call(actions.initiate, DROPLET, "reboot", key="nightly"))
    raw = await flavour.call(actions.with_raw_response.initiate, DROPLET, "reboot", key="nightly")
    assert [answer.is_replayed for answer in answers] == [False, True, True]
    assert {answer.action for answer in answers} == {answers[0].action}
    assert (raw.is_replayed, raw.status, raw.attempts, raw.parse()) == (True, 201, (), answers[1])
    assert reboots(emulator) == 1
    assert len(emulator.requests) == 1


async def test_key_of_another_request_is_refused(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    await flavour.call(actions.initiate, DROPLET, "snapshot", name="a", key="k")
    others: list[tuple[int, dict[str, Any]]] = [
        (DROPLET, {"type": "reboot"}),
        (DROPLET + 1, {"type": "snapshot", "name": "a"}),
        (DROPLET, {"type": "snapshot", "name": "b"}),
    ]
    for droplet_id, other in others:
        with pytest.raises(RequestKeyMismatchError, match="key 'k' was used for snapshot of Droplet 3164444") as caught:
            await flavour.call(actions.initiate, droplet_id, **other, key="k")
        assert caught.value.used_for != caught.value.asked_for
        assert f"{other['type']} of Droplet {droplet_id}" in caught.value.asked_for
    assert len(emulator.requests) == 1


async def test_key_needs_a_store(flavour: Flavour, emulator: Emulator) -> None:
    for options in ({}, {"rate_budget": RateBudget()}, {"rate_budget": None}):
        actions = flavour.client(emulator, **options).gpu_droplets.actions
        with pytest.raises(RequestKeyStoreError, match=r"rate_budget=RateBudget\.shared\("):
            await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert len(emulator.requests) == 0


async def test_keys_in_memory_are_for_one_process(flavour: Flavour, emulator: Emulator) -> None:
    budget = RateBudget.shared("memory:")
    for _ in range(2):
        actions = flavour.client(emulator, rate_budget=budget).gpu_droplets.actions
        answer = await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert answer.is_replayed
    assert reboots(emulator) == 1


async def test_keys_on_a_server_are_for_all_hosts(
    flavour: Flavour, emulator: Emulator, redis_server: RedisServer
) -> None:
    answers = []
    for _ in range(2):
        client = flavour.client(emulator, rate_budget=RateBudget.shared(redis_server.url))
        answers.append(await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, "reboot", key="k"))
    assert [answer.is_replayed for answer in answers] == [False, True]
    assert answers[0].action == answers[1].action
    assert reboots(emulator) == 1


async def test_refusal_frees_the_key(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    emulator.faults.add(faults.HTMLError(404, route=INITIATE, times=1))
    with pytest.raises(NotFoundError):
        await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    answer = await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert not answer.is_replayed
    assert reboots(emulator) == 1


async def test_calls_at_once_execute_once(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.2))
    answers: list[Any] = []

    async def initiate() -> None:
        actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
        answers.append(await flavour.call(actions.initiate, DROPLET, "reboot", key="k"))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(initiate)
    assert sorted(answer.is_replayed for answer in answers) == [False, True, True, True]
    assert len({answer.action.id for answer in answers}) == 1
    assert reboots(emulator) == 1


async def test_lost_answer_is_found_and_kept(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.DropAfter(route=INITIATE, times=1))
    answers = []
    for _ in range(2):
        actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
        answers.append(await flavour.call(actions.initiate, DROPLET, "reboot", key="k"))
    assert [(one.is_adopted, one.is_replayed) for one in answers] == [(True, False), (True, True)]
    assert reboots(emulator) == 1


@pytest.mark.parametrize("lost", [faults.DropAfter, faults.DropBefore])
async def test_unknown_outcome_is_settled_by_the_next_call(
    flavour: Flavour, emulator: Emulator, tmp_path: Path, lost: Any
) -> None:
    emulator.faults.add(lost(route=INITIATE, times=1))
    # The list cannot be read, so that the first call cannot settle it.
    emulator.faults.add(faults.HTMLError(403, route="GET /v2/droplets/{droplet_id}/actions", times=1))
    actions = client_of(flavour, emulator, tmp_path, timeout=0.3).gpu_droplets.actions
    with pytest.raises(ActionOutcomeUnknownError):
        await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    answer = await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert answer.is_adopted == (lost is faults.DropAfter)
    assert reboots(emulator) == 1


async def test_request_by_tag_stays_unknown(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.DropAfter(route="POST /v2/droplets/actions", times=1))
    client = client_of(flavour, emulator, tmp_path)
    bulk = client.gpu_droplets.actions.bulk_initiate
    for _ in range(2):
        with pytest.raises(ActionOutcomeUnknownError):
            await flavour.call(bulk, "a", "power_cycle", key="k")
    assert [request.method for request in emulator.requests].count("POST") == 1


async def test_key_is_free_when_its_time_is_over(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    for _ in range(2):
        answer = await flavour.call(actions.initiate, DROPLET, "reboot", key="k", key_ttl=100)
        assert not answer.is_replayed
        await flavour.call(actions.wait, answer.action, poll_interval=0.05)
        with sqlite3.connect(tmp_path / "budget.keys.sqlite3") as keys:
            # Beside the key, the store has the claim of the action, for longer.
            [until] = keys.execute("select min(until) from keys").fetchone()
            assert 90 < until - time.monotonic() <= 100
            keys.execute("update keys set until = until - 100")
        keys.close()
    assert reboots(emulator) == 2


async def test_result_survives_a_store_that_goes_away(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.2, times=1))
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    keys = tmp_path / "budget.keys.sqlite3"

    async def break_store() -> None:
        await emulator.requests.seen(INITIATE)
        keys.rename(tmp_path / "away")
        keys.mkdir()

    async with anyio.create_task_group() as group:
        group.start_soon(break_store)
        first = await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    keys.rmdir()
    (tmp_path / "away").rename(keys)
    second = await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert (second.action.id, second.is_adopted, second.is_replayed) == (first.action.id, True, False)
    assert reboots(emulator) == 1


async def test_nothing_is_sent_while_the_store_is_away(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "budget.keys.sqlite3").mkdir()
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    with pytest.raises(RequestKeyStoreError, match=r"budget\.keys\.sqlite3 cannot be used"):
        await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert len(emulator.requests) == 0


async def test_process_that_stood_still_asks_the_store_again(flavour: Flavour, emulator: Emulator) -> None:
    class FrozenStore(MemoryKeyStore):
        is_frozen = True

        async def read(self, name: str) -> Reading:
            if self.is_frozen:
                self.is_frozen = False
                time.sleep(2 * held_key.PATIENCE_SECONDS)  # noqa: ASYNC251 - the whole process stands still
                raise StoreAwayError("no answer within 4 s")
            return await super().read(name)

    budget = RateBudget()
    budget.key_store = FrozenStore()
    actions = flavour.client(emulator, rate_budget=budget).gpu_droplets.actions
    await flavour.call(actions.initiate, DROPLET, "reboot", key="k")
    assert reboots(emulator) == 1


async def test_store_holds_neither_key_nor_token(flavour: Flavour, emulator: Emulator, tmp_path: Path) -> None:
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    await flavour.call(actions.initiate, DROPLET, "reboot", key="customer-4711")
    content = content_of(tmp_path)
    assert b"reboot of Droplet" in content
    assert b"customer-4711" not in content
    assert emulator.token.encode() not in content


async def test_cancelled_wait_frees_the_key(emulator: Emulator, tmp_path: Path) -> None:
    budget = RateBudget.shared(store_of(tmp_path), windows=((1, 60.0),))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        await client.gpu_droplets.retrieve(DROPLET)
        with anyio.move_on_after(0.1) as scope:
            await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")
    assert scope.cancelled_caught
    with sqlite3.connect(tmp_path / "budget.keys.sqlite3") as keys:
        assert keys.execute("select count(*) from keys").fetchone() == (0,)
    keys.close()


async def test_call_that_stood_still_sends_no_second_request(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its slots do not expire, so that nothing but the key is checked again.
    budget = RateBudget.shared("memory:")
    record, others = HeldKey.record_sending, list[Any]()
    options: dict[str, Any] = {"base_url": emulator.base_url, "timeout": 0.1, "settle_seconds": 0.1}

    async def stand_still(held: HeldKey, now: Timestamp, timeout: float) -> None:
        """Stand still between the record and the wire, until another call is done."""
        await record(held, now, timeout)
        monkeypatch.setattr(HeldKey, "record_sending", record)
        await anyio.sleep(0.5)
        async with AsyncGradientAI(emulator.token, rate_budget=budget, **options) as other:
            others.append(await other.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k"))

    monkeypatch.setattr(HeldKey, "record_sending", stand_still)
    monkeypatch.setattr(HeldKey, "renew", lambda _: anyio.sleep(60))  # it stands still, too
    async with AsyncGradientAI(emulator.token, rate_budget=budget, **options) as client:
        answer = await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")
    assert not others[0].is_replayed
    assert (answer.is_replayed, answer.action.id) == (True, others[0].action.id)
    assert reboots(emulator) == 1


async def test_cancelled_call_says_that_its_request_may_be_executed(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.5, times=1))
    budget = RateBudget.shared(store_of(tmp_path))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        before = asyncio.all_tasks()
        task = asyncio.create_task(client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k"))
        await emulator.requests.seen(INITIATE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert isinstance(caught.value.__cause__, ActionOutcomeUnknownError)
        assert asyncio.all_tasks() <= before
        assert (await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")).is_adopted
    assert reboots(emulator) == 1


async def test_killed_call_is_settled_by_another_process(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=1.0, times=1))
    first = await worker(emulator, tmp_path, "k")
    await emulator.requests.seen(INITIATE, timeout=30.0)
    first.kill()
    await first.wait()
    budget = RateBudget.shared(store_of(tmp_path))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        answer = await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")
    assert (answer.is_adopted, answer.is_replayed) == (True, False)
    assert reboots(emulator) == 1


async def test_two_processes_at_once_execute_once(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.Slow(route=INITIATE, seconds=0.6))  # longer than a lease, which is renewed
    other = await worker(emulator, tmp_path, "k")
    await emulator.requests.seen(INITIATE, timeout=30.0)
    budget = RateBudget.shared(store_of(tmp_path))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        answer = await client.gpu_droplets.actions.initiate(DROPLET, "reboot", key="k")
    output = (await other.communicate())[0].split()
    assert output == [f"{answer.action.id}".encode(), b"False"]
    assert answer.is_replayed
    assert reboots(emulator) == 1
