"""What a creation run would do: ``fleet.plan_create``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

from gradient_async.fleet.create.offers import Exclusion, Offer

if TYPE_CHECKING:
    from gradient_async.fleet.create.offers import Offering
    from gradient_async.fleet.create.terms import Terms
    from gradient_async.models.rows import Cell


@frozen(kw_only=True)
class CreationPlan:
    """What ``fleet.create`` would do with the same parameters now. Nothing was created.

    Attributes:
        count: How many Droplets are wanted.
        min_count: How many are enough.
        candidates: Sizes in regions, in the order in which they are tried.
        excluded: Sizes, or sizes in regions, that are not tried, and why.
        max_hourly: The most that all Droplets together may cost, in US dollars an hour; ``None`` for no limit.
        requests_per_round: The most requests of a round: those that read the sizes, and one for each candidate that
            refuses. Each create that succeeds is one more.
        existing: Droplets that an earlier call on the journal created, or may have created.
        objection: Why the run would not begin; empty if it would.
    """

    count: int
    min_count: int
    candidates: tuple[Offer, ...]
    excluded: tuple[Exclusion, ...]
    max_hourly: float | None = None
    requests_per_round: int
    existing: int = 0
    objection: str = ""

    @property
    def hourly(self) -> float | None:
        """What all Droplets cost if the first candidate has capacity, in US dollars an hour; ``None`` if not known."""
        first = self.candidates[0].price_hourly if self.candidates else None
        return None if first is None else first * self.count

    @property
    def highest_hourly(self) -> float | None:
        """The most that all Droplets can cost, in US dollars an hour; ``None`` if a price is not known."""
        prices = [one.price_hourly for one in self.candidates]
        if not prices or None in prices:
            return self.max_hourly
        highest = max(price for price in prices if price is not None) * self.count
        return highest if self.max_hourly is None else min(highest, self.max_hourly)

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each candidate, in order."""
        return [
            {
                "size": one.size,
                "region": one.region,
                "price_hourly": one.price_hourly,
                "hourly": None if one.price_hourly is None else round(one.price_hourly * self.count, 5),
                "gpus": one.gpus,
                "is_contract": one.is_contract,
            }
            for one in self.candidates
        ]

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the plan as JSON.

        Args:
            indent: Spaces for each level; ``None`` for one line.
        """
        plan = {
            "count": self.count,
            "min_count": self.min_count,
            "hourly": self.hourly,
            "highest_hourly": self.highest_hourly,
            "max_hourly": self.max_hourly,
            "requests_per_round": self.requests_per_round,
            "existing": self.existing,
            "objection": self.objection,
            "candidates": self.to_rows(),
            "excluded": [{"size": one.size, "region": one.region, "reason": one.reason} for one in self.excluded],
        }
        return json.dumps(plan, indent=indent)

    def _repr_html_(self) -> str:
        """Return a short table, which notebooks show in place of the text."""
        from gradient_async.models.html_table import table_of_rows

        return table_of_rows(str(self).partition("\n")[0], self.to_rows())

    def __str__(self) -> str:
        hourly = "an unknown price" if self.hourly is None else f"${self.hourly:,.2f} an hour"
        lines = [f"create {self.count:,} Droplets (at least {self.min_count:,}): {hourly} if the first has capacity"]
        if self.existing:
            lines.append(f"  {self.existing:,} exist already, or may exist, by the journal")
        if self.objection:
            lines.append(f"  cannot begin: {self.objection}")
        for number, one in enumerate(self.candidates, 1):
            price = "unknown price" if one.price_hourly is None else f"${one.price_hourly:,.2f} an hour"
            lines.append(f"  {number}. {one.label}, {price}{', by contract' if one.is_contract else ''}")
        for left in self.excluded:
            where = f" in {left.region}" if left.region else ""
            lines.append(f"  not {left.size}{where}: {left.reason}")
        lines.append(f"  at most {self.requests_per_round:,} requests a round, and one for each create that succeeds")
        return "\n".join(lines)


def plan_of(terms: Terms, offering: Offering, size_requests: int, existing: int) -> CreationPlan:
    """Return the plan.

    Args:
        terms: What is asked for.
        offering: What can be tried now.
        size_requests: Requests that it takes to read the sizes.
        existing: Droplets that exist, or may exist.
    """
    return CreationPlan(
        count=terms.count,
        min_count=terms.min_count,
        candidates=offering.offers,
        excluded=offering.excluded,
        max_hourly=terms.max_hourly,
        requests_per_round=size_requests + len(offering.offers),
        existing=existing,
        objection=objection_to(terms, offering),
    )


def objection_to(terms: Terms, offering: Offering) -> str:
    """Return why a run cannot succeed with any capacity; empty if it can."""
    unlisted = [one.size for one in offering.excluded if one.reason == "the API does not list the size"]
    if not offering.offers and {*terms.sizes} == {*unlisted}:
        sizes = ", ".join(map(repr, terms.sizes))
        return (
            f"the API lists no size {sizes}. gpu_droplets.sizes.list_all() has the sizes; for one by contract pass "
            "contract=[(size, region)]"
        )
    if offering.unknown_regions and terms.regions == offering.unknown_regions:
        regions = ", ".join(map(repr, offering.unknown_regions))
        return f"the API lists no size in {regions}, with GPUs or without. client.regions.list_all() has the regions"
    if terms.max_hourly is not None:
        lowest = offering.cheapest
        if lowest is None:
            return "max_hourly cannot hold, since the API lists no price of these sizes"
        if lowest * terms.min_count > terms.max_hourly * (1 + 1e-9):
            least = "a Droplet costs" if terms.min_count == 1 else f"{terms.min_count:,} Droplets cost"
            return (
                f"{least} at least ${lowest * terms.min_count:,.2f} an hour, and max_hourly is ${terms.max_hourly:,.2f}"
            )
    return ""
