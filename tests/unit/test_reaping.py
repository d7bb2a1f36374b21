"""Which Droplets of dead programs are destroyed, by the tags of leases and by journals."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from virtual_time import FakeSender, run

from gradient_async import (
    DestroyCancelled,
    DropletCountError,
    JournalError,
    JournalInUseError,
    NotFoundError,
    PermissionDeniedError,
)
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.journal import open_creation, recorded_creation
from gradient_async.fleet.destroy.outcomes import DestroyOutcome
from gradient_async.fleet.destroy.report import DestroyReport
from gradient_async.fleet.lease_journal import LeaseJournal
from gradient_async.fleet.lease_tags import lease_tags
from gradient_async.fleet.reaping import FleetReaping
from gradient_async.fleet.removal import FleetRemoval
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gradient_async import FleetCost
    from gradient_async.fleet.create.journal import CreationLog

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)
REFUSED = PermissionDeniedError("refused", method="GET", path="/v2/droplets", status=403)
RUN = CreationRun(nonce="5f0c2a91", name="train-{n}", call={"count": 4}, began_at=NOW)


class StoppedClock(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return NOW.astimezone(tz)


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradient_async.fleet.reaping.datetime", StoppedClock)


def over(minutes: float, *others: str) -> list[str]:
    """Return the tags of a lease that ended so many minutes ago."""
    return [*lease_tags("5f0c2a91", NOW - timedelta(minutes=minutes)), *others]


class Account(FakeSender):
    """An account with Droplets that have GPUs, and some that have none.

    Args:
        gpus: The tags of the Droplets with GPUs, by id.
        plain: The tags of those without.
        names: The names of Droplets that have another than ``train-`` and their id.
        refuses: Whether it refuses all that destroys.
    """

    def __init__(
        self,
        gpus: Mapping[int, list[str]],
        plain: Mapping[int, list[str]] | None = None,
        names: Mapping[int, str] | None = None,
        *,
        refuses: bool = False,
    ) -> None:
        super().__init__(self._answered)
        self.droplets = {"gpus": dict(gpus), "droplets": dict(plain or {})}
        self.named, self.refuses = dict(names or {}), refuses
        self.headers = {"date": format_datetime(NOW, usegmt=True)}

    @property
    def left(self) -> list[int]:
        """The ids of the Droplets that exist."""
        return sorted([*self.droplets["gpus"], *self.droplets["droplets"]])

    def _item(self, number: int, tags: list[str]) -> dict[str, Any]:
        size = {"slug": "s", "price_hourly": 1.0} if number % 2 else None
        name = self.named.get(number, f"train-{number}")
        item = {"id": number, "name": name, "status": "active", "tags": tags, "size_slug": "s"}
        return item if size is None else {**item, "size": size}

    def _answered(self, request: Any) -> Any:
        first, _, last = request.endpoint.name.rpartition(".")
        if first.endswith("resources"):
            return {}
        if first.endswith("sizes"):
            return {"sizes": [{"slug": "s", "price_hourly": 3.39}], "meta": {"total": 1}}
        if last == "list":
            found = self.droplets[request.query.get("type", "droplets")]
            shown = [self._item(number, tags) for number, tags in found.items()]
            shown = [one for one in shown if one["name"] == request.query.get("name", one["name"])]
            return {"droplets": shown, "meta": {"total": len(shown)}}
        number = int(request.path.rpartition("/")[2])
        if last == "delete":
            if self.refuses:
                return REFUSED
            gone = [kind.pop(number) for kind in self.droplets.values() if number in kind]
            return None if gone else MISSING
        for kind in self.droplets.values():
            if number in kind:
                return {"droplet": self._item(number, kind[number])}
        return MISSING


def planned(account: Account, *args: Any, **options: Any) -> list[int]:
    async def work() -> FleetCost:
        return await FleetReaping(account, None, None).plan_reap(*args, **options)  # type: ignore[arg-type]  # a fake

    return [one.droplet_id for one in run(work()).droplets]


def reaped(account: Account, *args: Any, **options: Any) -> DestroyReport:
    async def work() -> DestroyReport:
        return await FleetReaping(account, None, None).reap(*args, poll_interval=1.0, **options)  # type: ignore[arg-type]  # a fake

    return run(work())


def leases() -> Account:
    gpus = {1: over(5), 2: over(60), 3: over(-5), 4: [], 5: over(60)[:1], 6: over(90, "train")}
    return Account(gpus, {7: over(60, "train"), 8: ["train"]})


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"older_than": 0}, [1, 2, 6, 7]),
        ({"older_than": "10m"}, [2, 6, 7]),
        ({"older_than": 75 * 60}, [6]),
        ({"older_than": 0, "tag": "train"}, [6, 7]),
        ({"older_than": 0, "tag": "tra"}, []),
    ],
)
def test_only_leases_that_are_over_are_planned_and_destroyed(options: Any, ids: list[int]) -> None:
    account = leases()
    assert planned(account, **options) == ids
    assert {one.method for one in account.sent} == {"GET"}
    with pytest.raises(DropletCountError):
        reaped(account, confirm_count=len(ids) + 1, **options)
    report = reaped(account, confirm_count=len(ids), **options)
    assert sorted(one.droplet_id for one in report.destroyed) == ids
    assert account.left == [one for one in range(1, 9) if one not in ids]


def test_prices_are_those_of_the_droplets_or_of_their_sizes() -> None:
    async def work() -> FleetCost:
        return await FleetReaping(account, None, None).plan_reap(older_than=0)  # type: ignore[arg-type]  # a fake

    account = leases()
    found = run(work())
    assert [one.price_hourly for one in found.droplets] == [1.0, 3.39, 3.39, 1.0]
    assert found.at == NOW
    priced = Account({1: over(5)})
    planned(priced, older_than=0)
    assert not [one for one in priced.sent if "sizes" in one.path]


@pytest.mark.parametrize(
    ("date", "ids"),
    [
        (format_datetime(NOW - timedelta(minutes=30), usegmt=True), [2]),  # this machine's clock is ahead
        (format_datetime(NOW + timedelta(minutes=30), usegmt=True), [1, 2]),  # it is behind: its own time counts
        ("soon", [1, 2]),
        ("", [1, 2]),
        (None, [1, 2]),
    ],
    ids=["ahead", "behind", "unreadable", "empty", "missing"],  # the same in each process that runs tests
)
def test_no_clock_alone_ends_a_lease(date: str | None, ids: list[int]) -> None:
    account = Account({1: over(5), 2: over(60), 3: over(-5)})
    account.headers = {} if date is None else {"date": date}
    assert planned(account, older_than=0) == ids
    # One short page tells the time.
    assert dict(account.sent[0].query) == {"type": "gpus", "page": "1", "per_page": "1"}


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({}, TypeError, "journal, older_than: neither was given. Pass a journal, or older_than=0"),
        ({"journal": "j", "older_than": 0}, TypeError, "journal, older_than: both were given"),
        ({"journal": "j", "tag": "a"}, TypeError, "tag: only with older_than"),
        ({"older_than": 0, "tag": "a b"}, ValueError, "tag"),
        ({"older_than": -1}, ValueError, "older_than"),
        ({"journal": "/nowhere/at-all"}, JournalError, "/nowhere/at-all: there is no such journal"),
    ],
)
def test_wrong_calls_send_nothing(options: Any, kind: type[Exception], text: str) -> None:
    account = leases()
    for call in (planned, reaped):
        with pytest.raises(kind) as refused:
            call(account, **options)
        assert text in str(refused.value)
    assert account.sent == []


def name_of(number: int) -> str:
    return f"train-{number}-{RUN.nonce}"


def begun(path: Path, *created: int) -> CreationLog:
    """Return the open journal of a run of four Droplets, of which some are created: 1 has the id 11, and so on."""
    log = open_creation(str(path), RUN)
    at = Timestamp(time.time() - 600.0, 0.0)
    names = [name_of(n) for n in range(1, 5)]
    asyncio.run(log.sending(names, size="s", region="tor1", price_hourly=1.0, now=at))
    for number in created:
        log.created(name_of(number), 10 + number)
    return log


def test_droplets_of_a_dead_run_are_found_by_id_and_name(tmp_path: Path) -> None:
    path = tmp_path / "j"
    log = begun(path, 1, 2)
    account = Account({11: [], 12: [], 31: []}, {14: []}, {11: "renamed", 14: name_of(4), 31: "train-9-other"})
    with pytest.raises(JournalInUseError):
        reaped(account, path)
    log.close()
    assert planned(account, path) == [11, 12, 14]
    with pytest.raises(DropletCountError):
        reaped(account, path, confirm_count=4)
    report = reaped(account, str(path), confirm_count=3)
    assert sorted(one.droplet_id for one in report.destroyed) == [11, 12, 14]
    assert account.left == [31]
    records = recorded_creation(str(path))
    assert records is not None
    assert [records.names[name_of(n)].state for n in (1, 2, 3, 4)] == ["destroyed", "destroyed", "absent", "destroyed"]


def test_run_of_a_journal_goes_whole_only_by_destroy(tmp_path: Path) -> None:
    path = tmp_path / "j"
    log = begun(path, 1, 2)
    log.ready(name_of(1), 11)
    log.absent([name_of(3), name_of(4)], "no list shows it")
    log.destroying(name_of(2), 12, "it was too late")
    asyncio.run(log.ended({"event": "ended", "counts": {"delivered": 1}, "ended_at": NOW.isoformat()}))
    log.close()
    account = Account({11: [], 12: [], 13: []})
    assert planned(account, path) == [12]
    assert [one.droplet_id for one in reaped(account, path).outcomes] == [12]
    assert account.left == [11, 13]

    async def work() -> DestroyReport:
        removal = FleetRemoval(account, None, None)  # type: ignore[arg-type]  # a fake
        return await removal.destroy(journal=path, confirm_count=1, poll_interval=1.0)

    assert [one.droplet_id for one in run(work()).destroyed] == [11]
    assert account.left == [13]


@pytest.mark.parametrize("given", [{"droplets": 11}, {"tag": "train"}])
def test_journal_stands_alone_in_destroy(given: Any) -> None:
    account = leases()

    async def work() -> None:
        await FleetRemoval(account, None, None).destroy(journal="/nowhere/at-all", **given)  # type: ignore[arg-type]  # a fake

    with pytest.raises(TypeError, match="droplets, tag, journal: pass one of them, and no more"):
        run(work())
    assert account.sent == []


def destroyed(account: Account, *args: Any, **options: Any) -> DestroyReport:
    async def work() -> DestroyReport:
        removal = FleetRemoval(account, None, None)  # type: ignore[arg-type]  # a fake
        return await removal.destroy(*args, **{"poll_interval": 1.0, **options})

    return run(work())


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"snapshot": "yes"}, "snapshot"),
        ({"snapshot_timeout": 0}, "snapshot_timeout"),
        ({"grace": 0}, "grace"),
        ({"with_resources": ["x"]}, "with_resources"),
        ({"until": "x"}, "until"),
        ({"confirm_count": -1}, "confirm_count"),
    ],
)
def test_wrong_options_destroy_nothing(wrong: Any, text: str) -> None:
    account = Account({11: [], 12: []})
    with pytest.raises((TypeError, ValueError), match=text):
        destroyed(account, [11], **wrong)
    assert account.left == [11, 12]


def test_only_the_given_droplets_go_and_each_kind_only_if_named() -> None:
    account = Account({11: [], 12: ["train"]})
    report = destroyed(account, [11, 99], confirm_count=1)
    assert {one.droplet_id: one.status for one in report.outcomes} == {11: "destroyed", 99: "not_found"}
    # A Droplet is destroyed by its id alone.
    assert [one.path for one in account.sent if one.method == "DELETE"] == ["/v2/droplets/11", "/v2/droplets/99"]
    assert account.left == [12]


def test_cancellation_before_the_first_droplet_has_a_report() -> None:
    for cls, call in ((FleetRemoval, {"tag": "train"}), (FleetReaping, {"older_than": 0})):

        async def work(cls: Any = cls, call: Any = call) -> DestroyReport:
            method = cls(leases(), None, None)
            task = asyncio.create_task(method.reap(**call) if cls is FleetReaping else method.destroy(**call))
            await asyncio.sleep(0)
            task.cancel()
            try:
                return await task  # type: ignore[no-any-return]  # a report
            except DestroyCancelled as cancelled:
                return cancelled.report

        assert run(work()).outcomes == ()


def outcome(number: int, status: Any = "destroyed") -> DestroyOutcome:
    return DestroyOutcome(droplet_id=number, status=status, ended_at=NOW)


def test_journal_of_a_lease_is_held_and_says_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    log = begun(path, 1, 2, 3)
    log.surplus(name_of(3), 23)
    log.close()
    journal = LeaseJournal(str(path))
    journal.hold()
    journal.hold()
    with pytest.raises(JournalInUseError):
        reaped(Account({}), path)
    # An id that the journal does not know is of no name in it.
    journal.begin_to_destroy([11, 12, 23, 99])
    outcomes = (outcome(11), outcome(12, "failed"), outcome(23), outcome(99))
    journal.close(DestroyReport(outcomes=outcomes, began_at=NOW, duration=1.0))
    records = recorded_creation(str(path))
    assert records is not None
    assert [records.names[name_of(n)].state for n in (1, 2, 3)] == ["destroyed", "destroying", "created"]
    assert records.surplus[23].is_destroyed
    open_creation(str(path), RUN, if_finished="continue").close()


def test_lease_ends_although_another_holds_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "j"
    log = begun(path, 1)
    journal = LeaseJournal(str(path))
    with pytest.raises(JournalInUseError):
        journal.hold()
    journal.begin_to_destroy([11])
    journal.close(DestroyReport(outcomes=(outcome(11),), began_at=NOW, duration=1.0))
    log.close()
    without = LeaseJournal(None)
    without.hold()
    without.begin_to_destroy([11])
    without.close(DestroyReport(outcomes=(outcome(11),), began_at=NOW, duration=1.0))
    records = recorded_creation(str(path))
    assert records is not None
    assert records.names[name_of(1)].state == "created"


def test_end_of_a_lease_opens_its_journal_if_nothing_did(tmp_path: Path) -> None:
    path = tmp_path / "j"
    begun(path, 1).close()
    journal = LeaseJournal(str(path))
    journal.begin_to_destroy([11])
    with pytest.raises(JournalInUseError):
        reaped(Account({}), path)
    journal.close(DestroyReport(outcomes=(outcome(11),), began_at=NOW, duration=1.0))
    records = recorded_creation(str(path))
    assert records is not None
    assert records.names[name_of(1)].state == "destroyed"
