"""What a wait for actions comes to, without polls."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import action

from gradient_async import ActionFailedError, ActionTimeoutError, APIConnectionError
from gradient_async.waiting import watcher as module
from gradient_async.waiting.poller import Awaited
from gradient_async.waiting.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

AWAY = APIConnectionError("reset", method="GET", path="/v2/actions")
BROKEN = APIConnectionError("broken", method="GET", path="/v2/actions")


class FakePolls:
    """Polls nothing.

    Attributes:
        made: All that were made.
        joined: The intervals and the timeout of each thing that was waited for.
        left: Number of waits that left.
        poll: What a poll does.
    """

    made: list[FakePolls]
    poll: Callable[[], object]

    def __init__(self, _: object, outage: object, options: object) -> None:
        self.outage, self.options = outage, options
        self.joined: list[tuple[float, float, float]] = []
        self.left = 0
        self.is_idle = True
        FakePolls.made.append(self)

    def join(self, _: object, awaited: Awaited, first: float, longest: float, timeout: float) -> Any:
        self.joined.append((first, longest, timeout))
        return SimpleNamespace(awaited=awaited)

    async def until_over(self, _: object) -> None:
        FakePolls.poll()
        await asyncio.sleep(0)

    def leave(self, _: object) -> None:
        self.left += 1


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Watcher:
    FakePolls.made, FakePolls.poll = [], lambda: None
    monkeypatch.setattr(module, "SharedPolls", FakePolls)
    return Watcher(SimpleNamespace(budget=None, counter=None))  # type: ignore[arg-type]  # all of a sender that it asks


async def wait(watcher: Watcher, *awaited: Awaited, every: float | None = None, **options: Any) -> Any:
    return await watcher.wait(awaited, timeout=90.0, poll_interval=every, options=options)  # type: ignore[arg-type]  # likewise


def done(number: int, status: str = "completed") -> Awaited:
    return Awaited(id=number, last=action(id=number, status=status))


async def test_finished_actions_are_not_waited_for(watcher: Watcher) -> None:
    assert [one.id for one in await wait(watcher, done(1), done(2))] == [1, 2]
    assert FakePolls.made == []


async def test_unfinished_actions_are_waited_for(watcher: Watcher) -> None:
    running = done(2, "in-progress")

    def finish() -> None:
        running.last = action(id=2, status="completed")

    FakePolls.poll = finish
    found = await wait(watcher, done(1), running, extra_headers={"a": "b"})
    assert [(one.id, one.status) for one in found] == [(1, "completed"), (2, "completed")]
    (polls,) = FakePolls.made
    assert polls.joined == [(1.0, 15.0, 90.0)] * 2
    assert polls.options == {"extra_headers": {"a": "b"}}
    assert polls.outage is watcher.outage
    assert polls.left == 1
    assert watcher._watches == {}


async def test_given_interval_is_the_first_one(watcher: Watcher) -> None:
    with pytest.raises(ActionTimeoutError):
        await wait(watcher, done(1, "in-progress"), every=0.25)
    assert FakePolls.made[0].joined == [(0.25, 15.0, 90.0)]


async def test_waits_with_equal_options_share_their_polls(watcher: Watcher) -> None:
    given: list[dict[str, Any]] = [{}, {}, {"extra_query": {"a": 1}}]
    waits = [wait(watcher, done(1, "in-progress"), **options) for options in given]
    outcomes = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(one) for one in outcomes] == [ActionTimeoutError] * 3
    assert [len(one.joined) for one in FakePolls.made] == [2, 1]


@pytest.mark.parametrize(
    ("awaited", "text"),
    [
        ([done(1, "errored")], "reboot of droplet 3164444 (action 1) is 'errored'; the API gives no reason"),
        (
            [done(1), done(2, "errored"), done(3, "errored")],
            "reboot of droplet 3164444 (action 2) is 'errored', and 1 others with it; the API gives no reason",
        ),
        (
            [done(1, "errored"), done(2, "errored"), done(3, "errored")],
            "reboot of droplet 3164444 (action 1) is 'errored', and 2 others with it; the API gives no reason",
        ),
    ],
)
async def test_failed_actions_are_named(watcher: Watcher, awaited: list[Awaited], text: str) -> None:
    with pytest.raises(ActionFailedError) as caught:
        await wait(watcher, *awaited)
    assert caught.value.message == text
    assert caught.value.action is next(one.last for one in awaited if one.last and one.last.is_errored)
    assert caught.value.actions == tuple(one.last for one in awaited)


RUNNING = "after 90 s reboot of droplet 3164444 (action 2) is 'in-progress'"
REST = " The action continues by itself. Wait again for its end."


@pytest.mark.parametrize(
    ("awaited", "text", "cause"),
    [
        ([done(2, "in-progress")], f"{RUNNING}.{REST}", None),
        ([done(1), done(2, "in-progress"), done(3, "errored")], f"{RUNNING}.{REST}", None),
        ([done(2, "in-progress"), done(3, "in-progress")], f"{RUNNING}, and so are 1 others.{REST}", None),
        ([done(2, "in-progress"), *[done(3, "in-progress")] * 2], f"{RUNNING}, and so are 2 others.{REST}", None),
        ([Awaited(id=7)], f"after 90 s action 7 could not be read.{REST}", None),
        (
            [Awaited(id=7), Awaited(id=8, failure=AWAY), Awaited(id=9, failure=BROKEN)],
            f"after 90 s action 7 could not be read, and so are 2 others.{REST} The last poll failed: {AWAY}.",
            AWAY,
        ),
    ],
)
async def test_unfinished_actions_are_named(
    watcher: Watcher, awaited: list[Awaited], text: str, cause: Exception | None
) -> None:
    with pytest.raises(ActionTimeoutError) as caught:
        await wait(watcher, *awaited)
    assert caught.value.message == text
    assert caught.value.__cause__ is cause
    assert caught.value.action is next(one.last for one in awaited if not one.is_finished)
    assert caught.value.actions == tuple(one.last for one in awaited if one.last is not None)
