"""A fleet run as the account sees it: each Droplet acted on once, and exactly one true outcome for each."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour
from wire_server import until

from gradient_async import (
    ActionFailedError,
    FleetCancelled,
    FleetProgress,
    JournalInUseError,
    JournalMismatchError,
    Outcome,
    PendingEventError,
    PowerCycle,
    RateBudget,
    Reboot,
    Resize,
    UnhealthyDropletError,
    WrongPowerStateError,
)
from gradient_async.emulator import Behaviour, DropletSpec, Emulator, faults
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from flavours import Flavour

FIRST = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll after 20 ms where a client would wait a second: these accounts' time runs faster."""
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def account(droplets: int | Sequence[DropletSpec] = 6, **options: Any) -> Emulator:
    return Emulator(droplets, **{"time_scale": 200.0, "limits": None, **options})


def done(emulator: Emulator, action_type: str = "reboot") -> Counter[int]:
    """Return how many actions of a type each Droplet had."""
    return Counter(
        droplet_id
        for droplet_id in emulator.account.droplets
        for action in emulator.account.actions_of(droplet_id)
        if action.type == action_type
    )


def open_connections(emulator: Emulator) -> int:
    assert emulator._listener is not None
    return len(emulator._listener._server.connections)


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


@pytest.mark.parametrize("given", ["ids", "twice", "droplets", "generator"])
async def test_each_droplet_is_rebooted_once_when_given_in_any_way(flavour: Flavour, given: str) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        droplets: Any = {"ids": ids(6), "twice": ids(6) * 2}.get(given)
        if given == "droplets":
            droplets = await flavour.items(client.gpu_droplets.list_all())
        if given == "generator":
            droplets = (droplet_id for droplet_id in ids(6))
        report = await flavour.call(client.fleet.run, Reboot(), droplets=droplets)
        assert done(emulator) == dict.fromkeys(ids(6), 1)
        assert sorted(outcome.droplet_id for outcome in report.completed) == ids(6)
        assert all(outcome.action.is_completed and outcome.attempts for outcome in report.completed)


async def test_async_client_takes_an_async_iterator_of_its_own() -> None:
    flavour = AsyncFlavour()
    async with account() as emulator:
        client = flavour.client(emulator)
        report = await client.fleet.reboot(droplets=client.gpu_droplets.list_all())
        assert len(report.completed) == 6
    await flavour.close_all()


@pytest.mark.parametrize("lists_show_gpus", [True, False])
async def test_gpu_droplets_with_the_tag_are_found_in_either_list(flavour: Flavour, lists_show_gpus: bool) -> None:
    specs = [DropletSpec(tags=["training"]), DropletSpec(), DropletSpec(tags=["training"])]
    async with account(specs, behaviour=Behaviour(tag_lists_include_gpus=lists_show_gpus)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", tag="training")
        assert done(emulator) == {FIRST: 1, FIRST + 2: 1}
        assert report.requests == len(emulator.requests)


@pytest.mark.parametrize("is_lost", [False, True])
async def test_one_request_by_tag_starts_all_when_it_is_asked_for(flavour: Flavour, is_lost: bool) -> None:
    lost = [faults.DropAfter(route="POST /v2/droplets/actions", times=1)] if is_lost else []
    async with account([DropletSpec(tags=["training"])] * 4, faults=lost) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="training", by_tag=True)
        assert done(emulator, "power_cycle") == dict.fromkeys(ids(4), 1)
        assert posts(emulator) == 1
        assert len(report.completed) == 4


async def test_run_ends_at_once_when_it_does_not_wait(flavour: Flavour) -> None:
    async with account(time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6), wait=False)
        assert {outcome.action.status for outcome in report.completed} == {"in-progress"}
        assert "accepted" in str(report)


async def test_status_is_waited_for_when_it_lags_behind_the_action(flavour: Flavour) -> None:
    lags = [
        faults.StatusLag(seconds=seconds, route=f"POST /v2/droplets/{droplet_id}/actions")
        for droplet_id, seconds in ((FIRST, 1e6), (FIRST + 1, 60.0))
    ]
    async with account(2, faults=lags) as emulator:
        client = flavour.client(emulator)
        for until, status in (("action", "active"), ("status", "off")):
            droplet_id = FIRST + (until == "status")
            await flavour.call(client.fleet.run, "power_off", droplets=[droplet_id], until=until)
            shown = await flavour.call(client.gpu_droplets.retrieve, droplet_id)
            assert shown.droplet.status == status


async def test_others_continue_when_one_action_is_errored(flavour: Flavour) -> None:
    async with account(faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6))
        (failed,) = report.failed
        assert isinstance(failed.error, ActionFailedError)
        assert failed.action.is_errored
        assert len(report.completed) == 5
        with pytest.raises(ExceptionGroup) as caught:
            report.raise_for_failures()
        assert caught.value.exceptions == (failed.error,)


async def test_state_is_named_when_it_is_the_wrong_one(flavour: Flavour) -> None:
    async with account([DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2))
        (failed,) = report.failed
        assert isinstance(failed.error, WrongPowerStateError)
        assert "'off'" in failed.reason


@pytest.mark.parametrize("on_busy", ["wait", "fail", "skip"])
async def test_busy_droplet_is_waited_for_failed_or_skipped_as_asked(flavour: Flavour, on_busy: str) -> None:
    # Where the Droplet must be found busy, it stays busy, however late the first request comes.
    durations = {} if on_busy == "wait" else {"snapshot": 1e6}
    async with account(2, durations=durations) as emulator:
        emulator.account.start(FIRST, "snapshot", name="another program's")
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), on_busy=on_busy, poll_interval=0.05)
        busy = next(outcome for outcome in report.outcomes if outcome.droplet_id == FIRST)
        assert busy.status == {"wait": "completed", "fail": "failed", "skip": "skipped"}[on_busy]
        assert isinstance(busy.error, PendingEventError) is (on_busy == "fail")
        assert done(emulator)[FIRST] == (on_busy == "wait")
        assert done(emulator)[FIRST + 1] == 1


async def test_nothing_new_starts_after_more_errors_than_allowed(flavour: Flavour) -> None:
    async with account(8, faults=[faults.ErroredAction(times=2)]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(8), max_errors=1, max_concurrency=1)
        assert [outcome.status for outcome in report.outcomes] == ["failed"] * 2 + ["skipped"] * 6
        assert sum(done(emulator).values()) == 2
        assert "max_errors" in report.skipped[0].reason
        assert report.stopped_by is not None


async def test_concurrency_is_kept_and_batches_do_not_overlap(flavour: Flavour) -> None:
    async with account(9) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(9), max_concurrency=2, batch_size="34%")
        spans = sorted((one.started_at, one.ended_at, one.batch) for one in report.outcomes)
        for started, _, batch in spans:
            assert sum(begin <= started < end for begin, end, _ in spans) <= 2
            assert all(end <= started for _, end, earlier in spans if earlier < batch)
        assert Counter(batch for _, _, batch in spans) == {1: 3, 2: 3, 3: 3}


async def test_next_batch_does_not_begin_when_the_health_check_says_no(flavour: Flavour) -> None:
    threads = set()

    def is_well(droplet: Any) -> bool:
        threads.add(threading.get_ident())
        return bool(droplet.id != FIRST + 1)

    async with account(6) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {"health_interval": 0.01, "health_retries": 1}
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(6), batch_size=2, health_check=is_well, **options
        )
        assert report.counts == {"completed": 1, "started": 0, "failed": 1, "unknown": 0, "skipped": 4}
        assert isinstance(report.failed[0].error, UnhealthyDropletError)
        assert sorted(done(emulator)) == ids(2)
        assert threading.get_ident() not in threads


@pytest.mark.parametrize("kind", ["raises", "hangs", "recovers"])
async def test_async_health_check_is_asked_again_when_it_fails(flavour: Flavour, kind: str) -> None:
    calls = 0

    async def is_well(_: Any) -> bool:
        nonlocal calls
        calls += 1
        if kind == "raises":
            raise LookupError("no route")
        if kind == "hangs":
            await asyncio.sleep(10)
        return calls > 1

    async with account(1) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {"health_interval": 0.01, "health_retries": 1, "health_timeout": 0.05}
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(1), health_check=is_well, **options)
        assert calls == 2
        assert report.outcomes[0].status == ("completed" if kind == "recovers" else "failed")


async def test_run_ends_in_time_when_it_has_a_timeout(flavour: Flavour) -> None:
    async with account(6, time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6), max_concurrency=2, timeout=1.0)
        assert report.duration < 5
        assert report.counts == {"completed": 0, "started": 2, "failed": 0, "unknown": 0, "skipped": 4}
        assert sum(done(emulator).values()) == 2


async def test_each_is_acted_on_once_when_answers_are_lost(flavour: Flavour) -> None:
    trouble = [
        faults.DropAfter(route=INITIATE, rate=0.2),
        faults.ServerError(route=INITIATE, rate=0.1),
        faults.HTMLError(route=INITIATE, rate=0.1),
    ]
    async with account(40, faults=trouble) as emulator:
        client = flavour.client(emulator)
        # A few at a time: whether an action began before its request can be told only if answers come soon.
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(40), max_concurrency=8)
        assert done(emulator) == dict.fromkeys(ids(40), 1)
        assert len(report.completed) == 40


async def test_run_continues_when_the_progress_callback_raises(flavour: Flavour) -> None:
    progresses: list[FleetProgress] = []

    def on_progress(progress: FleetProgress) -> None:
        progresses.append(progress)
        if len(progresses) == 3:
            raise ZeroDivisionError

    async with account() as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6), on_progress=on_progress)
        assert len(report.completed) == 6
        assert [(progress.total, progress.ended) for progress in progresses] == [(6, 1), (6, 2), (6, 3)]


async def test_power_is_cut_only_when_the_guest_does_not_go_off(flavour: Flavour) -> None:
    specs = [DropletSpec(), DropletSpec(), DropletSpec(status="off")]
    ignored = faults.ShutdownIgnored(route=f"POST /v2/droplets/{FIRST}/actions")
    async with account(specs, faults=[ignored]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_off, droplets=ids(3), grace=0.5)
        assert len(report.completed) == 3
        assert done(emulator, "shutdown") == {FIRST: 1, FIRST + 1: 1}
        assert done(emulator, "power_off") == {FIRST: 1}
        assert next(one.reason for one in report.outcomes if one.droplet_id == FIRST + 2) == "nothing had to be done"
        on = await flavour.call(client.fleet.power_on, droplets=ids(3))
        assert len(on.completed) == 3
        assert all(droplet.status == "active" for droplet in emulator.account.droplets.values())


async def test_snapshots_have_own_names_when_the_name_is_a_template(flavour: Flavour) -> None:
    async with account(3) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.snapshot, "{name}-{id}", droplets=ids(3))
        assert len(report.completed) == 3
        sent = sorted(request.body["name"] for request in emulator.requests.on(INITIATE))  # type: ignore[index]  # JSON
        names = {droplet_id: emulator.account.droplets[droplet_id].name for droplet_id in ids(3)}
        assert sent == sorted(f"{name}-{droplet_id}" for droplet_id, name in names.items())


@pytest.mark.parametrize("size", ["gpu-h100x8-640gb", "no-such-size"])
async def test_droplet_is_on_again_when_it_was_resized_or_refused(flavour: Flavour, size: str) -> None:
    async with account([DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, size, droplets=ids(2), check_first=False)
        is_known = size != "no-such-size"
        assert [outcome.status for outcome in report.outcomes] == ["completed" if is_known else "failed"] * 2
        first, second = (emulator.account.droplets[droplet_id] for droplet_id in ids(2))
        assert (first.status, second.status) == ("active", "off")
        assert (first.size.slug == size) is is_known


async def test_second_run_sends_nothing_when_the_journal_is_done(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with account() as emulator:
        client = flavour.client(emulator)
        await flavour.call(client.fleet.run, "reboot", droplets=ids(6), journal=journal)
        before = len(emulator.requests)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=reversed(ids(6)), journal=str(journal), if_finished="report"
        )
        assert len(emulator.requests) == before
        assert all(outcome.is_resumed and outcome.is_completed for outcome in report.outcomes)
        with pytest.raises(JournalMismatchError, match="of the action"):
            await flavour.call(client.fleet.run, PowerCycle(), droplets=ids(6), journal=journal)
        with pytest.raises(JournalMismatchError, match="6 Droplets"):
            await flavour.call(client.fleet.run, "reboot", droplets=ids(5), journal=journal)
        assert emulator.token not in journal.read_text()


async def test_second_run_continues_when_the_first_was_stopped(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with account(6, faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {
            "droplets": ids(6),
            "journal": journal,
            "max_errors": 0,
            "max_concurrency": 2,
            "poll_interval": 0.02,
        }
        first = await flavour.call(client.fleet.run, "reboot", **options)
        assert first.skipped
        second = await flavour.call(client.fleet.run, "reboot", **options)
        assert second.counts == {"completed": 5, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}
        assert done(emulator) == dict.fromkeys(ids(6), 1)


async def test_second_run_is_refused_while_the_first_writes(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with account(2, time_scale=40.0) as emulator:
        client = flavour.client(emulator)
        first = asyncio.create_task(flavour.call(client.fleet.run, "reboot", droplets=ids(2), journal=journal))
        await emulator.requests.seen(INITIATE)
        with pytest.raises(JournalInUseError):
            await flavour.call(client.fleet.run, "reboot", droplets=ids(2), journal=journal)
        assert len((await first).completed) == 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"droplets": [0]}, ValueError),
        ({"droplets": [1], "tag": "x"}, TypeError),
        ({}, TypeError),
        ({"droplets": [1], "max_errors": "lots"}, ValueError),
        ({"droplets": [1], "retries": 3}, TypeError),
        ({"tag": "training", "by_tag": True}, ValueError),
        ({"droplets": [1], "wait": False, "health_check": print}, TypeError),
    ],
    ids=str,
)
async def test_nothing_is_sent_when_an_argument_is_bad(
    flavour: Flavour, arguments: dict[str, Any], error: type[Exception]
) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(error):
            await flavour.call(client.fleet.run, "reboot", **arguments)
        with pytest.raises((TypeError, ValueError)):
            await flavour.call(client.fleet.run, Resize, droplets=ids(1))
        assert len(emulator.requests) == 0


async def test_outcomes_come_as_they_are_known_when_they_are_streamed(flavour: Flavour) -> None:
    def endless() -> Iterator[int]:
        yield from ids(20)

    async with account(20) as emulator:
        client = flavour.client(emulator)
        outcomes = await flavour.items(client.fleet.stream("reboot", droplets=endless(), max_concurrency=3))
        assert done(emulator) == dict.fromkeys(ids(20), 1)
        assert [outcome.ended_at for outcome in outcomes] == sorted(outcome.ended_at for outcome in outcomes)


async def test_nothing_more_is_sent_when_the_stream_is_left(flavour: Flavour) -> None:
    async with account(30) as emulator:
        client = flavour.client(emulator)
        stream = client.fleet.stream("reboot", droplets=ids(30), max_concurrency=2)
        await flavour.first(stream)
        del stream
        await asyncio.sleep(0.1)  # the end of an iterator that was dropped has no event to wait for
        sent = posts(emulator)
        await asyncio.sleep(0.3)
        assert posts(emulator) == sent < 30


async def test_nothing_is_sent_when_the_client_is_closed_mid_stream(flavour: Flavour) -> None:
    async with account(30) as emulator:
        client = flavour.client(emulator)
        stream = client.fleet.stream("reboot", droplets=ids(30), max_concurrency=2)
        await flavour.first(stream)
        await flavour.close(client)
        # A request that was sent before may still be in the server's socket. Each connection ends after its last one.
        await until(lambda: open_connections(emulator) == 0)
        sent = posts(emulator)
        await asyncio.sleep(0.2)
        assert posts(emulator) == sent < 30
        assert open_connections(emulator) == 0


async def test_known_droplets_are_finished_when_reading_others_fails() -> None:
    async def failing() -> AsyncIterator[int]:
        for droplet_id in ids(3):
            yield droplet_id
        raise LookupError("the inventory is gone")

    flavour = AsyncFlavour()
    async with account() as emulator:
        client = flavour.client(emulator)
        outcomes: list[Outcome] = []

        async def read() -> None:
            async for outcome in client.fleet.stream("reboot", droplets=failing()):
                outcomes.append(outcome)  # noqa: PERF401 - those before the error are to be kept

        with pytest.raises(LookupError, match="the inventory is gone"):
            await read()
        assert {outcome.droplet_id for outcome in outcomes} == set(ids(3))
        assert {outcome.status for outcome in outcomes} <= {"completed", "skipped"}
    await flavour.close_all()


async def test_report_is_complete_for_programs_and_people(flavour: Flavour) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6))
        assert report.requests == len(emulator.requests)
        assert json.loads(report.to_json())["counts"]["completed"] == 6
        assert "6 completed" in str(report)
        assert report.timeline().startswith("<svg")


async def test_report_is_true_when_a_run_is_cancelled_at_any_time() -> None:
    flavour = AsyncFlavour()
    for number in range(40):
        async with account(8, time_scale=600.0) as emulator:
            client = flavour.client(emulator)
            others = asyncio.all_tasks()
            run = asyncio.create_task(
                client.fleet.run("reboot", droplets=ids(8), max_concurrency=3, poll_interval=0.01)
            )
            await asyncio.sleep(0.004 * number)  # the moment is what is tried
            run.cancel()
            try:
                report = (await run) if number else None
            except FleetCancelled as cancelled:
                report = cancelled.report
            except asyncio.CancelledError:
                report = None  # before it had begun
            sent = posts(emulator)
            assert not {task for task in asyncio.all_tasks() - others if task.get_name() == "fleet run"}
            if report is not None:
                assert sorted(outcome.droplet_id for outcome in report.outcomes) == ids(8)
                acted = done(emulator)
                assert all(acted[outcome.droplet_id] == 1 for outcome in report.completed)
                assert not any(acted[outcome.droplet_id] for outcome in report.skipped)
            await asyncio.sleep(0.02)
            assert posts(emulator) == sent
            assert max([0, *done(emulator).values()]) <= 1
    await flavour.close_all()


async def test_waiters_for_the_budget_give_up_when_the_run_is_stopped(flavour: Flavour) -> None:
    async with account(6) as emulator:
        client = flavour.client(emulator, rate_budget=RateBudget(((2, 20.0),)))
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(6), timeout=0.5)
        assert report.duration < 5
        assert len(report.skipped) == 4
        assert sum(done(emulator).values()) == 2


async def test_health_check_takes_no_longer_than_the_runs_timeout(flavour: Flavour) -> None:
    async with account(1) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {"health_check": lambda _: (False, "down"), "health_interval": 30}
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(1), timeout=2.0, **options)
        assert report.duration < 10
        assert "True or False" in report.failed[0].reason


@pytest.mark.parametrize("reached", ["shutdown", "resize", "power_on"])
async def test_done_steps_stay_done_when_a_run_is_resumed(reached: str, tmp_path: Path) -> None:
    flavour = AsyncFlavour()
    async with account(3, time_scale=60.0) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {"droplets": ids(3), "journal": tmp_path / "resize.journal"}
        first = asyncio.create_task(client.fleet.resize("gpu-h100x8-640gb", **options))
        while not done(emulator, reached):  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
        first.cancel()
        with pytest.raises(FleetCancelled) as caught:
            await first
        assert not caught.value.report.skipped
        second = await client.fleet.resize("gpu-h100x8-640gb", **options)
        assert len(second.completed) == 3
        for step in ("shutdown", "resize", "power_on"):
            assert done(emulator, step) == dict.fromkeys(ids(3), 1)
        assert {droplet.status for droplet in emulator.account.droplets.values()} == {"active"}
    await flavour.close_all()


async def test_refused_requests_are_not_looked_up_when_resumed(tmp_path: Path) -> None:
    flavour = AsyncFlavour()
    async with account([DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        options: dict[str, Any] = {"droplets": ids(1), "journal": tmp_path / "reboot.journal"}
        first = await client.fleet.reboot(**options)
        assert len(first.failed) == 1
        await client.fleet.power_on(droplets=ids(1))
        emulator.account.start(
            FIRST, "reboot"
        )  # another program's, which must not be taken for the one that was refused
        second = await client.fleet.reboot(**options)
        assert len(second.completed) == 1
        assert done(emulator) == {FIRST: 2}
    await flavour.close_all()
