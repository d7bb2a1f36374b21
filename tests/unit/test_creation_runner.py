"""The rounds of a creation run: when one begins, what ends the hunt, and what the run says of it."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from creation_stage import NOON, context, create, send

from gradient_async.errors import (
    APIConnectionError,
    AuthenticationError,
    CapacityError,
    GradientAIError,
    InternalServerError,
    JournalMismatchError,
    PreflightError,
    RateLimitError,
    SizeRetiredError,
)
from gradient_async.fleet.create import runner
from gradient_async.fleet.create.journal import open_creation
from gradient_async.fleet.create.offers import Exclusion, Offer, Offering
from gradient_async.fleet.create.report import CreationCancelled
from gradient_async.fleet.create.runner import CreationRunner, _Hunting, planned
from gradient_async.models.size import Size
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.create.hunt import Post

pytestmark = pytest.mark.once

A = Offer(size="a", region="tor1", price_hourly=3.0)
WHERE: dict[str, Any] = {"method": "POST", "path": "/v2/droplets"}
AGAIN = "pass deadline=, in seconds, to try again until then"


class Ended:
    """The end of a run, which destroys nothing."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    async def end(self) -> str:
        return "ended"

    async def end_at_once(self, reason: str) -> None:
        await asyncio.sleep(0)
        self.reasons.append(reason)

    def report(self) -> Any:
        return SimpleNamespace(counts={"delivered": 0, "destroyed": 2})


class Stage:
    """A hunt whose rounds, creates and look-ups are played by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> None:
        self.context: CreationContext = context(**{"count": 2, "min_count": 1, **facts})
        self.ended = Ended()
        ending: Any = self.ended
        self.hunting = _Hunting(self.context, ending)
        self.monkeypatch = monkeypatch
        self.rounds: list[float] = []
        self.posts: list[int] = []
        self.reads: list[bool] = []
        self.on_read_again: Callable[[], None] = lambda: None
        self.answer: Any = CapacityError("full", **WHERE, status=422)

    def play_rounds(self, play: Callable[[], object] = lambda: None) -> None:
        """Let each round only call this."""

        async def one_round(hunting: _Hunting) -> None:
            assert self.context.next_round is None
            self.rounds.append(anyio.current_time())
            hunting._gone_before_round = hunting._gone()
            self.context.hunt.begin_round([])
            result = play()
            if asyncio.iscoroutine(result):
                await result

        self.monkeypatch.setattr(_Hunting, "_round", one_round)

    def play_creates(self, offering: Offering | None) -> None:
        """Let each round have this offering, and each create the answer of this stage."""

        async def read(_: _Hunting) -> Offering | None:
            return offering

        self.monkeypatch.setattr(_Hunting, "_read_offering", read)
        own: Any = self
        self.hunting._poster = self.hunting._settler = own

    async def post(self, post: Post) -> None:
        self.posts.append(post.count)
        self.context.hunt.sent(post)
        if isinstance(self.answer, Exception):
            self.context.hunt.refused(post, self.answer)
        else:
            create(self.context, await send(self.context, post.count))
            self.context.hunt.accepted(post, post.count)

    async def read_again(self) -> bool:
        self.on_read_again()
        return self.reads.pop(0) if self.reads else True

    async def hunt(self) -> str:
        with anyio.fail_after(20.0):
            await self.hunting._hunt_on()
        return self.context.hunt.stopped_by

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.context.events]


def offering(*offers: Offer, **facts: Any) -> Offering:
    return Offering(offers=offers, prices={"a": 3.0}, **facts)


# When a round begins.


async def test_rounds_begin_every_so_many_seconds_until_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, deadline=1.0, retry_every=0.4)
    stage.play_rounds()
    planned_for: list[float | None] = []

    async def read() -> None:
        await asyncio.sleep(0.1)
        planned_for.append(stage.context.next_round)

    async with TaskGroup() as group:
        group.start_soon(read)
        assert await stage.hunt() == "the deadline of 1 s is over"
    ended_at = anyio.current_time()
    assert 2 <= len(stage.rounds) <= 3
    assert all(later - one >= 0.35 for one, later in zip(stage.rounds, stage.rounds[1:], strict=False))
    assert planned_for == [pytest.approx(stage.rounds[0] + 0.4, abs=0.2)]
    assert 0.95 <= ended_at - stage.context.began < 4.0


async def test_one_round_is_enough_without_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.play_rounds()
    assert await stage.hunt() == f"one round found no more capacity; {AGAIN}"
    assert (len(stage.rounds), stage.context.next_round) == (1, None)


@pytest.mark.parametrize(("count", "rounds"), [(1, 2), (2, 3)])
async def test_rounds_follow_losses_without_a_deadline(
    monkeypatch: pytest.MonkeyPatch, count: int, rounds: int
) -> None:
    stage = Stage(monkeypatch, count=count, retry_every=0.01)

    async def lose() -> None:
        [name] = await send(stage.context, 1)
        create(stage.context, [name])
        stage.context.log.lost(name, 11, "no place")

    stage.play_rounds(lose)
    assert await stage.hunt() == f"{rounds} rounds found no more capacity; {AGAIN}"
    assert len(stage.rounds) == rounds


async def test_hunt_ends_when_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, deadline=60.0)

    async def play() -> None:
        names = await send(stage.context, 2)
        create(stage.context, names, ready=names)

    stage.play_rounds(play)
    assert await stage.hunt() == ""
    assert (len(stage.rounds), stage.context.next_round) == (1, None)


async def test_hunt_waits_for_what_it_has_created(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, count=1)
    waited: list[float] = []

    async def play() -> None:
        names = await send(stage.context, 1)
        create(stage.context, names)

    async def be_ready() -> None:
        await asyncio.sleep(0.1)
        waited.append(anyio.current_time())
        [name] = stage.context.records.names
        stage.context.log.ready(name, 11)
        await stage.context.note("usable")

    stage.play_rounds(play)
    async with TaskGroup() as group:
        group.start_soon(be_ready)
        assert await stage.hunt() == ""
    assert (len(waited), len(stage.rounds)) == (1, 1)


async def test_hunt_waits_for_what_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, count=2)

    async def play() -> None:
        names = await send(stage.context, 2)
        create(stage.context, names[:1], ready=names[:1])

    async def give_up() -> None:
        await asyncio.sleep(0.05)
        stage.context.given_up.add([*stage.context.records.names][1])
        await stage.context.note("it is not looked up any more")

    stage.play_rounds(play)
    async with TaskGroup() as group:
        group.start_soon(give_up)
        await stage.hunt()
        assert stage.context.given_up, "not before"


async def test_hunt_ends_at_once_when_the_run_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, deadline=60.0)

    async def play() -> None:
        create(stage.context, await send(stage.context, 1))
        stage.context.hunt.fail("a probe is wrong", ValueError("x"))

    stage.play_rounds(play)
    assert await stage.hunt() == "a probe is wrong"
    assert len(stage.rounds) == 1


# Why no more is created.


def lost_connection() -> APIConnectionError:
    return APIConnectionError("no route", **WHERE)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"passing_error": lost_connection()}, "a create could not be sent: no route"),
        ({"passing_error": ValueError("odd"), "is_blind": True}, "a create could not be sent: odd"),
        ({"is_blind": True}, "the lists of Droplets cannot be read, to look for a create whose answer was lost"),
        ({"_limit": lost_connection(), "is_blind": True}, "a limit of the account is reached: no route"),
        ({"_cheapest": 8.0, "is_blind": True}, "max_hourly, $7.50, allows no more Droplets"),
        ({"rounds": 1_234}, f"1,234 rounds found no more capacity; {AGAIN}"),
        ({"rounds": 1}, f"one round found no more capacity; {AGAIN}"),
    ],
)
async def test_reason_is_what_ended_the_last_round(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], why: str
) -> None:
    stage = Stage(monkeypatch, max_hourly=7.5)
    for name, value in change.items():
        setattr(stage.context.hunt, name, value)
    stage.hunting._say_why()
    assert stage.context.hunt.stopped_by == why
    assert stage.context.hunt.error is change.get("passing_error", change.get("_limit"))


async def test_no_reason_is_given_when_all_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    names = await send(stage.context, 2)
    create(stage.context, names, ready=names)
    stage.hunting._say_why()
    assert stage.context.hunt.stopped_by == ""


# A round.


async def test_round_sends_creates_while_they_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, count=13)
    stage.play_creates(offering(A))
    stage.answer = "accepted"
    await stage.hunting._round()
    assert (stage.posts, stage.notes) == ([10, 3], ["round 1 is over, 0 more are needed"])
    assert stage.context.hunt.rounds == 1


async def test_no_round_begins_when_the_sizes_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.play_creates(None)
    await stage.hunting._round()
    assert (stage.context.hunt.rounds, stage.posts, stage.notes) == (0, [], [])


async def test_round_names_the_cheapest_price_to_the_hunt(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, max_hourly=2.0)
    stage.play_creates(offering())
    await stage.hunting._round()
    assert stage.context.hunt.is_out_of_money


@pytest.mark.parametrize(
    ("excluded", "offers", "is_stopped"), [(1, (), True), (2, (), False), (1, (A,), False), (0, (), False)]
)
async def test_hunt_stops_when_no_image_can_ever_be_chosen(
    monkeypatch: pytest.MonkeyPatch, excluded: int, offers: tuple[Offer, ...], *, is_stopped: bool
) -> None:
    stage = Stage(monkeypatch)
    left_out = tuple(Exclusion(size=size, region="tor1", reason="no image") for size in "bc"[:excluded])
    stage.play_creates(offering(*offers, excluded=left_out, without_image=left_out[:1]))
    await stage.hunting._round()
    why = "b in tor1 is not tried: no image"
    assert stage.context.hunt.stopped_by == (why if is_stopped else "")
    stage.hunting._say_why()
    also = f". {why}" if excluded else ""
    expected = why if is_stopped else f"one round found no more capacity; {AGAIN}{also}"
    assert stage.context.hunt.stopped_by == expected


async def test_hunt_stops_when_all_sizes_are_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch, sizes=("a",))
    stage.play_creates(offering(A))
    stage.answer = SizeRetiredError("gone", **WHERE, status=422)
    await stage.hunting._round()
    assert stage.context.hunt.stopped_by == "the API has none of the sizes any more"


async def test_no_create_is_sent_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    stage.play_creates(offering(A))
    stage.on_read_again = lambda: setattr(stage.hunting, "_deadline", 0.0)
    await stage.hunting._round()
    assert stage.posts == [], "it passed during the look-up"
    stage.on_read_again = lambda: pytest.fail("the deadline is over")
    await stage.hunting._round()
    assert stage.posts == []


async def test_no_create_is_sent_when_the_look_up_finds_all(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    names = await send(stage.context, 2)
    stage.context.log.absent(names, "no list shows it")
    stage.play_creates(offering(A))
    stage.on_read_again = lambda: create(stage.context, names)
    await stage.hunting._round()
    assert (stage.posts, stage.hunting._gone_before_round) == ([], 0)


async def test_round_ends_when_lost_creates_cannot_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(monkeypatch)
    names = await send(stage.context, 1)
    stage.context.log.absent(names, "no list shows it")
    stage.play_creates(offering(A))
    stage.reads = [False]
    await stage.hunting._round()
    assert (stage.posts, stage.context.hunt.is_blind, stage.hunting._gone_before_round) == ([], True, 1)


# What is offered.


class Reads:
    """The reads of the sizes and of the VPC."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = None
        self.listed = [Size(slug="a", regions=("tor1",), price_hourly=3.0)]
        self.vpcs = 0
        self.on_page: Callable[[], None] = lambda: None
        monkeypatch.setattr(runner, "Sizes", lambda _: self)
        monkeypatch.setattr(runner, "within_vpc", self.within_vpc)

    async def list_all(self) -> AsyncIterator[Size]:
        self.on_page()
        if self.error is not None:
            raise self.error
        for one in self.listed:
            yield one

    async def within_vpc(self, _: object, terms: Any) -> Any:
        self.vpcs += 1
        return terms


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


def refused(kind: Any, status: int) -> GradientAIError:
    error: GradientAIError = kind("no", method="GET", path="/v2/sizes", status=status)
    return error


PASSING = [refused(InternalServerError, 503), refused(RateLimitError, 429), lost_connection()]
LASTING = [refused(AuthenticationError, 401), GradientAIError("no")]


CASES = [
    (error, deadline, is_untouched)
    for error in (*PASSING, *LASTING)
    for deadline in (None, 60.0)
    for is_untouched in (True, False)
]


def can_help(error: GradientAIError, deadline: float | None) -> bool:
    """Return whether the sizes can be read later."""
    return error in PASSING and deadline is not None


@pytest.mark.parametrize(
    ("error", "deadline", "is_untouched"), [case for case in CASES if not case[2] or can_help(*case[:2])]
)
async def test_error_of_the_sizes_is_noted(
    monkeypatch: pytest.MonkeyPatch, reads: Reads, error: GradientAIError, deadline: float | None, *, is_untouched: bool
) -> None:
    stage = Stage(monkeypatch, image="x", deadline=deadline)
    if not is_untouched:
        create(stage.context, await send(stage.context, 1))
    reads.error = error
    assert await stage.hunting._read_offering() is None
    why = f"the sizes cannot be read: {error.message}"
    assert stage.notes == [why]
    end = ("", None) if can_help(error, deadline) else (why, error)
    assert (stage.context.hunt.stopped_by, stage.context.hunt.error) == end


@pytest.mark.parametrize(("error", "deadline"), [case[:2] for case in CASES if case[2] and not can_help(*case[:2])])
async def test_error_of_the_sizes_is_raised_by_an_untouched_run(
    monkeypatch: pytest.MonkeyPatch, reads: Reads, error: GradientAIError, deadline: float | None
) -> None:
    stage = Stage(monkeypatch, image="x", deadline=deadline)
    reads.error = error
    with pytest.raises(type(error)):
        await stage.hunting._read_offering()


async def test_vpc_is_read_once(monkeypatch: pytest.MonkeyPatch, reads: Reads) -> None:
    stage = Stage(monkeypatch, image="x")
    for _ in range(2):
        found = await stage.hunting._read_offering()
        assert found is not None
        assert [one.label for one in found.offers] == ["a in tor1"]
    assert reads.vpcs == 1


@pytest.mark.parametrize("is_untouched", [True, False])
async def test_run_is_refused_only_before_anything_exists(
    monkeypatch: pytest.MonkeyPatch, reads: Reads, *, is_untouched: bool
) -> None:
    stage = Stage(monkeypatch, sizes=("z",))
    if is_untouched:
        with pytest.raises(PreflightError, match=r"the API lists no size 'z'\. .*\. Nothing was created$"):
            await stage.hunting._read_offering()
    else:
        create(stage.context, await send(stage.context, 1))
        found = await stage.hunting._read_offering()
        assert found is not None
        assert (found.offers, reads.vpcs) == ((), 1)


@pytest.mark.parametrize(("sent", "pages"), [(0, 1), (1, 1), (3, 3)])
async def test_plan_counts_the_pages_of_sizes(reads: Reads, sent: int, pages: int) -> None:
    run = context(image="x")
    run.sender.counter.requests = 100

    def count() -> None:
        run.sender.counter.requests += sent

    reads.on_page = count
    found = await planned(run.sender, run.spec)
    assert (found.requests_per_round, found.existing) == (pages + 1, 0)


async def test_plan_counts_what_the_journal_has(reads: Reads, tmp_path: Path) -> None:
    path = str(tmp_path / "j")
    run = context(journal=path)
    run.log.close()
    with pytest.raises(JournalMismatchError):
        await planned(run.sender, run.spec)
    (tmp_path / "j").unlink()
    assert (await planned(run.sender, run.spec)).existing == 0
    run.log = open_creation(path, run.spec.run("n0", NOON))
    create(run, await send(run, 2))
    run.log.close()
    assert ((await planned(run.sender, run.spec)).existing, reads.vpcs) == (2, 2)


# The run as a whole.


class Parts:
    """The parts of a run, which note what they are given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.watched: list[tuple[str, int]] = []
        self.targets: list[Any] = []
        self.settled: list[list[str]] = []
        for name in ("Keeper", "Settler", "Poster"):
            monkeypatch.setattr(runner, name, lambda *_: self)

    def watch(self, name: str, droplet: int) -> None:
        self.watched.append((name, droplet))

    def destroy(self, targets: Any) -> None:
        self.targets.append(targets)

    async def settle(self, names: list[str]) -> None:
        self.settled.append(names)
        await anyio.sleep(60)


async def test_run_continues_what_an_earlier_process_left(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, stage = Parts(monkeypatch), Stage(monkeypatch, count=6)
    run = stage.context
    names = await send(run, 5)
    create(run, names[:3], ready=names[1:2])
    run.log.destroying(names[2], 13, "not usable")

    async def hunt_on(_: _Hunting) -> None:
        await anyio.sleep(0.01)

    monkeypatch.setattr(_Hunting, "_hunt_on", hunt_on)
    with anyio.fail_after(20.0):
        result: object = await stage.hunting.run()
    assert result == "ended"
    assert parts.watched == [(names[0], 11), (names[1], 12)]
    assert parts.targets == [(names[2], 13, "not usable")]
    assert parts.settled == [names[3:]]
    assert stage.notes == [f"an earlier process was interrupted: {names[3]}, {names[4]} is looked up"]
    assert stage.ended.reasons == []


@pytest.mark.parametrize("has_names", [True, False])
async def test_run_that_fails_destroys_what_it_has(monkeypatch: pytest.MonkeyPatch, *, has_names: bool) -> None:
    Parts(monkeypatch)
    stage = Stage(monkeypatch)
    if has_names:
        create(stage.context, await send(stage.context, 1))

    async def hunt_on(_: _Hunting) -> None:
        raise ZeroDivisionError("a program error")

    monkeypatch.setattr(_Hunting, "_hunt_on", hunt_on)
    with pytest.raises(ZeroDivisionError):
        await stage.hunting.run()
    expected = ["the run failed: ZeroDivisionError('a program error')"] if has_names else []
    assert (stage.notes, stage.ended.reasons) == ([], expected)


async def test_cancelled_run_ends_at_once_with_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    Parts(monkeypatch)
    stage = Stage(monkeypatch)

    async def hunt_on(_: _Hunting) -> None:
        await anyio.sleep(60)

    monkeypatch.setattr(_Hunting, "_hunt_on", hunt_on)
    task = asyncio.create_task(stage.hunting.run())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(CreationCancelled, match="cancelled: 2 destroyed"):
        await task
    assert stage.ended.reasons == ["the run was cancelled"]


class Client:
    """What a runner needs of a client: settings, a copy, counters and spans."""

    def __init__(self, max_retries: int = 2) -> None:
        self.settings: Any = SimpleNamespace(max_retries=max_retries, create_settle_seconds=1.0, changed=self.changed)
        self.budget = None
        self.counter = self
        self.requests = self.refused = 0
        self.spans: list[str] = []
        self.recordings: list[str] = []

    def changed(self, **changes: Any) -> Any:
        return SimpleNamespace(**{**vars(self.settings), **changes})

    def copy(self, settings: Any, _: object) -> Client:
        self.settings = settings
        return self

    @contextmanager
    def span(self, name: str, facts: Any) -> Iterator[None]:
        yield
        self.spans.append(f"{name}: {facts()['gradient.outcome']}")

    @contextmanager
    def recording(self) -> Iterator[list[float]]:
        self.recordings.append("begun")
        yield [1.0]
        self.recordings.append("over")


def made(client: Client, of: CreationContext) -> CreationRunner:
    either: Any = client
    return CreationRunner(either, either, of.spec)


@pytest.mark.parametrize(("max_retries", "used"), [(0, 5), (5, 5), (9, 9)])
async def test_run_retries_more_often_than_one_request(max_retries: int, used: int) -> None:
    client = Client(max_retries)
    made(client, context())
    assert client.settings.max_retries == used


async def test_journal_is_closed_after_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    of = context(journal=str(tmp_path / "j"))
    of.log.close()
    (tmp_path / "j").unlink()

    async def run(_: _Hunting) -> None:
        raise ZeroDivisionError("a program error")

    monkeypatch.setattr(_Hunting, "run", run)
    runs = made(Client(), of)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await runs.run()


async def test_run_is_a_span_and_its_requests_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    client, seen = Client(), list[Any]()

    async def run(hunting: _Hunting) -> str:
        seen.extend(hunting._ending.request_times)
        assert (client.recordings, hunting._deadline) == (["begun"] * 2, math.inf)
        return "ended"

    monkeypatch.setattr(_Hunting, "run", run)
    result: object = await made(client, context()).run()
    assert result == "ended"
    assert (client.spans, client.recordings) == (["fleet create: failed"], ["begun", "begun", "over", "over"])
    assert seen == [[1.0], [1.0]]


def test_run_needs_the_loop_of_asyncio() -> None:
    async def spec() -> CreationContext:
        return context()

    of = asyncio.run(spec())
    with pytest.raises(RuntimeError, match="no asyncio event loop runs here"):
        made(Client(), of)
