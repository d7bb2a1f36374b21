"""Destroying Droplets: when each request is sent, when the work on a Droplet ends, and what is reported."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import droplet
from virtual_time import FakeSender, run

from gradient_async import (
    BillingResource,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RequestOutcomeUnknownError,
)
from gradient_async.fleet.destroy.engine import Destroyer, DestroyOptions, destroy_ids
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.report import DestroyCancelled, DestroyReport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from gradient_async import DestroyProgress


def error(kind: type[Any], status: int) -> Any:
    return kind("no", method="DELETE", path="/v2/droplets/7", status=status)


BUSY, DOWN = error(ConflictError, 409), error(InternalServerError, 500)
MISSING, REFUSED = error(NotFoundError, 404), error(PermissionDeniedError, 403)
LOST = RequestOutcomeUnknownError("lost", method="DELETE", path="/v2/droplets/7")


class Account(FakeSender):
    """An account whose Droplets go some seconds after a request to destroy them.

    Args:
        answers: The answers to requests to destroy, in turn; ``None`` accepts, as do those after the last.
        goes_after: Seconds until an accepted Droplet is gone.
        absent: Ids that the API never knows.
        shows: Seconds for which ids that are absent show nevertheless, by id.
    """

    def __init__(
        self,
        *answers: Any,
        goes_after: float = 0.0,
        absent: Iterable[int] = (),
        shows: Callable[[float], bool] | None = None,
        settle: float = 30.0,
    ) -> None:
        super().__init__(self._answered, settle=settle)
        self.answers = list(answers)
        self.goes_after = goes_after
        self.gone_at: dict[int, float] = dict.fromkeys(absent, 0.0)
        self.shows = shows

    def deletes(self, number: int = 7) -> list[float]:
        """When requests to destroy a Droplet were sent."""
        sent = zip(self.sent, self.times, strict=True)
        return [at for one, at in sent if (one.method, one.path) == ("DELETE", f"/v2/droplets/{number}")]

    def _answered(self, request: Any) -> Any:
        name = request.endpoint.name.rpartition(".")[2]
        if name == "list":
            return {"droplets": [], "meta": {"total": 0}}
        number, now = int(request.path.rpartition("/")[2]), anyio.current_time()
        if name == "delete":
            answer = self.answers.pop(0) if self.answers else None
            if answer is None:
                self.gone_at.setdefault(number, now + self.goes_after)
            return answer
        if self.shows is not None:
            is_gone = not self.shows(self.times[-1])
        else:
            is_gone = now >= self.gone_at.get(number, float("inf"))
        return MISSING if is_gone else {"droplet": {"id": number, "name": "train", "status": "active"}}


def destroyed(account: Account, *numbers: int, **options: Any) -> DestroyReport:
    async def work() -> DestroyReport:
        given = DestroyOptions(**{"poll_interval": 1.0, **options})
        return await destroy_ids(account, numbers or (7,), given)  # type: ignore[arg-type]  # a fake

    return run(work())


def status(report: DestroyReport) -> tuple[str, str]:
    (outcome,) = report.outcomes
    return outcome.status, outcome.reason


def test_each_id_is_destroyed_once() -> None:
    account = Account()
    report = destroyed(account, 7, 8, 7)
    assert report.counts["destroyed"] == len(report.outcomes) == 2
    assert (len(account.deletes(7)), len(account.deletes(8))) == (1, 1)


def test_report_counts_its_own_requests_and_seconds() -> None:
    account = Account(goes_after=1.5)
    account.counter.requests, account.counter.refused = 100, 10

    async def work() -> DestroyReport:
        await anyio.sleep(5.0)
        found = asyncio.create_task(destroy_ids(account, [7], DestroyOptions(poll_interval=1.0)))  # type: ignore[arg-type]  # a fake
        await anyio.sleep(0.5)
        account.counter.refused += 3
        return await found

    before = datetime.now(UTC)
    report = run(work())
    # A DELETE, a read that shows it, another that does not, and two lists.
    assert (report.requests, report.refused_for_rate, report.duration) == (5, 3, 2.0)
    assert before <= report.began_at <= datetime.now(UTC)
    (outcome,) = report.outcomes
    assert outcome.started_at is not None
    assert before <= outcome.started_at <= outcome.ended_at


def test_busy_droplet_is_asked_for_ever_later() -> None:
    account = Account(BUSY, DOWN, BUSY)
    assert status(destroyed(account)) == ("destroyed", "")
    assert account.deletes() == [0.0, 1.0, 3.0, 7.0]


def test_refused_droplet_is_not_asked_for_again() -> None:
    account = Account(REFUSED)
    report = destroyed(account)
    assert status(report) == ("failed", "no")
    assert report.outcomes[0].error is REFUSED
    assert account.names == ["delete"]


def test_busy_droplet_fails_when_its_time_is_over() -> None:
    account = Account(*[BUSY] * 99)
    report = destroyed(account, timeout=20.0)
    assert (status(report), report.duration) == (("failed", "no"), 20.0)
    assert account.deletes() == [0.0, 1.0, 3.0, 7.0, 15.0]


def test_accepted_droplet_is_unknown_when_its_time_is_over() -> None:
    report = destroyed(Account(goes_after=999.0), timeout=20.0)
    assert report.duration == 20.0
    assert status(report) == ("unknown", "the API accepted the request, and it still shows at the end of the timeout")


def test_droplet_that_shows_after_a_minute_is_asked_for_again() -> None:
    account = Account(goes_after=150.0)
    assert status(destroyed(account)) == ("destroyed", "")
    first, second, third = account.deletes()
    assert (first, 60.0 <= second < 80.0, second + 60.0 <= third) == (0.0, True, True)


@pytest.mark.parametrize("later", [BUSY, REFUSED, LOST])
def test_accepted_droplet_is_waited_for_whatever_comes_later(later: Any) -> None:
    account = Account(None, later, later, goes_after=150.0)
    assert status(destroyed(account)) == ("destroyed", "")
    first, second, *_ = account.deletes()
    assert second - first >= 60.0
    assert account.deletes()[2:3] != [second + 1.0]


def test_answer_is_enough_when_no_proof_is_wanted() -> None:
    account = Account(BUSY, goes_after=999.0)
    report = destroyed(account, until="accepted")
    assert (status(report), report.duration) == (("destroyed", "the API accepted the request"), 1.0)
    assert set(account.names) == {"delete"}


def test_absent_droplet_is_proved_even_if_no_proof_is_wanted() -> None:
    account = Account(MISSING, absent=[7])
    assert status(destroyed(account, until="accepted")) == ("destroyed", "it was gone already")
    assert account.names == ["delete", "retrieve", "list", "list"]


def test_absent_droplet_that_shows_is_asked_for_again() -> None:
    account = Account(MISSING, MISSING, goes_after=0.0)
    assert status(destroyed(account)) == ("destroyed", "")
    assert account.deletes() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("options", "settle", "ends"),
    [
        ({"is_fresh": False}, 30.0, 1.0),
        # A 404 proves nothing for the shortest of: 20 seconds, the client's setting, half of the timeout.
        ({"is_fresh": True}, 30.0, 20.0),
        ({"is_fresh": True}, 5.0, 5.0),
        ({"is_fresh": True, "timeout": 14.0}, 30.0, 7.0),
    ],
)
def test_fresh_droplet_may_show_up_late(options: Any, settle: float, ends: float) -> None:
    account = Account(*[MISSING] * 99, absent=[7], settle=settle)
    report = destroyed(account, **options)
    assert status(report) == ("destroyed", "it was gone already")
    assert ends <= report.duration <= ends + 1.0
    assert len(account.deletes()) == max(1, int(ends))


def test_fresh_droplet_is_gone_at_once_when_it_was_there() -> None:
    assert destroyed(Account(), is_fresh=True).duration == 1.0


def test_nothing_more_is_read_when_the_client_is_closed() -> None:
    account = Account(goes_after=999.0)

    async def work() -> DestroyReport:
        found = asyncio.create_task(destroy_ids(account, [7], DestroyOptions(poll_interval=1.0)))  # type: ignore[arg-type]  # a fake
        await anyio.sleep(2.5)
        account.is_closed = True
        return await found

    report = run(work())
    assert (status(report)[0], report.duration) == ("unknown", 3.0)


class Slow:
    """A way that takes its time.

    Attributes:
        most: How many Droplets were under way at once.
    """

    def __init__(self, seconds: float = 1.0, fault: Exception | None = None) -> None:
        self.seconds, self.fault = seconds, fault
        self.active = self.most = 0

    async def send(self, removal: Removal) -> None:
        self.active += 1
        self.most = max(self.most, self.active)
        await anyio.sleep(self.seconds)
        self.active -= 1
        if self.fault is not None and removal.droplet_id == 1:
            raise self.fault


def removals(count: int) -> list[Removal]:
    return [Removal(droplet_id=number) for number in range(1, count + 1)]


def run_with(way: Slow, given: Any, total: int, **options: Any) -> DestroyReport:
    async def work() -> DestroyReport:
        destroyer = Destroyer(Account(absent=range(99)), DestroyOptions(**{"until": "accepted", **options}), way)  # type: ignore[arg-type]  # a fake
        await destroyer.run(given, total)
        return destroyer.report()

    return run(work())


@pytest.mark.parametrize(("most", "seconds"), [(1, 6.0), (2, 3.0), (99, 1.0)])
def test_at_most_so_many_are_under_way_at_once(most: int, seconds: float) -> None:
    way = Slow()
    report = run_with(way, removals(6), 6, max_concurrency=most)
    assert (way.most, report.duration) == (min(most, 6), seconds)
    assert report.is_complete


def test_slot_is_free_again_after_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    way, fault = Slow(fault=ZeroDivisionError("foreign")), "unexpected error: ZeroDivisionError('foreign')"
    with caplog.at_level(logging.ERROR, "gradient_async"):
        report = run_with(way, removals(2), 2, max_concurrency=1)
    assert [(one.status, one.reason) for one in report.outcomes] == [
        ("unknown", fault),
        ("destroyed", "the API accepted the request"),
    ]
    assert report.outcomes[0].error is way.fault
    assert [one.partition(": ZeroDiv")[0] for one in caplog.messages] == ["fleet run: Droplet 1"]


def test_droplets_are_destroyed_as_they_come() -> None:
    async def coming() -> AsyncIterator[Removal]:
        for one in removals(3):
            await anyio.sleep(2.0)
            yield one

    report = run_with(Slow(), coming(), 3)
    assert (report.duration, len(report.destroyed)) == (7.0, 3)


def test_work_begins_only_once() -> None:
    began = datetime(2026, 11, 30, 10, tzinfo=UTC)
    report = run_with(Slow(), [Removal(droplet_id=1, started_at=began)], 1)
    assert report.outcomes[0].started_at == began


def test_outcome_has_all_that_is_known_of_the_droplet() -> None:
    volume, snapshot = (BillingResource(kind=kind, id="1") for kind in ("volumes", "snapshots"))
    one = Removal(
        droplet_id=1,
        droplet=droplet(id=1, name="trainer"),
        price_hourly=3.39,
        snapshot_id=9,
        snapshot_name="nightly",
        destroyed_with=(volume,),
        left=(snapshot,),
    )
    (outcome,) = run_with(Slow(), [one], 1).outcomes
    assert (outcome.name, outcome.price_hourly) == ("trainer", 3.39)
    assert (outcome.snapshot_id, outcome.snapshot_name) == (9, "nightly")
    assert (outcome.destroyed_with, outcome.left) == ((volume,), (snapshot,))
    (unread,) = run_with(Slow(), removals(1), 1).outcomes
    assert unread.name is None


@pytest.mark.parametrize("is_awaited", [False, True])
def test_each_outcome_is_told_with_all_counts(is_awaited: bool) -> None:
    told: list[DestroyProgress] = []

    def tell(progress: DestroyProgress) -> None:
        told.append(progress)

    async def tell_later(progress: DestroyProgress) -> None:
        await anyio.sleep(0.5)
        told.append(progress)

    async def work() -> DestroyReport:
        options = DestroyOptions(until="accepted", max_concurrency=1, on_progress=tell_later if is_awaited else tell)
        destroyer = Destroyer(Account(), options, Slow(fault=REFUSED))  # type: ignore[arg-type]  # a fake
        await destroyer.keep(Removal(droplet_id=9), "it has no snapshot", BUSY)
        await destroyer.run(removals(2), 3)
        return destroyer.report()

    report = run(work())
    assert [(one.total, one.ended, one.kept, one.failed, one.destroyed) for one in told] == [
        (0, 1, 1, 0, 0),
        (3, 2, 1, 1, 0),
        (3, 3, 1, 1, 1),
    ]
    assert [one.elapsed for one in told] == ([0.0, 1.5, 2.5] if is_awaited else [0.0, 1.0, 2.0])
    assert tuple(one.latest for one in told) == report.outcomes
    assert (report.outcomes[0].reason, report.outcomes[0].error) == ("it has no snapshot", BUSY)


def test_callback_that_fails_is_logged_and_not_called_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[DestroyProgress] = []

    def tell(progress: DestroyProgress) -> None:
        calls.append(progress)
        raise ZeroDivisionError

    with caplog.at_level(logging.WARNING, "gradient_async"):
        report = run_with(Slow(), removals(3), 3, on_progress=tell)
    assert (len(calls), len(report.destroyed)) == (1, 3)
    assert caplog.messages == ["fleet run: on_progress raised ZeroDivisionError(). It is not called again"]


def test_cancelled_run_reports_each_droplet_once() -> None:
    account = Account(goes_after=999.0)

    async def work() -> DestroyReport:
        options = DestroyOptions(poll_interval=1.0, max_concurrency=1)
        task = asyncio.create_task(destroy_ids(account, [7, 8, 9], options))  # type: ignore[arg-type]  # a fake
        await anyio.sleep(2.5)
        task.cancel()
        try:
            return await task
        except DestroyCancelled as cancelled:
            return cancelled.report

    report = run(work())
    assert [(one.droplet_id, one.status) for one in report.outcomes] == [(7, "unknown"), (8, "kept"), (9, "kept")]
    assert [one.reason for one in report.outcomes] == [
        "the API accepted the request; it was cancelled before it was gone",
        *["it was cancelled before its turn"] * 2,
    ]
    assert report.duration == 2.5
