"""Serial: one action request after the other, over an async and over a sync client."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import command
from rounds import Scenario, speeds
from server import static_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options
    from tables import Table

_SCENARIOS: Final = (
    Scenario(
        "serial async",
        "typed initiate, one after the other, async",
        {"ours": ("aiohttp", "gradient-httpx", "gradient-aiohttp"), "ours-tls": ("pydo-aio",)},
    ),
    Scenario(
        "serial sync",
        "typed initiate, one after the other, sync",
        {"ours-sync": ("requests", "gradient-sync"), "ours-sync-tls": ("pydo-sync",)},
    ),
)


def measure(options: Options) -> Sequence[Table]:
    """Measure calls a second, one after the other."""
    with static_server() as address:
        return [speeds(scenario, options, address=address) for scenario in _SCENARIOS]


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
