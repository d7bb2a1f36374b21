"""What a creation run is asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

Preference: TypeAlias = Literal["size", "region", "price"]
"""What decides first about the order of offers."""

Pair: TypeAlias = tuple[str, str]
"""Slugs of a size and a region."""


@frozen(kw_only=True)
class Terms:
    """What a creation run is asked for, checked and complete.

    Attributes:
        count: How many Droplets are wanted.
        min_count: How many are enough. With fewer at the end, all are destroyed.
        name: Template of the names, with ``{n}`` in it.
        sizes: Slugs of the sizes, best first.
        regions: Slugs of the regions, best first; ``None`` for all that the API lists.
        image: Id or slug of the image, or ``"auto"``.
        prefer: What decides first about the order of offers.
        same_region: Whether all Droplets are in one region.
        same_size: Whether all Droplets have one size.
        max_hourly: The most that all Droplets together may cost, in US dollars an hour; ``None`` for no limit.
        contract: Pairs that are tried although the API does not list them.
        retries_unknown_refusals: Whether a refusal with a text that the SDK does not know counts as no capacity.
        fields: The other fields of each create's body.
    """

    count: int
    min_count: int
    name: str
    sizes: tuple[str, ...]
    regions: tuple[str, ...] | None = None
    image: int | str = "auto"
    prefer: Preference = "size"
    same_region: bool = False
    same_size: bool = False
    max_hourly: float | None = None
    contract: tuple[Pair, ...] = ()
    retries_unknown_refusals: bool = False
    fields: Mapping[str, object] = field(factory=dict)

    @property
    def keeps_together(self) -> bool:
        """Whether the first Droplet decides about the region or the size of the others."""
        return self.same_region or self.same_size
