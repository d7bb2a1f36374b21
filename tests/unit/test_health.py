"""A health check is asked again, but not after the time is over."""

from __future__ import annotations

import time

import anyio
import pytest
from samples import droplet

from gradient_async import Droplet, UnhealthyDropletError
from gradient_async.fleet.health import check_health
from gradient_async.fleet.options import RunOptions

ID = 3164444


async def read() -> Droplet:
    return droplet()


async def read_never() -> Droplet:
    await anyio.sleep(9)
    return droplet()


async def say_nothing(_: Droplet) -> bool:
    await anyio.sleep(9)
    return True


async def say_no(_: Droplet) -> bool:
    return False


@pytest.mark.parametrize(
    ("reader", "check", "interval", "said"),
    [
        (read, say_nothing, 0.0, "gave no answer within 0.[12]"),
        (read_never, say_no, 0.0, "gave no answer within 0.[12]"),
        (read, say_no, 9.0, "did not pass"),
    ],
    ids=["hanging check", "hanging read", "long interval"],
)
async def test_checks_end_in_time(reader: object, check: object, interval: float, said: str) -> None:
    options = RunOptions(health_check=check, health_retries=3, health_interval=interval, health_timeout=9.0)  # type: ignore[arg-type]  # two kinds of functions
    began = time.monotonic()
    with pytest.raises(UnhealthyDropletError, match=f"the health check of Droplet {ID} {said}"):
        await check_health(ID, reader, options, anyio.current_time() + 0.2)  # type: ignore[arg-type]  # likewise
    assert 0.15 < time.monotonic() - began < 5


async def test_nothing_is_asked_when_the_time_is_over() -> None:
    options = RunOptions(health_check=say_no)
    with pytest.raises(UnhealthyDropletError, match="nothing, since the time was over"):
        await check_health(ID, read, options, anyio.current_time())
