"""While a store is away, the shares of all processes together keep the window."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.budget.outage import Outage
from gradient_async.http.windows import WindowUse

SPAN = 10.0


def outage(*, limit: int, used: int, own: int, processes: int, since: float = 0.0, promised: int = 0) -> Outage:
    use = WindowUse(limit=limit, seconds=SPAN, used=used, left=limit - used)
    return Outage(since=since, processes=processes, shared=(use,), own=(own,), sent=own, promised=promised)


def in_window(sent: list[float], now: float) -> int:
    return sum(now - SPAN < at <= now for at in sent)


@given(
    befores=st.lists(st.integers(0, 12), min_size=1, max_size=6),
    spare=st.integers(0, 20),
    seed=st.integers(0, 1_000_000),
)
def test_all_together_never_exceed_the_window(befores: list[int], spare: int, seed: int) -> None:
    """Each notices at its own time that the store is away, and sends as much as it may."""
    draw, count = random.Random(seed), len(befores)
    limit = max(count, sum(befores) + spare)
    sent = [sorted(draw.uniform(-SPAN, 0.0) for _ in range(before)) for before in befores]
    noticed = [draw.uniform(0.0, SPAN / 2) for _ in befores]
    known: dict[int, Outage] = {}
    for now in sorted(draw.uniform(0.0, 3 * SPAN) for _ in range(200)):
        index = draw.randrange(count)
        if now < noticed[index]:
            continue
        own = in_window(sent[index], now)
        if index not in known:
            used = sum(befores)
            known[index] = Outage(
                since=now,
                processes=count,
                shared=(WindowUse(limit=limit, seconds=SPAN, used=used, left=limit - used),),
                own=(own,),
                sent=len(sent[index]),
                promised=0,
            )
        if known[index].may_send(now, (own,), len(sent[index])):
            sent[index].append(now)
        assert sum(in_window(one, now) for one in sent) <= limit


@pytest.mark.parametrize(
    ("now", "own", "sent", "expected"),
    [
        (1.0, 20, 20, True),  # 5 of the 40 that were free
        (1.0, 24, 24, True),
        (1.0, 25, 25, False),
        (5.0, 9, 25, True),  # own ones left the window: up to an eighth of it
        (5.0, 10, 25, False),
        (10.0, 9, 35, True),
        (10.0, 10, 35, False),
    ],
)
def test_share_is_a_part_of_what_was_free_then_of_the_window(now: float, own: int, sent: int, expected: bool) -> None:
    state = outage(limit=80, used=40, own=20, processes=8)
    assert state.may_send(now, (own,), sent) is expected


@pytest.mark.parametrize(("own", "expected"), [(25, True), (29, True), (30, False)])
def test_own_requests_that_left_are_replaced_up_to_the_part(own: int, expected: bool) -> None:
    state = outage(limit=80, used=40, own=10, processes=2)  # 20 more, beside the 10 of before
    assert state.may_send(5.0, (own,), 30) is expected


@pytest.mark.parametrize(("own", "expected"), [(4, True), (5, False)])
def test_slots_that_others_waited_for_are_not_shared(own: int, expected: bool) -> None:
    """The store may have given them away between its last answer to this process and its loss."""
    state = outage(limit=40, used=10, own=4, processes=4, promised=26)  # 4 of the 30 are left: one for each
    assert state.may_send(1.0, (own,), own) is expected


@pytest.mark.parametrize("own", [0, 4])
def test_nothing_more_is_sent_when_others_waited_for_all(own: int) -> None:
    state = outage(limit=40, used=10, own=4, processes=4, promised=90)
    assert state.may_send(1.0, (own,), 4) is (own == 0)


@pytest.mark.parametrize("processes", [0, 1])
def test_process_that_is_alone_has_the_whole_window(processes: int) -> None:
    state = outage(limit=8, used=0, own=0, processes=processes)
    assert state.may_send(SPAN, (7,), 7)
    assert not state.may_send(SPAN, (8,), 8)


def test_each_process_may_send_one_request_at_least() -> None:
    state = outage(limit=3, used=3, own=0, processes=8)
    assert not state.may_send(SPAN - 1, (0,), 0)
    assert state.may_send(SPAN, (0,), 0)
    assert not state.may_send(SPAN, (1,), 1)


def test_each_window_is_kept() -> None:
    short = WindowUse(limit=10, seconds=SPAN, used=0, left=10)
    long = WindowUse(limit=20, seconds=6 * SPAN, used=20, left=0)
    state = Outage(since=0.0, processes=2, shared=(short, long), own=(0, 10), sent=10, promised=0)
    assert not state.may_send(1.0, (0, 10), 10)
    assert state.may_send(1.0, (0, 9), 10)
