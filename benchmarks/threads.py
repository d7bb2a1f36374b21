"""Threads: 16 of them send action requests over one sync client."""

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

_THREADS: Final = 16
_SCENARIO: Final = Scenario(
    f"{_THREADS} threads",
    f"typed initiate, {_THREADS} threads on one sync client",
    {"ours-sync": ("gradient-sync", "requests")},
)


def measure(options: Options) -> Sequence[Table]:
    """Measure calls a second of all threads together."""
    with static_server() as address:
        return [speeds(_SCENARIO, options, lanes=_THREADS, address=address)]


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
