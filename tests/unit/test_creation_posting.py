"""What a creation run records of each create that it sends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from creation_stage import NOON, context

from gradient_async.errors import CapacityError, ClientClosedError, CreateOutcomeUnknownError, JournalError
from gradient_async.fleet.create import posting
from gradient_async.fleet.create.hunt import Post
from gradient_async.fleet.create.offers import Offer
from gradient_async.fleet.create.posting import Poster
from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_create import MultipleDropletResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.fleet.create.context import CreationContext

pytestmark = pytest.mark.once

A = Offer(size="a", region="tor1", price_hourly=3.0)
POST = Post(A, 2)
TWO = ("t-1-n0", "t-2-n0")
WHERE: dict[str, Any] = {"method": "POST", "path": "/v2/droplets"}


def droplet(number: int, name: str) -> Droplet:
    return Droplet(id=number, name=name, status="new")


class Stage:
    """A poster whose creates are answered by ``answer``, and what it passes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settle_seconds: float = 60.0) -> None:
        self.context: CreationContext = context(settle_seconds=settle_seconds)
        self.context.hunt.begin_round([A])
        self.answer: Callable[[], Any] = lambda: None
        self.is_sent = True
        self.made: list[Any] = []
        self.watched: list[tuple[str, int]] = []
        self.settled: list[str] = []
        monkeypatch.setattr(posting, "DropletCreator", self.creator)
        own: Any = self
        self.poster = Poster(self.context, own, own, own)

    def creator(self, sender: Any, *, key_seconds: float, before: Any) -> Any:
        async def create(request: Any) -> Any:
            self.made.append((sender, key_seconds, request))
            if self.is_sent:
                await before([])
            answer = self.answer()
            if isinstance(answer, Exception):
                raise answer
            return answer

        return SimpleNamespace(create=create)

    def watch(self, name: str, droplet: Droplet) -> None:
        self.watched.append((name, droplet.id))

    def settle(self, names: list[str]) -> None:
        self.settled += names

    def start_soon(self, function: Any, names: list[str]) -> None:
        function(names)

    async def post(self, answer: Any, *, is_sent: bool = True) -> None:
        self.answer, self.is_sent = lambda: answer, is_sent
        await self.poster.post(POST)

    @property
    def states(self) -> dict[str, tuple[str, int | None]]:
        return {one.name: (one.state, one.droplet_id) for one in self.context.records.names.values()}

    @property
    def tries(self) -> list[tuple[str, str, str, int, str]]:
        return [(one.size, one.region, one.status, one.count, one.message) for one in self.context.tries]

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.context.events]


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


@pytest.mark.parametrize(("settle_seconds", "short"), [(60.0, 2.0), (0.5, 0.5)])
async def test_first_look_up_of_a_lost_create_is_short(
    monkeypatch: pytest.MonkeyPatch, settle_seconds: float, short: float
) -> None:
    stage = Stage(monkeypatch, settle_seconds)
    await stage.post(CapacityError("full", **WHERE, status=422))
    [(sender, key_seconds, request)] = stage.made
    assert (sender.settings.create_settle_seconds, key_seconds) == (short, settle_seconds)
    assert sender.counter is stage.context.sender.counter
    assert (request.body["names"], request.body["size"], request.body["region"]) == ([*TWO], "a", "tor1")


async def test_accepted_droplets_are_recorded_and_watched(stage: Stage) -> None:
    one, two = TWO
    await stage.post(MultipleDropletResponse(droplets=(droplet(31, one), droplet(32, two), droplet(7, "other"))))
    assert stage.states == {one: ("created", 31), two: ("created", 32)}
    assert stage.watched == [(one, 31), (two, 32)]
    assert stage.tries == [("a", "tor1", "accepted", 2, "")]
    assert stage.notes == ["2 of 2 created: a in tor1"]
    [counted] = stage.context.hunt.counters.values()
    assert (counted.posts, counted.accepted) == (1, 2)
    assert stage.context.tries[0].at > NOON
    assert {one.price_hourly for one in stage.context.records.names.values()} == {3.0}


async def test_part_that_was_not_accepted_is_absent_by_the_answer(stage: Stage) -> None:
    one, two = TWO
    await stage.post(MultipleDropletResponse(droplets=(droplet(31, one),)))
    assert stage.states == {one: ("created", 31), two: ("absent", None)}
    absent = stage.context.records.names[two]
    assert (absent.reason, absent.is_answered) == ("the API accepted the create without it", True)
    assert stage.context.records.unlisted == []
    assert (stage.tries[0][-1], stage.notes) == ("only 1", ["1 of 2 created: a in tor1"])
    assert stage.context.hunt.next_post() is None, "the offer is full"


async def test_other_droplets_of_the_names_are_recorded_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = TWO
    others = (droplet(33, one), droplet(34, two), droplet(7, "other"))
    answer = MultipleDropletResponse(droplets=(droplet(31, one), droplet(32, two)), others=others)
    written: list[int] = []
    record = stage.context.log.surplus

    def note(name: str, droplet_id: int) -> None:
        written.append(droplet_id)
        record(name, droplet_id)

    def seen() -> MultipleDropletResponse:
        record(two, 34)
        return answer

    monkeypatch.setattr(stage.context.log, "surplus", note)
    stage.answer = seen
    await stage.poster.post(POST)
    assert (written, [*stage.context.records.surplus]) == ([33], [34, 33])


async def test_refused_names_are_used_again(stage: Stage) -> None:
    await stage.post(CapacityError("full", **WHERE, status=422))
    assert {state for state, _ in stage.states.values()} == {"refused"}
    assert {one.reason for one in stage.context.records.names.values()} == {"CapacityError: full"}
    assert stage.tries == [("a", "tor1", "refused", 2, "CapacityError: full")]
    assert stage.notes == ["2 refused: a in tor1: CapacityError"]
    assert (stage.context.hunt.stopped_by, stage.context.records.next_names(2)) == ("", [*TWO])
    [counted] = stage.context.hunt.counters.values()
    assert counted.refusals == {"CapacityError": 1}


async def test_create_that_was_never_sent_has_no_record(stage: Stage) -> None:
    error = ClientClosedError("the client is closed")
    await stage.post(error, is_sent=False)
    assert stage.states == {}
    assert stage.tries[0][2] == "refused"
    assert (stage.context.hunt.stopped_by, stage.context.hunt.error) == ("the client was closed", error)


async def test_run_stops_when_its_journal_cannot_be_written(stage: Stage) -> None:
    error = JournalError("the journal cannot be written: no space", path="j")
    await stage.post(error, is_sent=False)
    assert stage.context.hunt.stopped_by.startswith("the journal cannot be written: the journal cannot be written")
    assert stage.context.hunt.error is error


async def test_lost_create_is_looked_up_beside_the_hunt(stage: Stage) -> None:
    one, two = TWO
    candidates = (droplet(31, one), droplet(7, "other"))
    await stage.post(CreateOutcomeUnknownError("lost", **WHERE, names=TWO, candidates=candidates))
    assert stage.states == {one: ("created", 31), two: ("sent", None)}
    assert (stage.watched, stage.settled) == ([(one, 31)], [two])
    assert [one.was_unknown for one in stage.context.records.names.values()] == [False, True]
    assert stage.tries == [("a", "tor1", "unknown", 2, stage.context.records.names[two].reason)]
    assert stage.notes == [f"the answer to a create was lost: a in tor1, {two}"]
    [counted] = stage.context.hunt.counters.values()
    assert counted.refusals == {"unknown": 1}


async def test_lost_create_is_not_looked_up_when_all_are_shown(stage: Stage) -> None:
    one, two = TWO
    candidates = (droplet(31, one), droplet(32, two))
    await stage.post(CreateOutcomeUnknownError("lost", **WHERE, names=TWO, candidates=candidates))
    assert stage.states == {one: ("created", 31), two: ("created", 32)}
    assert (stage.watched, stage.settled) == ([(one, 31), (two, 32)], [])
    assert stage.notes == ["the answer to a create was lost: a in tor1, all found"]
