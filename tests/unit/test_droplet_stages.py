"""One Droplet passes the stages of a wait, without a server."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from samples import droplet

from gradient_async import UnhealthyDropletError
from gradient_async.models.droplet import Networks, NetworkV4
from gradient_async.waiting import droplet_stages, ssh_banner
from gradient_async.waiting.awaited_droplet import AwaitedDroplet
from gradient_async.waiting.droplet_stages import DropletStages
from gradient_async.waiting.poller import Pace
from gradient_async.waiting.readiness import WaitTarget, stages_of

if TYPE_CHECKING:
    from gradient_async.models.droplet import Droplet

# A wait that never ends is a failure.
pytestmark = pytest.mark.timeout(20)

ADDRESS = Networks(v4=(NetworkV4(ip_address="198.51.100.7", type="public"),))


def passage(until: object, last: Droplet | None, limiter: anyio.CapacityLimiter | None = None) -> DropletStages:
    """Return the stages of a wait for a Droplet, which was last read as given."""
    awaited = AwaitedDroplet.of(3164444)
    awaited.last = last
    target = WaitTarget(stages=stages_of(until), deadline=math.inf, ssh_port=2222)
    pace = Pace(first=1.0, longest=15.0, max_pause=2.0)
    return DropletStages(awaited, target, 0.25, pace, limiter or anyio.CapacityLimiter(1))


async def until_idle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def report(stages: DropletStages, one: Droplet) -> None:
    """End a poll that has read the Droplet."""
    stages._awaited.read(one, 1.0)
    stages._awaited.news.set()


class Pauses:
    """The pauses between tries: none lasts.

    Attributes:
        asked: Number of tries, first pause and longest pause of each.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[int, float, float]] = []

    def __call__(self, tries: int, first: float, jitter: float, longest: float) -> float:
        assert 0 <= jitter <= 1
        self.asked.append((tries, first, longest))
        return 0.0


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    found = Pauses()
    monkeypatch.setattr(droplet_stages, "interval", found)
    return found


async def test_stage_that_the_api_shows_is_checked_after_each_poll(pauses: Pauses) -> None:
    stages = passage("address", None)
    assert stages.current == "active"
    task = asyncio.create_task(stages.passed())
    seen = []
    for one in (droplet(status="new"), droplet(status="new"), droplet(), droplet(networks=ADDRESS)):
        await until_idle()
        seen.append((stages.current, task.done(), stages._awaited.news.is_set()))
        report(stages, one)
    await until_idle()
    assert seen == [("active", False, False)] * 3 + [("address", False, False)]
    assert task.done()
    assert (await task).networks == ADDRESS
    assert pauses.asked == []


async def test_probe_is_tried_at_growing_intervals(pauses: Pauses) -> None:
    answers = [False, False, False, True]
    stages = passage(lambda _: answers.pop(0), droplet())
    assert await stages.passed() is stages._awaited.last
    assert pauses.asked == [(1, 0.25, 5.0), (2, 0.25, 5.0), (3, 0.25, 5.0)]


async def test_probe_is_tried_at_once_after_a_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(droplet_stages, "interval", lambda *_: 3600.0)
    tried = asyncio.Event()

    async def probe(one: Droplet) -> bool:
        tried.set()
        return one.status == "active"

    stages = passage(probe, droplet(status="new"))
    task = asyncio.create_task(stages.passed())
    await tried.wait()
    await until_idle()
    assert not task.done()
    report(stages, droplet())
    assert (await task).status == "active"


async def test_few_droplets_are_tried_at_once() -> None:
    limiter = anyio.CapacityLimiter(1)
    borrowed = []

    async def probe(_: Droplet) -> bool:
        borrowed.append(limiter.borrowed_tokens)
        return True

    await passage(probe, droplet(), limiter).passed()
    assert borrowed == [1]
    assert limiter.borrowed_tokens == 0


async def test_ssh_is_asked_at_the_droplets_address(monkeypatch: pytest.MonkeyPatch, pauses: Pauses) -> None:
    asked: list[tuple[str, int]] = []

    async def answers(host: str, port: int) -> bool:
        asked.append((host, port))
        return len(asked) == 2

    monkeypatch.setattr(ssh_banner, "answers", answers)
    stages = passage("ssh", droplet(networks=ADDRESS))
    await stages.passed()
    assert asked == [("198.51.100.7", 2222)] * 2
    assert stages.trouble == "; no SSH server answers at port 2222"
    assert len(pauses.asked) == 1


async def test_ssh_is_not_asked_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(droplet_stages, "interval", lambda *_: 3600.0)

    async def answers(host: str, port: int) -> bool:
        raise AssertionError((host, port))

    monkeypatch.setattr(ssh_banner, "answers", answers)
    stages = passage("ssh", droplet(networks=ADDRESS))
    stages._target = WaitTarget(stages=stages._target.stages[2:], deadline=math.inf)
    stages._awaited.last = droplet()
    task = asyncio.create_task(stages.passed())
    await until_idle()
    assert not task.done()
    assert stages.trouble == "; no SSH server answers at port 22"
    task.cancel()


async def test_error_of_a_probe_counts_as_no(pauses: Pauses) -> None:
    outcomes: list[Any] = [ValueError("not yet"), True]

    def probe(_: Droplet) -> bool:
        seen.append((stages.trouble, repr(stages.cause)))
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)

    seen: list[tuple[str, str]] = []
    stages = passage(probe, droplet())
    await stages.passed()
    assert seen == [("", "None"), ("; its last try raised ValueError('not yet')", "ValueError('not yet')")]
    assert (stages.trouble, stages.cause) == ("", None)
    assert len(pauses.asked) == 1


@pytest.mark.parametrize(
    "error", [UnhealthyDropletError("xid 79", droplet_id=7), ImportError("no"), NameError("no"), TypeError("no")]
)
async def test_error_of_the_probes_own_code_ends_the_wait(error: Exception) -> None:
    def probe(_: Droplet) -> bool:
        raise error

    with pytest.raises(type(error), match=str(error)):
        await passage(probe, droplet()).passed()


@pytest.mark.parametrize("answer", [None, 1, "yes"])
async def test_probe_that_does_not_answer_yes_or_no_is_refused(answer: Any) -> None:
    def probe(_: Droplet) -> Any:
        return answer

    text = f"until: the probe probe must return True or False, got {answer!r}"
    with pytest.raises(TypeError, match=text):
        await passage(probe, droplet()).passed()
