"""Which sizes have which GPUs, and which image fits a size. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async.arguments import checked_bool, checked_count, checked_number, checked_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.models.size import Amount, Size

AUTO: Final = "auto"
"""The value of ``image`` for which the SDK chooses an image."""

_NVIDIA_ONE: Final = "gpu-h100x1-base"
_NVIDIA_EIGHT: Final = "gpu-h100x8-base"
_AMD: Final = "gpu-amd-base"
_WORD: Final = re.compile(r"[a-z0-9]+")
_GIB: Final = {"mib": 1 / 1024, "mb": 1 / 1024, "gib": 1.0, "gb": 1.0, "tib": 1024.0, "tb": 1024.0}


def image_for(size: Size) -> str:
    """Return the slug of the image with the drivers for a size's GPUs.

    Raises:
        ValueError: No such image is known.
    """
    gpus = size.gpu_info
    if gpus is None:
        raise ValueError(f"image: 'auto' is for sizes with GPUs, and {size.slug!r} has none. Pass an image")
    vendor = (gpus.model or "").lower().partition("_")[0]
    match vendor, gpus.count:
        case "amd", _:
            return _AMD
        case "nvidia", 1:
            return _NVIDIA_ONE
        case "nvidia", 8:
            return _NVIDIA_EIGHT
    raise ValueError(
        f"image: 'auto' knows images for AMD, and for one or eight NVIDIA GPUs; the size {size.slug!r} has "
        f"{gpus.count} of the model {gpus.model!r}. Pass an image"
    )


@frozen(kw_only=True)
class SizeFilter:
    """Which sizes are wanted; ``None`` for any.

    Attributes:
        model: The GPU's model, or a part of it that begins a word, in upper or lower case.
        min_vram_gib: Minimum memory of a Droplet's GPUs together, in GiB.
        count: Number of GPUs.
        max_hourly: Maximum price of a Droplet, in US dollars an hour.
        creatable: Whether only sizes are wanted that a region lists now.
    """

    model: str | None = None
    min_vram_gib: float | None = None
    count: int | None = None
    max_hourly: float | None = None
    creatable: bool = True

    def __attrs_post_init__(self) -> None:
        if self.model is not None:
            checked_text("model", self.model, "h100")
        if self.min_vram_gib is not None:
            checked_number("min_vram_gib", self.min_vram_gib)
        if self.count is not None:
            checked_count("count", self.count, minimum=1)
        if self.max_hourly is not None:
            checked_number("max_hourly", self.max_hourly)
        checked_bool("creatable", self.creatable)

    def matches(self, size: Size) -> bool:
        """Return whether a size is wanted."""
        gpus = size.gpu_info
        return (
            gpus is not None
            and (self.model is None or is_model(self.model, gpus.model or ""))
            and (self.count is None or gpus.count == self.count)
            and (self.min_vram_gib is None or gib_of(gpus.vram) >= self.min_vram_gib)
            and (self.max_hourly is None or (size.price_hourly is not None and size.price_hourly <= self.max_hourly))
            and (not self.creatable or (bool(size.available) and bool(size.regions)))
        )


def by_price(sizes: Iterable[Size]) -> tuple[Size, ...]:
    """Return sizes in the order of the price for each GPU. Those without a price are the last."""
    return tuple(sorted(sizes, key=_price_order))


def is_model(wanted: str, model: str) -> bool:
    """Return whether a model is the wanted one: ``"H100"`` and ``"nvidia h100"`` are ``"nvidia_h100"``.

    The wanted text begins where a word of the model begins, and does not end inside a number: ``"l4"`` is not
    ``"nvidia_l40s"``. Spaces and punctuation do not count.
    """
    words = _WORD.findall(model.lower())
    text = "".join(_WORD.findall(wanted.lower()))
    for number in range(len(words)):
        rest = "".join(words[number:])
        following = rest[len(text) : len(text) + 1]
        if text and rest.startswith(text) and not (text[-1].isdecimal() and following.isdecimal()):
            return True
    return False


def gib_of(amount: Amount | None) -> float:
    """Return an amount of memory in GiB; 0 if it is not known."""
    if amount is None or amount.amount is None:
        return 0.0
    return amount.amount * _GIB.get((amount.unit or "gib").lower(), 1.0)


def _price_order(size: Size) -> tuple[bool, float, float, str]:
    each = size.price_per_gpu
    return (each is None, each or 0.0, size.price_hourly or 0.0, size.slug)
