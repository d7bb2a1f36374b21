"""What Droplets cost, by the API's own prices. Pure."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gradient_async.models.droplet import Droplet
    from gradient_async.models.rows import Cell

_MAX_SHOWN: Final = 20


@frozen(kw_only=True)
class DropletCost:
    """What one Droplet costs.

    Attributes:
        droplet_id: The Droplet's id.
        name: Its name.
        status: Its status. A Droplet that is off costs the same.
        size: Slug of its size.
        region: Slug of its region.
        gpus: Number of its GPUs.
        created_at: When it was created, UTC.
        hours: Hours since then; ``None`` if the API does not say when that was.
        price_hourly: US dollars an hour, now; ``None`` if the API names no price.
    """

    droplet_id: int
    name: str
    status: str
    size: str | None = None
    region: str | None = None
    gpus: int | None = None
    created_at: datetime | None = None
    hours: float | None = None
    price_hourly: float | None = None

    @property
    def so_far(self) -> float | None:
        """US dollars since the Droplet was created, at today's price; ``None`` if the price or the time is unknown."""
        return None if self.price_hourly is None or self.hours is None else self.price_hourly * self.hours

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row for a table. Times are ISO 8601, UTC."""
        return {
            "droplet_id": self.droplet_id,
            "name": self.name,
            "status": self.status,
            "size": self.size,
            "region": self.region,
            "gpus": self.gpus,
            "created_at": self.created_at.isoformat() if self.created_at else None,
            "hours": _rounded(self.hours),
            "price_hourly": self.price_hourly,
            "so_far": _rounded(self.so_far),
        }


@frozen(kw_only=True)
class FleetCost:
    """What Droplets cost, one by one and together, in US dollars. ``print`` shows it as a table.

    The prices are the API's, as they are now. The bill can differ: it has taxes, credits and minimum charges, and a
    price may have changed since a Droplet was created. Volumes, snapshots and IPs are not in it.

    Attributes:
        droplets: The costs of each Droplet.
        at: The time up to which hours are counted, UTC.
    """

    droplets: tuple[DropletCost, ...]
    at: datetime

    @property
    def price_hourly(self) -> float:
        """US dollars an hour of all Droplets whose price is known."""
        return total_of(one.price_hourly for one in self.droplets)

    @property
    def so_far(self) -> float:
        """US dollars since each Droplet was created, of all whose price and time are known."""
        return sum(one.so_far or 0.0 for one in self.droplets)

    @property
    def unknown(self) -> tuple[DropletCost, ...]:
        """Droplets whose price or time is unknown. One of the sums is too low by theirs, or both."""
        return tuple(one for one in self.droplets if one.so_far is None)

    @property
    def off(self) -> tuple[DropletCost, ...]:
        """Droplets that are off. They cost as much as those that are on."""
        return tuple(one for one in self.droplets if one.status == "off")

    @property
    def headline(self) -> str:
        """The sums in one line."""
        count = len(self.droplets)
        known = f"${self.price_hourly:,.2f} an hour, ${self.so_far:,.2f} since they were created"
        parts = [f"{count:,} Droplet{'' if count == 1 else 's'}: {known}"]
        if self.off:
            hourly = total_of(one.price_hourly for one in self.off)
            parts.append(f"{len(self.off):,} off, which cost the same (${hourly:,.2f} an hour)")
        without_price = sum(one.price_hourly is None for one in self.droplets)
        without_age = len(self.unknown) - without_price
        if without_price:
            parts.append(f"{without_price:,} with an unknown price, in neither sum")
        if without_age:
            parts.append(f"{without_age:,} with an unknown age, not in the second sum")
        return "; ".join(parts)

    def to_rows(self) -> list[dict[str, Cell]]:
        """Return a flat row for each Droplet, for a table or a data frame."""
        return [one.to_row() for one in self.droplets]

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the sums and the rows as JSON.

        Args:
            indent: Spaces for each level, ``None`` for one line.
        """
        facts = {
            "at": self.at.isoformat(),
            "price_hourly": round(self.price_hourly, 4),
            "so_far": round(self.so_far, 4),
            "unknown": len(self.unknown),
            "droplets": self.to_rows(),
        }
        return json.dumps(facts, indent=indent)

    def __str__(self) -> str:
        shown = sorted(self.droplets, key=lambda one: -(one.price_hourly or 0.0))[:_MAX_SHOWN]
        lines = [self.headline, *(f"  {_line(one)}" for one in shown)]
        if len(self.droplets) > _MAX_SHOWN:
            lines.append(f"  and {len(self.droplets) - _MAX_SHOWN:,} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<FleetCost {self.headline}>"

    def _repr_html_(self) -> str:
        """Return a short table, which notebooks show in place of the text."""
        from gradient_async.models.html_table import table_of_rows

        return table_of_rows(self.headline, self.to_rows())


def cost_of(droplet: Droplet, prices: Mapping[str, float | None], now: datetime) -> DropletCost:
    """Return what a Droplet costs.

    Args:
        droplet: The Droplet.
        prices: US dollars an hour by the slug of the size, for Droplets that name no price themselves.
        now: The time up to which hours are counted.
    """
    hours = (now - droplet.created_at).total_seconds() / 3600 if droplet.created_at else None
    return DropletCost(
        droplet_id=droplet.id,
        name=droplet.name,
        status=droplet.status,
        size=droplet.size_slug,
        region=droplet.region.slug if droplet.region else None,
        gpus=droplet.gpu_info.count if droplet.gpu_info else None,
        created_at=droplet.created_at,
        hours=None if hours is None else max(0.0, hours),
        price_hourly=price_of(droplet, prices),
    )


def price_of(droplet: Droplet, prices: Mapping[str, float | None]) -> float | None:
    """Return US dollars an hour: the Droplet's own price, else that of its size; ``None`` if the API names none."""
    if droplet.size is not None and droplet.size.price_hourly is not None:
        return droplet.size.price_hourly
    return prices.get(droplet.size_slug or "")


def lack_prices(droplets: Iterable[Droplet]) -> bool:
    """Return whether a Droplet names no price, so that the list of sizes has to be read."""
    return any(price_of(droplet, {}) is None for droplet in droplets)


def total_of(prices: Iterable[float | None]) -> float:
    """Return the sum of prices, in whole units of their fifth decimal: 27.27, and not 27.270000000000003."""
    return round(math.fsum(price or 0.0 for price in prices), 5)


def _line(one: DropletCost) -> str:
    price = "price unknown" if one.price_hourly is None else f"${one.price_hourly:,.2f} an hour"
    so_far = "" if one.so_far is None else f", ${one.so_far:,.2f} in {one.hours:,.1f} h"
    name = " ".join(one.name.split())
    return f"{one.droplet_id} ({name})  {one.size or '?'}  {one.region or '?'}  {one.status}  {price}{so_far}"


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
