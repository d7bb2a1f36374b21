"""The common part of all scenarios' commands: options, output, exit status."""

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
    """The options of a measurement.

    Attributes:
        rounds: Number of turns of each contender.
        slice_seconds: Seconds of a turn.
        only: Names of the contenders to measure; empty for all.
        share: Part of a long scenario to run, from 0 to 1.
    """

    rounds: int = DEFAULT_ROUNDS
    slice_seconds: float = DEFAULT_SLICE_SECONDS
    only: frozenset[str] = frozenset()
    share: float = 1.0

    def part_of(self, whole: int) -> int:
        """Return the part of a number that is to be run."""
        return max(1, round(whole * self.share))


def run(measure: Callable[[Options], Sequence[Table]], description: str, arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status: 1 if ``--check`` is given and a bar is missed."""
    given = parser(description).parse_args(arguments)
    tables = measure(options_of(given))
    warn_if_shared()
    for table in tables:
        print(table)
    if given.json:
        given.json.write_text(json.dumps(as_json(tables), indent=1) + "\n")
    return 1 if given.check and missed(tables) else 0


def warn_if_shared() -> None:
    """Warn if clients and server share processor cores."""
    if not are_apart():
        print("clients and server share processor cores: the figures are not reliable\n")


def parser(description: str) -> argparse.ArgumentParser:
    """Return the parser of the common options."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--rounds", type=int, default=DEFAULT_ROUNDS, metavar="N", help="turns of each contender")
    made.add_argument(
        "--seconds", type=float, default=DEFAULT_SLICE_SECONDS, metavar="S", help="approximate seconds of a turn"
    )
    made.add_argument("--only", default="", metavar="NAMES", help="contenders to measure, separated by commas")
    made.add_argument("--share", type=float, default=1.0, metavar="X", help="part of a long scenario to run: 0 to 1")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the results to a file too")
    made.add_argument("--check", action="store_true", help="fail if a bar is missed")
    return made


def options_of(given: argparse.Namespace) -> Options:
    """Return the options of a parsed command line."""
    return Options(
        rounds=given.rounds,
        slice_seconds=given.seconds,
        only=frozenset(filter(None, given.only.split(","))),
        share=given.share,
    )


def missed(tables: Sequence[Table]) -> list[str]:
    """Return the missed bars."""
    return [
        f"{ratio.scenario}: {ratio.ours} / {ratio.other} is {ratio.median:.2f}, not {ratio.bar}"
        for table in tables
        for ratio in table.ratios
        if not ratio.is_met
    ]
