"""The main ratios as a picture: how many times as fast this SDK is, and the bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from tables import Ratio, Table

_FILE: Final = Path(__file__).with_name("results.svg")
# An opaque card with dark text reads the same on a light page and on a dark one.
_CARD: Final = "#fbfbf9"
_INK: Final = "#24292f"
_FAINT: Final = "#c9cdd2"
_MET: Final = "#1a7f37"
_MISSED: Final = "#cf222e"
_FREE: Final = "#0969da"
_ROW_INCHES: Final = 0.3
_TITLE: Final = "How many times as fast as the other: median and range of the rounds. Upright marks are the bars."


@attrs.frozen(kw_only=True)
class Row:
    """One ratio, turned so that more is better.

    Attributes:
        label: The two clients.
        median: The ratio.
        least: Its minimum of the rounds.
        greatest: Its maximum of the rounds.
        bar: The ratio that it must reach.
        color: Colour, by whether the bar is met.
    """

    label: str
    median: float
    least: float
    greatest: float
    bar: float | None
    color: str


def rows_of(tables: Sequence[Table]) -> list[Row]:
    """Return the ratios that have a bar, and those against other SDKs."""
    return [
        _row(table, ratio)
        for table in tables
        for ratio in table.ratios
        if ratio.bar is not None or any(name in ratio.other for name in ("gradient", "pydo"))
    ]


def draw(tables: Sequence[Table]) -> bool:
    """Draw ``results.svg``. Return whether it could: that needs matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        return False
    rows = rows_of(tables)
    # Text stays text, and the same results give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.family": "sans-serif"}):
        figure = Figure(figsize=(9.5, 1.3 + _ROW_INCHES * len(rows)), facecolor=_CARD, layout="constrained")
        figure.suptitle(_TITLE, fontsize=9, color=_INK)
        _fill(figure.add_subplot(facecolor=_CARD), rows)
        figure.savefig(_FILE, format="svg", facecolor=_CARD, metadata={"Date": None, "Creator": None})
    return True


def _row(table: Table, ratio: Ratio) -> Row:
    turned = sorted(value if table.is_more_better else 1 / value for value in (min(ratio.values), max(ratio.values)))
    return Row(
        label=f"{table.scenario}: {ratio.ours} / {ratio.other}",
        median=ratio.median if table.is_more_better else 1 / ratio.median,
        least=turned[0],
        greatest=turned[1],
        bar=None if ratio.bar is None else ratio.bar.bound if table.is_more_better else 1 / ratio.bar.bound,
        color=_FREE if ratio.bar is None else _MET if ratio.is_met else _MISSED,
    )


def _fill(axes: Axes, rows: Sequence[Row]) -> None:
    axes.set_xscale("log")
    axes.axvline(1, color=_INK, linewidth=1)
    for place, row in enumerate(rows):
        axes.plot([row.least, row.greatest], [place, place], color=row.color, linewidth=2, alpha=0.5)
        axes.plot(row.median, place, "o", color=row.color, markersize=6)
        axes.annotate(
            f"{row.median:.2g}" if row.median < 10 else f"{row.median:.0f}",
            (max(row.greatest, row.bar or 0), place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=_INK,
        )
        if row.bar is not None:
            axes.vlines(row.bar, place - 0.4, place + 0.4, color=_INK, linewidth=2)
    _label(axes, rows)


def _label(axes: Axes, rows: Sequence[Row]) -> None:
    axes.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=8, color=_INK)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    ticks = [0.5, 1, 2, 5, 10, 20, 50]
    axes.set_xticks(ticks, [f"{tick:g}×" for tick in ticks], fontsize=8, color=_INK)
    axes.set_xticks([], minor=True)
    axes.set_xlim(min([0.4, *(row.least for row in rows)]), 1.6 * max([2.0, *(row.greatest for row in rows)]))
    axes.grid(axis="x", color=_FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
