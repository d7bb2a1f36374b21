"""Writes the results into ``README.md``, between two marks."""

from __future__ import annotations

import re
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tables import spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tables import Table

_FILE: Final = Path(__file__).with_name("README.md")
_RESULTS: Final = re.compile(r"(?<=<!-- results -->\n).*(?=<!-- end -->)", re.DOTALL)


def refresh(tables: Sequence[Table], machine: Mapping[str, str], command: str) -> None:
    """Replace the results.

    Raises:
        ValueError: The marks are missing.
    """
    lines = [*_ratios(tables), "", *_figures(tables), "", *_circumstances(machine, command)]
    text, replaced = _RESULTS.subn(lambda _: "\n".join(lines) + "\n", _FILE.read_text())
    if not replaced:
        raise ValueError(f"{_FILE.name}: the marks of the results are missing")
    _FILE.write_text(text)


def _ratios(tables: Sequence[Table]) -> Iterator[str]:
    yield "| scenario | ours / other | ratio (min–max) | better is | bar | |"
    yield "|---|---|--:|---|--:|---|"
    for table in tables:
        better = "more" if table.is_more_better else "less"
        for title, ratio in zip(_once(table.title), table.ratios, strict=False):
            verdict = "" if ratio.bar is None else "met" if ratio.is_met else "**not met**"
            names = f"{ratio.ours} / {ratio.other}"
            yield f"| {title} | {names} | {spread(ratio.values)} | {better} | {ratio.bar or ''} | {verdict} |"


def _figures(tables: Sequence[Table]) -> Iterator[str]:
    yield "| scenario | | median (min–max) | |"
    yield "|---|---|--:|---|"
    for table in tables:
        rows = [f"{one.label} | {spread(one.values)} {table.unit} | {one.note}" for one in table.figures]
        rows += [f"{remark} | |" for remark in table.remarks]
        for title, row in zip(_once(table.title), rows, strict=False):
            yield f"| {title} | {row} |"


def _once(title: str) -> Iterator[str]:
    """Return a scenario's title for its first row, and empty texts for the others."""
    return chain([title], repeat(""))


def _circumstances(machine: Mapping[str, str], command: str) -> Iterator[str]:
    yield f"Taken by `{command}`."
    yield ""
    for name, value in machine.items():
        yield f"- {name}: {value}"
