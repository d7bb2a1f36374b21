"""What every scenario's command has in common: its options, its output, its exit status."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from cores import are_apart
from tables import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tables import Table

DEFAULT_ROUNDS: Final = 9
DEFAULT_SLICE_SECONDS: Final = 0.3


@attrs.frozen(kw_only=True)
class Options:
    """How to measure.

    Attributes:
        rounds: How often each contender has its turn.
        slice_seconds: How long a turn takes.
        only: Names of the contenders to measure; all, if there are none.
        share: How much of a long scenario to run, from 0 to 1.
    """

    rounds: int = DEFAULT_ROUNDS
    slice_seconds: float = DEFAULT_SLICE_SECONDS
    only: frozenset[str] = frozenset()
    share: float = 1.0

    def part_of(self, whole: int) -> int:
        """So much of a number as shall be run."""
        return max(1, round(whole * self.share))


def run(measure: Callable[[Options], Sequence[Table]], description: str, arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and give the exit status: 1 if ``--check`` is given and a bar is missed."""
    given = parser(description).parse_args(arguments)
    tables = measure(options_of(given))
    warn_if_shared()
    for table in tables:
        print(table)
    if given.json:
        given.json.write_text(json.dumps(as_json(tables), indent=1) + "\n")
    return 1 if given.check and missed(tables) else 0


def warn_if_shared() -> None:
    """Say so where clients and server cannot be kept apart."""
    if not are_apart():
        print("clients and server share cores here: figures and ratios are of little worth\n")


def parser(description: str) -> argparse.ArgumentParser:
    """The command line that all scenarios share."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, metavar="N", help="turns of each contender")
    made.add_argument(
        "--seconds", type=float, default=DEFAULT_SLICE_SECONDS, metavar="S", help="how long a turn takes, about"
    )
    made.add_argument("--only", default="", metavar="NAMES", help="contenders to measure, separated by commas")
    made.add_argument(
        "--share", type=float, default=1.0, metavar="X", help="how much of a long scenario to run: 0 to 1"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file too")
    made.add_argument("--check", action="store_true", help="fail if a bar is missed")
    return made


def options_of(given: argparse.Namespace) -> Options:
    """The options from a parsed command line."""
    return Options(
        rounds=given.rounds,
        slice_seconds=given.seconds,
        only=frozenset(filter(None, given.only.split(","))),
        share=given.share,
    )


def missed(tables: Sequence[Table]) -> list[str]:
    """The bars that are missed."""
    return [
        f"{ratio.scenario}: {ratio.ours} / {ratio.other} is {ratio.median:.2f}, not {ratio.bar}"
        for table in tables
        for ratio in table.ratios
        if not ratio.is_met
    ]
