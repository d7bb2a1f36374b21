"""Tables that fit the terminal. Ids and names are never cut. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GAP: Final = "  "
_HANGING: Final = "    "
# Text breaks after spaces and commas. A word longer than its column breaks after other marks, or anywhere.
_WORDS: Final = re.compile(r"[^ ,]*[ ,]|[^ ,]+")
_PARTS: Final = re.compile(r"[^\-_.:/]*[\-_.:/]|[^\-_.:/]+")


@frozen
class Column:
    """A column of a table.

    Attributes:
        title: The title.
        min_width: Minimum width of a column whose text may be broken; ``None`` for text that is never broken.
        hangs: Whether its text may move below the row on a narrow terminal. Only for the last column.
        drop: Order in which columns are left out on a narrow terminal, lowest first; ``None`` for never.
        optional: Whether the column is left out if it is empty in all rows.
    """

    title: str
    min_width: int | None = field(default=None, kw_only=True)
    hangs: bool = field(default=False, kw_only=True)
    drop: int | None = field(default=None, kw_only=True)
    optional: bool = field(default=False, kw_only=True)


@frozen(kw_only=True)
class Layout:
    """A table as lines.

    Attributes:
        lines: The lines.
        has_header: Whether the first line has the titles.
        left_out: Titles of the columns that are left out.
    """

    lines: Sequence[str]
    has_header: bool
    left_out: Sequence[str] = ()


def laid_out(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Layout:
    """Lay out a table.

    Text that does not fit is broken, if its column allows that. Then the last column moves below the rows, then columns
    are left out. If the rest is still too wide, each row becomes a list of its cells. There, the terminal wraps a cell
    that is too wide, so that it can still be copied whole.

    Args:
        columns: The columns.
        rows: The rows, with one cell for each column.
        width: Width of the terminal; ``None`` to break nothing.
    """
    used = [index for index, column in enumerate(columns) if not column.optional or any(row[index] for row in rows)]
    columns = [columns[index] for index in used]
    cells = [[printable(row[index]) for index in used] for row in rows]
    droppable = sorted((index for index, column in enumerate(columns) if column.drop is not None), key=_drops(columns))
    for count in range(len(droppable) + 1):
        shown = [index for index in range(len(columns)) if index not in droppable[:count]]
        kept = [columns[index] for index in shown]
        part = [[row[index] for index in shown] for row in cells]
        for hangs in (False, True) if kept[-1].hangs else (False,):
            beside = len(kept) - hangs
            widths = _widths(kept[:beside], [row[:beside] for row in part], width)
            if widths is not None:
                left_out = [columns[index].title for index in sorted(droppable[:count])]
                lines = list(_table_lines(kept, part, widths))
                return Layout(lines=lines, has_header=True, left_out=left_out)
    return Layout(lines=list(_record_lines(columns, cells)), has_header=False)


def _drops(columns: Sequence[Column]) -> Callable[[int], int]:
    return lambda index: columns[index].drop or 0


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[int] | None:
    """Return the width of each column; ``None`` if they do not fit."""
    from rich.cells import cell_len

    widths = [
        max([cell_len(column.title), *(cell_len(row[index]) for row in rows)]) for index, column in enumerate(columns)
    ]
    if width is None:
        return widths
    free = width - len(_GAP) * (len(columns) - 1)
    minimums = [
        natural if column.min_width is None else min(natural, max(column.min_width, cell_len(column.title)))
        for column, natural in zip(columns, widths, strict=True)
    ]
    while sum(widths) > free:
        widest = max(range(len(widths)), key=lambda index: (widths[index] > minimums[index], widths[index]))
        if widths[widest] <= minimums[widest]:
            return None
        widths[widest] -= 1
    return widths


def _table_lines(columns: Sequence[Column], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    yield _joined([column.title for column in columns[: len(widths)]], widths)
    for row in rows:
        beside = [_folded(cell, width) for cell, width in zip(row, widths, strict=False)]
        for line in zip_longest(*beside, fillvalue=""):
            yield _joined(line, widths)
        if len(row) > len(widths) and row[-1]:
            yield _HANGING + row[-1]


def _record_lines(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    longest = max(len(column.title) for column in columns)
    for number, row in enumerate(rows):
        if number:
            yield ""
        for column, cell in zip(columns, row, strict=True):
            if cell:
                yield f"{column.title:<{longest}}{_GAP}{cell}"


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    from rich.cells import cell_len

    padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
    return _GAP.join(padded).rstrip()


def _folded(text: str, width: int) -> list[str]:
    """Return the text in lines of a width."""
    from rich.cells import cell_len, chop_cells

    if cell_len(text) <= width:
        return [text]
    words = _WORDS.findall(text)
    parts = [part for word in words for part in ([word] if cell_len(word.rstrip()) <= width else _PARTS.findall(word))]
    lines = [""]
    for part in parts:
        if cell_len(lines[-1] + part.rstrip()) <= width:
            lines[-1] += part
        else:
            lines += chop_cells(part, width)
    return [line.rstrip() for line in lines if line.strip()]
