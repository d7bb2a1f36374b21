"""Fleet: the wall time of a run over 1,000 Droplets against the minimum that the account's rate windows allow."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Final

import command
from account import TOKEN, emulated_account
from answers import FIRST_DROPLET
from gradient_async import AsyncGradientAI, RateBudget
from tables import Figure, Ratio, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options

_DROPLETS: Final = 1_000
_TIME_SCALE: Final = 10.0
_A_MINUTE: Final = (250, 60.0 / _TIME_SCALE)
_AN_HOUR: Final = (5_000, 3600.0 / _TIME_SCALE)
# Seconds of a reboot in the emulator.
_REBOOT_SECONDS: Final = 20.0 / _TIME_SCALE
_MAX_ROUNDS: Final = 2


def measure(options: Options) -> Sequence[Table]:
    """Measure the seconds of a run that waits for every reboot, on an account with a clock ten times as fast."""
    droplets = options.part_of(_DROPLETS)
    # All requests that act, the last reboot, and one poll after it.
    least = max(_earliest(droplets) + _REBOOT_SECONDS, _earliest(droplets + 1))
    spent = tuple(_run(droplets) for _ in range(min(options.rounds, _MAX_ROUNDS)))
    least_label = "the minimum of the windows"
    return [
        Table(
            scenario="fleet",
            title=f"reboot of {droplets:,} Droplets and wait for all, time {_TIME_SCALE:g} times as fast",
            unit="s",
            figures=(
                Figure(label="client.fleet.run", values=spent),
                Figure(label=least_label, values=(least,)),
            ),
            ratios=(
                Ratio(
                    scenario="fleet",
                    ours="client.fleet.run",
                    other=least_label,
                    values=tuple(seconds / least for seconds in spent),
                ),
            ),
        )
    ]


def _earliest(request: int) -> float:
    """Return the seconds until the windows allow a request, by its number."""
    return (request - 1) // _A_MINUTE[0] * _A_MINUTE[1]


def _run(droplets: int) -> float:
    with emulated_account(droplets, _TIME_SCALE) as url:
        return asyncio.run(_reboot_all(url, droplets))


async def _reboot_all(url: str, droplets: int) -> float:
    async with AsyncGradientAI(TOKEN, base_url=url, rate_budget=RateBudget((_A_MINUTE, _AN_HOUR))) as client:
        began = time.perf_counter()
        report = await client.fleet.run("reboot", droplets=range(FIRST_DROPLET, FIRST_DROPLET + droplets))
        report.raise_for_failures()
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
