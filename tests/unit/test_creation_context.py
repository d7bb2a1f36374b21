"""What a creation run notes, and what its progress callback gets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
import pytest
from creation_stage import context

from gradient_async.fleet.create.hunt import Post
from gradient_async.fleet.create.offers import Offer
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from gradient_async import CreationProgress

pytestmark = pytest.mark.once

A, B = Offer(size="a", region="tor1"), Offer(size="b", region="tor1")


async def test_progress_says_how_far_the_run_has_come() -> None:
    seen: list[CreationProgress] = []
    made = context(on_progress=seen.append)
    names = made.records.next_names(3)
    await made.log.sending(names, size="a", region="tor1", price_hourly=1.5, now=Timestamp.now())
    made.log.created(names[0], 7)
    made.log.created(names[1], 8)
    made.log.ready(names[1], 8)
    made.hunt.begin_round([A, B])
    for offer in (A, A, B):
        made.hunt.sent(Post(offer, 1))
    made.began -= 100.0
    await made.note("first")
    made.next_round = anyio.current_time() + 50.0
    await made.note("second")
    made.next_round = anyio.current_time() - 50.0
    await made.note("third")
    first, second, third = seen
    assert (first.count, first.ready, first.created, first.unknown, first.posts) == (4, 1, 2, 1, 3)
    assert (first.rounds, first.hourly, first.event, first.next_round) == (1, 4.5, "first", None)
    assert 100.0 <= first.elapsed < 110.0
    assert second.next_round is not None
    assert 40.0 < second.next_round <= 50.0
    assert third.next_round == 0.0


async def test_notes_are_kept_with_their_times_and_wake_the_run() -> None:
    made = context()
    made.began -= 100.0
    await made.note("round 1 is over")
    [event] = made.events
    assert (event.text, made.news.is_set()) == ("round 1 is over", True)
    assert 100.0 <= event.seconds < 110.0


async def test_async_callback_is_awaited() -> None:
    seen: list[str] = []

    async def note(progress: CreationProgress) -> None:
        await asyncio.sleep(0)
        seen.append(progress.event)

    await context(on_progress=note).note("first")
    assert seen == ["first"]


async def test_callback_that_raises_is_logged_and_not_called_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[CreationProgress] = []

    def broken(progress: CreationProgress) -> None:
        calls.append(progress)
        raise ValueError("no terminal")

    made = context(on_progress=broken)
    await made.note("first")
    await made.note("second")
    assert len(calls) == 1
    assert caplog.messages == ["fleet run: on_progress raised ValueError('no terminal'). It is not called again"]
    assert [event.text for event in made.events] == ["first", "second"]
