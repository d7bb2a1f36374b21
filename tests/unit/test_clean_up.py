"""How long a cancelled task still needs to be waited for."""

from __future__ import annotations

import asyncio
import time

import pytest

from gradient_async.clean_up import announce_clean_up, clean_up_seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock: its last number is the time."""
    times = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: times[-1])
    return times


async def test_task_is_waited_for_as_long_as_it_has_said(clock: list[float]) -> None:
    task = asyncio.current_task()
    assert isinstance(task, asyncio.Task)
    assert clean_up_seconds(task) == 0.0
    announce_clean_up(50.0)
    assert clean_up_seconds(task) == 50.0
    clock.append(1040.0)
    assert clean_up_seconds(task) == 10.0
    clock.append(1051.0)
    assert clean_up_seconds(task) == 0.0


async def test_other_tasks_are_not_waited_for(clock: list[float]) -> None:
    announce_clean_up(50.0)
    other = asyncio.create_task(asyncio.sleep(0))
    assert clock == [1000.0]
    assert clean_up_seconds(other) == 0.0
    assert clean_up_seconds(None) == 0.0
    await other
