"""Figures and ratios of one scenario, as text and as JSON."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import attrs

from bars import BARS, Bar

if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen(kw_only=True)
class Figure:
    """The figures of one contender.

    Attributes:
        label: The contender.
        values: One value for each round.
        note: A remark; may be empty.
    """

    label: str
    values: tuple[float, ...]
    note: str = ""


@attrs.frozen(kw_only=True)
class Ratio:
    """This SDK against another client, round by round.

    Attributes:
        scenario: The scenario's key.
        ours: Name of this SDK's contender.
        other: Name of the other.
        values: Ours divided by the other, one for each round.
        bar: The bar, if there is one.
        note: A remark; may be empty.
    """

    scenario: str
    ours: str
    other: str
    values: tuple[float, ...]
    bar: Bar | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """Median of the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the bar is met; true without a bar."""
        return self.bar is None or self.bar.is_met(self.median)

    @property
    def verdict(self) -> str:
        """The bar and its verdict, for people."""
        if self.bar is None:
            return ""
        return f"{self.bar} {'met' if self.is_met else 'NOT MET'}"


@attrs.frozen(kw_only=True)
class Table:
    """The results of one scenario.

    Attributes:
        scenario: Its key.
        title: Its title, for people.
        unit: Unit of the figures.
        figures: The contenders' figures.
        ratios: This SDK against the others.
        remarks: Remarks, such as contenders that are missing.
    """

    scenario: str
    title: str
    unit: str
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...] = ()
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.title}, {self.unit}: {self._rounds}"]
        lines += _aligned([(figure.label, spread(figure.values), figure.note) for figure in self.figures])
        if self.ratios:
            lines.append(f"  ratios, {'more' if self.is_more_better else 'less'} is better")
            lines += _aligned(
                [(f"{one.ours} / {one.other}", spread(one.values), one.verdict, one.note) for one in self.ratios]
            )
        lines += [f"  {remark}" for remark in self.remarks]
        return "\n".join(lines) + "\n"

    @property
    def is_more_better(self) -> bool:
        """Whether the figures are speeds, and not times or sizes."""
        return self.unit.endswith("/s")

    @property
    def _rounds(self) -> str:
        rounds = max((len(figure.values) for figure in self.figures), default=0)
        if not rounds:
            return "no contender is installed"
        return "one run" if rounds == 1 else f"median (min–max) of {rounds} rounds"


def as_json(tables: Sequence[Table]) -> list[dict[str, object]]:
    """Return tables as values for JSON."""
    return [
        {
            "scenario": table.scenario,
            "title": table.title,
            "unit": table.unit,
            "figures": [
                {"label": one.label, "median": median(one.values), "values": one.values, "note": one.note}
                for one in table.figures
            ],
            "ratios": [
                {
                    "ours": one.ours,
                    "other": one.other,
                    "median": one.median,
                    "values": one.values,
                    "bar": None if one.bar is None else str(one.bar),
                    "is_met": one.is_met,
                    "note": one.note,
                }
                for one in table.ratios
            ],
            "remarks": table.remarks,
        }
        for table in tables
    ]


def ratio_of(
    scenario: str,
    ours: tuple[str, Sequence[float]],
    other: tuple[str, str, Sequence[float]],
    note: str = "",
    *,
    has_bar: bool = True,
) -> Ratio:
    """Return the ratio of figures of the same rounds.

    Args:
        scenario: The scenario's key.
        ours: This SDK's label and figures.
        other: The other's name in the bars, its label and its figures.
        note: A remark; may be empty.
        has_bar: Whether to look up its bar.
    """
    name, label, figures = other
    values = tuple(mine / theirs for mine, theirs in zip(ours[1], figures, strict=True))
    bar = BARS.get((scenario, name)) if has_bar else None
    return Ratio(scenario=scenario, ours=ours[0], other=label, values=values, bar=bar, note=note)


def spread(values: Sequence[float]) -> str:
    """Return the median of some values and their range."""
    if not values:
        return "–"
    shown = short(median(values))
    return shown if len(values) == 1 else f"{shown} ({short(min(values))}–{short(max(values))})"


def short(value: float) -> str:
    """Return a number with three digits, or as a whole number."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
