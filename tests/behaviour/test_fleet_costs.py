"""Costs of Droplets, read from the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fleet_account import FIRST, emulated

from gradient_async import NotFoundError
from gradient_async.emulator import DropletSpec

if TYPE_CHECKING:
    from flavours import Flavour

pytestmark = pytest.mark.once

SPECS = [
    DropletSpec(name="a", tags=["train"]),
    DropletSpec(name="b", tags=["train"], status="off"),
    DropletSpec(name="cpu", gpu=False, tags=["train"]),
    DropletSpec(name="other", size="gpu-h100x8-640gb"),
]


async def test_all_kinds_are_counted_when_nothing_is_chosen(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        cost = await flavour.call(flavour.client(emulator).fleet.cost)
        prices = [droplet.size.price_hourly for droplet in emulator.account.droplets.values()]
        assert sorted(one.name for one in cost.droplets) == ["a", "b", "cpu", "other"]
        assert cost.price_hourly == pytest.approx(sum(prices))
        assert not cost.unknown


async def test_only_the_chosen_ones_are_counted(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        fleet = flavour.client(emulator).fleet
        by_tag = await flavour.call(fleet.cost, tag="train")
        assert {one.name for one in by_tag.droplets} == {"a", "b", "cpu"}
        by_id = await flavour.call(fleet.cost, [FIRST + 3, FIRST])
        assert [one.name for one in by_id.droplets] == ["other", "a"]
        many = await flavour.call(fleet.cost, droplets=[FIRST + 2, FIRST + 1, FIRST])
        assert [one.name for one in many.droplets] == ["cpu", "b", "a"]


async def test_not_found_when_a_chosen_droplet_does_not_exist(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        fleet = flavour.client(emulator).fleet
        for ids in ([1], [FIRST, FIRST + 1, 1]):
            with pytest.raises(NotFoundError):
                await flavour.call(fleet.cost, ids)
        with pytest.raises(TypeError, match="both were given"):
            await flavour.call(fleet.cost, FIRST, tag="train")
