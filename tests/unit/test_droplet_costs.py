"""What Droplets cost: the arithmetic, and what is said of prices that are unknown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gradient_async import Droplet, FleetCost, Size
from gradient_async.fleet import costs
from gradient_async.fleet.cost import cost_of, lack_prices

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PRICED = Size(slug="gpu-h100x1-80gb", price_hourly=4.41)


def droplet(**facts: Any) -> Droplet:
    usual = {"id": 7, "name": "a", "status": "active", "size_slug": "gpu-h100x1-80gb"}
    return Droplet(**{**usual, "created_at": NOW - timedelta(hours=3), **facts})


def cost(*droplets: Droplet, prices: dict[str, float | None] | None = None) -> FleetCost:
    return FleetCost(droplets=tuple(cost_of(one, prices or {}, NOW) for one in droplets), at=NOW)


def test_off_costs_the_same_when_prices_are_summed() -> None:
    found = cost(droplet(size=PRICED), droplet(id=8, size=PRICED, status="off"))
    assert found.price_hourly == pytest.approx(8.82)
    assert found.so_far == pytest.approx(26.46)
    assert [one.droplet_id for one in found.off] == [8]
    assert "1 off, which cost the same ($4.41 an hour)" in str(found)


def test_price_is_of_the_size_when_the_droplet_has_none() -> None:
    assert lack_prices([droplet()])
    assert not lack_prices([droplet(size=PRICED)])
    assert cost(droplet(), prices={"gpu-h100x1-80gb": 3.39}).price_hourly == 3.39
    assert cost(droplet(size=PRICED), prices={"gpu-h100x1-80gb": 3.39}).price_hourly == 4.41


def test_sum_of_prices_has_no_faults_of_binary() -> None:
    prices = 0.1, 0.2  # their sum as floats is 0.30000000000000004
    assert cost(*(droplet(size=Size(slug="a", price_hourly=one)) for one in prices)).price_hourly == 0.3


@pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["  and 1 more"])])
def test_long_table_is_cut(count: int, more: list[str]) -> None:
    lines = str(cost(*(droplet(id=number, size=PRICED) for number in range(count)))).splitlines()
    assert [line for line in lines if "more" in line] == more
    assert sum("4.41" in line for line in lines[1:]) == 20


def test_dearest_come_first_and_those_without_a_price_last() -> None:
    prices = {"a": 0.5, "b": None, "c": 3.0}
    found = cost(*(droplet(id=number, size_slug=slug) for number, slug in enumerate("abc", 7)), prices=prices)
    assert sorted((7, 8, 9), key=lambda number: str(found).index(f"  {number} ")) == [9, 7, 8]
    assert lack_prices([droplet(size=PRICED), droplet()])


def test_row_has_all_that_is_known_of_a_droplet() -> None:
    (row,) = cost(droplet(size=PRICED)).to_rows()
    assert (row["droplet_id"], row["name"], row["status"], row["size"]) == (7, "a", "active", "gpu-h100x1-80gb")
    assert (row["created_at"], row["hours"]) == ("2026-11-30T09:00:00+00:00", 3.0)
    assert (row["price_hourly"], row["so_far"]) == (4.41, 13.23)
    (row,) = cost(droplet(size=PRICED, created_at=None)).to_rows()
    assert (row["created_at"], row["hours"], row["so_far"]) == (None, None, None)


def test_price_is_unknown_and_not_zero_when_none_is_named() -> None:
    found = cost(droplet(size=Size(slug="gpu-h100x1-80gb")), droplet(id=8, size=PRICED))
    assert [one.droplet_id for one in found.unknown] == [7]
    assert found.droplets[0].price_hourly is None
    assert found.to_rows()[0]["so_far"] is None
    assert found.headline.endswith("; 1 with an unknown price, in neither sum")
    assert "price unknown" in str(found)
    assert json.loads(found.to_json())["unknown"] == 1


def test_odd_data_are_counted_for_what_they_are() -> None:
    free = Size(slug="gpu-h100x1-80gb", price_hourly=0.0)
    odd = [
        droplet(size=free, status="off"),
        droplet(id=8, size=PRICED, created_at=None),
        droplet(id=9, size=None, size_slug=None, region=None, gpu_info=None),
    ]
    found = cost(*odd, prices={"other": 1.0})
    assert [one.price_hourly for one in found.droplets] == [0.0, 4.41, None]
    assert (found.price_hourly, found.so_far) == (4.41, 0.0)
    assert [one.droplet_id for one in found.unknown] == [8, 9]
    assert found.headline == (
        "3 Droplets: $4.41 an hour, $0.00 since they were created; 1 off, which cost the same ($0.00 an hour); "
        "1 with an unknown price, in neither sum; 1 with an unknown age, not in the second sum"
    )
    assert "9 (a)  ?  ?  active  price unknown" in str(found)
    assert json.loads(found.to_json())["droplets"][2]["price_hourly"] is None


@pytest.mark.parametrize(("own", "is_read"), [(PRICED, False), (None, True)])
async def test_sizes_are_read_only_where_a_price_is_missing(
    monkeypatch: pytest.MonkeyPatch, own: Size | None, *, is_read: bool
) -> None:
    reads: list[str] = []

    async def all_droplets(_: object) -> list[Droplet]:
        return [droplet(size=own)]

    async def listed_prices(_: object) -> dict[str, float | None]:
        reads.append("sizes")
        return {"gpu-h100x1-80gb": 4.41}

    monkeypatch.setattr(costs, "all_droplets", all_droplets)
    monkeypatch.setattr(costs, "listed_prices", listed_prices)
    unused: Any = None
    found = await costs.FleetCosts(unused, unused, unused).cost()
    assert (found.price_hourly, reads) == (4.41, ["sizes"] if is_read else [])


def test_sums_have_four_digits_in_json() -> None:
    third = Size(slug="gpu-h100x1-80gb", price_hourly=1.23456)
    written = json.loads(cost(droplet(size=third)).to_json())
    assert (written["price_hourly"], written["so_far"]) == (1.2346, 3.7037)
    assert written["droplets"][0]["so_far"] == 3.7037


def test_age_is_never_below_zero_when_the_clock_is_behind() -> None:
    found = cost(droplet(size=PRICED, created_at=NOW + timedelta(minutes=5)))
    assert found.so_far == 0.0
    assert not found.unknown
