"""Pictures of runs, pinned as files. After a change that is meant, run this file as a program, and look at them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, action

from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.picture import Mark, Picture
from gradient_async.fleet.report import FleetReport
from gradient_async.fleet.timeline import drawn, timeline_of

if TYPE_CHECKING:
    from datetime import datetime

pytestmark = pytest.mark.once

FOLDER = Path(__file__).parent / "pictures"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def outcome(number: int, start: float | None = 0, end: float = 10, **others: Any) -> Outcome:
    started_at = None if start is None else at(start)
    return Outcome(**{"status": "completed"} | others, droplet_id=number, started_at=started_at, ended_at=at(end))


def report(*outcomes: Outcome, **others: Any) -> FleetReport:
    facts: dict[str, Any] = {"action": "reboot", "began_at": NOON, "duration": 100.0, "requests": 7}
    return FleetReport(outcomes=outcomes, **{"refused_for_rate": 0, **facts, **others})


def times(*seconds: float) -> tuple[float, ...]:
    return tuple(NOON.timestamp() + one for one in seconds)


REBOOT = action(id=36804636, status="completed")
MIXED = report(
    outcome(11, 0, 30, name="trainer-01", action=REBOOT),
    outcome(12, 0.5, 20, status="failed", reason="it errored & broke"),
    outcome(13, 1, 90, status="unknown", reason="x" * 400),
    outcome(14, 40, 60, batch=2),
    outcome(15, 41, 70, status="started", batch=2, reason="not awaited"),
    outcome(16, None, 80, status="skipped", batch=3, reason="max_errors"),
    outcome(17, None, 2, is_resumed=True),
    stopped_by="more than 1 Droplets failed or are unknown (max_errors)",
    request_times=times(0, 0.5, 1, 40, 41, 70, 90),
    limit=(5, 60.0),
)
MANY = report(
    *(
        outcome(100 + one, one, one + 20, batch=1 + one // 25, status="failed" if one == 3 else "completed")
        for one in range(60)
    ),
    request_times=times(*range(60)),
    limit=(250, 3600.0),
)
PICTURES = {
    "mixed": MIXED,
    "plain": report(outcome(11, 1, 4), outcome(12, 2, 3, batch=2), duration=5.0, request_times=times(1, 2)),
    "empty": report(duration=0.0, requests=0),
    "many": MANY,
    "short": report(
        outcome(11, 0.001, 0.25), began_at=at(0.0006), duration=0.3, request_times=times(0.1), limit=(9, 1.0)
    ),
    "seconds": report(outcome(11, 0.1, 9.0), duration=10.0, action="y" * 300, stopped_by="z" * 141),
    "day": report(outcome(11, 0, 80_000), duration=86_400.0, request_times=times(5), limit=(1, 60.0)),
    "days": report(outcome(11, None, 80_000, status="skipped"), duration=200_000.0, stopped_by="z" * 300),
    "resumed": report(outcome(11, None, 5, is_resumed=True), outcome(12, None, 5, is_resumed=True)),
    "edges": report(*(outcome(one, None, end, status="skipped") for one, end in enumerate((0.0, 0.2, 99.8, 100.0)))),
}


WITH_MARKS = Picture(
    headline="create of 2 Droplets: 1 ready",
    stopped_by=None,
    began_at=NOON,
    duration=50.0,
    outcomes=(outcome(11, 0, 30), outcome(12, 10, 40)),
    legend=(("completed", "ready 2"),),
    request_times=times(1, 2),
    limit=None,
    rows_heading="Droplets",
    marks_heading="Tries",
    marks=tuple(Mark(at=NOON.timestamp() + one, colour="failed", text=f"try {one}") for one in (5, 20)),
)
NAMES = (*PICTURES, "marks")


def picture(name: str) -> str:
    return drawn(WITH_MARKS) if name == "marks" else timeline_of(PICTURES[name])


@pytest.mark.parametrize("name", NAMES)
def test_picture_is_as_it_was(name: str) -> None:
    assert picture(name) == (FOLDER / f"{name}.svg").read_text("ascii").removesuffix("\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        (FOLDER / f"{name}.svg").write_text(f"{picture(name)}\n", "ascii")
