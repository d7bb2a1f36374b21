"""A health check is asked again, but not after the time is over."""

from __future__ import annotations

import math
import time

import anyio
import pytest
from samples import droplet
from virtual_time import BEGIN, run

from gradient_async import Droplet, UnhealthyDropletError
from gradient_async.fleet.health import check_health
from gradient_async.fleet.options import RunOptions

ID = 3164444


async def read() -> Droplet:
    return droplet()


async def read_never() -> Droplet:
    await anyio.sleep(40)
    return droplet()


async def say_nothing(_: Droplet) -> bool:
    await anyio.sleep(40)
    return True


async def say_no(_: Droplet) -> bool:
    return False


@pytest.mark.parametrize(
    ("reader", "check", "interval", "said"),
    [
        (read, say_nothing, 0.0, "gave no answer within 0.[12]"),
        (read_never, say_no, 0.0, "gave no answer within 0.[12]"),
        (read, say_no, 40.0, "did not pass"),
    ],
    ids=["hanging check", "hanging read", "long interval"],
)
async def test_checks_end_in_time(reader: object, check: object, interval: float, said: str) -> None:
    options = RunOptions(health_check=check, health_retries=3, health_interval=interval, health_timeout=40.0)  # type: ignore[arg-type]  # two kinds of functions
    began = time.monotonic()
    with pytest.raises(UnhealthyDropletError, match=f"the health check of Droplet {ID} {said}"):
        await check_health(ID, reader, options, anyio.current_time() + 0.2)  # type: ignore[arg-type]  # likewise
    assert 0.15 < time.monotonic() - began < 12


async def test_nothing_is_asked_when_the_time_is_over() -> None:
    options = RunOptions(health_check=say_no)
    with pytest.raises(UnhealthyDropletError, match="nothing, since the time was over"):
        await check_health(ID, read, options, anyio.current_time())


@pytest.mark.parametrize(("retries", "calls"), [(0, 1), (1, 2), (3, 4)])
def test_check_is_called_again_as_often_as_allowed(retries: int, calls: int) -> None:
    asked: list[float] = []

    async def check(_: Droplet) -> bool:
        asked.append(anyio.current_time() - BEGIN)
        return False

    options = RunOptions(health_check=check, health_retries=retries, health_interval=5.0)
    with pytest.raises(UnhealthyDropletError, match="did not pass"):
        run(check_health(ID, read, options, math.inf))
    assert asked == [5.0 * number for number in range(calls)]


def test_last_pause_ends_with_the_time() -> None:
    options = RunOptions(health_check=say_no, health_retries=9, health_interval=5.0)

    async def ended_at() -> float:
        with pytest.raises(UnhealthyDropletError, match="did not pass"):
            await check_health(ID, read, options, BEGIN + 10.5)
        return anyio.current_time() - BEGIN

    assert run(ended_at()) == 10.5


def test_nothing_is_asked_at_the_very_end_of_the_time() -> None:
    options = RunOptions(health_check=say_no)
    with pytest.raises(UnhealthyDropletError, match="nothing, since the time was over"):
        run(check_health(ID, read, options, BEGIN))
