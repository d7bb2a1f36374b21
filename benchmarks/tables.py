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
    """What was measured of one contender.

    Attributes:
        label: The contender.
        values: One for each round.
        note: What else there is to say of it.
    """

    label: str
    values: tuple[float, ...]
    note: str = ""


@attrs.frozen(kw_only=True)
class Ratio:
    """Ours against another, taken round by round.

    Attributes:
        scenario: The scenario's key.
        ours: What ours is called.
        other: What the other is called.
        values: Ours divided by the other, one for each round.
        bar: What it has to reach, if anything.
        note: What else there is to say of it.
    """

    scenario: str
    ours: str
    other: str
    values: tuple[float, ...]
    bar: Bar | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The ratio that counts."""
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether its bar is met; a ratio without one is good as it is."""
        return self.bar is None or self.bar.is_met(self.median)

    @property
    def verdict(self) -> str:
        """The bar and whether it is met, for people."""
        if self.bar is None:
            return ""
        return f"{self.bar} {'met' if self.is_met else 'NOT MET'}"


@attrs.frozen(kw_only=True)
class Table:
    """The results of one scenario.

    Attributes:
        scenario: Its key.
        title: What it is, for people.
        unit: What the figures are in.
        figures: The contenders' figures.
        ratios: Ours against the others.
        remarks: Who could not take part, and the like.
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
        """Whether the figures are speeds; if not they are times, or sizes."""
        return self.unit.endswith("/s")

    @property
    def _rounds(self) -> str:
        rounds = max((len(figure.values) for figure in self.figures), default=0)
        if not rounds:
            return "nobody took part"
        return "one run" if rounds == 1 else f"median (min–max) of {rounds} rounds"


def as_json(tables: Sequence[Table]) -> list[dict[str, object]]:
    """Tables as values for JSON."""
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
    """Ours against another's figures of the same rounds.

    Args:
        scenario: The scenario's key.
        ours: Our label and figures.
        other: The other's name, which the bars know, its label and its figures.
        note: What else there is to say of it.
        has_bar: Whether the bars speak of it.
    """
    name, label, figures = other
    values = tuple(mine / theirs for mine, theirs in zip(ours[1], figures, strict=True))
    bar = BARS.get((scenario, name)) if has_bar else None
    return Ratio(scenario=scenario, ours=ours[0], other=label, values=values, bar=bar, note=note)


def spread(values: Sequence[float]) -> str:
    """The median of some values, and between which they lie."""
    if not values:
        return "–"
    shown = short(median(values))
    return shown if len(values) == 1 else f"{shown} ({short(min(values))}–{short(max(values))})"


def short(value: float) -> str:
    """A number to three digits, or whole."""
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
