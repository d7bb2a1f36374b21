"""Fan-out: 50 and 500 typed action requests in flight over one async client."""

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

_IN_FLIGHT: Final = (50, 500)
_PAIRS: Final = {"ours": ("aiohttp", "gradient-httpx", "gradient-aiohttp"), "ours-tls": ("pydo-aio",)}
_BOUNDS: Final = {"aiohttp": ("gradient-httpx", "gradient-aiohttp")}


def measure(options: Options) -> Sequence[Table]:
    """Measure calls a second with 50 and with 500 in flight."""
    with static_server() as address:
        return [speeds(_in_flight(lanes), options, lanes=lanes, address=address) for lanes in _IN_FLIGHT]


def _in_flight(lanes: int) -> Scenario:
    return Scenario(f"fan-out {lanes}", f"typed initiate, {lanes} in flight", _PAIRS, _BOUNDS)


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
