"""Limits of a fleet run: numbers, or percentages of all Droplets. Pure."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from attrs import frozen


@frozen(kw_only=True)
class Limit:
    """A number, or a percentage of all Droplets.

    Attributes:
        count: The number; ``None`` for a percentage.
        percent: The percentage; ``None`` for a number.
    """

    count: int | None = None
    percent: Fraction | None = None

    @property
    def given(self) -> int | str:
        """The limit as it was given: ``5``, ``"2.5%"``."""
        if self.percent is None:
            return self.count or 0
        # Exact: what was read from a decimal fraction has one.
        return f"{Decimal(self.percent.numerator) / self.percent.denominator}%"

    def of(self, total: int, *, least: int) -> int:
        """Return the number for this total of Droplets, rounded down."""
        if self.percent is None:
            return self.count or 0
        return max(least, math.floor(total * self.percent / 100))
