"""``python -m gradient_async``: a demonstration of two reboots on the embedded emulator. It needs no account."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from gradient_async.client import AsyncGradientAI
from gradient_async.emulator import Emulator, faults

if TYPE_CHECKING:
    from gradient_async.models.action import Action

_TIME_SCALE = 20.0
_ROUTE = "POST /v2/droplets/{droplet_id}/actions"


async def main() -> int:
    """Reboot two Droplets, the second one over a connection that breaks, and print what happens."""
    lost_answer = faults.DropAfter(route=_ROUTE, skip=1, times=1)
    async with Emulator(droplets=2, time_scale=_TIME_SCALE, faults=[lost_answer]) as emulator:
        say(f"An emulated account with 2 GPU Droplets at {emulator.base_url}, where a minute takes 3 seconds.")
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client:
            droplets = [droplet async for droplet in client.gpu_droplets.list_all()]
            for droplet in droplets:
                say(f"\nDroplet {droplet.id} ({droplet.name}, {droplet.size_slug}) is {droplet.status}. Rebooting it:")
                await reboot(client, droplet.id)
        posts = [request for request in emulator.requests if request.method == "POST"]
        started = [action for droplet in droplets for action in emulator.account.actions_of(droplet.id)]
        reboots = sum(action.type == "reboot" for action in started)
        say(f"\nThe server received {len(posts)} requests for 2 reboots, and executed {reboots}.")
    return 0


async def reboot(client: AsyncGradientAI, droplet_id: int) -> None:
    """Reboot one Droplet and wait until the action is completed."""
    actions = client.gpu_droplets.actions.with_raw_response
    raw = await actions.initiate(droplet_id=droplet_id, type="reboot")
    if raw.is_adopted:
        say(f"  the connection broke before the answer came ({raw.attempts[0].detail});")
        say("  it was not sent again: the Droplet's own list of actions shows that it was executed")
    show(raw.parse().action)
    show(await client.gpu_droplets.actions.wait(raw.parse().action, timeout=60))


def show(action: Action) -> None:
    """Print one action on one line."""
    say(f"  action {action.id}: {action.type} {action.status}")


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
