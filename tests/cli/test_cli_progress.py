"""The progress and the time left of a run: right numbers, at growing intervals."""

from __future__ import annotations

import asyncio
import heapq
import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import FleetProgress, Outcome, RateBudget, WindowUse
from gradient_async.cli.progress import PlainLines, RunNumbers, ticking
from gradient_async.cli.time_left import Pace, TimeLeft, time_left
from gradient_async.fleet import plan as plans
from gradient_async.fleet.limits import Limit

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MINUTE = WindowUse(limit=250, seconds=60.0, used=0, left=250)
HOUR = WindowUse(limit=5000, seconds=3600.0, used=0, left=5000)
REBOOT = plans.plan_of("reboot", until_status=False)


def left(**changes: Any) -> TimeLeft | None:
    values = {
        "total": 1000,
        "started": 270,
        "ended": 250,
        "timed": 250,
        "peak": 20,
        "elapsed": 60.0,
        "quiet": 0.0,
        "action_seconds": 20.0,
        "requests_each": 1,
        "windows": [MINUTE, HOUR],
        **changes,
    }
    return time_left(Pace(**values))


def test_time_left_is_the_slower_of_windows_and_pace() -> None:
    assert left() == TimeLeft(seconds=180.0, is_minimum=False)
    assert left(elapsed=1.0) == TimeLeft(seconds=2 * 60 + 20, is_minimum=False)
    assert left(elapsed=600.0) == TimeLeft(seconds=1800.0, is_minimum=False)
    assert left(started=1000, ended=999) == TimeLeft(seconds=20.0, is_minimum=False)


def test_nothing_is_said_when_little_is_known() -> None:
    assert left(timed=0, ended=0, started=20) == TimeLeft(seconds=180.0, is_minimum=True)
    assert left(timed=0, ended=0, started=20, windows=[]) is None
    assert left(total=100, timed=2, ended=2, started=20) is None
    assert left(ended=1000) is None
    assert left(started=1000, ended=999, quiet=41.0) is None
    assert left(windows=[WindowUse(limit=0, seconds=60.0, used=0, left=0)]) is None
    assert left(total=0, started=0, ended=0, timed=0) is None


def test_long_times_are_bounded() -> None:
    assert str(TimeLeft(seconds=1_200_000.0, is_minimum=False)) == "more than 48 h 00 min left"
    assert str(TimeLeft(seconds=90.0, is_minimum=False)) == "about 1 min 30 s left"
    assert str(TimeLeft(seconds=90.0, is_minimum=True)) == "at least 1 min 30 s left"


def estimates(total: int, width: int, seconds: list[float]) -> Iterator[tuple[float, float]]:
    """Yield estimated and real seconds left, after each outcome of a run without rate windows."""
    starts = iter(range(total))
    ends = [(seconds[one % len(seconds)], one) for _, one in zip(range(width), starts, strict=False)]
    heapq.heapify(ends)
    records = []
    started, spent, now = len(ends), 0.0, 0.0
    for ended in range(1, total + 1):
        now, one = heapq.heappop(ends)
        spent += seconds[one % len(seconds)]
        widest = min(width, total)
        for following in starts:
            heapq.heappush(ends, (now + seconds[following % len(seconds)], following))
            started += 1
            break
        said = left(
            total=total,
            started=started,
            ended=ended,
            timed=ended,
            peak=widest,
            elapsed=now,
            action_seconds=spent / ended,
            windows=[],
        )
        records.append((math.nan if said is None else said.seconds, now))
    return ((said, now - at) for said, at in records)


@given(
    st.integers(1, 400), st.integers(1, 100), st.lists(st.floats(5.0, 20.0, allow_nan=False), min_size=1, max_size=9)
)
def test_estimate_is_near_what_comes_when_actions_are_alike(total: int, width: int, seconds: list[float]) -> None:
    longest = max(seconds)
    for said, real in estimates(total, width, seconds):
        assert math.isnan(said) or said <= 4 * real + 2 * longest
        assert math.isnan(said) or real <= 4 * said + 2 * longest


def test_nothing_is_estimated_when_one_of_thousands_has_ended() -> None:
    """One of 4,000 failed after five minutes: its pace would give 333 hours."""
    assert left(total=4000, started=1000, ended=1, timed=1, peak=1000, elapsed=300.0, windows=[]) is None
    said = left(total=4000, started=1080, ended=80, timed=80, peak=1000, elapsed=300.0, action_seconds=300.0)
    assert said is not None
    assert said.seconds < 3600


# --- what is shown ---


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Lines:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, *parts: Any, **_: Any) -> None:
        self.said.append("".join(part if isinstance(part, str) else part[0] for part in parts))


def progress(total: int | None, ended: int, started: int, **outcome: Any) -> FleetProgress:
    latest = Outcome(
        **{"droplet_id": 1, "status": "completed", "started_at": NOON, "ended_at": NOON + timedelta(seconds=20)}
        | outcome
    )
    return FleetProgress(
        total=total, started=started, completed=ended, failed=0, unknown=0, skipped=0, elapsed=1.0, latest=latest
    )


def test_lines_come_at_growing_intervals_when_nothing_happens() -> None:
    clock, lines = Clock(), Lines()
    numbers = RunNumbers(REBOOT, 40, RateBudget(), now=clock)
    shown = PlainLines(numbers, lines, clock)  # type: ignore[arg-type]  # it has what is used
    at = []
    for second in range(300):
        clock.seconds = float(second)
        before = len(lines.said)
        shown.tick()
        at += [second] * (len(lines.said) - before)
    assert at == [5, 15, 35, 75, 135, 195, 255]
    assert lines.said[0] == "reboot: 0/40, 5 s so far, requests 0/250 in 60 s, 0/5,000 in 1 h"


def test_batches_are_counted() -> None:
    numbers = RunNumbers(REBOOT, None, RateBudget(), batch_size=Limit(count=10))
    assert numbers.counts == "0"
    numbers.update(progress(25, 9, 10))
    assert numbers.counts == "9/25, batch 1 of 3"
    numbers.update(progress(25, 10, 11))
    assert numbers.counts == "10/25, batch 2 of 3"
    numbers.update(progress(25, 25, 25))
    assert numbers.counts == "25/25, batch 3 of 3"


def test_outcomes_of_an_earlier_run_say_nothing_of_the_pace() -> None:
    clock = Clock()
    numbers = RunNumbers(REBOOT, 1000, RateBudget(), now=clock)
    clock.seconds = 20.0
    for ended in range(1, 501):
        numbers.update(progress(1000, ended, ended, is_resumed=True, started_at=None))
    assert numbers.times.startswith("20 s so far, at least 1 min left, requests "), "which the rate windows say"
    for ended in range(501, 541):
        numbers.update(progress(1000, ended, 600))
    assert numbers.times.startswith("20 s so far, about ")


async def test_time_passes_while_a_run_waits() -> None:
    ticks: list[int] = []

    class Watch:
        def tick(self) -> None:
            ticks.append(1)

    with ticking(Watch()):  # type: ignore[arg-type]  # it has what is used
        await asyncio.sleep(1.3)
    await asyncio.sleep(1.1)
    assert len(ticks) == 1


def test_outage_is_shown_at_every_log_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from gradient_async import log
    from gradient_async.cli.screen import Screen

    handlers = list(log.logger.handlers)
    with monkeypatch.context() as streams:
        streams.setattr(sys, "stdout", sys.stdout)
        streams.setattr(sys, "stderr", sys.stderr)
        try:
            Screen().take_log(is_verbose=False)
            log.polls_fail(12.0, ConnectionError("no route to \x1b[2Jhost"))
            log.polls_work(60.0)
        finally:
            log.logger.handlers[:] = handlers
    assert capsys.readouterr().err.splitlines() == [
        r"warning: polls have failed for 12 s; retrying: no route to \x1b[2Jhost",
        "warning: polls work again, after 60 s",
    ]
