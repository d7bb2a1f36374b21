"""Which sizes have which GPUs, and which image fits a size."""

from __future__ import annotations

import pytest

from gradient_async.endpoints.gpu_sizes import SizeFilter, by_price, gib_of, image_for, is_model
from gradient_async.models.size import Amount, GPUInfo, Size


def size(
    slug: str = "gpu-h100x1-80gb",
    model: str | None = "nvidia_h100",
    count: int | None = 1,
    vram: int = 80,
    price: float | None = 3.39,
    regions: tuple[str, ...] = ("tor1",),
    available: bool | None = True,
) -> Size:
    gpus = GPUInfo(count=count, model=model, vram=Amount(amount=vram, unit="gib"))
    return Size(slug=slug, gpu_info=gpus, price_hourly=price, regions=regions, available=available)


@pytest.mark.parametrize(
    ("wanted", "model", "matches"),
    [
        ("h100", "nvidia_h100", True),
        ("NVIDIA H100", "nvidia_h100", True),
        ("nvidia", "nvidia_h100", True),
        ("mi300", "amd_mi300x", True),
        ("rtx 4000", "nvidia_rtx4000_ada", True),
        ("RTX-4000 Ada", "nvidia_rtx4000_ada", True),
        ("rtx4000", "nvidia_rtx_4000_ada", True),
        ("h200", "nvidia_gh200", False),
        ("l4", "nvidia_l40s", False),
        ("h10", "nvidia_h100", False),
        ("100", "nvidia_h100", False),
        ("_", "nvidia_h100", False),
        ("h100", "", False),
    ],
)
def test_model_is_matched_by_words(wanted: str, model: str, matches: bool) -> None:
    assert is_model(wanted, model) is matches


@pytest.mark.parametrize(
    ("model", "count", "image"),
    [
        ("nvidia_h100", 1, "gpu-h100x1-base"),
        ("nvidia_rtx4000_ada", 1, "gpu-h100x1-base"),
        ("nvidia_h200", 8, "gpu-h100x8-base"),
        ("amd_mi300x", 1, "gpu-amd-base"),
        ("AMD_MI325X", 8, "gpu-amd-base"),
    ],
)
def test_image_fits_vendor_and_count(model: str, count: int, image: str) -> None:
    assert image_for(size(model=model, count=count)) == image


@pytest.mark.parametrize(
    ("model", "count"), [("intel_gaudi3", 8), (None, 1), ("nvidia_h100", 4), ("nvidia_h100", None)]
)
def test_image_is_unknown_when_vendor_or_count_are(model: str | None, count: int | None) -> None:
    with pytest.raises(ValueError, match=r"image: 'auto' knows images for .* 'gpu-h100x1-80gb' .*Pass an image"):
        image_for(size(model=model, count=count))
    with pytest.raises(ValueError, match="'s-1vcpu-1gb' has none"):
        image_for(Size(slug="s-1vcpu-1gb"))


def test_each_filter_leaves_out_what_it_should() -> None:
    one = size()
    assert SizeFilter(model="h100", min_vram_gib=80, count=1, max_hourly=3.39).matches(one)
    wrong = [{"model": "h200"}, {"min_vram_gib": 81}, {"count": 8}, {"max_hourly": 3.38}]
    assert not any(SizeFilter(**each).matches(one) for each in wrong)  # type: ignore[arg-type]  # by name
    closed = [size(regions=()), size(available=False), size(available=None)]
    assert not any(map(SizeFilter().matches, closed))
    assert all(map(SizeFilter(creatable=False).matches, closed))
    assert not SizeFilter(creatable=False).matches(Size(slug="s-1vcpu-1gb", regions=("tor1",), available=True))
    assert not SizeFilter(max_hourly=5).matches(size(price=None))


def test_sizes_are_sorted_by_the_price_of_one_gpu() -> None:
    sizes = [size("unknown", price=None), size("a", price=3.0), size("b", count=8, price=16.0), size("c", price=2.0)]
    assert [one.slug for one in by_price(sizes)] == ["c", "b", "a", "unknown"]
    assert [one.price_per_gpu for one in sizes] == [None, 3.0, 2.0, 2.0]
    assert size(count=None).price_per_gpu is None
    assert Size(slug="s-1vcpu-1gb", price_hourly=1.0).price_per_gpu is None


def test_memory_is_counted_in_gib() -> None:
    assert [gib_of(Amount(amount=2, unit=unit)) for unit in ("gib", "TiB", "mib", None)] == [2, 2048, 2 / 1024, 2]
    assert (gib_of(None), gib_of(Amount(unit="gib"))) == (0, 0)
