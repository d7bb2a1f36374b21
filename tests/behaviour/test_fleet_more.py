"""A fleet run where things go wrong, go slowly, or are asked for in another way; see also ``test_fleet``."""

from __future__ import annotations

import threading
import time
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour

from gradient_async import (
    ActionFailedError,
    ActionTimeoutError,
    DropletStateError,
    JournalError,
    NotFoundError,
    PendingEventError,
    UnhealthyDropletError,
    WrongPowerStateError,
)
from gradient_async.emulator import Behaviour, DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from flavours import Flavour

    from gradient_async import FleetProgress, Outcome

pytestmark = pytest.mark.once

FIRST = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
BY_TAG = "POST /v2/droplets/actions"
QUICK: Any = {"poll_interval": 0.02}


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def emulated(droplets: int | Sequence[DropletSpec] = 5, **options: Any) -> Emulator:
    return Emulator(droplets, **{"time_scale": 600.0, "limits": None, **options})


def acted(emulator: Emulator) -> dict[int, list[str]]:
    """Types of the actions of each Droplet that requests have started, oldest first."""
    found: dict[int, list[str]] = {}
    for action in emulator.account.actions.values():
        if action.by_request:
            found.setdefault(action.droplet_id, []).append(action.type)
    return found


def each(droplet_ids: list[int], types: list[str]) -> dict[int, list[str]]:
    return dict.fromkeys(droplet_ids, types)


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def most_at_once(emulator: Emulator) -> int:
    """The largest number of actions that were in progress together, by the account's own time."""
    spans = [(one.started, one.due) for one in emulator.account.actions.values() if one.by_request]
    return max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)


async def called(method: Any, /, *args: Any, **arguments: Any) -> Any:
    """Call a method that is not awaited in either flavour."""
    return method(*args, **arguments)


def of(report: Any, droplet_id: int) -> Outcome:
    (outcome,) = (one for one in report.outcomes if one.droplet_id == droplet_id)
    return outcome  # type: ignore[no-any-return]  # a report of either flavour


# What is acted on.


async def test_each_droplet_acted_on_once_when_an_async_generator_names_some_twice() -> None:
    async def named() -> AsyncIterator[int]:
        for droplet_id in [*ids(4), *ids(5)]:
            yield droplet_id

    flavour = AsyncFlavour()
    async with emulated() as emulator:
        client = flavour.client(emulator)
        report = await client.fleet.run("reboot", droplets=named(), **QUICK)
        assert acted(emulator) == each(ids(5), ["reboot"])
        assert report.counts["completed"] == 5
        await flavour.close_all()


@pytest.mark.parametrize("how", ["run", "stream"])
async def test_nothing_sent_when_there_are_no_droplets(flavour: Flavour, how: str) -> None:
    async with emulated() as emulator:
        client = flavour.client(emulator)
        if how == "run":
            report = await flavour.call(client.fleet.run, "reboot", droplets=[])
            outcomes = report.outcomes
        else:
            outcomes = tuple(await flavour.items(client.fleet.stream("reboot", droplets=[])))
        assert outcomes == ()
        assert list(emulator.requests) == []


async def test_only_the_missing_droplet_failed_when_one_does_not_exist(flavour: Flavour) -> None:
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=[FIRST, 1, FIRST + 1], **QUICK)
        assert isinstance(of(report, 1).error, NotFoundError)
        assert of(report, 1).action is None
        assert report.counts == {"completed": 2, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}


async def test_droplets_of_both_kinds_found_when_they_have_the_tag(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False), DropletSpec(tags=["other"])]
    async with emulated(specs, behaviour=Behaviour(tag_lists_include_gpus=False)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="t", **QUICK)
        assert acted(emulator) == each(ids(2), ["reboot"])
        assert report.counts["completed"] == 2


@pytest.mark.parametrize("lists_show_gpus", [True, False])
async def test_only_gpu_droplets_of_the_tag_when_asked_for(flavour: Flavour, lists_show_gpus: bool) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False), DropletSpec(tags=["other"])]
    async with emulated(specs, behaviour=Behaviour(tag_lists_include_gpus=lists_show_gpus)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="t", gpus_only=True, **QUICK)
        assert acted(emulator) == each(ids(1), ["reboot"])
        assert report.counts["completed"] == 1
        outcomes = await flavour.items(client.fleet.stream("reboot", tag="t", gpus_only=True))
        assert [outcome.droplet_id for outcome in outcomes] == ids(1)


async def test_nothing_sent_when_gpus_only_cannot_hold(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        with pytest.raises(TypeError, match="gpus_only: only with a tag"):
            await flavour.call(client.fleet.run, "reboot", droplets=ids(1), gpus_only=True)
        with pytest.raises(TypeError, match="gpus_only: cannot hold beside by_tag=True"):
            await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, gpus_only=True)
        with pytest.raises(TypeError, match="gpus_only"):
            await flavour.call(client.fleet.run, "reboot", tag="t", gpus_only="yes")
        assert list(emulator.requests) == []


@pytest.mark.parametrize("first", [True, False])
async def test_journal_refused_when_gpus_only_differs(flavour: Flavour, tmp_path: Path, first: bool) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False)]
    async with emulated(specs, faults=[faults.ErroredAction(times=9)]) as emulator:
        client = flavour.client(emulator)
        options: Any = {"tag": "t", "journal": tmp_path / "journal"} | QUICK
        await flavour.call(client.fleet.run, "reboot", gpus_only=first, **options)
        sent = acted(emulator)
        with pytest.raises(JournalError, match="gpus_only"):
            await flavour.call(client.fleet.run, "reboot", gpus_only=not first, **options)
        assert acted(emulator) == sent
        await flavour.call(client.fleet.resume, tmp_path / "journal", if_finished="report")
        assert sorted(acted(emulator)) == sorted(sent)


# One request by tag.


async def test_each_started_by_itself_when_the_request_by_tag_was_lost_on_its_way(flavour: Flavour) -> None:
    lost = [faults.DropBefore(route=BY_TAG)]
    async with emulated([DropletSpec(tags=["t"])] * 4, faults=lost) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert acted(emulator) == each(ids(4), ["power_cycle"])
        assert report.counts["completed"] == 4


async def test_droplet_that_was_left_out_failed_when_one_request_starts_all(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], status="off"), DropletSpec(tags=["t"])]
    async with emulated(specs) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert posts(emulator) == 1
        assert of(report, FIRST + 1).status == "failed"
        assert "wrong state" in of(report, FIRST + 1).reason
        assert report.counts["completed"] == 2


async def test_all_failed_when_the_request_by_tag_is_refused(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], status="off")]
    async with emulated(specs, behaviour=Behaviour(bulk_refusals="refused")) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, **QUICK)
        assert report.counts == {"completed": 0, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}
        assert acted(emulator) == {}


async def test_second_run_sends_nothing_when_the_first_began_by_tag(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated([DropletSpec(tags=["t"])] * 4) as emulator:
        client = flavour.client(emulator)
        options: Any = {"tag": "t", "by_tag": True, "journal": tmp_path / "journal"} | QUICK
        await flavour.call(client.fleet.run, "power_cycle", **options)
        before = posts(emulator)
        report = await flavour.call(client.fleet.run, "power_cycle", if_finished="report", **options)
        assert posts(emulator) == before == 1
        assert all(outcome.is_resumed and outcome.is_completed for outcome in report.outcomes)


# What is waited for.


async def test_requests_are_one_for_each_droplet_when_nobody_waits(flavour: Flavour) -> None:
    async with emulated(time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), wait=False)
        assert [request.method for request in emulator.requests] == ["POST"] * 5
        assert report.requests == 5
        assert report.duration < 2
        assert not report.is_waited_for


async def test_droplet_failed_when_its_status_never_becomes_what_the_action_promises(flavour: Flavour) -> None:
    never = faults.StatusLag(100_000.0, route=f"POST /v2/droplets/{FIRST}/actions")
    async with emulated(2, faults=[never]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "power_off", droplets=ids(2), until="status", action_timeout=0.4, **QUICK
        )
        assert isinstance(of(report, FIRST).error, DropletStateError)
        assert "'active'" in of(report, FIRST).reason
        assert of(report, FIRST + 1).is_completed


async def test_droplet_failed_when_its_action_does_not_end_in_time(flavour: Flavour) -> None:
    async with emulated(2, time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), action_timeout=0.2, **QUICK)
        assert all(isinstance(outcome.error, ActionTimeoutError) for outcome in report.failed)
        assert {outcome.action.status for outcome in report.failed} == {"in-progress"}
        assert len(report.failed) == 2


async def test_blocking_event_named_when_it_does_not_end_in_time(flavour: Flavour) -> None:
    async with emulated(2, durations={"snapshot": 100_000}) as emulator:
        emulator.account.start(FIRST, "snapshot", name="x")
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), action_timeout=0.4, **QUICK)
        assert isinstance(of(report, FIRST).error, PendingEventError)
        assert "snapshot" in of(report, FIRST).reason
        assert acted(emulator) == {FIRST + 1: ["reboot"]}


async def test_busy_droplet_skipped_when_the_run_is_over_before_it_is_free(flavour: Flavour) -> None:
    async with emulated(2, durations={"snapshot": 100_000}) as emulator:
        emulator.account.start(FIRST, "snapshot", name="x")
        client = flavour.client(emulator)
        begun = time.monotonic()
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(2), timeout=0.5, **QUICK)
        assert time.monotonic() - begun < 2
        assert of(report, FIRST).status in {"skipped", "failed"}
        assert acted(emulator) == {FIRST + 1: ["reboot"]}


@pytest.mark.parametrize("batch_size", [None, 1])
async def test_nothing_started_after_the_time_when_the_run_has_a_timeout(
    flavour: Flavour, batch_size: int | None
) -> None:
    async with emulated(time_scale=1.0) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run,
            "reboot",
            droplets=ids(5),
            timeout=0.3,
            max_concurrency=1,
            batch_size=batch_size,
            **QUICK,
        )
        assert report.duration < 2
        assert report.counts == {"completed": 0, "started": 1, "failed": 0, "unknown": 0, "skipped": 4}
        assert all("timeout of 0.3 s" in outcome.reason for outcome in report.skipped)
        assert posts(emulator) == 1


# How many at once.


@pytest.mark.parametrize(("allowed", "most"), [(3, 3), ("20%", 2), ("1%", 1)])
async def test_actions_in_progress_never_more_than_allowed_when_max_concurrency_is_given(
    flavour: Flavour, allowed: int | str, most: int
) -> None:
    async with emulated(10) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(10), max_concurrency=allowed, **QUICK)
        assert most_at_once(emulator) <= most
        assert report.counts["completed"] == 10


async def test_batch_starts_only_after_the_one_before_when_batch_size_is_given(flavour: Flavour) -> None:
    async with emulated(7) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(7), batch_size=3, **QUICK)
        spans = {one.droplet_id: one for one in emulator.account.actions.values() if one.by_request}
        batches = [ids(7)[:3], ids(7)[3:6], ids(7)[6:]]
        for earlier, later in pairwise(batches):
            assert max(spans[one].due for one in earlier) <= min(spans[one].started for one in later)
        assert Counter(outcome.batch for outcome in report.outcomes) == {1: 3, 2: 3, 3: 1}


@pytest.mark.parametrize("at_once", [1, 2, 3])
async def test_what_runs_is_seen_through_when_max_errors_stops_the_run(flavour: Flavour, at_once: int) -> None:
    errored = faults.ErroredAction(times=1)
    async with emulated(9, time_scale=150.0, faults=[errored]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(9), max_errors=0, max_concurrency=at_once, **QUICK
        )
        assert len(report.failed) == 1
        assert len(report.skipped) == 9 - at_once
        assert all(outcome.action.is_completed for outcome in report.completed)
        assert all("max_errors" in outcome.reason and outcome.action is None for outcome in report.skipped)
        assert len(acted(emulator)) == at_once
        assert report.stopped_by == report.skipped[0].reason


async def test_all_turned_to_when_the_errors_are_as_many_as_allowed(flavour: Flavour) -> None:
    async with emulated(10, faults=[faults.ErroredAction(times=2)]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(10), max_errors="20%", max_concurrency=1, **QUICK
        )
        assert report.counts == {"completed": 8, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}
        assert report.stopped_by is None


# Health.


async def test_all_batches_done_when_each_droplet_is_well(flavour: Flavour) -> None:
    asked: list[int] = []

    def is_well(droplet: Any) -> bool:
        asked.append(droplet.id)
        return True

    async with emulated(6) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(6), batch_size=2, health_check=is_well, **QUICK
        )
        assert report.counts["completed"] == 6
        assert sorted(asked) == ids(6)
        assert [set(asked[start : start + 2]) for start in (0, 2, 4)] == [set(ids(6)[n : n + 2]) for n in (0, 2, 4)]


@pytest.mark.parametrize("kind", ["raises", "hangs", "not a bool"])
async def test_droplet_failed_with_the_reason_when_a_plain_health_check_fails(flavour: Flavour, kind: str) -> None:
    released = threading.Event()
    calls = 0

    def is_well(_: Any) -> Any:
        nonlocal calls
        calls += 1
        if kind == "raises":
            raise LookupError("no route")
        if kind == "hangs":
            released.wait(5)
        return None

    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        options: Any = {"health_interval": 0.01, "health_retries": 2, "health_timeout": 0.1} | QUICK
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(1), health_check=is_well, **options)
        released.set()
        (failed,) = report.failed
        assert isinstance(failed.error, UnhealthyDropletError)
        assert {"raises": "no route", "hangs": "within 0.1 s", "not a bool": "True or False"}[kind] in failed.reason
        assert failed.action.is_completed
        assert calls == 3


async def test_health_check_not_asked_when_the_action_failed(flavour: Flavour) -> None:
    asked: list[int] = []

    def is_well(droplet: Any) -> bool:
        asked.append(droplet.id)
        return True

    errored = faults.ErroredAction(route=f"POST /v2/droplets/{FIRST}/actions")
    async with emulated(2, faults=[errored]) as emulator:
        client = flavour.client(emulator)
        await flavour.call(client.fleet.run, "reboot", droplets=ids(2), health_check=is_well, **QUICK)
        assert asked == [FIRST + 1]


async def test_next_batch_begins_all_the_same_when_max_errors_allows_an_unhealthy_one(flavour: Flavour) -> None:
    async with emulated(4) as emulator:
        client = flavour.client(emulator)
        options: Any = {"health_retries": 0, "batch_size": 2, "max_errors": 1} | QUICK
        report = await flavour.call(
            client.fleet.run, "reboot", droplets=ids(4), health_check=lambda one: one.id != FIRST, **options
        )
        assert report.counts == {"completed": 3, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}


# Trouble on the wire.


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_each_acted_on_once_when_answers_are_lost(flavour: Flavour, how: Any) -> None:
    lost = faults.DropAfter(how=how, route=INITIATE, rate=0.5)
    async with emulated(20, faults=[lost], seed=5) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(20), **QUICK)
        assert acted(emulator) == each(ids(20), ["reboot"])
        assert report.counts["completed"] == 20
        assert any(request.fault for request in emulator.requests.on(INITIATE))


async def test_refusals_for_rate_are_counted_and_waited_for_when_there_are_some(flavour: Flavour) -> None:
    refused = faults.TooManyRequests(route=INITIATE, times=2, retry_after=1)
    async with emulated(faults=[refused]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), **QUICK)
        assert acted(emulator) == each(ids(5), ["reboot"])
        assert report.refused_for_rate == 2
        assert report.requests == len(emulator.requests)


async def test_requests_in_the_report_are_those_the_server_saw_when_some_are_repeated(flavour: Flavour) -> None:
    trouble = [faults.ServerError(rate=0.3), faults.DropAfter(route=INITIATE, rate=0.2)]
    async with emulated(10, faults=trouble, seed=2) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(10), **QUICK)
        assert report.requests == len(emulator.requests) == len(report.request_times)


# Progress.


async def test_counts_add_up_when_progress_is_told(flavour: Flavour) -> None:
    told: list[FleetProgress] = []
    async with emulated([*[DropletSpec()] * 4, DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=ids(5), on_progress=told.append, **QUICK)
        assert [progress.ended for progress in told] == [1, 2, 3, 4, 5]
        assert {progress.total for progress in told} == {5}
        assert (told[-1].completed, told[-1].failed, told[-1].started) == (4, 1, 5)
        assert tuple(progress.latest for progress in told) == report.outcomes


# Power, size.


async def test_no_shutdown_sent_when_it_need_not_be_graceful(flavour: Flavour) -> None:
    async with emulated([DropletSpec(), DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_off, droplets=ids(3), graceful=False, **QUICK)
        assert acted(emulator) == each(ids(2), ["power_off"])
        assert report.counts["completed"] == 3
        assert {droplet.status for droplet in emulator.account.droplets.values()} == {"off"}


async def test_only_those_that_are_off_switched_on_when_power_on_is_asked_for(flavour: Flavour) -> None:
    async with emulated([DropletSpec(status="off"), DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.power_on, droplets=ids(3), **QUICK)
        assert acted(emulator) == {FIRST: ["power_on"], FIRST + 2: ["power_on"]}
        assert of(report, FIRST + 1).reason == "nothing had to be done"


async def test_state_named_when_power_on_is_run_as_an_action_on_one_that_is_on(flavour: Flavour) -> None:
    async with emulated([DropletSpec(), DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "power_on", droplets=ids(2), **QUICK)
        assert isinstance(of(report, FIRST).error, WrongPowerStateError)
        assert "'active'" in of(report, FIRST).reason


async def test_power_given_back_when_the_resize_is_errored(flavour: Flavour) -> None:
    async with emulated(2, faults=[faults.ErroredAction(type="resize")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, "gpu-h100x8-640gb", droplets=ids(2), **QUICK)
        assert acted(emulator) == each(ids(2), ["shutdown", "resize", "power_on"])
        assert all(isinstance(outcome.error, ActionFailedError) for outcome in report.failed)
        assert len(report.failed) == 2
        assert {droplet.status for droplet in emulator.account.droplets.values()} == {"active"}


async def test_droplet_left_alone_when_it_has_the_size_already(flavour: Flavour) -> None:
    async with emulated([DropletSpec(), DropletSpec(size="gpu-h100x8-640gb")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, "gpu-h100x8-640gb", droplets=ids(2), **QUICK)
        assert acted(emulator) == {FIRST: ["shutdown", "resize", "power_on"]}
        assert report.counts["completed"] == 2


async def test_snapshot_is_named_after_the_day_when_no_name_is_given(flavour: Flavour) -> None:
    async with emulated([DropletSpec(name="a"), DropletSpec(name="b")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.snapshot, droplets=ids(2), **QUICK)
        day = report.began_at.date().isoformat()
        names = [emulator.account.snapshots_of(droplet_id)[0].name for droplet_id in ids(2)]
        assert names == [f"a-{day}", f"b-{day}"]


# The journal.


@pytest.mark.parametrize("method", ["power_off", "resize"])
async def test_second_run_sends_no_action_when_a_plan_of_several_steps_is_done(
    flavour: Flavour, tmp_path: Path, method: str
) -> None:
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        size = ["gpu-h100x8-640gb"] if method == "resize" else []
        options: Any = {"droplets": ids(3), "journal": tmp_path / "journal"} | QUICK
        await flavour.call(getattr(client.fleet, method), *size, **options)
        before = posts(emulator)
        report = await flavour.call(getattr(client.fleet, method), *size, if_finished="report", **options)
        assert posts(emulator) == before
        assert report.counts["completed"] == 3


async def test_skipped_ones_alone_are_started_when_a_stopped_run_is_resumed(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(6, faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(6), "journal": tmp_path / "journal", "max_concurrency": 1} | QUICK
        first = await flavour.call(client.fleet.run, "reboot", max_errors=0, **options)
        before = {outcome.droplet_id for outcome in first.outcomes if outcome.status != "skipped"}
        assert before == {FIRST}
        second = await flavour.call(client.fleet.run, "reboot", max_errors=0, **options)
        assert {one.droplet_id for one in second.outcomes if one.is_resumed} == before
        assert of(second, FIRST).status == "failed"
        assert second.counts["completed"] == 5
        assert acted(emulator) == each(ids(6), ["reboot"])


async def test_actions_seen_through_when_the_first_run_had_no_time_left_for_them(
    flavour: Flavour, tmp_path: Path
) -> None:
    async with emulated(3, time_scale=20.0) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(3), "journal": tmp_path / "journal"} | QUICK
        first = await flavour.call(client.fleet.run, "reboot", timeout=0.3, **options)
        assert first.counts["started"] == 3
        second = await flavour.call(client.fleet.run, "reboot", **options)
        assert second.counts["completed"] == 3
        assert acted(emulator) == each(ids(3), ["reboot"])


# Arguments.


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("run", ["no_such_type"], ValueError),
        ("run", ["resize"], TypeError),
        ("run", [None], TypeError),
        ("snapshot", ["{size}"], ValueError),
        ("snapshot", [" "], ValueError),
        ("resize", [""], ValueError),
        ("resize", [None], TypeError),
    ],
)
async def test_nothing_sent_when_what_is_to_be_done_is_impossible(
    flavour: Flavour, method: str, given: list[Any], error: type[Exception]
) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        with pytest.raises(error):
            await flavour.call(getattr(client.fleet, method), *given, droplets=ids(1))
        assert list(emulator.requests) == []


@pytest.mark.parametrize(
    "options",
    [
        {"max_concurrency": 0},
        {"max_errors": -1},
        {"max_errors": True},
        {"batch_size": "0%"},
        {"batch_size": "101%"},
        {"timeout": 0},
        {"action_timeout": float("nan")},
        {"poll_interval": -1},
        {"on_busy": "ask"},
        {"until": "later"},
        {"wait": False, "until": "status"},
        {"health_check": "yes"},
        {"health_retries": -1},
        {"on_progress": 1},
        {"journal": ""},
        {"by_tag": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["run", "stream"])
async def test_nothing_sent_when_an_option_is_impossible(flavour: Flavour, options: dict[str, Any], how: str) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        method = client.fleet.run if how == "run" else client.fleet.stream
        with pytest.raises((TypeError, ValueError), match=list(options)[-1]):
            # A stream refuses before it is iterated over.
            await (flavour.call if how == "run" else called)(method, "power_cycle", droplets=ids(1), **options)
        assert list(emulator.requests) == []


async def test_nothing_sent_to_droplets_when_one_of_the_ids_is_impossible(flavour: Flavour) -> None:
    async with emulated(2) as emulator:
        client = flavour.client(emulator)
        with pytest.raises((TypeError, ValueError), match="droplets"):
            await flavour.call(client.fleet.run, "reboot", droplets=[*ids(2), "3164446"])
        assert list(emulator.requests) == []


# Streams.


async def test_droplet_that_takes_longer_comes_last_when_outcomes_are_streamed(flavour: Flavour) -> None:
    async with emulated(4) as emulator:
        emulator.account.start(FIRST, "snapshot", name="x")
        client = flavour.client(emulator)
        outcomes = await flavour.items(client.fleet.stream("reboot", droplets=ids(4), **QUICK))
        assert outcomes[-1].droplet_id == FIRST
        assert sorted(outcome.droplet_id for outcome in outcomes) == ids(4)


async def test_droplets_read_no_faster_than_they_are_turned_to_when_streamed() -> None:
    read: list[int] = []

    def named() -> Any:
        for droplet_id in ids(30):
            read.append(droplet_id)
            yield droplet_id

    flavour = AsyncFlavour()
    async with emulated(30) as emulator:
        client = flavour.client(emulator)
        stream = client.fleet.stream("reboot", droplets=named(), max_concurrency=2, **QUICK)
        assert read == []
        await flavour.first(stream)
        assert len(read) < 30
        await stream.aclose()
        assert set(acted(emulator)) <= set(read)
        await flavour.close_all()


async def test_second_run_completes_the_rest_when_a_stream_with_a_journal_was_left(
    flavour: Flavour, tmp_path: Path
) -> None:
    async with emulated(8) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(8), "journal": tmp_path / "journal", "max_concurrency": 2} | QUICK
        stream = client.fleet.stream("reboot", **options)
        await flavour.first(stream)
        await flavour.call(stream.aclose if flavour.name == "async" else stream.close)
        report = await flavour.call(client.fleet.run, "reboot", **options)
        assert report.counts["completed"] == 8
        assert acted(emulator) == each(ids(8), ["reboot"])
