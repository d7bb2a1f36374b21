"""A fleet run's report as a short table for a notebook. Pure: report in, HTML out."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gradient_async.fleet.outcome import Outcome, OutcomeStatus
    from gradient_async.fleet.report import FleetReport

_ORDER: Final[tuple[OutcomeStatus, ...]] = ("failed", "unknown", "started", "skipped", "completed")
_MAX_ROWS: Final = 20
_MAX_CELL: Final = 200
_COLUMNS: Final = ("Droplet", "Name", "Status", "Action", "Seconds", "Reason")


def table_of(report: FleetReport) -> str:
    """Return the report as HTML: the counts, then at most 20 outcomes, problems first."""
    ordered = sorted(report.outcomes, key=lambda outcome: _ORDER.index(outcome.status))
    parts = [f"<p>{_cell(report.headline)}</p>"]
    if report.stopped_by:
        parts.append(f"<p>stopped: {_cell(report.stopped_by)}</p>")
    if ordered:
        head = "".join(f"<th>{column}</th>" for column in _COLUMNS)
        rows = "".join(map(_row, ordered[:_MAX_ROWS]))
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    if len(ordered) > _MAX_ROWS:
        parts.append(f"<p>… and {len(ordered) - _MAX_ROWS:,} more; <code>.to_rows()</code> has all</p>")
    return f"<div>{''.join(parts)}</div>"


def _row(outcome: Outcome) -> str:
    seconds = outcome.to_row()["seconds"]
    action = f"{outcome.action.type} {outcome.action.id}" if outcome.action else ""
    cells = (
        str(outcome.droplet_id),
        outcome.name or "",
        outcome.status,
        action,
        "" if seconds is None else f"{seconds:.1f}",
        outcome.reason,
    )
    return f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in cells)}</tr>"


def _cell(text: str) -> str:
    short = text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"
    return html.escape(short)
