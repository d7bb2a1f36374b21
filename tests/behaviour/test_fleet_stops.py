"""A fleet run that is cancelled, left early or shut out: nothing is sent afterwards, and its report is correct."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import aclosing, closing, suppress
from typing import TYPE_CHECKING

import anyio
import pytest

from gradient_async import AsyncGradientAI, ClientClosedError, FleetCancelled
from gradient_async.emulator import Emulator
from gradient_async.errors import JournalInUseError
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gradient_async.fleet.report import FleetReport

FIRST = 3164444
QUIET_SECONDS = 0.05


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def client_of(emulator: Emulator) -> AsyncGradientAI:
    return AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None, settle_seconds=0.3)


def fleet_tasks(before: set[asyncio.Task[object]]) -> list[asyncio.Task[object]]:
    """Tasks that are new and not of the emulator's server."""
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    return [task for task in new if "aiohttp.web" not in repr(task) and "RequestHandler" not in repr(task)]


def lies(report: FleetReport, emulator: Emulator, ids: range) -> list[str]:
    found = []
    if sorted(outcome.droplet_id for outcome in report.outcomes) != list(ids):
        found.append(f"outcomes of {[outcome.droplet_id for outcome in report.outcomes]}")
    for outcome in report.outcomes:
        count = len(emulator.account.actions_of(outcome.droplet_id, "reboot"))
        if count > 1 or (outcome.status == "completed" and not count) or (outcome.status == "skipped" and count):
            found.append(f"{outcome.droplet_id} is {outcome.status}, with {count} reboots")
    return found


async def cancelled_at(emulator: Emulator, ids: range, seconds: float, *, concurrency: int) -> list[str]:
    """Run, cancel after so many seconds, and give what is wrong with the end."""
    before = asyncio.all_tasks()
    async with client_of(emulator) as client:
        run = asyncio.ensure_future(
            client.fleet.run("reboot", droplets=ids, max_concurrency=concurrency, poll_interval=0.02)
        )
        await asyncio.sleep(seconds)
        run.cancel()
        try:
            report = await run
        except FleetCancelled as cancelled:
            report = cancelled.report
            sent = posts(emulator)
            left = fleet_tasks(before)
            await asyncio.sleep(0.01)
            found = [f"{posts(emulator) - sent} POSTs afterwards"] if posts(emulator) != sent else []
            found += [f"left: {left}"] if left else []
            return found + lies(report, emulator, ids)
        return lies(report, emulator, ids)


async def test_report_is_true_when_a_run_is_cancelled_at_any_time() -> None:
    moments = random.Random(11)
    async with Emulator(60 * 8, time_scale=1500.0, limits=None) as emulator:
        for number in range(60):
            ids = range(FIRST + number * 8, FIRST + number * 8 + 8)
            seconds = moments.uniform(0, 0.15)
            found = await cancelled_at(emulator, ids, seconds, concurrency=moments.choice((1, 3, 8)))
            assert not found, (number, seconds)


@pytest.mark.parametrize("kind", ["move_on_after", "fail_after", "task_group"])
async def test_scope_ends_as_scopes_do_when_a_run_is_inside(kind: str) -> None:
    reports: list[FleetReport] = []

    async def run(client: AsyncGradientAI) -> None:
        try:
            await client.fleet.reboot(droplets=range(FIRST, FIRST + 8), max_concurrency=3)
        except FleetCancelled as cancelled:
            reports.append(cancelled.report)
            raise

    async def three_are_started(emulator: Emulator) -> None:
        await emulator.requests.seen("POST *", count=3, done=True, timeout=30.0)
        await asyncio.sleep(0.2)  # until the client has read the answers

    async def run_until_overdue(client: AsyncGradientAI, emulator: Emulator, scope: anyio.CancelScope) -> None:
        async def end() -> None:
            await three_are_started(emulator)
            scope.deadline = anyio.current_time()

        ending = asyncio.create_task(end())
        await run(client)
        await ending

    async with Emulator(8, time_scale=1.0, limits=None) as emulator, client_of(emulator) as client:
        if kind == "move_on_after":
            with anyio.move_on_after(60) as scope:
                await run_until_overdue(client, emulator, scope)
            assert scope.cancelled_caught
        elif kind == "fail_after":
            with pytest.raises(TimeoutError):
                with anyio.fail_after(60) as scope:
                    await run_until_overdue(client, emulator, scope)
        else:
            with pytest.raises(ExceptionGroup) as group:  # noqa: PT012 - the group is what is tried
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(run(client))
                    await three_are_started(emulator)
                    raise LookupError
            assert [type(error) for error in group.value.exceptions] == [LookupError]
        sent = posts(emulator)
        await asyncio.sleep(QUIET_SECONDS)
        assert posts(emulator) == sent == 3
        assert lies(reports[0], emulator, range(FIRST, FIRST + 8)) == []
        assert reports[0].counts == {"completed": 0, "started": 3, "failed": 0, "unknown": 0, "skipped": 5}


@pytest.mark.parametrize("how", ["break", "block", "aclose", "client"])
async def test_nothing_is_sent_when_a_stream_is_left_early(how: str) -> None:
    async with Emulator(40, time_scale=100.0, limits=None) as emulator:
        before = asyncio.all_tasks()
        async with client_of(emulator) as client:
            stream = client.fleet.stream(
                "reboot", droplets=range(FIRST, FIRST + 40), max_concurrency=2, poll_interval=0.02
            )
            if how == "break":
                async with aclosing(stream) as outcomes:
                    async for _ in outcomes:
                        break
            elif how == "block":
                async with stream as outcomes:
                    assert outcomes is stream
                    async for _ in outcomes:
                        break
            else:
                await anext(stream)
                await (stream.aclose() if how == "aclose" else client.aclose())
            sent = posts(emulator)
            left = fleet_tasks(before)
            await asyncio.sleep(QUIET_SECONDS * 2)
        assert posts(emulator) == sent < 40
        assert left == []


@pytest.mark.parametrize("how", ["closing", "block", "close", "client"])
async def test_nothing_is_sent_when_a_sync_stream_is_left_early(how: str) -> None:
    def leave(client: GradientAI) -> None:
        stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 40), max_concurrency=2, poll_interval=0.02)
        next(stream)
        if how == "closing":
            with closing(stream):
                pass
        elif how == "block":
            with suppress(LookupError), stream as same:
                assert same is stream
                raise LookupError
        elif how == "close":
            stream.close()
        else:
            client.close()

    async with Emulator(40, time_scale=100.0, limits=None) as emulator:
        client = GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        await asyncio.to_thread(leave, client)
        await asyncio.sleep(QUIET_SECONDS)  # what was on the wire may still come in
        sent = posts(emulator)
        await asyncio.sleep(QUIET_SECONDS * 2)
        assert posts(emulator) == sent < 40
        await asyncio.to_thread(client.close)


@pytest.mark.parametrize("what", ["stream", "client"])
@pytest.mark.parametrize("where", ["health check", "droplets"])
async def test_stream_ends_when_it_is_closed_from_within_its_own_run(what: str, where: str) -> None:
    """A task that closes it there is a part of what is waited for, and would wait for itself."""
    async with Emulator(3, time_scale=600.0, limits=None) as emulator, client_of(emulator) as client:
        before = asyncio.all_tasks()

        async def close() -> None:
            await (stream.aclose() if what == "stream" else client.aclose())

        async def is_well(_: object) -> bool:
            await close()
            return True

        async def droplets() -> AsyncIterator[int]:
            yield FIRST
            await close()
            yield FIRST + 1

        named = droplets() if where == "droplets" else [FIRST]
        check = is_well if where == "health check" else None
        stream = client.fleet.stream("reboot", droplets=named, health_check=check, poll_interval=0.02)
        async with asyncio.timeout(10):
            if what == "stream":
                assert [outcome async for outcome in stream if outcome.is_completed] == []
            else:
                with pytest.raises(ClientClosedError):
                    [outcome async for outcome in stream]
            while fleet_tasks(before):  # noqa: ASYNC110 - the part that has closed it ends after it
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("what", ["stream", "client"])
async def test_reader_is_not_cancelled_when_its_stream_is_closed(what: str) -> None:
    async with Emulator(8, time_scale=10.0, limits=None) as emulator, client_of(emulator) as client:
        stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 8), max_concurrency=1)

        async def read() -> str:
            try:
                async for _ in stream:
                    pass
            except ClientClosedError:
                return "knows that the client is closed"
            return "at its end"

        readers = [asyncio.create_task(read()) for _ in range(3)]
        await emulator.requests.seen("POST *", count=1)
        await (stream.aclose() if what == "stream" else client.aclose())
        said = "at its end" if what == "stream" else "knows that the client is closed"
        assert await asyncio.wait_for(asyncio.gather(*readers), 10) == [said] * 3


@pytest.mark.parametrize("what", ["stream", "client", "client after the end"])
async def test_busy_reader_gets_the_error_of_the_closed_client_too(what: str) -> None:
    """A run that was cut off must not pass for one that has come to its end."""
    async with Emulator(3, time_scale=600.0, limits=None) as emulator, client_of(emulator) as client:
        stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 3), max_concurrency=1, poll_interval=0.02)
        if what == "client after the end":
            assert len([outcome async for outcome in stream]) == 3
        else:
            await anext(stream)
        await (stream.aclose() if what == "stream" else client.aclose())
        for _ in range(2):
            with pytest.raises(ClientClosedError if what == "client" else StopAsyncIteration):
                await anext(stream)


async def test_every_reader_reaches_the_end_of_a_shared_stream() -> None:
    async with Emulator(5, time_scale=600.0, limits=None) as emulator, client_of(emulator) as client:
        stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 5), poll_interval=0.02)

        async def read() -> list[int]:
            return [outcome.droplet_id async for outcome in stream]

        shares = await asyncio.wait_for(asyncio.gather(read(), read(), read()), 20)
        assert sorted(one for share in shares for one in share) == list(range(FIRST, FIRST + 5))


async def test_nothing_is_sent_when_a_cancelled_readers_error_is_kept() -> None:
    kept: list[BaseException] = []
    async with Emulator(40, time_scale=100.0, limits=None) as emulator, client_of(emulator) as client:

        async def consume() -> None:
            droplets = range(FIRST, FIRST + 40)
            try:
                async for _ in client.fleet.stream("reboot", droplets=droplets, max_concurrency=2, poll_interval=0.02):
                    pass
            except asyncio.CancelledError as error:
                kept.append(error)  # and its traceback, with the frame that holds the stream
                raise

        before = asyncio.all_tasks()
        consuming = asyncio.create_task(consume())
        await emulator.requests.seen("POST *", count=2)
        consuming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consuming
        sent = posts(emulator)
        left = fleet_tasks(before)
        await asyncio.sleep(0.8)  # twice as long as a reboot takes, after which more would be started
        assert posts(emulator) == sent < 40
        assert left == []
        assert len(kept) == 1


async def test_finished_journal_says_that_nothing_is_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = tmp_path / "reboot.journal"
    async with Emulator(2, time_scale=600.0, limits=None) as emulator, client_of(emulator) as client:
        await client.fleet.reboot(droplets=[FIRST, FIRST + 1], journal=journal)
        assert "nothing is left to do" not in caplog.text
        report = await client.fleet.reboot(droplets=[FIRST, FIRST + 1], journal=journal, if_finished="report")
        assert f"{journal}: this journal's run is finished, and nothing is left to do" in caplog.text
        assert len(report.completed) == 2
        assert posts(emulator) == 2


@pytest.mark.parametrize("how", ["close", "dropped"])
def test_nothing_is_sent_when_the_sync_stream_is_left_early(how: str) -> None:
    with (
        Emulator(40, time_scale=100.0, limits=None) as emulator,
        GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client,
    ):
        stream = client.fleet.stream("reboot", droplets=range(FIRST, FIRST + 40), max_concurrency=2, poll_interval=0.02)
        for _ in stream:
            break
        if how == "close":
            stream.close()
        else:
            del stream
        time.sleep(QUIET_SECONDS)  # it may end in the client's thread, and what was on the wire may still come in
        sent = posts(emulator)
        time.sleep(QUIET_SECONDS * 3)
        assert posts(emulator) == sent < 40


async def test_second_run_is_refused_when_the_journal_is_in_use(tmp_path: Path) -> None:
    async with Emulator(2, time_scale=20.0, limits=None) as emulator, client_of(emulator) as client:
        journal = tmp_path / "reboot.journal"
        async with asyncio.TaskGroup() as group:
            first = group.create_task(
                client.fleet.reboot(droplets=[FIRST, FIRST + 1], journal=journal, poll_interval=0.05)
            )
            await emulator.requests.seen("POST *")
            with pytest.raises(JournalInUseError):
                await client.fleet.reboot(droplets=[FIRST, FIRST + 1], journal=journal)
        assert len(first.result().completed) == 2
        assert posts(emulator) == 2
