"""Two processes that share a store never take one action for the result of two requests."""

from __future__ import annotations

import asyncio
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import ActionOutcomeUnknownError, AsyncGradientAI, RateBudget
from gradient_async.budget import held_key, shared_claims
from gradient_async.budget.key_file import FileKeyStore
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.emulator import Emulator, faults
from gradient_async.waiting import settlement
from gradient_async.waiting.claims import ActionClaims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

DROPLET = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
WORKER = """
    import asyncio, sys
    from gradient_async import AsyncGradientAI, RateBudget

    async def main():
        url, token, store = sys.argv[1:]
        options = {"rate_budget": RateBudget.shared(store), "settle_seconds": 0.3}
        async with AsyncGradientAI(token, base_url=url, **options) as client:
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            response = await client.gpu_droplets.actions.initiate(3164444, "reboot")
            print(response.action.id, response.is_adopted)

    asyncio.run(main())
"""


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=2, time_scale=3000, limits=None) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _processes_know_nothing_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each client claims of its own, as if it were in a process of its own."""
    monkeypatch.setattr(settlement, "claims_of", lambda _: ActionClaims())
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.2)


def store_of(path: Path) -> str:
    return f"sqlite://{path / 'budget.sqlite3'}"


def client_of(flavour: Flavour, emulator: Emulator, path: Path, **options: Any) -> Any:
    return flavour.client(emulator, rate_budget=RateBudget.shared(store_of(path)), **options)


async def within_a_second() -> None:
    """Wait for the beginning of a second: timestamps are whole seconds."""
    await anyio.sleep(1.05 - time.time() % 1)


async def test_lost_answers_of_two_processes_are_two_actions(emulator: Emulator, tmp_path: Path) -> None:
    emulator.faults.add(faults.DropAfter(route=INITIATE, times=1))
    emulator.faults.add(faults.DropBefore(route=INITIATE, times=1))
    arguments = ["-c", textwrap.dedent(WORKER), emulator.base_url, emulator.token, store_of(tmp_path)]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    workers = [await asyncio.create_subprocess_exec(sys.executable, *arguments, **pipes) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
    await within_a_second()
    outputs = await asyncio.gather(*[worker.communicate(b"go\n") for worker in workers])
    found = [output.split() for output, _ in outputs]
    assert len({one[0] for one in found}) == 2
    assert len(emulator.account.actions_of(DROPLET, "reboot")) == 2


async def test_answered_action_of_another_process_is_not_adopted(
    flavour: Flavour, emulator: Emulator, tmp_path: Path
) -> None:
    clients = [client_of(flavour, emulator, tmp_path) for _ in range(2)]
    emulator.faults.add(faults.DropBefore(route=INITIATE, times=1, skip=1))
    await within_a_second()
    answers = [await flavour.call(one.gpu_droplets.actions.initiate, DROPLET, "reboot") for one in clients]
    assert answers[0].action.id != answers[1].action.id
    assert not answers[1].is_adopted
    assert len(emulator.account.actions_of(DROPLET, "reboot")) == 2


async def test_adopted_action_of_another_process_is_not_adopted(
    flavour: Flavour, emulator: Emulator, tmp_path: Path
) -> None:
    clients = [client_of(flavour, emulator, tmp_path) for _ in range(2)]
    emulator.faults.add(faults.DropAfter(route=INITIATE, times=1))
    emulator.faults.add(faults.DropBefore(route=INITIATE, times=1))
    await within_a_second()
    answers = [await flavour.call(one.gpu_droplets.actions.initiate, DROPLET, "reboot") for one in clients]
    assert [answer.is_adopted for answer in answers] == [True, False]
    assert answers[0].action.id != answers[1].action.id


async def test_outcome_is_unknown_when_the_store_cannot_be_asked(
    flavour: Flavour, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add(faults.DropAfter(route=INITIATE, times=1))
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    (tmp_path / "budget.keys.sqlite3").mkdir()
    with pytest.raises(ActionOutcomeUnknownError, match="the shared store cannot be asked") as caught:
        await flavour.call(actions.initiate, DROPLET, "reboot")
    assert len(caught.value.candidates) == 1


async def test_answer_is_returned_when_its_claim_cannot_be_kept(
    flavour: Flavour, emulator: Emulator, tmp_path: Path
) -> None:
    actions = client_of(flavour, emulator, tmp_path).gpu_droplets.actions
    (tmp_path / "budget.keys.sqlite3").mkdir()
    answer = await flavour.call(actions.initiate, DROPLET, "reboot")
    assert answer.action.type == "reboot"


async def test_store_that_hangs_holds_up_one_action_for_a_moment(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    async def hang(_: object, name: str, *__: object, **___: object) -> None:
        calls.append(name)
        await asyncio.sleep(60)

    monkeypatch.setattr(FileKeyStore, "swap", hang)
    monkeypatch.setattr(shared_claims, "_PUBLISH_SECONDS", 0.1)
    budget = RateBudget.shared(store_of(tmp_path))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        for droplet_id in (DROPLET, DROPLET + 1):
            await client.gpu_droplets.actions.initiate(droplet_id, "reboot")
    assert len(calls) == 1


async def test_cancelled_claim_says_that_the_request_was_executed(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.sleep(60)

    budget = RateBudget.shared(store_of(tmp_path))
    async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=budget) as client:
        monkeypatch.setattr(FileKeyStore, "swap", hang)
        task = asyncio.create_task(client.gpu_droplets.actions.initiate(DROPLET, "reboot"))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert isinstance(caught.value.__cause__, ActionOutcomeUnknownError)


async def test_resumed_run_adopts_what_its_earlier_run_claimed(
    flavour: Flavour, emulator: Emulator, tmp_path: Path
) -> None:
    journal = tmp_path / "reboot.journal"
    for number in range(2):
        client = client_of(flavour, emulator, tmp_path)
        report = await flavour.call(client.fleet.run, "reboot", droplets=[DROPLET], journal=journal, poll_interval=0.02)
        assert len(report.completed) == 1
        if number == 0:  # as after kill -9 right after the answer
            lines = journal.read_text().splitlines(keepends=True)
            journal.write_text("".join(lines[:2]))
    assert len(emulator.account.actions_of(DROPLET, "reboot")) == 1


async def test_action_is_claimed_by_one_of_many(tmp_path: Path) -> None:
    from gradient_async.budget.shared_claims import SharedClaims
    from gradient_async.settings import AccessToken, Settings

    settings = Settings(access_token=AccessToken("dop_v1_x"), base_url="https://api.example.com")
    claims = [SharedClaims(FileKeyStore(tmp_path / "keys.sqlite3"), settings) for _ in range(8)]
    won: list[str | None] = []

    async def claim(one: SharedClaims, origin: str | None) -> None:
        if await one.claim(7, origin):
            won.append(origin)

    async with anyio.create_task_group() as group:
        for number, one in enumerate(claims):
            group.start_soon(claim, one, None if number % 2 else f"run {number}")
    assert len(won) == 1
    assert await claims[0].claim(7, "key a") is False
    assert await claims[0].claim(8, "key a")
    assert await claims[1].claim(8, "key a")
    assert b"key a" not in (tmp_path / "keys.sqlite3-wal").read_bytes()
    with pytest.raises(StoreAwayError):
        await SharedClaims(FileKeyStore(tmp_path), settings).claim(7, None)
