"""What is checked and read before Droplets are destroyed, and the run that destroys them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import droplet
from virtual_time import BEGIN, FakeSender, run

from gradient_async import (
    BillingResource,
    DestroyCancelled,
    DropletCountError,
    InternalServerError,
    NotFoundError,
)
from gradient_async.fleet import removal_steps
from gradient_async.fleet.destroy import run as runs
from gradient_async.fleet.destroy.engine import DestroyOptions
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.resource_lists import resources_by_droplet
from gradient_async.fleet.destroy.run import DestroyPlan, DestroyRun
from gradient_async.fleet.destroy.snapshots import SnapshotMaker
from gradient_async.fleet.removal_steps import (
    cancelled_with_report,
    check_count,
    checked_options,
    removals_of,
    seconds_or_none,
)
from gradient_async.models.droplet_parts import DropletSnapshot
from gradient_async.models.reserved_ip import ReservedIP
from gradient_async.models.size import Size
from gradient_async.models.snapshot import Snapshots
from gradient_async.models.volume import Volume

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from typing import Self

    from gradient_async import DestroyReport

MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)
DOWN = InternalServerError("down", method="GET", path="/v2/volumes", status=500)


def test_options_have_their_defaults_and_values() -> None:
    usual = checked_options("gone", 600.0, None, None, None)
    assert usual == DestroyOptions(timeout=600.0, until="gone", max_concurrency=1000, poll_interval=None)
    given = checked_options("accepted", 5.0, 3, 0.5, print)
    assert given == DestroyOptions(
        timeout=5.0, until="accepted", max_concurrency=3, poll_interval=0.5, on_progress=print
    )
    assert (seconds_or_none("grace", None), seconds_or_none("grace", 2.0)) == (None, 2.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "later"},
        {"timeout": 0},
        {"max_concurrency": 0},
        {"poll_interval": -1},
        {"on_progress": 1},
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    usual = {"until": "gone", "timeout": 1.0, "max_concurrency": 1, "poll_interval": 1.0, "on_progress": None}
    checked_options(**usual)  # type: ignore[arg-type]  # the right types
    with pytest.raises((TypeError, ValueError)):
        checked_options(**{**usual, **wrong})
    for value in ("soon", 0):
        with pytest.raises((TypeError, ValueError)):
            seconds_or_none("grace", value)  # type: ignore[arg-type]  # on purpose


def test_another_number_of_droplets_is_refused() -> None:
    here: Any = {7: droplet(id=7), 8: droplet(id=8)}
    check_count(here, None)
    check_count(here, 2)
    check_count({9: None}, 0)
    with pytest.raises(DropletCountError) as refused:
        check_count({**here, 9: None}, 3)
    assert str(refused.value) == (
        "confirm_count: expected 3 Droplets, found 2 (1 of the given ids do not exist). Nothing was destroyed"
    )
    assert (refused.value.expected, refused.value.found) == (3, 2)
    with pytest.raises(DropletCountError, match=r"expected 1 Droplets, found 2\. Nothing"):
        check_count(here, 1)
    with pytest.raises(ValueError, match="confirm_count"):
        check_count(here, -1)


class Sizes:
    """The sizes of the API; ``reads`` counts how often they are listed."""

    reads = 0

    async def list_all(self) -> AsyncIterator[Size]:
        self.reads += 1
        yield Size(slug="s", price_hourly=3.39)


@pytest.mark.parametrize("are_known", [False, True])
def test_prices_are_read_only_if_one_is_missing(are_known: bool) -> None:
    priced = droplet(id=7, size=Size(slug="s", price_hourly=1.0))
    unpriced = droplet(id=8, size_slug="s")
    client: Any = SimpleNamespace(sizes=Sizes())

    async def work(*found: Any) -> list[Removal]:
        return await removals_of(client, dict(enumerate(found, 7)), are_known=are_known)

    first, second, third = run(work(priced, unpriced, None))
    assert [one.droplet_id for one in (first, second, third)] == [7, 8, 9]
    assert [one.price_hourly for one in (first, second, third)] == [1.0, 3.39, None]
    assert [one.is_only_an_id for one in (first, second, third)] == [False, False, not are_known]
    assert client.sizes.reads == 1
    run(work(priced, None))
    assert client.sizes.reads == 1


def test_given_ids_are_only_ids_by_default() -> None:
    client: Any = SimpleNamespace(sizes=Sizes())
    (one,) = run(removals_of(client, {7: None}))
    assert one.is_only_an_id


def test_each_cancellation_has_a_report() -> None:
    async def work(inner: BaseException | None) -> tuple[DestroyReport, BaseException]:
        await anyio.sleep(5.0)
        try:
            with cancelled_with_report():
                await anyio.sleep(1.5)
                raise asyncio.CancelledError if inner is None else inner
        except DestroyCancelled as cancelled:
            return cancelled.report, cancelled

    report, first = run(work(None))
    assert (report.outcomes, report.duration) == ((), 1.5)
    assert run(work(first))[1] is first


def item(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"train-{number}", "status": "active"}


class Account(FakeSender):
    """An account whose Droplets go at once, with a list of resources for each and for all."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(self._answered)
        self.gone: set[int] = set()
        self.fails = fails

    def _answered(self, request: Any) -> Any:
        first, _, last = request.endpoint.name.rpartition(".")
        if first.endswith("resources"):
            return {"volumes": [{"id": "v1"}], "droplet": {"id": "7", "destroyed_at": "2026-11-30T10:00:00Z"}}
        if last.startswith("list"):
            if self.fails and "volumes" in request.path:
                return DOWN
            volumes = [{"id": "v2", "droplet_ids": [7]}] if "volumes" in request.path else []
            return {request.endpoint.items: volumes, "meta": {"total": len(volumes)}}
        number = int(request.path.rpartition("/")[2])
        if last == "delete":
            return self.gone.add(number)
        return MISSING if number in self.gone else {"droplet": item(number)}


def destroyed(account: Account, removals: Sequence[Removal], **plan: Any) -> DestroyReport:
    async def work() -> DestroyReport:
        options = DestroyOptions(**{"poll_interval": 1.0, **plan.pop("options", {})})
        return await DestroyRun(account, None, DestroyPlan(options=options, **plan)).run(iter(removals))  # type: ignore[arg-type]  # a fake

    return run(work())


def numbered(count: int, **facts: Any) -> list[Removal]:
    return [Removal(droplet_id=7 + n, droplet=droplet(id=7 + n), **facts) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "facts", "from_lists"), [(9, {}, False), (10, {}, True), (10, {"kinds": frozenset({"snapshots"})}, False)]
)
def test_lists_name_the_rest_of_many_droplets(count: int, facts: Any, from_lists: bool) -> None:
    account = Account()
    report = destroyed(account, numbered(count), **facts)
    assert report.is_complete
    singles = sum(one.path.endswith("associated_resources") for one in account.sent)
    assert singles == (0 if from_lists else count)
    assert [one.id for one in report.outcomes[0].left or ()] == (["v2"] if from_lists else ["v1"])
    assert [one.left for one in report.outcomes[1:]].count(()) == (count - 1 if from_lists else 0)


def test_rest_is_read_one_by_one_when_a_list_fails() -> None:
    account = Account(fails=True)
    report = destroyed(account, numbered(10))
    assert report.is_complete
    assert {one.id for one in report.left} == {"v1"}


def test_kinds_go_with_their_droplet() -> None:
    account = Account()
    destroyed(account, numbered(1), kinds=frozenset({"volumes"}))
    assert next(one.path for one in account.sent if one.method == "DELETE").endswith("selective")
    account = Account()
    destroyed(account, numbered(1))
    assert [one.path for one in account.sent if one.method == "DELETE"] == ["/v2/droplets/7"]


class Maker:
    """Makes snapshots without a run: one a second, in turn.

    Attributes:
        whys: Why Droplets have no snapshot, by id.
        fault: Raised after the second snapshot.
        made: The ids, in order.
        stayed: The ids of those that stay.
        options: The options of the run.
    """

    whys: dict[int, str]
    fault: Exception | None
    made: list[int]
    stayed: list[int]
    options: dict[str, Any]

    def __init__(self, sender: Any, watcher: Any, *, grace: float, options: Any) -> None:
        del sender, watcher
        Maker.options = {"grace": grace, **options}

    async def make(self, removals: Sequence[Removal], emit: Callable[[Removal, str], Awaitable[bool]]) -> None:
        assert all(one.has_snapshot_run for one in removals)
        for number, removal in enumerate(removals):
            await anyio.sleep(1.0)
            if number == 2 and self.fault is not None:
                raise self.fault
            removal.snapshot_id = 90 + number
            removal.snapshot_failure = DOWN if removal.droplet_id in self.whys else None
            self.made.append(removal.droplet_id)
            if await emit(removal, self.whys.get(removal.droplet_id, "")):
                self.stayed.append(removal.droplet_id)


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> type[Maker]:
    """The maker of snapshots, in place of the real one."""
    Maker.whys, Maker.fault, Maker.made, Maker.stayed, Maker.options = {}, None, [], [], {}
    monkeypatch.setattr(runs, "SnapshotMaker", Maker)
    return Maker


def test_droplets_with_a_snapshot_go_and_the_others_stay(maker: type[Maker]) -> None:
    maker.whys = {8: "no snapshot: errored"}
    account, recorded = Account(), list[int]()
    removals = [*numbered(3), Removal(droplet_id=99)]
    report = destroyed(account, removals, makes_snapshot=True, record=lambda one: recorded.append(one.droplet_id))
    assert {one.droplet_id: one.status for one in report.outcomes} == {
        7: "destroyed",
        8: "kept",
        9: "destroyed",
        99: "destroyed",
    }
    (kept,) = report.kept
    assert (kept.reason, kept.error) == ("no snapshot: errored", DOWN)
    # One without a Droplet needs no snapshot, and none waits for the others.
    assert next(one.path for one in account.sent if one.method == "DELETE") == "/v2/droplets/99"
    assert (maker.made, maker.stayed, recorded) == ([7, 8, 9], [8], [7, 9])
    deleted = {one.path: at for one, at in zip(account.sent, account.times, strict=True) if one.method == "DELETE"}
    assert deleted == {"/v2/droplets/99": 0.0, "/v2/droplets/7": 1.0, "/v2/droplets/9": 3.0}


@pytest.mark.parametrize(
    ("plan", "options", "given"),
    [
        ({}, {"poll_interval": None}, {"grace": 120.0, "max_concurrency": 1000}),
        (
            {"snapshot_timeout": 9.0, "grace": 5.0},
            {"poll_interval": 2.0, "max_concurrency": 3},
            {"grace": 5.0, "max_concurrency": 3, "action_timeout": 9.0, "poll_interval": 2.0},
        ),
    ],
)
def test_snapshots_are_made_with_the_same_options(maker: type[Maker], plan: Any, options: Any, given: Any) -> None:
    destroyed(Account(), numbered(1), makes_snapshot=True, options=options, **plan)
    assert maker.options == given


def test_no_snapshot_is_made_without_a_droplet(maker: type[Maker]) -> None:
    assert destroyed(Account(), [Removal(droplet_id=99)], makes_snapshot=True).is_complete
    assert maker.made == []


def test_droplet_without_a_record_stays(maker: type[Maker]) -> None:
    full = OSError(28, "No space left on device")

    def record(removal: Removal) -> None:
        if removal.droplet_id == 7:
            raise full

    report = destroyed(Account(), numbered(2), makes_snapshot=True, record=record)
    (kept,) = report.kept
    assert (kept.droplet_id, kept.error) == (7, full)
    assert kept.reason == "its record cannot be written: [Errno 28] No space left on device"
    assert maker.stayed == [7]


def test_fault_keeps_the_droplets_without_a_snapshot(maker: type[Maker]) -> None:
    maker.fault = ZeroDivisionError("foreign")
    report = destroyed(Account(), numbered(4), makes_snapshot=True)
    assert [one.droplet_id for one in report.destroyed] == [7, 8]
    assert [(one.droplet_id, one.reason, one.error) for one in report.kept] == [
        (9, "no snapshot: foreign", maker.fault),
        (10, "no snapshot: foreign", maker.fault),
    ]


def test_cancelled_run_has_all_droplets_in_its_report(maker: type[Maker]) -> None:
    async def work() -> tuple[DestroyReport, float]:
        plan = DestroyPlan(options=DestroyOptions(poll_interval=1.0), makes_snapshot=True)
        task = asyncio.create_task(DestroyRun(Account(), None, plan).run(numbered(3)))  # type: ignore[arg-type]  # a fake
        await anyio.sleep(2.5)
        task.cancel()
        try:
            return await task, 0.0
        except DestroyCancelled as cancelled:
            return cancelled.report, anyio.current_time() - BEGIN

    report, at = run(work())
    reasons = {one.droplet_id: one.reason for one in report.outcomes}
    assert at == 2.5
    assert reasons[9].startswith("it was cancelled before its snapshot was found")
    assert len(reasons) == 3
    assert maker.made == [7, 8]


class Snapshotted(SnapshotMaker):
    """A maker whose runs give set outcomes, and whose Droplets list a snapshot after some reads.

    Attributes:
        ran: The names of the plans, and their Droplets.
        reads: When lists of snapshots were read, in seconds.
    """

    def __init__(self, outcomes: Sequence[Any], lists: Sequence[Any]) -> None:
        super().__init__(FakeSender(lambda _: {}), None, grace=5.0, options={})  # type: ignore[arg-type]  # a fake
        self.outcomes, self.lists = outcomes, list(lists)
        self.ran: list[list[int]] = []
        self.reads: list[float] = []

    def _execution(self, plan: Any, ids: list[int]) -> Any:
        del plan
        self.ran.append(ids)

        async def execute(take: Callable[[Any], Awaitable[None]]) -> None:
            for one in self.outcomes:
                await take(one)

        async def switch_on() -> None:
            return None

        return SimpleNamespace(execute=execute, run=switch_on)

    async def _snapshot_of(self, droplet_id: int, nonce: str) -> Any:
        assert (droplet_id in self.ran[0], len(nonce)) == (True, 4)
        self.reads.append(anyio.current_time() - BEGIN)
        found = self.lists.pop(0) if self.lists else None
        if isinstance(found, Exception):
            raise found
        return found


def made(maker: Snapshotted, removals: Sequence[Removal], stays: Sequence[int] = ()) -> list[tuple[int, str]]:
    emitted: list[tuple[int, str]] = []

    async def emit(removal: Removal, reason: str) -> bool:
        emitted.append((removal.droplet_id, reason))
        return bool(reason) or removal.droplet_id in stays

    async def work() -> None:
        await maker.make(removals, emit)

    run(work())
    return emitted


def ended(number: int, *, status: str = "completed", reason: str = "", error: Exception | None = None) -> Any:
    is_completed = status == "completed"
    return SimpleNamespace(droplet_id=number, is_completed=is_completed, status=status, reason=reason, error=error)


FOUND = SimpleNamespace(id=9, name="nightly")


def makers(outcomes: Sequence[Any], lists: Sequence[Any] = ()) -> Snapshotted:
    async def make() -> Snapshotted:
        return Snapshotted(outcomes, lists)

    return run(make())


def test_snapshot_is_looked_for_until_the_list_shows_it() -> None:
    maker, (one,) = makers([ended(7)], [None, DOWN, FOUND]), numbered(1)
    assert made(maker, [one]) == [(7, "")]
    assert (one.snapshot_id, one.snapshot_name) == (9, "nightly")
    assert (maker.reads[0], len(maker.reads), maker.ran) == (0.0, 3, [[7]])


def test_snapshot_that_is_never_listed_is_none() -> None:
    maker, (one,) = makers([ended(7)], [None] * 9 + [DOWN]), numbered(1)
    ((_, reason),) = made(maker, [one])
    assert reason == "no snapshot: its action completed, and the Droplet's list of snapshots does not show it"
    assert maker.reads[-1] == 30.0
    assert one.snapshot_id is None


@pytest.mark.parametrize(("reason", "text"), [("", "no snapshot: errored"), ("no disk", "no snapshot: no disk")])
def test_droplet_whose_snapshot_failed_is_switched_on_again(reason: str, text: str) -> None:
    maker = makers(
        [ended(7, status="errored", reason=reason, error=DOWN), ended(8, status="errored"), ended(9)], [FOUND]
    )
    on, _, _ = removals = numbered(3)
    removals[1].droplet = droplet(id=8, status="off")
    emitted = made(maker, removals)
    assert (emitted[0], emitted[2]) == ((7, text), (9, ""))
    assert on.snapshot_failure is DOWN
    # Only one that was on, and that stays.
    assert maker.ran == [[7, 8, 9], [7]]
    assert len(maker.reads) == 1


def test_droplet_that_stays_for_want_of_a_record_is_switched_on() -> None:
    maker = makers([ended(7)], [FOUND])
    made(maker, numbered(1), stays=[7])
    assert maker.ran == [[7], [7]]


def test_only_the_snapshot_of_this_run_counts() -> None:
    listed = [
        DropletSnapshot(id=1, name=None),
        DropletSnapshot(id=2, name="train-7-abce"),
        DropletSnapshot(id=3, name="train-8-abcd"),
        DropletSnapshot(id=4, name="train-7-abcd"),
    ]

    async def list_all_snapshots(number: int) -> AsyncIterator[DropletSnapshot]:
        assert number == 7
        for one in shown:
            yield one

    async def work() -> DropletSnapshot | None:
        maker = SnapshotMaker(FakeSender(lambda _: {}), None, grace=1.0, options={})  # type: ignore[arg-type]  # a fake
        maker._client = SimpleNamespace(list_all_snapshots=list_all_snapshots)  # type: ignore[assignment]  # a fake
        return await maker._snapshot_of(7, "abcd")

    shown = listed
    assert run(work()) is listed[3]
    shown = listed[:3]
    assert run(work()) is None


def test_lists_say_what_belongs_to_which_droplet() -> None:
    volumes = [
        Volume(id="v1", name="data", droplet_ids=(7, 8)),
        Volume(id="v2", name="spare"),
    ]
    snapshots = [
        Snapshots(id="1", name="of-7", resource_type="droplet", resource_id="7"),
        Snapshots(id="2", name="of-v1", resource_type="volume", resource_id="v1"),
        Snapshots(id="3", name="of-v2", resource_type="volume", resource_id="v2"),
        Snapshots(id="4", name="of-a-volume-by-number", resource_type="volume", resource_id="7"),
        Snapshots(id="5", name="of-nothing", resource_type="droplet", resource_id="x"),
        Snapshots(id="6", name="of-none", resource_type="droplet"),
    ]
    ips = [ReservedIP(ip="198.51.100.7", droplet=droplet(id=8)), ReservedIP(ip="198.51.100.8")]
    found = resources_by_droplet(volumes, snapshots, ips)
    data = BillingResource(kind="volumes", id="v1", name="data")
    of_volume = BillingResource(kind="volume_snapshots", id="2", name="of-v1")
    assert dict(found) == {
        7: [data, BillingResource(kind="snapshots", id="1", name="of-7"), of_volume],
        8: [data, of_volume, BillingResource(kind="reserved_ips", id="198.51.100.7", name="198.51.100.7")],
    }


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_journal_notes_what_is_gone_also_when_cancelled(is_cancelled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[Any] = []
    report = SimpleNamespace(counts={"destroyed": 1}, outcomes=())

    class Run:
        def __init__(self, *given: Any) -> None:
            notes.append(given[2])

        async def run(self, removals: list[Removal]) -> Any:
            notes.append([(one.droplet_id, one.is_only_an_id) for one in removals])
            if is_cancelled:
                raise DestroyCancelled(report)  # type: ignore[arg-type]  # a fake
            return report

    class Opened:
        records = "records"

        def __init__(self, path: str) -> None:
            notes.append(path)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            notes.append("closed")

    async def ids_of_run(_: Any, __: Any, targets: Any) -> dict[int, str]:
        notes.append(targets)
        return {7: "train-7"}

    async def droplets_with_ids(_: Any, names: Any) -> dict[int, None]:
        return dict.fromkeys(names)

    replaced: dict[str, Any] = {
        "DestroyRun": Run,
        "opened_journal": Opened,
        "ids_of_run": ids_of_run,
        "droplets_with_ids": droplets_with_ids,
        "targets_in": lambda records, *, with_delivered: (records, with_delivered),
        "note_destroying": lambda _, names: notes.append(("destroying", names)),
        "note_destroyed": lambda _, names, said: notes.append(("destroyed", names, said)),
    }
    for name, value in replaced.items():
        monkeypatch.setattr(removal_steps, name, value)
    plan = DestroyPlan(options=DestroyOptions())
    client: Any = SimpleNamespace(_sender=None, _watcher=None, sizes=Sizes())

    async def work() -> Any:
        with pytest.raises(DropletCountError):
            await removal_steps.destroy_run(client, "j", plan, 1, with_delivered=True)
        assert notes == ["j", ("records", True), "closed"]
        notes.clear()
        try:
            return await removal_steps.destroy_run(client, "j", plan, 0, with_delivered=True)
        except DestroyCancelled as cancelled:
            return cancelled.report

    assert run(work()) is report
    names = {7: "train-7"}
    assert notes == [
        "j",
        ("records", True),
        ("destroying", names),
        plan,
        [(7, False)],
        ("destroyed", names, report),
        "closed",
    ]
