"""Sizes with GPUs are found, and the image that fits a size is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour
    from wire_server import WireServer

pytestmark = pytest.mark.once


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=0, limits=None) as emulator:
        yield emulator


async def test_sizes_are_found_and_sorted_by_price_per_gpu(flavour: Flavour, emulator: Emulator) -> None:
    sizes = flavour.client(emulator).gpu_droplets.sizes

    found = await flavour.call(sizes.gpu)
    prices = [one.price_per_gpu for one in found]
    assert prices == sorted(prices)
    assert {one.slug for one in found} >= {"gpu-h100x1-80gb", "gpu-mi300x8-1536gb"}
    assert all(one.gpu_info and one.regions for one in found)

    assert [one.slug for one in await flavour.call(sizes.gpu, "H100", count=8)] == ["gpu-h100x8-640gb"]
    cheap = await flavour.call(sizes.gpu, min_vram_gib=48, max_hourly=2.0)
    assert [one.slug for one in cheap] == ["gpu-l40sx1-48gb", "gpu-6000adax1-48gb", "gpu-mi300x1-192gb"]
    assert await flavour.call(sizes.gpu, "h100", max_hourly=1) == ()


@pytest.mark.parametrize("wrong", [{"count": 0}, {"max_hourly": -1}, {"model": " "}, {"min_vram_gib": float("nan")}])
async def test_nothing_is_sent_when_a_filter_is_wrong(flavour: Flavour, wire: WireServer, wrong: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        await flavour.call(flavour.client(wire).gpu_droplets.sizes.gpu, **wrong)
    assert wire.requests == []


@pytest.mark.parametrize(
    ("size", "image"),
    [
        ("gpu-h100x1-80gb", "gpu-h100x1-base"),
        ("gpu-h200x8-1128gb", "gpu-h100x8-base"),
        ("gpu-mi300x1-192gb", "gpu-amd-base"),
    ],
)
async def test_image_is_chosen_by_the_size(flavour: Flavour, emulator: Emulator, size: str, image: str) -> None:
    droplets = flavour.client(emulator).gpu_droplets

    made = (await flavour.call(droplets.create, name="a", size=size, image="auto", region="nyc2")).droplet

    assert made.image.slug == image


@pytest.mark.parametrize(("size", "text"), [("s-1vcpu-1gb", "has none"), ("gpu-mi325x8-2048gb", "is not listed")])
async def test_nothing_is_created_when_no_image_is_known(
    flavour: Flavour, emulator: Emulator, size: str, text: str
) -> None:
    with pytest.raises(ValueError, match=rf"image: 'auto'.*{size}.*{text}.*Pass an image"):
        await flavour.call(flavour.client(emulator).gpu_droplets.create, name="a", size=size, image="auto")
    assert not emulator.account.droplets
    assert {one.method for one in emulator.requests} == {"GET"}
