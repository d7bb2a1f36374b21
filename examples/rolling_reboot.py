"""A rolling reboot of a training fleet, batch by batch. The next batch starts if all Droplets of the last are healthy.

Ctrl-C stops it, and so does a Droplet that stays unhealthy. The same journal resumes it, and no Droplet is rebooted
twice. Each run has its own journal, with the date in its name. It always writes a picture of the run, for a browser.
Run it from the repository's root, with an account or with the emulator (see README.md):

    python examples/rolling_reboot.py training --batch-size 25%
    python examples/rolling_reboot.py training --health-url "http://{ip}:9400/health"

Exit status: 0 all are rebooted and healthy, 1 some are not, 2 the run could not begin, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from gradient_async import AsyncGradientAI, Droplet, FleetCancelled, FleetProgress, FleetReport, GradientAIError


def show(progress: FleetProgress) -> None:
    """Print a line for each Droplet."""
    latest = progress.latest
    print(f"{progress.ended}/{progress.total}  {latest.droplet_id}  {latest.status}  {latest.reason}", flush=True)


async def main(options: argparse.Namespace) -> int:
    """Reboot the fleet, and return the exit status."""
    async with AsyncGradientAI() as client, aiohttp.ClientSession() as session:

        async def is_well(droplet: Droplet) -> bool:
            if options.health_url is None:
                return droplet.is_active
            ip = next((network.ip_address for network in droplet.networks.v4 if network.type == "public"), None)
            async with session.get(options.health_url.format(ip=ip, id=droplet.id)) as answer:
                return answer.ok

        try:
            report = await client.fleet.reboot(
                tag=options.tag,
                batch_size=options.batch_size,
                until="status",
                health_check=is_well,
                health_interval=options.health_interval,
                journal=options.journal,
                on_progress=show,
            )
        except FleetCancelled as cancelled:
            finish(cancelled.report, options)
            raise
    return finish(report, options)


def finish(report: FleetReport, options: argparse.Namespace) -> int:
    """Print the report, write the picture, and return the exit status."""
    print(report)
    options.picture.write_text(report.timeline(), encoding="utf-8")
    if len(report.completed) < len(report.outcomes):
        return 1
    return 0 if report.outcomes else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reboot all Droplets with a tag, batch by batch.")
    parser.add_argument("tag")
    parser.add_argument("--batch-size", default="10%", type=lambda text: int(text) if text.isdigit() else text)
    parser.add_argument("--health-url", help="a Droplet is healthy if this URL answers; {ip} and {id} are replaced")
    parser.add_argument("--health-interval", type=float, default=5, metavar="SECONDS")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="default: reboot-TAG-DATE.journal")
    parser.add_argument("--picture", type=Path, default=Path("reboot.svg"), metavar="FILE")
    options = parser.parse_args()
    options.journal = options.journal or Path(f"reboot-{options.tag}-{datetime.now(UTC):%Y-%m-%d}.journal")
    try:
        sys.exit(asyncio.run(main(options)))
    except (GradientAIError, ValueError) as error:
        print(f"rolling_reboot.py: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"interrupted; resume with --journal {options.journal}", file=sys.stderr)
        sys.exit(130)
