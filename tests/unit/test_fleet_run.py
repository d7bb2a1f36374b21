"""A fleet run in a loop whose time is virtual: when each Droplet is started, and when no more are."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fake_fleet import Account, cancelled_at, elapsed, execution, ran, streamed
from samples import NOON
from virtual_time import run

from gradient_async import BadRequestError, UnhealthyDropletError
from gradient_async.errors import DropletError
from gradient_async.fleet.cancellation import FleetCancelled
from gradient_async.fleet.fleet_run import BatchCounter
from gradient_async.fleet.outcome import FleetProgress, Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async.fleet.report import FleetReport

pytestmark = pytest.mark.once

REFUSED = BadRequestError("refused", method="POST", path="/v2/droplets/1/actions", status=422)


def statuses(report: FleetReport) -> list[str]:
    return [one.status for one in sorted(report.outcomes, key=lambda one: one.droplet_id)]


def of(report: FleetReport, number: int) -> Outcome:
    return next(one for one in report.outcomes if one.droplet_id == number)


# --- whether a batch objects ---

SICK, BROKEN = UnhealthyDropletError("no", droplet_id=1), DropletError("no", droplet_id=1)
CONTINUE = "pass max_errors, such as '100%', to continue anyway"


@pytest.mark.parametrize(
    ("outcomes", "objection"),
    [
        ([("failed", SICK)], "1 Droplet of batch 7 did not pass the health check"),
        ([("failed", SICK), ("completed", None)], "1 Droplet of batch 7 did not pass the health check"),
        ([("failed", SICK)] * 1200, "1,200 Droplets of batch 7 did not pass the health check"),
        ([("failed", BROKEN)], f"the only Droplet of batch 7 failed or is unknown; {CONTINUE}"),
        ([("failed", BROKEN), ("unknown", None)], f"all 2 Droplets of batch 7 failed or are unknown; {CONTINUE}"),
        ([("failed", BROKEN), ("failed", None), ("completed", None)], None),
        ([("completed", None)], None),
        ([], None),
    ],
)
def test_batch_says_why_no_further_one_should_start(
    outcomes: list[tuple[Any, Exception | None]], objection: str | None
) -> None:
    counter = BatchCounter()
    for number, (status, error) in enumerate(outcomes):
        counter.add(Outcome(droplet_id=number, status=status, error=error, ended_at=NOON))
    assert counter.objection(7) == objection


@pytest.mark.parametrize("error", [SICK, BROKEN])
def test_batch_does_not_object_to_what_an_earlier_run_did(error: Exception) -> None:
    counter = BatchCounter()
    counter.add(Outcome(droplet_id=1, status="failed", error=error, ended_at=NOON, is_resumed=True))
    assert counter.objection(1) is None
    counter.add(Outcome(droplet_id=2, status="failed", error=BROKEN, ended_at=NOON))
    assert counter.objection(1) == f"all 2 Droplets of batch 1 failed or are unknown; {CONTINUE}"


# --- when each Droplet is started ---


@pytest.mark.parametrize(
    ("limit", "most", "duration"),
    [(None, 5, 10.0), (2, 2, 30.0), ("40%", 2, 30.0), ("1%", 1, 50.0), ("100%", 5, 10.0)],
)
def test_no_more_actions_run_than_allowed(limit: Any, most: int, duration: float) -> None:
    account = Account()
    report = ran(account, max_concurrency=limit)
    assert (account.most, report.duration) == (most, duration)
    assert statuses(report) == ["completed"] * 5
    assert sorted(account.started) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("size", "at", "batches"),
    [
        (2, [0.0, 0.0, 10.0, 10.0, 20.0], [1, 1, 2, 2, 3]),
        ("40%", [0.0, 0.0, 10.0, 10.0, 20.0], [1, 1, 2, 2, 3]),
        ("1%", [0.0, 10.0, 20.0, 30.0, 40.0], [1, 2, 3, 4, 5]),
        (None, [0.0] * 5, [1] * 5),
        (9, [0.0] * 5, [1] * 5),
    ],
)
def test_batch_starts_when_the_one_before_has_ended(size: Any, at: list[float], batches: list[int]) -> None:
    account = Account()
    report = ran(account, batch_size=size)
    assert account.at == at
    assert [of(report, number).batch for number in range(1, 6)] == batches
    assert report.stopped_by is None


def test_outcome_that_is_not_taken_keeps_the_slot() -> None:
    account = Account()
    outcomes = streamed(account, max_concurrency=1, slow=5.0)
    assert account.at == [0.0, 15.0, 30.0, 45.0, 60.0]
    assert [one.droplet_id for one in outcomes] == [1, 2, 3, 4, 5]


# --- when no more are started ---


@pytest.mark.parametrize(
    ("limit", "failed", "reason"),
    [
        (0, 1, "more than 0 Droplets failed or are unknown (max_errors)"),
        (1, 2, "more than 1 Droplets failed or are unknown (max_errors)"),
        ("1%", 1, "more than 0 Droplets failed or are unknown (max_errors)"),
        ("40%", 3, "more than 2 Droplets failed or are unknown (max_errors)"),
        ("100%", 5, None),
        (None, 5, None),
    ],
)
def test_run_stops_after_more_errors_than_allowed(limit: Any, failed: int, reason: str | None) -> None:
    account = Account(errored=range(1, 6))
    report = ran(account, max_concurrency=1, max_errors=limit)
    assert statuses(report) == ["failed"] * failed + ["skipped"] * (5 - failed)
    assert report.stopped_by == reason
    assert {one.reason for one in report.outcomes if one.status == "skipped"} == ({reason} if reason else set())


def test_batch_that_failed_entirely_stops_the_next() -> None:
    report = ran(Account(errored=(3, 4)), batch_size=2)
    assert statuses(report) == ["completed", "completed", "failed", "failed", "skipped"]
    assert report.stopped_by == f"all 2 Droplets of batch 2 failed or are unknown; {CONTINUE}"
    assert of(report, 5).reason == report.stopped_by


@pytest.mark.parametrize(
    ("errored", "options"),
    [((3,), {"batch_size": 2}), ((3, 4), {"batch_size": 2, "max_errors": 2}), ((1, 2, 3, 4, 5), {})],
)
def test_run_continues_after_errors(errored: tuple[int, ...], options: dict[str, Any]) -> None:
    report = ran(Account(errored=errored), **options)
    assert [one.droplet_id for one in report.outcomes if one.status == "completed"] == [
        number for number in range(1, 6) if number not in errored
    ]
    assert (report.counts["skipped"], report.stopped_by) == (0, None)


def test_last_batch_has_none_to_stop() -> None:
    report = ran(Account(errored=(3, 4)), droplets=(1, 2, 3, 4), batch_size=2)
    assert (report.counts["failed"], report.stopped_by) == (2, None)


def test_run_stops_when_its_timeout_is_over() -> None:
    account = Account()
    report = ran(account, max_concurrency=1, timeout=25.0)
    assert statuses(report) == ["completed", "completed", "started", "skipped", "skipped"]
    assert report.stopped_by == "the run's timeout of 25 s is over"
    assert report.duration == 25.0
    assert of(report, 3).reason.startswith("the run's timeout of 25 s is over; action 102 was started")


def test_droplets_before_an_error_of_their_list_are_run() -> None:
    async def droplets() -> AsyncIterator[int]:
        yield 1
        yield 2
        await anyio.sleep(1.0)
        raise ZeroDivisionError("no more")

    account = Account(seconds={2: 30.0})
    seen: list[Outcome] = []

    async def emit(outcome: Outcome) -> None:
        seen.append(outcome)

    async def work() -> float:
        running = execution(account, "reboot", droplets())
        with pytest.raises(ZeroDivisionError, match="no more"):
            await running.execute(emit)
        assert running.report().stopped_by == "the Droplets could not be read: no more"
        return elapsed()

    assert run(work()) == 30.0
    assert [(one.droplet_id, one.status) for one in seen] == [(1, "completed"), (2, "completed")]


def test_cancelled_run_reports_each_droplet() -> None:
    account = Account(seconds={1: 5.0})

    async def work() -> FleetReport:
        return await execution(account, "reboot", (1, 2, 3, 4, 5), max_concurrency=3).run()

    found = cancelled_at(7.0, work)
    assert isinstance(found, FleetCancelled)
    assert statuses(found.report) == ["completed", "started", "started", "started", "skipped"]
    assert of(found.report, 2).reason.startswith("the run was cancelled; action 101 was started")
    assert of(found.report, 5).reason == "the run was cancelled"
    assert (of(found.report, 2).batch, of(found.report, 5).name) == (1, None)
    facts = account.spans["fleet reboot"]
    assert [facts[f"gradient.fleet.{status}"] for status in ("completed", "started", "skipped")] == [1, 3, 1]
    assert facts["gradient.fleet.droplets"] == 5


# --- progress ---


def test_progress_is_reported_after_each_outcome() -> None:
    seen: list[FleetProgress] = []
    account = Account(errored=(2,), refusals={3: [REFUSED]})
    ran(account, droplets=(1, 2, 3), max_concurrency=1, on_progress=seen.append)
    assert [(one.total, one.started, one.completed, one.failed) for one in seen] == [
        (3, 1, 1, 0),
        (3, 2, 1, 1),
        (3, 3, 1, 2),
    ]
    assert [(one.elapsed, one.latest.droplet_id) for one in seen] == [(10.0, 1), (20.0, 2), (20.0, 3)]
    assert [one.ended for one in seen] == [1, 2, 3]


def test_progress_counts_what_was_not_awaited_or_skipped() -> None:
    seen: list[FleetProgress] = []
    ran(Account(), droplets=(1, 2, 3), max_concurrency=1, timeout=15.0, on_progress=seen.append)
    last = seen[-1]
    assert (last.completed, last.not_awaited, last.skipped, last.unknown, last.started) == (1, 1, 1, 0, 2)


def test_progress_is_awaited_when_its_callback_is_async() -> None:
    at: list[float] = []

    async def slow(progress: FleetProgress) -> None:
        await anyio.sleep(5.0)
        at.append(progress.elapsed)

    account = Account()
    ran(account, droplets=(1, 2), max_concurrency=1, on_progress=slow)
    assert at == [10.0, 25.0]


def test_callback_that_raises_is_not_called_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[FleetProgress] = []

    def broken(progress: FleetProgress) -> None:
        calls.append(progress)
        raise ZeroDivisionError("bar")

    report = ran(Account(), droplets=(1, 2), on_progress=broken)
    assert report.counts["completed"] == 2
    assert len(calls) == 1
    assert "on_progress raised ZeroDivisionError('bar')" in caplog.text


def test_total_is_unknown_while_the_droplets_are_read() -> None:
    seen: list[FleetProgress] = []
    streamed(Account(), droplets=(1, 2), on_progress=seen.append)
    assert [one.total for one in seen] == [None, None]
    streamed(Account(), droplets=(1, 2), on_progress=seen.append, max_errors="50%")
    assert [one.total for one in seen[2:]] == [2, 2]


# --- errors ---


def test_foreign_error_is_logged_and_keeps_no_frames(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    error = ZeroDivisionError("hook")
    report = ran(Account(refusals={1: [error]}), droplets=(1, 2))
    assert statuses(report) == ["unknown", "completed"]
    assert of(report, 1).error is error
    assert error.__traceback__ is None
    assert "fleet run: Droplet 1: ZeroDivisionError('hook')" in caplog.text


def test_own_error_is_reported_alone(caplog: pytest.LogCaptureFixture) -> None:
    report = ran(Account(refusals={1: [REFUSED]}), droplets=(1,))
    assert of(report, 1).error is REFUSED
    assert REFUSED.__traceback__ is None
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
