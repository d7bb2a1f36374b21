"""A lease, step by step: when it ends, what it destroys, and what its block raises."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import NOON
from virtual_time import BEGIN, FakeSender, run

from gradient_async import (
    CreationCancelled,
    CreationOutcome,
    CreationReport,
    InternalServerError,
    LeaseExpiredError,
    LeaseLeftoverError,
    NotEnoughDropletsError,
    NotFoundError,
    PermissionDeniedError,
)
from gradient_async.fleet import lease as leases
from gradient_async.fleet.destroy import engine
from gradient_async.fleet.lease import DropletLease, LeaseTerms
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from gradient_async import DestroyReport

MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)
REFUSED = PermissionDeniedError("refused", method="DELETE", path="/v2/droplets/7", status=403)
DOWN = InternalServerError("down", method="GET", path="/v2/droplets", status=500)


def item(number: int, *tags: str, price: float | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": number, "name": f"train-{number}", "status": "active", "tags": list(tags)}
    return fields if price is None else {**fields, "size": {"slug": "s", "price_hourly": price}}


class Account(FakeSender):
    """An account with Droplets: those that are created, and others with the lease's tag or with a name."""

    def __init__(self, *tagged: int, named: dict[str, int] | None = None) -> None:
        super().__init__(self._answered)
        self.tagged, self.named = tagged, named or {}
        self.stays: set[int] = set()
        self.gone: set[int] = set()
        self.fails = False
        self.fails_by_tag: bool | Exception = False
        self.hangs = False
        self.hold = 0.0

    async def send(self, request: Any, before: Any = None) -> Any:
        if self.hangs and "tag_name" in request.query:
            await anyio.sleep(9999.0)
        if request.method == "DELETE":
            await anyio.sleep(self.hold)
        return await super().send(request, before)

    @property
    def destroyed(self) -> list[int]:
        """The ids that were destroyed, in order."""
        return [int(one.path.rpartition("/")[2]) for one in self.sent if one.method == "DELETE"]

    def _answered(self, request: Any) -> Any:
        name, query = request.endpoint.name.rpartition(".")[2], request.query
        if request.path == "/v2/droplets":
            if self.fails:
                return DOWN
            tag = query.get("tag_name", "")
            if tag and self.fails_by_tag:
                return DOWN if self.fails_by_tag is True else self.fails_by_tag
            shown = [item(one, tag, price=5.0) for one in self.tagged] if tag.startswith("gradient-lease:") else []
            if "name" in query:
                shown = [{**item(one), "name": name} for name, one in self.named.items() if name == query["name"]]
            return {"droplets": shown, "meta": {"total": len(shown)}}
        if not request.path.rpartition("/")[2].isdecimal():
            return {"tag": {"name": "x"}} if "tags" in request.path else {}
        number = int(request.path.rpartition("/")[2])
        if name == "delete":
            return REFUSED if number in self.stays else self.gone.add(number)
        return MISSING if number in self.gone else {"droplet": item(number)}


def creation(
    *numbers: int,
    wanted: int = 0,
    left: Iterable[tuple[str, int | None, float | None]] = (),
    sent_at: datetime | None = None,
) -> CreationReport:
    facts: dict[str, Any] = {"size": "s", "region": "tor1"}
    delivered = [
        CreationOutcome(name=f"train-{one}", droplet_id=one, status="delivered", price_hourly=float(one), **facts)
        for one in numbers
    ]
    others = [
        CreationOutcome(
            name=name,
            droplet_id=number,
            status="unknown" if number is None else "left",
            price_hourly=price,
            sent_at=sent_at,
            **facts,
        )
        for name, number, price in left
    ]
    return CreationReport(
        count=wanted,
        min_count=wanted,
        droplets=tuple(Droplet.from_dict(item(one)) for one in numbers),
        outcomes=(*delivered, *others),
        began_at=NOON,
        duration=1.0,
        requests=1,
    )


class Journal:
    """A journal that only records what it is told.

    Attributes:
        lines: The calls, in order.
    """

    lines: list[Any]

    def __init__(self, path: str | None) -> None:
        Journal.lines = [path]

    def hold(self) -> None:
        self.lines.append("held")

    def begin_to_destroy(self, droplet_ids: Iterable[int]) -> None:
        self.lines.append(list(droplet_ids))

    def close(self, report: DestroyReport) -> None:
        self.lines.append(report)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the wall clock be the event loop's."""
    monkeypatch.setattr(leases, "_now", lambda: NOON + timedelta(seconds=anyio.current_time() - BEGIN))
    monkeypatch.setattr(leases, "LeaseJournal", Journal)


def lease_of(
    account: Account,
    created: Any = None,
    *,
    ttl: float = 60.0,
    seconds: float = 0.0,
    has_sent: bool = True,
    **terms: Any,
) -> DropletLease:
    """Return a lease whose create takes some seconds, and returns or raises ``created``."""

    async def create(tags: tuple[str, ...], left: float) -> CreationReport:
        asked.append((tags, left))
        await anyio.sleep(seconds)
        if isinstance(created, BaseException):
            raise created
        return creation(7) if created is None else created

    asked: list[tuple[tuple[str, ...], float]] = []
    given = LeaseTerms(**{"ttl": ttl, "destroy_timeout": 30.0, "poll_interval": 1.0, **terms})
    lease = DropletLease(account, None, given, create, lambda: has_sent)  # type: ignore[arg-type]  # a fake
    lease.asked = asked  # type: ignore[attr-defined]  # for the tests
    return lease


def ended(
    lease: DropletLease, body: Callable[[], Awaitable[object]] | None = None
) -> tuple[BaseException | None, float]:
    """Run a block in a task. Return what it raises, and when, in seconds."""

    async def block() -> None:
        async with lease:
            if body is not None:
                await body()

    async def work() -> tuple[BaseException | None, float]:
        try:
            await asyncio.create_task(block())
        except BaseException as error:  # noqa: BLE001 - of any kind: the test looks at it
            return error, anyio.current_time() - BEGIN
        return None, anyio.current_time() - BEGIN

    return run(work())


def test_droplets_are_created_for_the_time_of_the_lease() -> None:
    lease = lease_of(Account(), creation(7, 8), ttl=3600.0, journal="j")
    seen: list[Any] = []

    async def work() -> None:
        async with lease as droplets:
            seen.extend(one.id for one in droplets)
            assert Journal.lines == ["j", "held"]

    run(work())
    tags = (f"gradient-lease:{lease.id}", "gradient-lease-until:2026-11-23T13:00:00Z")
    assert lease.asked == [(tags, 3600.0)]  # type: ignore[attr-defined]  # see above
    assert lease.until == NOON + timedelta(hours=1)
    assert (seen, len(lease.id), lease.is_expired) == ([7, 8], 8, False)
    assert lease.report is not None
    assert lease.report.counts["destroyed"] == 2
    assert Journal.lines[2:] == [[7, 8], lease.report]


def test_lease_is_for_one_block() -> None:
    lease = lease_of(Account())
    assert ended(lease) == (None, 1.0)
    error, _ = ended(lease)
    assert isinstance(error, RuntimeError)


def test_all_droplets_of_the_lease_are_destroyed_and_priced() -> None:
    left = [("left-1", 8, 2.0), ("unseen", None, 4.0), ("absent", None, 4.0), ("left-2", 12, None)]
    account = Account(7, 10, 8, named={"unseen": 9, "other": 11})
    lease = lease_of(account, creation(7, left=left))
    assert ended(lease) == (None, 1.0)
    assert sorted(account.destroyed) == [7, 8, 9, 10, 12]
    assert lease.report is not None
    prices = {one.droplet_id: one.price_hourly for one in lease.report.outcomes}
    assert prices == {7: 7.0, 8: 2.0, 9: 4.0, 10: 5.0, 12: None}
    assert [one.name for one in lease.report.outcomes if one.droplet_id in {7, 10}] == ["train-7", None]


def test_price_of_the_droplet_counts_if_creating_knows_none() -> None:
    report = creation(7)
    own = Droplet.from_dict(item(7, price=3.39))
    unpriced = CreationOutcome(name="train-7", droplet_id=7, status="delivered", size="s", region="tor1")
    facts = {"count": 1, "min_count": 1, "began_at": NOON, "duration": 1.0, "requests": 1}
    lease = lease_of(Account(), CreationReport(droplets=(own,), outcomes=(unpriced,), **facts))  # type: ignore[arg-type]  # see above
    ended(lease)
    assert lease.report is not None
    assert [one.price_hourly for one in lease.report.outcomes] == [3.39]
    assert report.outcomes[0].price_hourly == 7.0


def test_known_droplets_go_although_the_others_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    account = Account(10)
    account.fails = True
    lease = lease_of(account, creation(left=[("left", 8, 2.0), ("unread", None, 4.0)]), destroy_timeout=5.0)
    with caplog.at_level(logging.ERROR, "gradient_async"):
        error, at = ended(lease)
    # Without lists nothing proves that it is gone.
    assert isinstance(error, LeaseLeftoverError)
    assert (account.destroyed, at) == ([8], 5.0)
    text = (
        f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 8, unread; Droplets that the "
        f"report does not show may be left and billed, since the lists could not be read: {DOWN}. Find them with: "
        f"gpu-droplets destroy --tag gradient-lease:{lease.id}"
    )
    assert [str(error)] == caplog.messages == [text]
    assert [one.name for one in error.report.unseen] == ["unread"]
    assert (error.report.search_error, error.report.still_hourly) == (DOWN, 6.0)


@pytest.mark.parametrize("raised", [None, ValueError("of the block")])
def test_lists_that_cannot_be_read_are_said(raised: Exception | None) -> None:
    account = Account(10)
    account.fails_by_tag = True

    async def body() -> None:
        if raised is not None:
            raise raised

    error, _ = ended(lease := lease_of(account, destroy_timeout=5.0), body)
    assert lease.report is not None
    assert (account.destroyed, lease.report.counts["destroyed"], lease.report.is_complete) == ([7], 1, False)
    text = f"lease {lease.id}: Droplets that the report does not show may be left and billed, since the lists could"
    said = str(error) if raised is None else "".join(raised.__notes__)
    assert said.startswith(text)
    assert isinstance(error, LeaseLeftoverError) is (raised is None)


def test_lists_are_read_again_until_they_can_be() -> None:
    account = Account(10)
    account.fails_by_tag = True

    async def body() -> None:
        asyncio.get_running_loop().call_later(5.0, setattr, account, "fails_by_tag", False)

    lease = lease_of(account)
    error, at = ended(lease, body)
    assert (error, account.destroyed) == (None, [7, 10])
    assert 5.0 < at < 10.0
    assert lease.report is not None
    assert lease.report.is_complete
    assert [one.droplet_id for one in lease.report.outcomes] == [7, 10]
    assert lease.report.duration == at


@pytest.mark.parametrize("failure", [REFUSED, ZeroDivisionError("of a middleware")])
def test_lists_that_are_refused_are_read_once(failure: Exception) -> None:
    account = Account(10)
    account.fails_by_tag = failure
    error, at = ended(lease_of(account))
    assert isinstance(error, LeaseLeftoverError)
    assert (at, account.destroyed, error.report.search_error) == (1.0, [7], failure)


def test_known_droplets_do_not_wait_for_lists_that_hang() -> None:
    account = Account(10)
    account.hangs = True
    error, at = ended(lease := lease_of(account, destroy_timeout=20.0))
    assert isinstance(error, LeaseLeftoverError)
    assert (account.destroyed, at) == ([7], 20.0)
    assert lease.report is not None
    assert "the destroy_timeout was over before they were read" in str(error)


@pytest.mark.parametrize(("sent_ago", "appears", "destroyed"), [(5.0, 10.0, [7, 9]), (40.0, 10.0, [7])])
def test_late_droplet_of_a_lost_create_is_looked_for(sent_ago: float, appears: float, destroyed: list[int]) -> None:
    account = Account()
    lease = lease_of(account, creation(7, left=[("late", None, 4.0)], sent_at=NOON - timedelta(seconds=sent_ago)))

    async def body() -> None:
        asyncio.get_running_loop().call_later(appears, account.named.update, {"late": 9})

    error, at = ended(lease, body)
    assert (error, account.destroyed) == (None, destroyed)
    assert at == (16.5 if len(destroyed) == 2 else 1.0)


def test_report_begins_with_the_first_droplet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "datetime", SimpleNamespace(now=lambda _: leases._now()))
    account = Account()
    lease = lease_of(account, creation(7, left=[("late", None, 4.0)], sent_at=NOON))

    async def body() -> None:
        asyncio.get_running_loop().call_later(5.0, account.named.update, {"late": 9})

    assert ended(lease, body)[0] is None
    assert lease.report is not None
    assert (account.destroyed, lease.report.began_at) == ([7, 9], NOON)


def test_droplet_is_found_once_while_another_is_looked_for() -> None:
    account = Account(10)
    account.named = {"late": 9}
    report = creation(7, left=[("late", None, 4.0), ("absent", None, 4.0)], sent_at=NOON)
    lease = lease_of(account, report, destroy_timeout=60.0)
    assert ended(lease)[0] is None
    assert sorted(account.destroyed) == [7, 9, 10]
    assert account.names.count("list") > 10
    assert lease.report is not None
    assert len(lease.report.outcomes) == 3


def test_droplet_that_may_still_show_is_said_when_time_is_over() -> None:
    lease = lease_of(Account(), creation(7, left=[("late", None, 4.0)], sent_at=NOON), destroy_timeout=5.0)
    error, at = ended(lease)
    assert isinstance(error, LeaseLeftoverError)
    assert (at, str(error)) == (
        5.0,
        f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: late",
    )


def test_failed_create_says_what_is_left() -> None:
    account = Account()
    account.stays = {7}
    error, _ = ended(lease := lease_of(account, creation(7, wanted=2)))
    assert isinstance(error, NotEnoughDropletsError)
    assert error.__notes__ == [
        f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 7 (train-7)"
    ]


def test_expired_lease_says_what_is_left() -> None:
    account = Account()
    account.stays = {7}
    error, _ = ended(lease_of(account, ttl=2.0), lambda: anyio.sleep(99.0))
    assert isinstance(error, LeaseExpiredError)
    assert str(error).endswith(
        "Droplets: 1 failed. Of the lease, these Droplets are not known to be gone, and may be billed: 7 (train-7)"
    )


def test_cancelled_block_says_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    account.stays = {7}
    lease = lease_of(account)

    async def block() -> None:
        async with lease:
            pass

    async def work() -> None:
        account.hold = 1.0
        task = asyncio.create_task(block())
        await anyio.sleep(0.5)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    with caplog.at_level(logging.ERROR, "gradient_async"):
        run(work())
    assert caplog.messages == [
        f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 7 (train-7)"
    ]


def test_too_few_droplets_are_destroyed_before_the_block() -> None:
    account = Account()
    error, _ = ended(lease_of(account, creation(7, wanted=2)), lambda: pytest.fail("the block has begun"))
    assert isinstance(error, NotEnoughDropletsError)
    assert account.destroyed == [7]
    assert "held" not in Journal.lines


def test_cancelled_create_is_destroyed_from_its_report() -> None:
    account = Account()
    lease = lease_of(account, CreationCancelled(creation(7)))
    error, _ = ended(lease)
    assert type(error) is asyncio.CancelledError
    assert isinstance(error.__cause__, CreationCancelled)
    assert (account.destroyed, lease.creation) == ([7], error.__cause__.report)
    assert not hasattr(error, "__notes__")


def test_cancelled_create_says_what_is_left() -> None:
    account = Account()
    account.stays = {7}
    error, _ = ended(lease := lease_of(account, CreationCancelled(creation(7))))
    assert type(error) is asyncio.CancelledError
    assert error.__notes__ == [
        f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 7 (train-7)"
    ]


def test_failed_create_leaves_only_what_has_the_tag() -> None:
    account = Account(10)
    lease = lease_of(account, DOWN)
    assert ended(lease) == (DOWN, 1.0)
    assert (account.destroyed, lease.creation) == ([10], None)


def test_nothing_is_searched_for_when_no_create_was_sent() -> None:
    account = Account()
    account.fails = True
    lease = lease_of(account, DOWN, has_sent=False)
    assert ended(lease) == (DOWN, 0.0)
    assert lease.report is not None
    assert (account.sent, lease.report.is_complete) == ([], True)


def test_search_ends_after_a_day_when_nothing_else_ends_it() -> None:
    assert sum(lease_of(Account(), destroy_timeout=1e8)._search_pauses()) == 86_400.0


def test_time_of_a_lease_begins_with_creating() -> None:
    account = Account()
    lease = lease_of(account, ttl=9.5, seconds=4.0)
    error, at = ended(lease, lambda: anyio.sleep(99.0))
    assert isinstance(error, LeaseExpiredError)
    # One more second is for the proof that they are gone.
    assert (at, lease.is_expired, account.destroyed) == (10.5, True, [7])
    assert str(error) == (
        f"lease {lease.id}: its time of 9.5 s was over at 2026-11-23 12:00:09 UTC. Droplets: 1 destroyed"
    )
    assert (error.report, error.__cause__) == (lease.report, None)


def test_expired_lease_without_droplets_says_so() -> None:
    error, _ = ended(lease_of(Account(), creation(), ttl=2.0), lambda: anyio.sleep(99.0))
    assert str(error).endswith("Droplets: none")


def test_end_is_logged_when_the_time_is_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "gradient_async"):
        ended(lease := lease_of(Account(), ttl=2.0), lambda: anyio.sleep(99.0))
    assert caplog.messages == [f"lease {lease.id}: its time is over; its Droplets are destroyed"]


def test_wall_clock_is_read_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine sleeps for an hour: its event loop does not see it.
    monkeypatch.setattr(leases, "_now", lambda: NOON + timedelta(seconds=later(anyio.current_time() - BEGIN)))

    def later(seconds: float) -> float:
        return seconds + (3600.0 if seconds > 7.0 else 0.0)

    error, at = ended(lease_of(Account(), ttl=1800.0), lambda: anyio.sleep(9999.0))
    assert isinstance(error, LeaseExpiredError)
    assert at == 11.0


def test_error_of_the_block_is_the_cause_when_the_time_is_over() -> None:
    cause = ValueError("clean-up")

    async def body() -> None:
        try:
            await anyio.sleep(99.0)
        finally:
            raise cause

    error, _ = ended(lease_of(Account(), ttl=2.0), body)
    assert isinstance(error, LeaseExpiredError)
    assert error.__cause__ is cause


def test_lease_does_not_expire_after_its_block() -> None:
    lease = lease_of(Account(), ttl=5.0)

    async def work() -> None:
        async with lease:
            pass
        await anyio.sleep(99.0)

    run(work())
    assert not lease.is_expired


def test_cancellation_from_elsewhere_stays_one_when_time_is_over() -> None:
    lease = lease_of(Account(), ttl=5.0)

    async def block() -> None:
        async with lease:
            await anyio.sleep(99.0)

    async def work() -> tuple[bool, int]:
        task = asyncio.create_task(block())
        await anyio.sleep(5.5)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled(), task.cancelling()

    assert run(work())[0]
    assert lease.is_expired


def test_earlier_cancellation_of_the_task_is_not_of_the_lease() -> None:
    lease = lease_of(Account(), ttl=5.0)

    async def block() -> int:
        try:
            await anyio.sleep(99.0)
        except asyncio.CancelledError:
            with pytest.raises(LeaseExpiredError):
                async with lease:
                    await anyio.sleep(99.0)
        task = asyncio.current_task()
        return task.cancelling() if task else -1

    async def work() -> int:
        task = asyncio.create_task(block())
        await anyio.sleep(1.0)
        task.cancel()
        return await task

    assert run(work()) == 1


def test_finish_is_the_end_that_the_expiry_began() -> None:
    account = Account()
    lease = lease_of(account, ttl=5.0)
    expired: list[float] = []
    lease.on_expiry = lambda: expired.append(anyio.current_time() - BEGIN)

    async def work() -> DestroyReport:
        await lease.begin()
        await anyio.sleep(20.0)
        return await lease.finish()

    report = run(work())
    assert (expired, account.destroyed, report.duration) == ([5.0], [7], 1.0)
    assert lease.report is report


def test_destroying_begins_again_when_it_was_cancelled() -> None:
    account = Account()
    lease = lease_of(account)

    async def work() -> DestroyReport:
        await lease.begin()
        finishing = asyncio.create_task(lease.finish())
        await anyio.sleep(0.5)
        (ending,) = [one for one in asyncio.all_tasks() if one.get_name() == "end of a lease"]
        ending.cancel()
        return await finishing

    report = run(work())
    assert report.is_complete
    assert account.destroyed == [7, 7]


def test_cancelled_finish_says_what_is_left() -> None:
    account = Account()
    account.stays = {8}
    lease = lease_of(account, creation(7, 8))

    async def work() -> list[str]:
        await lease.begin()
        finishing = asyncio.create_task(lease.finish())
        await anyio.sleep(0.5)
        finishing.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await finishing
        return caught.value.__notes__

    text = f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 8 (train-8)"
    assert run(work()) == [text]


def test_nothing_is_destroyed_before_creating_has_ended() -> None:
    account = Account()
    lease = lease_of(account, seconds=10.0)

    async def work() -> list[list[int]]:
        beginning = asyncio.create_task(lease.begin())
        await anyio.sleep(1.0)
        finishing = asyncio.create_task(lease.finish())
        await anyio.sleep(5.0)
        early = list(account.destroyed)
        await beginning
        await finishing
        return [early, account.destroyed]

    assert run(work()) == [[], [7]]


@pytest.mark.parametrize("raised", [None, ValueError("of the block")])
def test_droplets_that_are_left_are_said_once(raised: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    account = Account()
    account.stays = {8}

    async def body() -> None:
        if raised is not None:
            raise raised

    with caplog.at_level(logging.ERROR, "gradient_async"):
        error, _ = ended(lease := lease_of(account, creation(7, 8)), body)
    text = f"lease {lease.id}: these Droplets are not known to be gone, and may be billed: 8 (train-8)"
    assert caplog.messages == [text]
    if raised is None:
        assert isinstance(error, LeaseLeftoverError)
        assert (str(error), error.report) == (text, lease.report)
    else:
        assert error is raised
        assert raised.__notes__ == [text]


@pytest.mark.parametrize(
    ("created", "has_sent", "is_finished", "said"),
    [
        (
            creation(7, left=[("late", None, 4.0), ("slow", 9, 4.0)]),
            True,
            False,
            ["these Droplets are not known to be gone, and may be billed: 7 (train-7), 9 (slow), late"],
        ),
        (None, True, True, []),
        (DOWN, True, False, ["Droplets may be left and billed"]),
        (DOWN, False, False, []),
    ],
    ids=["created", "finished", "sent", "not-sent"],
)
def test_error_of_an_end_names_what_may_be_left(
    created: Any, has_sent: bool, is_finished: bool, said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    lease = lease_of(Account(), created, has_sent=has_sent)
    error = RuntimeError("no end")

    async def work() -> None:
        if created is not DOWN:
            await lease.begin()
        if is_finished:
            await lease.finish()
        with caplog.at_level(logging.ERROR, "gradient_async"):
            lease.note_unfinished(error)

    run(work())
    end = f"Find them with: gpu-droplets destroy --tag gradient-lease:{lease.id}"
    texts = [f"lease {lease.id}: {text}. {end}" for text in said]
    assert (getattr(error, "__notes__", []), caplog.messages) == (texts, texts)


def test_nothing_is_said_without_a_report() -> None:
    async def work() -> DestroyReport | None:
        lease = lease_of(Account())
        lease.check(None)
        return lease.report

    assert run(work()) is None


class Termination:
    """SIGTERM, as a lease sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.callbacks: list[Callable[[], object]] = []
        self.released = 0
        monkeypatch.setattr(leases, "on_termination", self._register)

    def _register(self, callback: Callable[[], object]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return self._release

    def _release(self) -> None:
        self.released += 1

    def at(self, *times: float) -> None:
        """Let the signal come at these times."""
        for seconds in times:
            asyncio.get_running_loop().call_later(seconds, lambda: [one() for one in self.callbacks])


@pytest.mark.parametrize("creating", [0.0, 10.0])
@pytest.mark.parametrize("times", [(2.0,), (2.0, 2.5)])
def test_program_ends_after_the_block_at_sigterm(
    creating: float, times: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    termination, account = Termination(monkeypatch), Account(10)
    lease = lease_of(account, seconds=creating)

    async def block() -> int:
        termination.at(*times)
        with pytest.raises(SystemExit) as end:
            async with lease:
                await anyio.sleep(99.0)
        assert end.value.code == 143
        task = asyncio.current_task()
        return task.cancelling() if task else -1

    async def work() -> tuple[int, float]:
        return await asyncio.create_task(block()), anyio.current_time() - BEGIN

    assert run(work()) == (0, 3.0)
    assert sorted(account.destroyed) == ([10] if creating else [7, 10])
    assert termination.released == 1


def test_signal_handler_is_released_at_the_end_of_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    for created, kind in ((None, None), (DOWN, InternalServerError)):
        termination = Termination(monkeypatch)
        error, _ = ended(lease_of(Account(), created))
        assert type(error) is (kind or type(None))
        assert termination.released == 1


def test_time_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    now = leases._now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
