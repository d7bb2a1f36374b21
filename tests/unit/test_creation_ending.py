"""The end of a creation run: what is destroyed and in which order, what is looked up, and what the report says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from creation_stage import NOON, context, counter, create, send

from gradient_async.clean_up import clean_up_seconds
from gradient_async.fleet.create import ending as endings
from gradient_async.fleet.create.ending import Ending
from gradient_async.fleet.create.hunt import Post
from gradient_async.fleet.create.journal import recorded_creation
from gradient_async.fleet.create.offers import Offer
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.create.keeping import DestroyTarget

pytestmark = pytest.mark.once

LATE = "it showed after its create counted as lost, and it is not needed"


class Steps:
    """What an end does, in place of the requests. What is destroyed is gone, but for the ids in ``stuck``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: list[Any] = []
        self.stuck: set[int] = set()
        self.is_readable = True
        self.on_look_up: Callable[[str], None] = lambda _: None
        monkeypatch.setattr(endings, "Settler", lambda *_: self)
        monkeypatch.setattr(endings, "destroy_all", self.destroy_all)
        monkeypatch.setattr(endings, "destroy_at_once", self.destroy_at_once)

    async def settle(self, names: Sequence[str]) -> None:
        self.taken.append(("settle", *names))
        self.on_look_up("settle")

    async def sweep(self) -> bool:
        self.taken.append("sweep")
        self.on_look_up("sweep")
        return self.is_readable

    async def destroy_all(self, of: CreationContext, targets: Sequence[DestroyTarget]) -> None:
        await asyncio.sleep(0)
        if targets:
            self.taken.append(("destroy", *(one.droplet_id for one in targets)))
        for one in targets:
            if one.droplet_id not in of.records.surplus:
                of.log.destroying(*one)
            if one.droplet_id not in self.stuck:
                of.log.destroyed(*one)

    async def destroy_at_once(self, of: CreationContext, targets: Sequence[DestroyTarget], until: float) -> None:
        self.until = until
        await self.destroy_all(of, targets)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(monkeypatch)


def outcomes(of: Ending) -> dict[str, tuple[str, str]]:
    return {one.name: (one.status, one.reason) for one in of.report().outcomes}


async def test_known_droplets_are_destroyed_before_any_look_up(steps: Steps) -> None:
    run = context(count=3, min_count=1)
    ready, created, lost = await send(run, 3)
    create(run, [ready, created], ready=[ready])
    run.log.unknown([lost], "no answer")
    steps.on_look_up = lambda _: create(run, [lost]) if run.records.names[lost].state == "sent" else None
    report = await Ending(run, NOON).end()
    assert steps.taken == [("destroy", 12), ("settle", lost), "sweep", ("destroy", 13)]
    assert [one.id for one in report.droplets] == [11]
    assert [one.status for one in report.outcomes] == ["delivered", "destroyed", "destroyed"]


async def test_name_that_was_given_up_is_not_looked_up_by_itself(steps: Steps) -> None:
    run = context()
    [name] = await send(run, 1)
    run.log.unknown([name], "no answer")
    run.given_up = {name}
    await Ending(run, NOON).end()
    assert steps.taken == ["sweep"]


@pytest.mark.parametrize(
    ("first", "is_swept"), [("ready", False), ("lost", True), ("absent", True), ("refused", False)]
)
async def test_lists_are_read_if_a_droplet_may_have_been_missed(steps: Steps, first: str, *, is_swept: bool) -> None:
    run = context(min_count=1)
    one, other = await send(run, 2)
    create(run, [other], ready=[other])
    match first:
        case "ready":
            create(run, [one], ready=[one])
        case "lost":
            create(run, [one])
            run.log.lost(one, 11, "no place")
        case "absent":
            run.log.absent([one], "no list shows it")
        case _:
            run.log.refused([one], "full")
    await Ending(run, NOON).end()
    assert steps.taken == (["sweep"] if is_swept else [])


async def test_droplet_that_is_not_gone_is_left_and_not_tried_twice(steps: Steps) -> None:
    run = context(min_count=1)
    names = await send(run, 3)
    create(run, names, ready=names[:1])
    steps.stuck = {12, 13}
    run.accepted, run.troubles = {13}, {12: "the API refused it", 13: "it is not gone yet"}
    ending = Ending(run, NOON)
    report = await ending.end()
    assert steps.taken == [("destroy", 12, 13)]
    assert outcomes(ending) == {
        names[0]: ("delivered", ""),
        names[1]: ("left", "the API refused it"),
        names[2]: ("destroying", "it is not gone yet"),
    }
    assert report.is_enough


async def test_end_at_once_searches_creates_that_were_cut_off(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[float] = []
    run = context(cancel_timeout=8.0)
    names = await send(run, 3)
    create(run, names[:1], ready=names[:1])

    async def check(_: Ending, seconds: float) -> None:
        checks.append(seconds)
        create(run, [names[len(checks)]])

    monkeypatch.setattr(Ending, "_check_lists", check)
    ending = Ending(run, NOON)
    ending._tried.add(11)  # a request before the cancellation, which was cut off
    began = anyio.current_time()
    with anyio.CancelScope() as outer:
        outer.cancel()
        await ending.end_at_once("the run was cancelled")
    assert steps.taken == [("destroy", 11, 12), ("destroy", 13)]
    assert checks == [2.5, pytest.approx(4.0, abs=0.5)]
    assert steps.until == pytest.approx(began + 8.0, abs=0.5)
    assert 9.0 < clean_up_seconds(asyncio.current_task()) <= 10.0
    assert (ending.report().stopped_by, run.hunt.has_failed) == ("the run was cancelled", True)


async def test_last_lookup_takes_ten_seconds_if_time_allows(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[float] = []
    run = context(cancel_timeout=600.0)
    await send(run, 1)

    async def check(_: Ending, seconds: float) -> None:
        checks.append(seconds)

    monkeypatch.setattr(Ending, "_check_lists", check)
    await Ending(run, NOON).end_at_once("the run was cancelled")
    assert (checks, steps.taken) == ([2.5, 10.0], [])


async def test_end_at_once_ends_a_little_after_its_time(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    run = context(cancel_timeout=0.05)
    create(run, await send(run, 1))
    ended = asyncio.Event()

    async def hang(*_: object) -> None:
        steps.taken.append("destroy")
        await anyio.sleep(0.1)
        ended.set()
        await anyio.sleep(60)

    monkeypatch.setattr(endings, "destroy_at_once", hang)
    monkeypatch.setattr(endings, "_LAST_SECONDS", 0.6)
    with anyio.fail_after(5.0):
        await Ending(run, NOON).end_at_once("the run was cancelled")
    assert (steps.taken, ended.is_set()) == (["destroy"], True)


async def test_lists_are_read_until_each_cut_off_create_shows(steps: Steps) -> None:
    run = context(settle_seconds=0.3)
    [name] = await send(run, 1)
    steps.on_look_up = lambda _: create(run, [name]) if len(steps.taken) == 3 else None
    await Ending(run, NOON)._check_lists(2.5)
    assert steps.taken == ["sweep"] * 3
    assert run.records.names[name].state == "created"


@pytest.mark.parametrize(("is_readable", "is_found"), [(True, False), (False, True), (False, False)])
async def test_lists_are_read_no_longer_than_the_settle_time(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, *, is_readable: bool, is_found: bool
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(anyio, "sleep", pause)
    run = context(settle_seconds=0.1)
    [name] = await send(run, 1)
    run.log.unknown([name], "no answer")
    if is_found:
        create(run, [name])
    steps.is_readable = is_readable
    await Ending(run, NOON)._check_lists(30.0)
    assert len(steps.taken) == len(pauses) >= 2
    assert sum(pauses) == pytest.approx(0.1)


async def test_lists_are_read_once_when_no_create_is_missing(steps: Steps) -> None:
    run = context()
    names = await send(run, 2)
    create(run, names[:1])
    run.log.absent(names[1:], "no list shows it")
    await Ending(run, NOON)._check_lists(2.5)
    assert steps.taken == ["sweep"]


async def test_no_list_is_read_when_each_create_was_answered(steps: Steps) -> None:
    run = context()
    create(run, await send(run, 2))
    await Ending(run, NOON)._check_lists(2.5)
    assert steps.taken == []


async def test_lists_are_read_for_the_report_of_a_finished_run(steps: Steps) -> None:
    run = context(count=1)
    create(run, names := await send(run, 1), ready=names)
    steps.on_look_up = lambda _: run.droplets.clear()
    report = await Ending(run, NOON).report_again()
    assert (steps.taken, report.droplets, report.is_resumed) == (["sweep"], (), True)


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize(
    ("min_count", "stopped_by", "has_failed", "expected"),
    [
        (1, "", False, [(12, "it is not needed")]),
        (1, "the deadline is over", False, [(12, "the deadline is over")]),
        (
            1_000,
            "",
            False,
            [(id_, "only 1 of at least 1,000 Droplets were usable: it is not needed") for id_ in (12, 11)],
        ),
        (
            2,
            "the deadline is over",
            False,
            [(id_, "only 1 of at least 2 Droplets were usable: the deadline is over") for id_ in (12, 11)],
        ),
        (1, "a probe is wrong", True, [(id_, "a probe is wrong") for id_ in (12, 11)]),
    ],
)
async def test_reason_says_why_a_droplet_is_not_delivered(
    min_count: int, stopped_by: str, *, has_failed: bool, expected: list[tuple[int, str]]
) -> None:
    run = context(count=1_000, min_count=min_count)
    names = await send(run, 3)
    create(run, names, ready=names[:1])
    run.log.destroying(names[2], 13, "it is not usable")
    run.hunt.stopped_by, run.hunt.has_failed = stopped_by, has_failed
    targets = [(one.droplet_id, one.reason) for one in Ending(run, NOON)._destroy_targets()]
    assert sorted(targets) == sorted([*expected, (13, "it is not usable")])


async def test_other_droplets_with_names_of_the_run_are_destroyed(steps: Steps) -> None:
    run = context(count=1, min_count=1)
    create(run, names := await send(run, 1), ready=names)
    for other in (91, 92, 93):
        run.log.surplus(names[0], other)
    run.log.destroyed(names[0], 91, "")
    steps.stuck, run.troubles = {93}, {93: "the API refused it"}
    report = await Ending(run, NOON).end()
    assert steps.taken == [("destroy", 92, 93)]
    assert [(one.droplet_id, one.status, one.reason) for one in report.outcomes] == [
        (11, "delivered", ""),
        (91, "destroyed", LATE),
        (92, "destroyed", LATE),
        (93, "left", "the API refused it"),
    ]
    assert {(one.name, one.size, one.region, one.price_hourly) for one in report.outcomes} == {
        (names[0], "a", "tor1", 3.0)
    }


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize(
    ("what", "ended"), [("ready", True), ("sent", False), ("created", False), ("surplus", False), ("few", False)]
)
async def test_run_is_over_only_when_nothing_is_left_to_do(tmp_path: Path, what: str, *, ended: bool) -> None:
    path = str(tmp_path / "j")
    run = context(journal=path, count=3, min_count=2 if what == "few" else 1)
    names = await send(run, 2)
    create(run, names[:1], ready=names[:1])
    match what:
        case "sent":
            run.log.unknown(names[1:], "no answer")
        case "created":
            create(run, names[1:])
        case _:
            run.log.refused(names[1:], "full")
    if what in ("ready", "surplus"):
        run.log.surplus(names[0], 91)
    if what == "ready":
        run.log.destroyed(names[0], 91, "")
    run.hunt.stopped_by = "the deadline is over"
    await Ending(run, NOON)._write_end()
    run.log.close()
    known = recorded_creation(path)
    assert known is not None
    if ended:
        assert known.end is not None
        assert (known.end.counts, known.end.reason) == ({"delivered": 1, "destroyed": 1}, "the deadline is over")
        assert abs((datetime.now(UTC) - known.end.at).total_seconds()) < 60
    else:
        assert known.end is None


@pytest.mark.usefixtures("steps")
async def test_report_counts_its_own_requests_and_names_the_budget() -> None:
    run = context(count=3, min_count=1)
    sender: Any = run.sender
    watcher: Any = run.watcher
    sender.counter, watcher.counter = counter(10, 1), counter(100, 2)
    ending = Ending(run, NOON)
    ending.request_times = [[30.0, 10.0], [20.0]]  # type: ignore[list-item]  # they are arrays, which a list is enough for
    assert (ending.report().requests, ending.report().refused_for_rate, ending.report().limit) == (0, 0, None)
    sender.counter, watcher.counter = counter(15, 4), counter(107, 7)
    windows = [SimpleNamespace(limit=5_000, seconds=3600.0), SimpleNamespace(limit=250, seconds=60.0)]
    sender.budget = SimpleNamespace(snapshot=lambda: SimpleNamespace(windows=windows))
    run.began -= 100.0
    run.hunt.begin_round([])
    run.hunt.sent(Post(Offer(size="a", region="tor1", price_hourly=3.0), 2))
    report = ending.report()
    assert (report.requests, report.refused_for_rate, report.limit) == (12, 8, (250, 60.0))
    assert (report.count, report.min_count, report.rounds, report.began_at) == (3, 1, 1, NOON)
    assert (report.request_times, report.stopped_by, report.is_resumed) == ((10.0, 20.0, 30.0), None, False)
    assert 100.0 <= report.duration < 110.0
    assert [(one.size, one.region, one.price_hourly, one.posts) for one in report.offers] == [("a", "tor1", 3.0, 1)]


@pytest.mark.usefixtures("steps")
async def test_droplets_come_by_the_numbers_in_their_names() -> None:
    run = context(count=2, min_count=1)
    one, two = await send(run, 2)
    run.log.refused([one], "full")
    await run.log.sending([one], size="a", region="tor1", price_hourly=None, now=Timestamp(1_000.0, 5.0))
    create(run, [two, one], ready=[one, two])
    ending = Ending(run, NOON)
    report = ending.report()
    assert ([one.id for one in report.droplets], report.is_complete, report.is_resumed) == ([11, 12], True, True)
    by_id = {one.droplet_id: one for one in report.outcomes}
    assert by_id[11].sent_at == datetime.fromtimestamp(1_000.0, UTC)
    assert by_id[11].ready_at is not None
    assert (by_id[11].price_hourly, by_id[12].price_hourly, by_id[12].ended_at) == (None, 3.0, None)
    del run.droplets[two]
    assert [one.id for one in ending.report().droplets] == [11], "the lists do not show the other"
    run.hunt.has_failed = True
    report = ending.report()
    assert (report.droplets, {one.status for one in report.outcomes}) == ((), {"left"})


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("has_journal", [True, False])
async def test_name_that_no_list_shows_is_to_be_looked_up_again(tmp_path: Path, *, has_journal: bool) -> None:
    run = context(journal=str(tmp_path / "j") if has_journal else None)
    [name] = await send(run, 1)
    run.log.absent([name], "no list shows it")
    reason = "its answer was lost, and the lists do not show it so far: look again with "
    with_journal = "fleet.reap(journal) or " if has_journal else ""
    ending = Ending(run, NOON)
    assert outcomes(ending) == {name: ("unknown", f"{reason}{with_journal}gpu_droplets.list(name='{name}')")}
    run.log.close()


@pytest.mark.usefixtures("steps")
async def test_report_says_why_a_finished_run_ended() -> None:
    run = context(count=1, min_count=1)
    create(run, names := await send(run, 1), ready=names)
    run.hunt.stopped_by = "the deadline is over"
    await Ending(run, NOON).end()
    run.hunt.stopped_by = ""
    assert Ending(run, NOON).report().stopped_by == "the deadline is over"


@pytest.mark.usefixtures("steps")
async def test_facts_of_a_run_are_its_counts() -> None:
    run = context(count=2, min_count=1)
    ending = Ending(run, NOON)
    assert ending.facts()["gradient.outcome"] == "failed"
    create(run, names := await send(run, 1), ready=names)
    facts = ending.facts()
    assert (facts["gradient.fleet.action"], facts["gradient.fleet.droplets"]) == ("create", 2)
    assert (facts["gradient.fleet.delivered"], facts["gradient.fleet.requests"]) == (1, 0)
    assert (facts["gradient.outcome"], facts["gradient.fleet.rate_limited"]) == ("completed", 0)
