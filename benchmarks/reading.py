"""Reading answers, with the fast hooks and without: from bytes to values, and in whole calls."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import command
from rounds import Scenario, speeds, times
from server import static_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options
    from tables import Table

_TITLES: Final = {"action": "one action", "actions": "200 actions", "droplets": "200 Droplets"}


def measure(options: Options) -> Sequence[Table]:
    """Microseconds from bytes to values, then whole calls a second."""
    tables = [times(_scenario(kind, f"decode {title}", "hooks"), options) for kind, title in _TITLES.items()]
    with static_server() as address:
        for kind, title in _TITLES.items():
            tables.append(speeds(_scenario(kind, f"call and read {title}", "call"), options, address=address))
    return tables


def _scenario(kind: str, title: str, what: str) -> Scenario:
    return Scenario(title, title, {f"{what}-fast:{kind}": (f"{what}-unshared:{kind}", f"{what}-careful:{kind}")})


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
