"""The bars: the ratio that this SDK must reach against each other client, in one run."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Bar(NamedTuple):
    """A bound on a ratio.

    Attributes:
        kind: Whether more is better (speeds) or less is better (times).
        bound: The minimum or maximum ratio.
    """

    kind: Literal["at least", "at most"]
    bound: float

    def is_met(self, ratio: float) -> bool:
        """Return whether a ratio meets the bar."""
        return ratio >= self.bound if self.kind == "at least" else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.kind == 'at least' else '≤'} {self.bound:.2f}"


BARS: Final = {
    ("fan-out 50", "aiohttp"): Bar("at least", 0.80),
    ("fan-out 50", "gradient-httpx"): Bar("at least", 15.0),
    ("fan-out 50", "gradient-aiohttp"): Bar("at least", 6.0),
    ("fan-out 500", "aiohttp"): Bar("at least", 0.80),
    ("serial sync", "requests"): Bar("at least", 2.0),
    ("serial sync", "gradient-sync"): Bar("at least", 2.0),
    ("16 threads", "gradient-sync"): Bar("at least", 2.0),
    ("import", "import gradient"): Bar("at most", 0.35),
    ("first answer", "gradient"): Bar("at most", 0.60),
    ("decode 200 actions", "gradient:actions"): Bar("at most", 0.50),
}
"""The bars by scenario and by the name of the other client."""
