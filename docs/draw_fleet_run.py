"""Draws pictures/rolling-reboot.svg, the picture that a report makes of its run: ``python docs/draw_fleet_run.py``.

A rolling reboot of 24 emulated Droplets. One reboot fails. One Droplet passes its second health check.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from gradient_async import AsyncGradientAI
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from gradient_async import Droplet

PICTURE = Path(__file__).parent / "pictures" / "rolling-reboot.svg"
DROPLETS = [DropletSpec(tags=["training"])] * 24
LATE_DROPLET = 3164458


async def main() -> None:
    """Run the fleet, and write the picture."""
    asked: set[int] = set()

    def is_well(droplet: Droplet) -> bool:
        first_time = droplet.id not in asked
        asked.add(droplet.id)
        return not (first_time and droplet.id == LATE_DROPLET)

    failing = faults.ErroredAction(skip=9, times=1)
    async with (
        Emulator(DROPLETS, time_scale=20, faults=[failing]) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client,
    ):
        report = await client.fleet.reboot(
            tag="training", batch_size="25%", max_errors=2, health_check=is_well, health_interval=0.5
        )
    PICTURE.write_text(report.timeline(), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
