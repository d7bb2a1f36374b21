"""How the creates of a run are looked up whose answers were lost."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from creation_stage import context, create, send

from gradient_async.errors import APIConnectionError, ClientClosedError
from gradient_async.fleet.create import settling
from gradient_async.fleet.create.settling import Settler
from gradient_async.http.request import Timestamp
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from gradient_async.fleet.create.context import CreationContext

pytestmark = pytest.mark.once

NO_LIST = "the answer was lost, and no list shows it"


class Lists:
    """The lists of Droplets and the actions: what the reads show, the last of ``reads`` again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads: list[list[Droplet] | Exception] = [[]]
        self.count = 0
        self.by_actions: list[Droplet] = []
        self.asked: list[tuple[float, list[int]]] = []
        self.watched: list[tuple[str, int]] = []
        monkeypatch.setattr(settling, "all_droplets", self.read)
        monkeypatch.setattr(settling, "witnessed", self.witnessed)
        monkeypatch.setattr(settling, "_UNREADABLE_PAUSE_SECONDS", 0.02)

    async def read(self, _: object) -> list[Droplet]:
        found = self.reads[min(self.count, len(self.reads) - 1)]
        self.count += 1
        if isinstance(found, Exception):
            raise found
        return [*found]

    async def witnessed(self, _: object, __: object, *, since: float, is_known: Any) -> dict[int, Any]:
        self.asked.append((since, [number for number in range(1, 100) if is_known(number)]))
        found = {one.id: one for one in self.by_actions}
        return {key: SimpleNamespace(parse=lambda one=one: SimpleNamespace(droplet=one)) for key, one in found.items()}

    def watch(self, name: str, droplet: Droplet) -> None:
        self.watched.append((name, droplet.id))


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Lists:
    return Lists(monkeypatch)


def shown(number: int, name: str) -> Droplet:
    return Droplet(id=number, name=name, status="active")


def unread() -> Exception:
    return APIConnectionError("no route", method="GET", path="/v2/droplets")


def states(of: CreationContext) -> dict[str, tuple[str, int | None]]:
    return {one.name: (one.state, one.droplet_id) for one in of.records.names.values()}


def notes(of: CreationContext) -> list[str]:
    return [event.text for event in of.events]


async def lost(of: CreationContext, count: int) -> list[str]:
    names = await send(of, count)
    of.log.unknown(names, "no answer")
    return names


async def test_droplets_are_taken_as_soon_as_they_show(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(settling, "anyio", SimpleNamespace(sleep=pause))
    run = context(settle_seconds=2.0)
    one, two = await lost(run, 2)
    lists.reads = [[shown(7, "other"), shown(31, one)], [shown(32, two), shown(31, one)]]
    await Settler(run, lists).settle([one, two])
    assert states(run) == {one: ("created", 31), two: ("created", 32)}
    assert (lists.count, lists.asked, run.records.surplus) == (2, [], {})
    assert lists.watched == [(one, 31), (two, 32)]
    assert notes(run)[0] == f"{one} was created, although the answer was lost: Droplet 31"
    assert [one > 0 for one in pauses] == [False, True], "the first poll is at once"


async def test_only_names_without_an_answer_are_looked_up(lists: Lists) -> None:
    run = context(settle_seconds=0.1)
    one, two = await lost(run, 2)
    create(run, [one])
    began = anyio.current_time()
    await Settler(run, lists).settle([one, two])
    assert anyio.current_time() - began >= 0.08, "until the settle time is over"
    assert states(run) == {one: ("created", 11), two: ("absent", None)}
    assert notes(run) == [f"{two}: no list shows it, so another one may be created in its place"]


async def test_oldest_droplet_with_a_name_is_taken(lists: Lists) -> None:
    run = context()
    [name] = await lost(run, 1)
    lists.reads = [[shown(33, name), shown(31, name), shown(32, name)]]
    await Settler(run, lists).settle([name])
    assert (states(run), lists.watched) == ({name: ("created", 31)}, [(name, 31)])
    assert [*run.records.surplus] == [32, 33]
    assert notes(run)[1] == f"Droplet 32 has the name {name} too, and is not needed"
    lists.reads = [[shown(31, name)]]
    assert await Settler(run, lists)._read_lists([name])
    assert [*run.records.surplus] == [32, 33], "its own Droplet is no other one"


async def test_droplet_without_a_place_is_not_taken(lists: Lists) -> None:
    run = context(count=1, min_count=1)
    one, other = await lost(run, 2)
    run.log.absent([one], NO_LIST)
    create(run, [other], ready=[other])
    lists.reads = [[shown(31, one)]]
    assert await Settler(run, lists).read_again()
    assert (states(run)[one], [*run.records.surplus], lists.watched) == (("absent", None), [31], [])


async def test_actions_are_read_before_a_name_counts_as_absent(lists: Lists) -> None:
    run = context(settle_seconds=0.01)
    one, two, three = await lost(run, 3)
    create(run, [one])
    lists.reads = [[shown(11, one), shown(7, "other"), shown(32, two)]]
    lists.by_actions = [shown(33, three)]
    await Settler(run, lists).settle([two, three])
    assert states(run) == {one: ("created", 11), two: ("created", 32), three: ("created", 33)}
    [(since, known)] = lists.asked
    assert known == [7, 11, 32]
    assert since == pytest.approx(Timestamp.now().wall - 86_400.0, abs=60.0)


async def test_actions_are_not_read_when_the_lists_show_all(lists: Lists) -> None:
    run = context(settle_seconds=0.01)
    [name] = await lost(run, 1)
    lists.reads = [[shown(31, name), shown(7, "other")]]
    assert await Settler(run, lists)._read_lists([name], is_last=True)
    lists.reads = [[shown(31, name)]]
    assert await Settler(run, lists)._read_lists([name], is_last=True)
    assert lists.asked == []


@pytest.mark.parametrize("error", [unread(), ClientClosedError("closed")])
async def test_names_are_left_when_the_lists_cannot_be_read(lists: Lists, error: Exception) -> None:
    run = context(settle_seconds=0.01)
    names = await lost(run, 2)
    lists.reads = [error]
    run.news.clear()
    began = anyio.current_time()
    await Settler(run, lists).settle(names)
    why = f"the outcome of the create of {names[0]}, {names[1]} is not known: the lists of Droplets cannot be read"
    assert (run.hunt.stopped_by, run.given_up, run.news.is_set()) == (why, {*names}, True)
    assert {state for state, _ in states(run).values()} == {"sent"}
    assert anyio.current_time() - began >= 8 * 0.02


async def test_lists_are_read_again_after_a_failure(lists: Lists) -> None:
    run = context(settle_seconds=0.01)
    one, two = await lost(run, 2)
    lists.reads = [*[unread()] * 4, [shown(31, one)]]
    await Settler(run, lists).settle([one, two])
    assert states(run) == {one: ("created", 31), two: ("absent", None)}
    assert run.records.names[two].reason == NO_LIST
    assert (run.hunt.stopped_by, run.given_up) == ("", set())


async def test_name_is_unknown_when_another_create_is_forbidden(lists: Lists) -> None:
    run = context(settle_seconds=0.01, on_unknown="raise")
    [name] = await lost(run, 1)
    await Settler(run, lists).settle([name])
    assert run.hunt.stopped_by == f"the outcome of the create of {name} is not known: no list shows it"
    assert (states(run), run.given_up) == ({name: ("sent", None)}, {name})


async def test_nothing_is_read_again_when_no_name_is_unlisted(lists: Lists) -> None:
    run = context()
    one, two = await lost(run, 2)
    run.log.absent([two], "the API accepted the create without it", is_answered=True)
    assert await Settler(run, lists).read_again()
    assert lists.count == 0
    run.log.absent([one], NO_LIST)
    lists.reads = [unread(), [shown(31, one), shown(32, two)]]
    assert not await Settler(run, lists).read_again()
    assert await Settler(run, lists).read_again()
    assert states(run) == {one: ("created", 31), two: ("absent", None)}


@pytest.mark.parametrize(
    ("state", "is_taken", "is_surplus", "is_read"),
    [
        ("sent", True, False, True),
        ("absent", True, False, True),
        ("refused", True, False, True),
        ("created", False, False, True),
        ("ready", False, False, True),
        ("other", False, True, False),
        ("lost", False, True, False),
        ("destroyed", False, False, False),
    ],
)
async def test_sweep_finds_what_a_run_may_have_missed(
    lists: Lists, state: str, *, is_taken: bool, is_surplus: bool, is_read: bool
) -> None:
    run = context()
    [name] = await lost(run, 1)
    if state not in ("sent", "absent", "refused"):
        create(run, [name], ready=[name] if state == "ready" else [])
    match state:
        case "absent":
            run.log.absent([name], NO_LIST)
        case "refused":
            run.log.refused([name], "full")
        case "lost":
            run.log.lost(name, 11, "no place")
        case "destroyed":
            run.log.destroyed(name, 11, "not needed")
    found = shown(12 if state == "other" else 11, name)
    lists.reads = [[shown(7, "stranger"), found]]
    assert await Settler(run, lists).sweep()
    assert lists.watched == ([(name, 11)] if is_taken else [])
    assert [*run.records.surplus] == ([found.id] if is_surplus else [])
    # A Droplet that is taken is read by its watch.
    assert (run.droplets.get(name) is found) == (is_read and not is_taken)


async def test_sweep_says_when_the_lists_cannot_be_read(lists: Lists) -> None:
    run = context()
    lists.reads = [unread(), ClientClosedError("closed"), []]
    assert [await Settler(run, lists).sweep() for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        pytest.param((10.0, 10.0), 50.0, id="by both clocks"),
        pytest.param((10.0, 20.0), 50.0, id="by the clock that shows fewer"),
        pytest.param((-100.0, 20.0), 60.0, id="the wall clock was set back"),
        pytest.param((100.0, 100.0), 0.0, id="long over"),
        pytest.param((59.5, 59.5), 0.5, id="nearly over"),
        pytest.param((10.0, -math.inf), 60.0, id="by another boot's clock"),
        pytest.param(None, 60.0, id="not known"),
    ],
)
async def test_time_is_left_by_the_clocks_that_can_be_compared(
    lists: Lists, ago: tuple[float, float] | None, expected: float
) -> None:
    run = context(settle_seconds=60.0)
    one, other = await lost(run, 2)
    now = Timestamp.now()
    sent = None if ago is None else Timestamp(now.wall - ago[0], now.monotonic - ago[1])
    run.records.names[one].last_sent = sent
    run.records.names[other].last_sent = Timestamp(now.wall - 1_000.0, now.monotonic - 1_000.0)
    settler = Settler(run, lists)
    assert settler._seconds_left([one, other]) == pytest.approx(expected, abs=0.4)
    assert settler._seconds_left([other]) == settler._seconds_left([]) == 0.0
