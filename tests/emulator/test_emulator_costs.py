"""Costs of the emulator's account: its Droplets by the hour, in a balance and a history of invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec

pytestmark = pytest.mark.once

HOUR = 3600.0
PRICE = Decimal("3.39")  # gpu-h100x1-80gb, an hour
# The clock stands at 14:13:20 on 21 September 2026.
HOURS_OF_MONTH = Decimal(20 * 24) + Decimal("14.2222")


def balance(desk: Desk) -> dict[str, Decimal]:
    data = desk.get("/v2/customers/my/balance").data
    return {name: Decimal(value) for name, value in data.items() if name != "generated_at"}


def usage(desk: Desk) -> Decimal:
    return balance(desk)["month_to_date_usage"]


def history(desk: Desk) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = desk.get("/v2/customers/my/billing_history").data["billing_history"]
    return entries


def test_droplet_costs_its_price_when_time_passes() -> None:
    desk = Desk(DropletSpec(size="gpu-h100x1-80gb", status="off"))
    before = usage(desk)
    assert abs(before - HOURS_OF_MONTH * PRICE) < 1
    desk.clock.advance(10 * HOUR)
    assert abs(usage(desk) - before - 10 * PRICE) < Decimal("0.02")


def test_droplet_costs_nothing_more_when_it_is_gone() -> None:
    desk = Desk()
    desk.clock.advance(HOUR)
    desk.account.remove(FIRST)
    before = usage(desk)
    assert before > 0
    desk.clock.advance(10 * HOUR)
    assert usage(desk) == before


def test_new_price_counts_from_the_resize_on() -> None:
    desk = Desk(DropletSpec(size="gpu-h100x1-80gb", status="off"))
    desk.run("resize", size="gpu-h100x8-640gb")
    before = usage(desk)
    desk.clock.advance(HOUR)
    price = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["size"]["price_hourly"]
    assert abs(usage(desk) - before - Decimal(str(price))) < Decimal("0.02")


def test_month_ends_with_an_invoice_that_is_paid() -> None:
    desk = Desk(DropletSpec(size="gpu-h100x1-80gb"))
    august = history(desk)
    assert [(entry["type"], entry["date"]) for entry in august] == [
        ("Payment", "2026-09-01T08:00:00Z"),
        ("Invoice", "2026-09-01T00:00:00Z"),
    ]
    assert balance(desk)["account_balance"] == 0
    desk.clock.advance(10 * 24 * HOUR)  # to the first of October
    assert [entry["type"] for entry in history(desk)] == ["Payment", "Invoice"] * 2
    assert abs(Decimal(history(desk)[1]["amount"]) - 30 * 24 * PRICE) < 1
    assert usage(desk) < 24 * PRICE


def test_nothing_is_owed_when_there_was_never_a_droplet() -> None:
    fresh = Desk(DropletSpec(status="new"))
    assert usage(fresh) == 0
    assert history(fresh) == []
