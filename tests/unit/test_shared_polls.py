"""When shared polls are sent, with a clock that only pauses move."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import APIConnectionError, InternalServerError, NotFoundError
from gradient_async.waiting import shared_polls
from gradient_async.waiting.poller import Pace
from gradient_async.waiting.shared_polls import SharedPolls, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradient_async import APIError

# A wait that never ends is a failure.
pytestmark = pytest.mark.timeout(20)

AWAY = APIConnectionError("reset", method="GET", path="/v2/actions")
BROKEN = InternalServerError("broken", method="GET", path="/v2/actions", status=500)
GONE = NotFoundError("gone", method="GET", path="/v2/actions/7", status=404)


class Thing:
    """A thing that is finished after some reads.

    Args:
        name: Its key.
        reads_left: Number of reads until it is finished.
        has_state: Whether its state is known at first.
    """

    def __init__(self, name: str, reads_left: float = math.inf, *, has_state: bool = True) -> None:
        self.key = name
        self.reads_left = reads_left
        self.has_state = has_state
        self.failure: APIError | None = None
        self.reads = 0
        self.restarts = False
        self.merged: list[Thing] = []

    @property
    def is_finished(self) -> bool:
        return self.reads_left <= 0

    @property
    def is_unreadable(self) -> bool:
        return self.failure is GONE

    def merge(self, other: Thing) -> None:
        self.merged.append(other)

    def end_round(self) -> bool:
        return self.restarts


class Polls:
    """Polls without a server, and the clock.

    Attributes:
        now: The time.
        pauses: The pauses so far.
        sent: The time of each poll, and what was read.
        gaps: Numbers of things whose gap was asked for.
        gap: Seconds between two polls.
        together: Whether the things are read from lists.
        unread: Keys that a poll leaves out.
        failures: The errors of things, by their keys.
        during_pause: Called in the next pause.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self.sent: list[tuple[float, str]] = []
        self.gaps: list[int] = []
        self.gap = 0.0
        self.together = False
        self.unread: set[str] = set()
        self.failures: dict[str, APIError] = {}
        self.during_pause: list[Callable[[], object]] = []
        self.outcomes: list[tuple[APIError | None, float, float]] = []
        self.took = 0.0
        clock = SimpleNamespace(current_time=lambda: self.now, move_on_after=self._pause)
        monkeypatch.setattr(shared_polls, "anyio", clock)
        monkeypatch.setattr(shared_polls, "random", SimpleNamespace(random=lambda: 0.5))
        self.shared: SharedPolls[Any] = SharedPolls(self, self, {})  # type: ignore[arg-type]  # all of an outage that it calls

    @contextmanager
    def _pause(self, seconds: float) -> Iterator[None]:
        self.pauses.append(round(seconds, 6))
        if self.during_pause:
            self.during_pause.pop(0)()
        with anyio.move_on_after(0) as scope:
            yield
        if scope.cancelled_caught:
            self.now += seconds

    def reads_lists(self, count: int) -> bool:
        return self.together and count > 1

    def pace(self) -> Pace:
        return Pace(first=1.0, longest=4.0, max_pause=2.0)

    def min_gap(self, count: int) -> float:
        self.gaps.append(count)
        return self.gap

    async def poll(self, things: Sequence[Thing], _: object) -> None:
        self.sent.append((round(self.now - 100.0, 6), "".join(one.key for one in things)))
        self.now += self.took
        await asyncio.sleep(0)
        for one in things:
            if one.key not in self.unread:
                one.failure = self.failures.get(one.key)
                one.reads += 1
                one.reads_left -= one.failure is None

    def polled(self, failure: APIError | None, *, began: float, now: float) -> None:
        self.outcomes.append((failure, began - 100.0, now - 100.0))

    def join(self, *things: Thing, every: float = 1.0, timeout: float = 900.0) -> Wait[Any]:
        wait = Wait[Any]()
        wait.entries = [self.shared.join(wait, one, every, 4.0, timeout) for one in things]
        return wait

    async def wait(self, *things: Thing, every: float = 1.0, timeout: float = 900.0) -> None:
        wait = self.join(*things, every=every, timeout=timeout)
        try:
            await self.shared.until_over(wait)
        finally:
            self.shared.leave(wait)


@pytest.fixture
def polls(monkeypatch: pytest.MonkeyPatch) -> Polls:
    return Polls(monkeypatch)


# The time of each poll.


async def test_intervals_grow_up_to_the_longest_one(polls: Polls) -> None:
    await polls.wait(Thing("a", 6))
    assert polls.sent == [(1.0, "a"), (2.5, "a"), (4.75, "a"), (8.125, "a"), (12.125, "a"), (16.125, "a")]
    assert polls.pauses == [1.0, 1.5, 2.0, 0.25, 2.0, 1.375, 2.0, 2.0, 2.0, 2.0]


async def test_thing_without_a_state_is_polled_at_once(polls: Polls) -> None:
    await polls.wait(Thing("a", 2, has_state=False))
    assert polls.sent == [(0.0, "a"), (1.5, "a")]


async def test_intervals_begin_anew_when_the_thing_says_so(polls: Polls) -> None:
    one = Thing("a", 5)
    polls.during_pause = [lambda: None, lambda: setattr(one, "restarts", True)]
    await polls.wait(one)
    assert polls.sent == [(1.0, "a"), (2.5, "a"), (3.5, "a"), (4.5, "a"), (5.5, "a")]


async def test_interval_stays_when_the_thing_was_not_read(polls: Polls) -> None:
    one, polls.unread = Thing("a", 2), {"a"}
    polls.during_pause = [lambda: None, lambda: None, polls.unread.clear]
    await polls.wait(one)
    assert polls.sent == [(1.0, "a"), (2.0, "a"), (3.0, "a"), (4.5, "a")]


async def test_failed_read_counts_as_a_poll(polls: Polls) -> None:
    polls.failures = {"a": AWAY}
    one = Thing("a", 1)
    polls.during_pause = [lambda: None, polls.failures.clear]
    await polls.wait(one)
    assert polls.sent == [(1.0, "a"), (2.5, "a")]
    polls.unread = {"b"}
    other = Thing("b", 1)
    other.failure = AWAY  # it could not be tried: no read
    polls.during_pause = [lambda: None, polls.unread.clear]
    polls.sent.clear()
    await polls.wait(other)
    assert [later - polls.sent[0][0] for later, _ in polls.sent] == [0.0, 1.5]


@pytest.mark.parametrize(("timeout", "last"), [(10.0, 9.0), (2.0, 1.5), (4.0, 3.0), (0.4, 0.3)])
async def test_last_poll_comes_shortly_before_the_timeout(polls: Polls, timeout: float, last: float) -> None:
    await polls.wait(Thing("a", 2), every=20.0, timeout=timeout)
    assert polls.sent[0] == (last, "a")
    assert polls.sent[1][0] == pytest.approx(last + 20.0)


async def test_polls_keep_the_gap(polls: Polls) -> None:
    polls.gap, polls.took = 5.0, 0.5
    await polls.wait(Thing("a", 3, has_state=False))
    assert polls.sent == [(0.0, "a"), (5.5, "a"), (11.0, "a")]


async def test_last_poll_does_not_wait_for_the_gap(polls: Polls) -> None:
    polls.gap = 50.0
    await polls.wait(Thing("a", 2, has_state=False), timeout=10.0)
    assert polls.sent == [(0.0, "a"), (9.0, "a")]


# Things that are polled together.


async def test_only_things_that_are_due_are_read_alone(polls: Polls) -> None:
    wait = polls.join(Thing("a", 3), Thing("c", 1))
    wait.entries = [*wait.entries, polls.shared.join(wait, Thing("b", 1), 3.0, 4.0, 900.0)]
    await polls.shared.until_over(wait)
    assert polls.sent == [(1.0, "ac"), (2.5, "a"), (3.0, "b"), (4.75, "a")]
    assert polls.gaps[:3] == [2, 2, 1]


async def test_all_things_are_read_from_lists(polls: Polls) -> None:
    polls.together = True
    await polls.wait(Thing("a", 2), Thing("b", 3))
    assert polls.sent == [(1.0, "ab"), (2.5, "ab"), (4.75, "b")]
    assert polls.gaps[0] == 2
    assert polls.gaps[-1] == 1


async def test_list_is_read_when_its_first_thing_is_due(polls: Polls) -> None:
    polls.together = True
    wait = polls.join(Thing("a", 1), every=3.0)
    wait.entries = [*wait.entries, polls.shared.join(wait, Thing("b", 1), 1.0, 4.0, 900.0)]
    await polls.shared.until_over(wait)
    assert polls.sent == [(1.0, "ab")]
    assert set(polls.gaps) == {2}


async def test_things_that_became_due_in_the_gap_are_read_too(polls: Polls) -> None:
    polls.gap = 3.0
    wait = polls.join(Thing("x", 1, has_state=False), Thing("a", 1), every=1.0)
    wait.entries = [*wait.entries, polls.shared.join(wait, Thing("b", 1), 3.0, 4.0, 900.0)]
    wait.entries = [*wait.entries, polls.shared.join(wait, Thing("c", 1), 3.5, 4.0, 900.0)]
    await polls.shared.until_over(wait)
    assert polls.sent == [(0.0, "x"), (3.0, "ab"), (6.0, "c")]


async def test_last_poll_reads_only_what_times_out(polls: Polls) -> None:
    first = polls.join(Thing("a", 1), every=20.0, timeout=5.0)
    second = polls.join(Thing("b", 1), every=10.0)
    third = polls.join(Thing("c", 1), every=20.0, timeout=6.0)
    for wait in (first, second, third):
        await polls.shared.until_over(wait)
    assert polls.sent == [(4.0, "a"), (5.0, "c"), (10.0, "b")]


# Waits for the same thing.


async def test_second_wait_shares_the_entry_and_its_interval(polls: Polls) -> None:
    one, again = Thing("a", 4), Thing("a", 4)
    polls.during_pause = [lambda: None, lambda: None, lambda: polls.join(again)]
    await polls.wait(one)
    assert one.merged == [one, again]
    assert polls.sent == [(1.0, "a"), (2.5, "a"), (3.5, "a"), (6.875, "a")]


@pytest.mark.parametrize(("every", "next_poll"), [(0.5, 1.5), (1.0, 2.0), (2.0, 2.5)])
async def test_shortest_interval_counts(polls: Polls, every: float, next_poll: float) -> None:
    """The second wait joins one second later."""
    polls.during_pause = [lambda: None, lambda: polls.join(Thing("a"), every=every)]
    await polls.wait(Thing("a", 3))
    assert polls.sent[1] == (next_poll, "a")
    following = {0.5: 0.75, 1.0: 2.25, 2.0: 2.25}[every]
    assert polls.sent[2][0] == pytest.approx(next_poll + following)


async def test_earlier_last_poll_counts(polls: Polls) -> None:
    polls.during_pause = [lambda: polls.join(Thing("a"), every=50.0, timeout=3.0)]
    await polls.wait(Thing("a", 1), every=20.0, timeout=900.0)
    assert polls.sent == [(2.25, "a")]


async def test_later_last_poll_does_not_count(polls: Polls) -> None:
    polls.during_pause = [lambda: polls.join(Thing("a"), every=50.0, timeout=900.0)]
    await polls.wait(Thing("a", 1), every=20.0, timeout=3.0)
    assert polls.sent == [(2.25, "a")]


async def test_entry_is_kept_until_the_last_wait_leaves(polls: Polls) -> None:
    one, again = polls.join(Thing("a")), polls.join(Thing("a"))
    other = polls.join(Thing("b"))
    assert not polls.shared.is_idle
    polls.shared.leave(one)
    assert again.entries[0].waits == [again]
    assert polls.join(Thing("a")).entries[0] is again.entries[0]
    polls.shared.leave(other)
    assert not polls.shared.is_idle


async def test_unreadable_thing_is_polled_anew_for_another_wait(polls: Polls) -> None:
    first = polls.join(Thing("a"))
    first.entries[0].awaited.failure = GONE
    second = polls.join(Thing("a"))
    assert second.entries[0] is not first.entries[0]
    polls.shared.leave(first)
    assert not polls.shared.is_idle
    polls.shared.leave(second)
    assert polls.shared.is_idle


# A new wait wakes the one that leads.


async def test_wait_that_needs_an_earlier_poll_gets_it(polls: Polls) -> None:
    polls.during_pause = [lambda: polls.join(Thing("b", 1, has_state=False))]
    await polls.wait(Thing("a", 1), every=2.0)
    assert polls.pauses[0] == 2.0
    assert polls.sent == [(0.0, "b"), (2.0, "a")]


@pytest.mark.parametrize(("every", "pauses"), [(1.5, [2.0, 1.5, 0.5]), (2.0, [2.0]), (3.0, [2.0])])
async def test_pause_is_cut_short_only_for_an_earlier_poll(polls: Polls, every: float, pauses: list[float]) -> None:
    polls.during_pause = [lambda: polls.join(Thing("b", 1), every=every)]
    await polls.wait(Thing("a", 1), every=2.0)
    assert polls.pauses == pauses


async def test_pause_is_not_cut_short_when_the_gap_lasts_longer(polls: Polls) -> None:
    polls.gap = 10.0
    polls.during_pause = [lambda: polls.join(Thing("b", 1, has_state=False))]
    await polls.wait(Thing("a", 2, has_state=False))
    assert polls.pauses == [2.0] * 5
    assert polls.sent == [(0.0, "a"), (10.0, "ab")]


async def test_pause_is_cut_short_for_a_last_poll(polls: Polls) -> None:
    polls.gap = 10.0
    polls.during_pause = [lambda: polls.join(Thing("b", 1), every=20.0, timeout=1.0)]
    await polls.wait(Thing("a", 2, has_state=False))
    assert polls.pauses[:2] == [2.0, 0.75]
    assert polls.sent[:2] == [(0.0, "a"), (0.75, "b")]


# One wait leads.


async def test_one_wait_polls_for_all(polls: Polls) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(polls.wait(Thing("a", 1)))
        group.create_task(polls.wait(Thing("b", 3)))
        group.create_task(polls.wait(Thing("c", 2), Thing("d", 1)))
    assert polls.sent == [(1.0, "abcd"), (2.5, "bc"), (4.75, "b")]
    assert polls.shared.is_idle


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it does not happen")


async def three_waits(polls: Polls) -> list[asyncio.Task[None]]:
    """Return three waits, the first of which leads."""
    tasks = [asyncio.create_task(polls.wait(Thing(name))) for name in "abc"]
    await until(lambda: len(polls.shared._followers) == 2)
    return tasks


async def cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_follower_ends_when_its_thing_is_finished(polls: Polls) -> None:
    leader = asyncio.create_task(polls.wait(Thing("a")))
    await until(lambda: polls.shared._has_leader)
    await polls.wait(Thing("b", 2))
    assert polls.sent[-1] == (2.5, "ab")
    await cancelled(leader)


async def test_newest_wait_leads_when_the_leader_ends(polls: Polls) -> None:
    first, second, third = await three_waits(polls)
    await cancelled(first)
    await until(lambda: polls.shared._has_leader)
    assert [one.entries[0].awaited.key for one in polls.shared._followers] == ["b"]
    await cancelled(third)
    polls.sent.clear()
    await until(lambda: bool(polls.sent))
    assert polls.sent[0][1] == "b"
    await cancelled(second)
    assert not polls.shared._has_leader


async def test_another_wait_leads_when_the_chosen_one_is_cancelled(polls: Polls) -> None:
    first, second, third = await three_waits(polls)
    await cancelled(first, third)
    polls.sent.clear()
    await until(lambda: bool(polls.sent))
    assert polls.sent[0][1] == "b"
    await cancelled(second)


async def test_follower_that_is_cancelled_leaves_the_leader_alone(polls: Polls) -> None:
    first, second, third = await three_waits(polls)
    await cancelled(third)
    assert [one.entries[0].awaited.key for one in polls.shared._followers] == ["b"]
    assert not any(one.news.is_set() for one in polls.shared._followers)
    await cancelled(first, second)


async def test_error_of_a_thing_ends_the_wait_for_it(polls: Polls) -> None:
    polls.failures = {"a": GONE, "b": AWAY}
    with pytest.raises(NotFoundError):
        await polls.wait(Thing("b"), Thing("a"))
    assert polls.sent == [(1.0, "ba")]


async def test_error_of_a_finished_thing_ends_no_wait(polls: Polls) -> None:
    finished = Thing("a", 0)
    finished.failure = GONE
    await polls.wait(finished, Thing("b", 1))
    assert polls.sent == [(1.0, "b")]


# Outages.


@pytest.mark.parametrize(
    ("failures", "reported"),
    [
        ({"a": AWAY, "b": BROKEN}, AWAY),
        ({"a": BROKEN, "b": AWAY}, BROKEN),
        ({"a": AWAY}, None),
        ({"b": AWAY}, None),
        ({}, None),
    ],
)
async def test_outage_is_a_poll_whose_reads_all_failed(
    polls: Polls, failures: dict[str, APIError], reported: APIError | None
) -> None:
    polls.failures, polls.took = dict(failures), 0.5
    polls.during_pause = [lambda: None, polls.failures.clear]
    await polls.wait(Thing("a", 1), Thing("b", 1))
    assert polls.outcomes[0] == (reported, 1.0, 1.5)
