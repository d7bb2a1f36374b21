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
    """

    scenario: str
    ours: str
    other: str
    values: tuple[float, ...]
    bar: Bar | None = None

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
        return f"{self.bar}  {'met' if self.is_met else 'NOT MET'}"


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
        lines = [f"{self.title}, {self.unit}: median (min–max) of {self._rounds}"]
        rows = [(figure.label, spread(figure.values), figure.note) for figure in self.figures]
        lines += _aligned(rows)
        if self.ratios:
            lines.append("  ratios")
            lines += _aligned(
                [(f"{ratio.ours} / {ratio.other}", spread(ratio.values), ratio.verdict) for ratio in self.ratios]
            )
        lines += [f"  {remark}" for remark in self.remarks]
        return "\n".join(lines) + "\n"

    @property
    def _rounds(self) -> str:
        rounds = max((len(figure.values) for figure in self.figures), default=0)
        return f"{rounds} round{'' if rounds == 1 else 's'}"


def ratio_of(scenario: str, ours: tuple[str, Sequence[float]], other: tuple[str, str, Sequence[float]]) -> Ratio:
    """Ours against another's figures of the same rounds.

    Args:
        scenario: The scenario's key.
        ours: Our label and figures.
        other: The other's name, which the bars know, its label and its figures.
    """
    name, label, figures = other
    values = tuple(mine / theirs for mine, theirs in zip(ours[1], figures, strict=True))
    return Ratio(scenario=scenario, ours=ours[0], other=label, values=values, bar=BARS.get((scenario, name)))


def spread(values: Sequence[float]) -> str:
    """The median of some values, and between which they lie."""
    if not values:
        return "–"
    shown = short(median(values))
    return shown if len(values) == 1 else f"{shown} ({short(min(values))}–{short(max(values))})"


def short(value: float) -> str:
    """A number to three digits or so."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
