"""Waits: the number of requests to wait for 1, 10, 100 and 1,000 reboots of 30 seconds, in real time.

The other way is a simple loop: it reads each action every five seconds until it ends.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

import command
from gradient_async import AsyncGradientAI
from gradient_async.emulator import Emulator
from tables import Figure, Ratio, Table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from command import Options
    from gradient_async import Action

_SIZES: Final = (1, 10, 100, 1_000)
_REBOOT_SECONDS: Final = 30.0
_LOOP_SECONDS: Final = 5.0


def measure(options: Options) -> Sequence[Table]:
    """Count the requests for each number of actions. All waits run at the same time, each in its own account."""
    sizes = tuple(size for size in _SIZES if size <= options.part_of(max(_SIZES)))
    return [_table(size, *counts) for size, counts in zip(sizes, asyncio.run(_counts(sizes)), strict=True)]


async def _counts(sizes: Sequence[int]) -> Sequence[tuple[int, int]]:
    return await asyncio.gather(*(_both(size) for size in sizes))


async def _both(size: int) -> tuple[int, int]:
    ours, loop = await asyncio.gather(_requests(size, _with_wait), _requests(size, _with_loop))
    return ours, loop


def _table(size: int, ours: int, loop: int) -> Table:
    actions = f"{size:,} action{'' if size == 1 else 's'}"
    wait, naive = "client.gpu_droplets.actions.wait", "a read of each, every 5 s"
    return Table(
        scenario=f"wait {size}",
        title=f"wait for {actions}",
        unit="requests",
        figures=(Figure(label=wait, values=(ours,)), Figure(label=naive, values=(loop,))),
        ratios=(Ratio(scenario=f"wait {size}", ours=wait, other=naive, values=(ours / loop,)),),
    )


async def _requests(size: int, wait: Callable[[AsyncGradientAI, Sequence[Action]], Awaitable[object]]) -> int:
    """Return the number of requests of one way of waiting, without those that start the actions."""
    durations = {"reboot": _REBOOT_SECONDS}
    async with (
        Emulator(droplets=size, limits=None, durations=durations) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client,
    ):
        initiate = client.gpu_droplets.actions.initiate
        started = await asyncio.gather(
            *(initiate(droplet_id, type="reboot") for droplet_id in emulator.account.droplets)
        )
        await wait(client, [response.action for response in started])
        return Counter(request.method for request in emulator.requests)["GET"]


async def _with_wait(client: AsyncGradientAI, actions: Sequence[Action]) -> None:
    await client.gpu_droplets.actions.wait(actions)


async def _with_loop(client: AsyncGradientAI, actions: Sequence[Action]) -> None:
    left = list(actions)
    while left:
        await asyncio.sleep(_LOOP_SECONDS)
        read = await asyncio.gather(*(client.actions.retrieve(action.id) for action in left))
        left = [answer.action for answer in read if not answer.action.is_finished]


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
