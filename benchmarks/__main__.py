"""All benchmarks: measures every scenario, and updates the results in this folder."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import command
import decode
import fan_out
import fleet
import machine
import memory
import plot
import readme
import serial
import start
import threads
import waits
from tables import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from command import Options
    from tables import Table

_MODULES: Final = (fan_out, serial, threads, decode, start, memory, fleet, waits)
_RESULTS: Final = Path(__file__).with_name("results.json")


def main(arguments: Sequence[str]) -> int:
    """Measure, write the results, and return the exit status."""
    parser = command.parser(__doc__ or "")
    parser.set_defaults(json=_RESULTS)
    parser.add_argument("--dry", action="store_true", help="print the results, and change no file")
    given = parser.parse_args(arguments)
    tables = _measured(command.options_of(given))
    if not given.dry:
        _keep(tables, given.json, " ".join(["python benchmarks", *arguments]))
    missed = command.missed(tables)
    print("\n".join(["bars missed:", *missed] if missed else ["all bars met"]))
    return 1 if given.check and missed else 0


def _measured(options: Options) -> list[Table]:
    command.warn_if_shared()
    began = time.monotonic()
    tables: list[Table] = []
    for module in _MODULES:
        for table in module.measure(options):
            print(table, flush=True)
            tables.append(table)
    print(f"{time.monotonic() - began:.0f} s in all")
    return tables


def _keep(tables: Sequence[Table], file: Path, line: str) -> None:
    described = machine.description()
    content = {"command": line, **described, "tables": as_json(tables)}
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    readme.refresh(tables, described, line)
    if not plot.draw(tables):
        print("no picture: matplotlib is not installed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
