"""Tables for a notebook. Pure: rows in, HTML out. Everything is escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.models.rows import Cell

_MAX_ROWS: Final = 20
_MAX_COLUMNS: Final = 12
_MAX_CELL: Final = 200


def table_of_rows(title: str, rows: Sequence[Mapping[str, Cell]]) -> str:
    """Return rows as HTML: at most 20, without the columns that are empty in all of them."""
    filled = [name for name in (rows[0] if rows else ()) if any(row.get(name) not in (None, "") for row in rows)]
    columns = filled[:_MAX_COLUMNS]
    parts = [f"<p>{_cell(title)}</p>"]
    if rows:
        head = "".join(f"<th>{_cell(column)}</th>" for column in columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{_cell(row.get(column))}</td>' for column in columns)}</tr>"
            for row in rows[:_MAX_ROWS]
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    if len(rows) > _MAX_ROWS:
        parts.append(f"<p>… and {len(rows) - _MAX_ROWS:,} more; <code>.to_rows()</code> has all</p>")
    return f"<div>{''.join(parts)}</div>"


def table_of_row(title: str, row: Mapping[str, Cell]) -> str:
    """Return one row as HTML, with a line for each column that is not empty."""
    lines = "".join(
        f"<tr><th>{_cell(name)}</th><td>{_cell(value)}</td></tr>"
        for name, value in row.items()
        if value not in (None, "")
    )
    return f"<div><p>{_cell(title)}</p><table><tbody>{lines}</tbody></table></div>"


def _cell(value: Cell) -> str:
    text = "" if value is None else str(value)
    return html.escape(text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…")
