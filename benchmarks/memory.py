"""Memory: the growth of a client's process while it streams the outcomes of 100,000 Droplets.

Most of it is the set of seen ids: a Droplet that comes twice must not be acted on twice. The rest is the rate budget's
record of the last minute, which has tens of thousands of requests only here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import command
from cores import on_core
from server import static_server
from tables import Figure, Table, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options
    from streamer import Report

_STREAMER: Final = Path(__file__).with_name("streamer.py")
_OUTCOMES: Final = 100_000


def measure(options: Options) -> Sequence[Table]:
    """Measure the megabytes at the end of the stream, over those at its beginning, in one run."""
    outcomes = options.part_of(_OUTCOMES)
    report = _streamed(outcomes)
    figures = {
        "resident after the warm-up": report["before"],
        "growth until the end": report["after"] - report["before"],
        "growth on the way, at most": max(report["samples"]) - report["before"],
        "peak of the process": report["peak"],
    }
    rate = report["completed"] / report["seconds"]
    return [
        Table(
            scenario="memory",
            title=f"memory of {outcomes:,} streamed outcomes",
            unit="MB",
            figures=tuple(Figure(label=label, values=(value,)) for label, value in figures.items()),
            remarks=(f"{report['completed']:,} completed, {short(rate)} a second",),
        )
    ]


def _streamed(outcomes: int) -> Report:
    with static_server(numbers_actions=True) as address, on_core("client"):
        streamed = subprocess.run(
            [sys.executable, str(_STREAMER), address.plain, str(outcomes)], stdout=subprocess.PIPE, check=True
        )
    report: Report = json.loads(streamed.stdout)
    if report["completed"] != outcomes:
        raise RuntimeError(f"{report['completed']} of {outcomes} Droplets completed")
    return report


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
