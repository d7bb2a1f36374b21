from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, action

from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
from gradient_async.waiting.poller import Awaited, Poller, interval

if TYPE_CHECKING:
    from gradient_async.models.action import Action

firsts = st.floats(0.001, 3600)
jitters = st.floats(0, 1)


@given(firsts, jitters)
def test_first_poll_comes_after_the_given_interval(first: float, jitter: float) -> None:
    assert interval(0, first, jitter) == first


@given(st.integers(1, 10**6), firsts, jitters)
def test_interval_is_at_most_a_fifth_off(rounds: int, first: float, jitter: float) -> None:
    seconds = interval(rounds, first, jitter)
    assert 0.8 * first <= seconds <= 1.2 * max(first, 15.0) * (1 + 1e-9)


@given(st.integers(1, 200), firsts, jitters)
def test_interval_never_shrinks_when_the_wait_continues(rounds: int, first: float, jitter: float) -> None:
    assert interval(rounds, first, jitter) <= interval(rounds + 1, first, jitter)


@given(st.integers(1, 60), st.floats(0.001, 3600))
def test_interval_is_spread_by_a_fifth_to_either_side(rounds: int, first: float) -> None:
    middle = interval(rounds, first, 0.5)
    assert interval(rounds, first, 0.0) == pytest.approx(0.8 * middle)
    assert interval(rounds, first, 1.0) == pytest.approx(1.2 * middle)


def test_interval_grows_by_half_from_one_second_to_fifteen() -> None:
    grown = [interval(rounds, 1.0, 0.5) for rounds in range(9)]
    assert grown == pytest.approx([1, 1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625, 15, 15])


class FakeSender:
    """Answers polls: each list has the given actions.

    Args:
        lists: The actions in each list, in turn.

    Attributes:
        alone: Ids of the actions that were read alone.
        pages: Numbers of the pages that were read.
    """

    budget = None

    def __init__(self, *lists: list[Action]) -> None:
        self._lists = [*lists]
        self.alone: list[int] = []
        self.pages: list[int] = []

    async def send(self, request: Any) -> Any:
        number = request.path.rpartition("/")[2]
        if number.isdigit():
            self.alone.append(int(number))
            return SimpleNamespace(parse=lambda: ActionRetrieveResponse(action=action(id=int(number))))
        self.pages.append(int(request.query["page"]))
        return SimpleNamespace(parse=lambda: ActionListResponse(actions=self._lists.pop(0)))

    def note_results(self, answer: object) -> None:
        """Remember nothing."""


def some(*ids: int, minutes: float = 0) -> list[Action]:
    """Return actions that were started so long after noon."""
    return [action(id=one, started_at=NOON + timedelta(minutes=minutes)) for one in ids]


async def test_action_with_the_fewest_reads_is_read_alone() -> None:
    sender = FakeSender(some(1), [], some(2, 3), [])
    poller, awaited = Poller(sender), [Awaited(id=number) for number in (1, 2, 3)]  # type: ignore[arg-type]  # all that it calls
    for _ in range(4):
        await poller.poll(awaited, {})
    assert sender.alone == [2, 3, 1, 1]
    assert [one.reads for one in awaited] == [3, 2, 2]
    assert all(one.has_state for one in awaited)


@pytest.mark.parametrize(("oldest", "pages"), [(0, [1, 2]), (6, [1])])
async def test_later_page_is_read_if_it_can_show_an_action(oldest: float, pages: list[int]) -> None:
    """The first page is full, and ends with actions that were started five minutes after noon."""
    sender = FakeSender(some(*range(100, 300), minutes=5), [])
    started = [*some(1, minutes=oldest), *some(2, 3, minutes=9)]
    await Poller(sender).poll([Awaited(id=one.id, last=one) for one in started], {})  # type: ignore[arg-type]  # likewise
    assert sender.pages == pages
