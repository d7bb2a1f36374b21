"""Decode: one action, 200 actions and 200 Droplets, from the same bytes to each client's own values."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import command
from rounds import Scenario, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options
    from tables import Table

_TITLES: Final = {"action": "one action", "actions": "200 actions", "droplets": "200 Droplets"}


def measure(options: Options) -> Sequence[Table]:
    """Measure the microseconds from bytes to values."""
    return [times(_decode(kind, title), options) for kind, title in _TITLES.items()]


def _decode(kind: str, title: str) -> Scenario:
    name = f"decode {title}"
    return Scenario(name, name, {f"ours:{kind}": (f"gradient:{kind}", f"json:{kind}")})


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
