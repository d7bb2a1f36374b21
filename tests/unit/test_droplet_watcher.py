"""What a wait for Droplets comes to, without polls."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import action, droplet

from gradient_async import (
    APIConnectionError,
    DropletGoneError,
    DropletWaitTimeoutError,
    NotFoundError,
    PlacementLostError,
    UnhealthyDropletError,
    child_processes,
)
from gradient_async.waiting import droplet_watcher as module
from gradient_async.waiting import placement
from gradient_async.waiting.droplet_stages import DropletStages
from gradient_async.waiting.droplet_watcher import DropletWatcher
from gradient_async.waiting.poller import Pace
from gradient_async.waiting.readiness import WaitTarget, stages_of

if TYPE_CHECKING:
    from gradient_async.http.request import ReadOptions
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.awaited_droplet import AwaitedDroplet

# A wait that never ends is a failure.
pytestmark = pytest.mark.timeout(20)

AWAY = APIConnectionError("reset", method="GET", path="/v2/droplets")
GONE = NotFoundError("gone", method="GET", path="/v2/droplets/7", status=404)


class FakePolls:
    """Polls nothing.

    Attributes:
        made: All that were made.
        facts: The states of Droplets, by their ids.
        errors: The errors of polls, by the Droplets' ids.
        joined: The intervals and the timeout of each Droplet that was waited for.
        left: Number of waits that left.
    """

    made: list[FakePolls]
    facts: dict[int, dict[str, Any]]
    errors: dict[int, Exception]

    def __init__(self, _: object, outage: object, options: object) -> None:
        self.outage, self.options = outage, options
        self.joined: list[tuple[float, float, float]] = []
        self.left = 0
        self.is_idle = True
        FakePolls.made.append(self)

    def pace(self) -> Pace:
        return Pace(first=1.0, longest=15.0, max_pause=2.0)

    def join(self, _: object, awaited: AwaitedDroplet, first: float, longest: float, timeout: float) -> Any:
        self.joined.append((first, longest, timeout))
        for name, value in FakePolls.facts.get(awaited.id, {}).items():
            setattr(awaited, name, value)
        return SimpleNamespace(awaited=awaited)

    async def until_over(self, wait: Any) -> None:
        error = FakePolls.errors.get(wait.entries[0].awaited.id)
        await asyncio.sleep(0 if error else 3600)
        if error is not None:
            raise error

    def leave(self, _: object) -> None:
        self.left += 1


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> DropletWatcher:
    FakePolls.made, FakePolls.facts, FakePolls.errors = [], {}, {}
    monkeypatch.setattr(module, "SharedPolls", FakePolls)
    sender: Any = SimpleNamespace(budget=None, settings=SimpleNamespace(access_token="token"))
    return DropletWatcher(sender, "outage")  # type: ignore[arg-type]  # it only passes it on


def target(until: object = "active", deadline: float = math.inf, **facts: Any) -> WaitTarget:
    return WaitTarget(stages=stages_of(until), deadline=deadline, **facts)


async def test_droplet_that_is_ready_ends_its_wait(watcher: DropletWatcher) -> None:
    one = droplet(id=7)
    FakePolls.facts = {7: {"last": one}}
    assert await watcher.wait_for(7, target()) is one
    (polls,) = FakePolls.made
    assert polls.joined == [(1.0, 15.0, math.inf)]
    assert (polls.options, polls.outage, polls.left) == ({}, "outage", 1)
    assert watcher._watches == {}


async def test_options_and_interval_are_those_of_the_wait(watcher: DropletWatcher) -> None:
    FakePolls.facts = {7: {"last": droplet(id=7)}}
    await watcher.wait_for(7, target(poll_interval=0.25), {"extra_headers": {"a": "b"}})
    assert FakePolls.made[0].options == {"extra_headers": {"a": "b"}}
    assert FakePolls.made[0].joined[0][0] == 0.25


async def test_waits_with_equal_options_share_their_polls(watcher: DropletWatcher) -> None:
    FakePolls.facts = {7: {"last": droplet(id=7)}}

    async def probe(_: Droplet) -> bool:
        await asyncio.sleep(0)
        return True

    given: list[ReadOptions | None] = [None, {}, {"extra_query": {"a": 1}}]
    waits = [watcher.wait_for(7, target(probe), options) for options in given]
    await asyncio.gather(*waits)
    assert [len(one.joined) for one in FakePolls.made] == [2, 1]


async def test_token_is_kept_from_programs_only_during_the_wait(watcher: DropletWatcher) -> None:
    seen: list[object] = []
    FakePolls.facts = {7: {"last": droplet(id=7)}}

    async def probe(_: Droplet) -> bool:
        seen.append(child_processes.TOKEN.get())
        return True

    before = child_processes.TOKEN.get()
    await watcher.wait_for(7, target(probe))
    assert seen == ["token"]
    assert child_processes.TOKEN.get() == before


@pytest.mark.parametrize(("left", "timeout"), [(90.0, 90.0), (-5.0, 0.0)])
async def test_polls_have_the_rest_of_the_time(
    watcher: DropletWatcher, monkeypatch: pytest.MonkeyPatch, left: float, timeout: float
) -> None:
    FakePolls.facts = {7: {"last": droplet(id=7)}}
    now = anyio.current_time()
    clock = SimpleNamespace(
        current_time=lambda: now, CancelScope=anyio.CancelScope, CapacityLimiter=anyio.CapacityLimiter
    )
    monkeypatch.setattr(module, "anyio", clock)
    await watcher.outcomes([7], target(deadline=now + left))
    assert FakePolls.made[0].joined[0][2] == pytest.approx(timeout)


# Errors.


async def test_error_of_the_polls_ends_the_wait(watcher: DropletWatcher) -> None:
    FakePolls.errors = {7: AWAY}
    FakePolls.facts = {8: {"last": droplet(id=8)}}
    outcomes = await watcher.outcomes([7, 8], target())
    assert outcomes[0] is AWAY
    assert outcomes[1] is FakePolls.facts[8]["last"]
    with pytest.raises(APIConnectionError):
        await watcher.wait_for(7, target())


async def test_lost_droplet_has_the_stage_and_the_seconds(
    watcher: DropletWatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([100.0, 100.0, 101.23456, 101.23456])
    clock = SimpleNamespace(
        current_time=lambda: next(now), CancelScope=anyio.CancelScope, CapacityLimiter=anyio.CapacityLimiter
    )
    monkeypatch.setattr(module, "anyio", clock)
    errored = action(id=5, type="create", status="errored", resource_id=7)
    lost: PlacementLostError = placement.lost(7, errored, GONE)
    FakePolls.errors = {7: lost}
    FakePolls.facts = {7: {"last": droplet(id=7, status="new")}}
    (outcome,) = await watcher.outcomes([7], target(("active", "address")))
    assert outcome is lost
    assert (lost.stage, lost.seconds) == ("active", 1.235)


async def test_gone_droplet_has_the_stage_too(watcher: DropletWatcher) -> None:
    gone = DropletGoneError("gone", droplet_id=7, droplet=None, **placement.facts_of(GONE))
    FakePolls.errors = {7: gone}
    FakePolls.facts = {7: {"last": droplet(id=7)}}
    await watcher.outcomes([7], target("address"))
    assert gone.stage == "address"


@pytest.mark.parametrize(
    ("error", "ends_all"), [(RuntimeError("bug"), True), (UnhealthyDropletError("sick", droplet_id=7), False)]
)
async def test_error_of_the_users_code_ends_all_waits(
    watcher: DropletWatcher, monkeypatch: pytest.MonkeyPatch, error: Exception, ends_all: bool
) -> None:
    async def passed(stages: Any) -> Droplet:
        await asyncio.sleep(0)
        if stages._awaited.id == 7:
            raise error
        for _ in range(20):
            await asyncio.sleep(0)
        return FakePolls.facts[8]["last"]  # type: ignore[no-any-return]  # see below

    FakePolls.facts = {8: {"last": droplet(id=8)}}
    monkeypatch.setattr(DropletStages, "passed", passed)
    outcomes = await watcher.outcomes([7, 8], target())
    assert outcomes[0] is error
    assert isinstance(outcomes[1], DropletWaitTimeoutError) is ends_all
    assert FakePolls.made[0].left == 2


# The end of the time.

NEW = droplet(id=7, name="a", status="new")
NOT_READY = "Droplet 7 is not ready after 0 s: it did not reach 'active'; "
NAMED = "Droplet 7 (a) is not ready after 0 s: it did not reach 'active'; "
STATE = "its status is 'new', and it has no public address."


@pytest.mark.parametrize(
    ("given", "facts", "text"),
    [
        (7, {}, f"{NOT_READY}it could not be read."),
        (NEW, {}, f"{NAMED}it could not be read."),
        (7, {"last": NEW}, f"{NAMED}{STATE} It exists, and is billed."),
        (NEW, {"last": NEW, "misses": 1}, f"{NAMED}{STATE}"),
        (7, {"misses": 1}, f"{NOT_READY}it could not be read."),
        (7, {"failure": AWAY}, f"{NOT_READY}it could not be read. The last poll failed: {AWAY}."),
        (
            7,
            {"last": NEW, "failure": AWAY},
            f"{NAMED}{STATE} It exists, and is billed. The last poll failed: {AWAY}.",
        ),
    ],
)
async def test_error_says_how_far_the_droplet_came(
    watcher: DropletWatcher, monkeypatch: pytest.MonkeyPatch, given: Any, facts: dict[str, Any], text: str
) -> None:
    clock = SimpleNamespace(
        current_time=lambda: 5.0, CancelScope=anyio.CancelScope, CapacityLimiter=anyio.CapacityLimiter
    )
    monkeypatch.setattr(module, "anyio", clock)
    FakePolls.facts = {7: facts}
    with pytest.raises(DropletWaitTimeoutError) as caught:
        await watcher.wait_for(given, target(deadline=-1.0))
    error = caught.value
    assert error.message == text
    assert error.droplet is (facts.get("last") or (given if given is NEW else None))
    assert (error.stage, error.seconds) == ("active", 0.0)
    assert error.__cause__ is facts.get("failure")


async def test_error_of_a_probe_is_the_cause_of_its_timeout(watcher: DropletWatcher) -> None:
    def probe(_: Droplet) -> bool:
        raise cause

    cause = ValueError("not yet")
    FakePolls.facts = {7: {"last": droplet(id=7), "failure": AWAY}}
    with pytest.raises(DropletWaitTimeoutError) as caught:
        await watcher.wait_for(7, target(probe, anyio.current_time() + 0.2))
    assert caught.value.__cause__ is cause
    assert "; its last try raised ValueError('not yet')" in caught.value.message
