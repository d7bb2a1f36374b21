"""Droplets for the time of a block: created at its beginning, gone at its end, whatever ends it."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_type_hints

import anyio
import anyio.to_thread
import pytest
from fleet_account import emulated

from gradient_async import (
    AsyncGradientAI,
    AuthenticationError,
    Droplet,
    Fleet,
    GradientAIError,
    JournalInUseError,
    JournalMismatchError,
    LeaseExpiredError,
    LeaseLeftoverError,
    LeaseOptions,
    NotEnoughDropletsError,
)
from gradient_async.emulator import DropletSpec, faults
from gradient_async.fleet import lease as leases
from gradient_async.fleet.create.journal import recorded_creation
from gradient_async.fleet.lease_journal import LeaseJournal
from gradient_async.fleet.lease_tags import mark_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flavours import Flavour

    from gradient_async.emulator import Emulator

pytestmark = pytest.mark.once

NEIGHBOUR = [DropletSpec(name="neighbour", tags=["train"])]
WANTED: Any = {"sizes": "gpu-h100x1-80gb", "regions": "tor1", "ttl": "1h", "poll_interval": 0.02}


def names(emulator: Emulator) -> list[str]:
    return [droplet.name for droplet in emulator.account.droplets.values()]


async def leased(flavour: Flavour, lease: Any, body: Callable[[tuple[Droplet, ...]], object]) -> None:
    """Run a body inside a lease: in a task of the test's loop, or in a thread."""
    if flavour.name == "async":
        async with lease as droplets:
            body(droplets)
        return

    def run() -> None:
        with lease as droplets:
            body(droplets)

    await anyio.to_thread.run_sync(run)


async def test_droplets_exist_in_the_block_and_not_after_it(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR, gpu_limit=9) as emulator:
        client = flavour.client(emulator)
        lease = client.fleet.lease(**WANTED, count=2, name="train-{n}", tags=["train"])
        seen: list[Any] = []

        def body(droplets: tuple[Droplet, ...]) -> None:
            seen.extend(droplets)
            assert len(names(emulator)) == 3
            for droplet in emulator.account.droplets.values():
                mark = mark_in(droplet.tags)
                if droplet.name != "neighbour":
                    assert mark is not None
                    assert mark.lease_id == lease.id
                    assert abs(mark.until - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
                    assert "train" in droplet.tags

        await leased(flavour, lease, body)
        assert [one.name.rpartition("-")[0] for one in seen] == ["train-1", "train-2"]
        assert names(emulator) == ["neighbour"]
        assert lease.report.counts["destroyed"] == 2
        assert lease.creation.is_complete
        assert lease.report.stopped_hourly == pytest.approx(lease.creation.hourly)
        assert lease.report.stopped_hourly > 0
        with pytest.raises(RuntimeError, match="for one block"):
            await leased(flavour, lease, body)


async def test_droplets_are_gone_when_the_block_raises(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED)

        def body(_: tuple[Droplet, ...]) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await leased(flavour, lease, body)
        assert names(emulator) == ["neighbour"]


async def test_too_few_droplets_leave_none(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR, gpu_limit=2) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED, count=3)
        with pytest.raises(NotEnoughDropletsError):
            await leased(flavour, lease, lambda _: pytest.fail("the block has begun"))
        assert names(emulator) == ["neighbour"]


async def test_left_droplets_are_named_when_they_cannot_go(flavour: Flavour) -> None:
    refused = faults.ServerError(status=403, route="DELETE /v2/droplets/{droplet_id}")
    async with emulated(NEIGHBOUR, faults=[refused]) as emulator:
        fleet = flavour.client(emulator).fleet
        with pytest.raises(LeaseLeftoverError, match="may be billed: 3164445") as left:
            await leased(flavour, fleet.lease(**WANTED), lambda _: None)
        assert left.value.report.counts["failed"] == 1

        def body(_: tuple[Droplet, ...]) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError) as noted:
            await leased(flavour, fleet.lease(**WANTED), body)
        assert "may be billed" in noted.value.__notes__[0]


async def test_left_droplets_are_named_when_the_client_is_closed(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        client = flavour.client(emulator)
        lease = client.fleet.lease(**WANTED)

        async def use() -> None:
            if flavour.name == "sync":
                await leased(flavour, lease, lambda _: client.close())
                return
            async with lease:
                await client.close()

        with pytest.raises(GradientAIError) as closed:
            await use()
        text = "\n".join([str(closed.value), *getattr(closed.value, "__notes__", ())])
        assert re.search(r"may be billed: 3164445 \(gpu-1-\w+\)", text)
        assert f"Find them with: gpu-droplets destroy --tag gradient-lease:{lease.id}" in text


async def test_block_is_left_alone_when_its_lease_is_used_again(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED)
        if flavour.name == "async":
            async with lease:
                with pytest.raises(RuntimeError, match="for one block"):
                    await leased(flavour, lease, lambda _: None)
                assert len(names(emulator)) == 2
        else:

            def use_again(_: tuple[Droplet, ...]) -> None:
                with pytest.raises(RuntimeError, match="for one block"), lease:
                    pass
                assert len(names(emulator)) == 2

            await leased(flavour, lease, use_again)
        assert names(emulator) == ["neighbour"]


async def test_error_says_so_when_lists_cannot_be_read(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        fleet = flavour.client(emulator, max_retries=0).fleet
        lost = faults.ServerError(status=401, route="GET /v2/droplets")

        def body(_: tuple[Droplet, ...]) -> None:
            emulator.faults.add(lost)

        lease = fleet.lease(**WANTED, destroy_timeout=0.5)
        with pytest.raises(
            LeaseLeftoverError, match=f"=. Find them with: gpu-droplets destroy --tag gradient-lease:{lease.id}"
        ) as left:
            await leased(flavour, lease, body)
        assert isinstance(left.value.report.search_error, AuthenticationError)
        assert names(emulator) == ["neighbour"]


async def test_error_has_no_note_when_no_create_was_sent(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR, faults=[faults.ServerError(status=401)]) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED)
        with pytest.raises(AuthenticationError) as refused:
            await leased(flavour, lease, lambda _: pytest.fail("the block has begun"))
        assert not hasattr(refused.value, "__notes__")
        assert lease.report.is_complete
        assert {request.path for request in emulator.requests} == {"/v2/sizes"}


async def test_droplets_are_gone_when_the_time_is_over(flavour: Flavour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_MAX_SLICE_SECONDS", 0.02)
    ahead = timedelta()
    monkeypatch.setattr(leases, "_now", lambda: datetime.now(UTC) + ahead)
    async with emulated(NEIGHBOUR) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED)

        def suspended(_: tuple[Droplet, ...]) -> None:
            nonlocal ahead
            ahead = timedelta(hours=2)  # the machine slept
            end = time.monotonic() + 20
            while flavour.name == "sync" and len(names(emulator)) > 1 and time.monotonic() < end:
                time.sleep(0.01)

        async def use() -> None:
            if flavour.name == "sync":
                await leased(flavour, lease, suspended)
                return
            async with lease as droplets:
                suspended(droplets)
                await asyncio.sleep(30)

        with pytest.raises(LeaseExpiredError) as expired:
            await use()
        assert names(emulator) == ["neighbour"]
        assert expired.value.report.counts["destroyed"] == 1


async def test_wrong_calls_are_refused_before_the_block(flavour: Flavour) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        fleet = flavour.client(emulator).fleet
        wrong: list[dict[str, Any]] = [
            {"ttl": "soon"},
            {"ttl": 0},
            {"ttl": 1e12},
            {"ttl": 10**400},
            {"ttl": 10 * 365 * 86_400 + 1},
            {"count": 0},
            {"if_finished": "report"},
            {"droplets": [1]},
            {"name": "no-number"},
            {"destroy_timeout": 0},
        ]
        for options in wrong:
            with pytest.raises((TypeError, ValueError)):
                fleet.lease(**{**WANTED, **options})
        assert not emulator.requests


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not condition():  # noqa: ASYNC110 - of an emulator, which has no event for it
            await anyio.sleep(0.005)


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_droplets_are_gone_when_the_task_is_cancelled() -> None:
    async with emulated(NEIGHBOUR) as emulator:
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:
            began = asyncio.Event()

            async def use() -> None:
                async with client.fleet.lease(**WANTED):
                    began.set()
                    await asyncio.sleep(30)

            task = asyncio.create_task(use())
            await began.wait()
            await cancelled(task)
            assert names(emulator) == ["neighbour"]
            # Cancelled while creating, and again while destroying.
            task = asyncio.create_task(use())
            await until(lambda: len(names(emulator)) > 1)
            task.cancel()
            await asyncio.sleep(0.05)
            await cancelled(task)
            assert names(emulator) == ["neighbour"]


async def test_droplets_are_gone_when_cancelled_while_they_go() -> None:
    async with emulated(NEIGHBOUR, time_scale=60.0) as emulator:
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:
            ends = asyncio.Event()

            async def use() -> None:
                async with client.fleet.lease(**WANTED):
                    ends.set()

            task = asyncio.create_task(use())
            await ends.wait()
            await until(lambda: any(request.method == "DELETE" for request in emulator.requests))
            assert len(names(emulator)) == 2
            await cancelled(task)
            assert names(emulator) == ["neighbour"]


@pytest.mark.parametrize("is_created", [True, False], ids=["in-the-block", "while-creating"])
async def test_outer_timeout_is_not_the_end_of_the_lease(is_created: bool) -> None:
    async with emulated(NEIGHBOUR, durations={"create": 60.0 if is_created else 1e6}) as emulator:
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:

            async def use(end_time: Callable[[], object]) -> None:
                """End the time in the block, or while the Droplet is created."""

                async def end_time_while_creating() -> None:
                    await until(lambda: len(names(emulator)) > 1)
                    end_time()

                ending = None if is_created else asyncio.create_task(end_time_while_creating())
                async with client.fleet.lease(**WANTED):
                    assert ending is None, "the block has begun"
                    end_time()
                    await asyncio.sleep(30)

            loop = asyncio.get_running_loop()
            with pytest.raises(TimeoutError) as error:
                async with asyncio.timeout(None) as limit:
                    await use(lambda: limit.reschedule(loop.time()))
            assert not isinstance(error.value, LeaseExpiredError)
            assert names(emulator) == ["neighbour"]
            with anyio.CancelScope() as scope:
                await use(lambda: setattr(scope, "deadline", anyio.current_time()))
            assert scope.cancelled_caught
            assert names(emulator) == ["neighbour"]


async def test_journal_says_that_all_are_gone(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        lease = flavour.client(emulator).fleet.lease(**WANTED, count=2, journal=tmp_path / "j")
        await leased(flavour, lease, print)
        records = recorded_creation(str(tmp_path / "j"))
        assert records is not None
        assert records.run.is_lease
        assert {one.state for one in records.names.values()} == {"destroyed"}
        assert lease.report.counts["destroyed"] == 2
        with pytest.raises(JournalMismatchError) as other:
            await leased(flavour, flavour.client(emulator).fleet.lease(**WANTED, journal=tmp_path / "j"), print)
        assert str(other.value).startswith(f"{tmp_path / 'j'}: this journal is not this lease's")
        assert "fleet.reap(journal) destroys what a dead lease left" in str(other.value)
        again = await flavour.call(flavour.client(emulator).fleet.reap, tmp_path / "j")
        assert again.outcomes == ()


async def test_journal_is_held_at_the_end_when_it_was_not_before(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(NEIGHBOUR) as emulator:
        fleet = flavour.client(emulator).fleet
        wanted = {key: value for key, value in WANTED.items() if key != "ttl"}
        created = await flavour.call(fleet.create, count=2, **wanted, journal=tmp_path / "j")
        first, second = [one.id for one in created.droplets]
        journal = LeaseJournal(str(tmp_path / "j"))
        journal.begin_to_destroy([first, second, 7])
        with pytest.raises(JournalInUseError):
            await flavour.call(fleet.reap, tmp_path / "j")
        journal.close(await flavour.call(fleet.destroy, [first], poll_interval=0.02))
        records = recorded_creation(str(tmp_path / "j"))
        assert records is not None
        assert {one.droplet_id: one.state for one in records.names.values()} == {
            first: "destroyed",
            second: "destroying",
        }


def test_options_are_those_of_create() -> None:
    create = inspect.signature(Fleet.create).parameters
    own = {"self", "count", "sizes", "if_finished"}
    hints = get_type_hints(LeaseOptions)
    assert set(hints) == set(create) - own
