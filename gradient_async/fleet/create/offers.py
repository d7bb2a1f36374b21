"""Which pairs of size and region are tried, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from gradient_async.endpoints.gpu_sizes import AUTO, image_for
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradient_async.fleet.create.terms import Terms


@frozen(kw_only=True)
class Offer:
    """A size in a region, as a create can ask for it.

    Attributes:
        size: Slug of the size.
        region: Slug of the region.
        price_hourly: Price of one Droplet, in US dollars an hour; ``None`` if the API does not list it.
        gpus: Number of GPUs of one Droplet; ``None`` if the API does not list it.
        is_contract: Whether the API does not list the pair, and the caller has it by contract.
        listed: The size as the API lists it; ``None`` if it does not.
    """

    size: str
    region: str
    price_hourly: float | None = None
    gpus: int | None = None
    is_contract: bool = False
    listed: Size | None = field(default=None, eq=False, repr=False)

    @property
    def label(self) -> str:
        """The pair in a text, such as ``gpu-h100x1-80gb in tor1``."""
        return f"{self.size} in {self.region}"


@frozen(kw_only=True)
class Exclusion:
    """A size, or a size in a region, that is not tried.

    Attributes:
        size: Slug of the size.
        region: Slug of the region; ``None`` for all regions.
        reason: Why, for people.
    """

    size: str
    region: str | None
    reason: str


@frozen(kw_only=True)
class Offering:
    """What can be tried now.

    Attributes:
        offers: The pairs, in the order in which they are tried.
        excluded: What is not tried, and why.
        prices: Price of one Droplet of each listed size, in US dollars an hour.
        unknown_regions: Regions that the caller gave, and that no size is listed in, with GPUs or without.
        without_image: Those of ``excluded`` that no image can be chosen for. Another round does not change that.
    """

    offers: tuple[Offer, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    prices: Mapping[str, float | None]
    unknown_regions: tuple[str, ...] = ()
    without_image: tuple[Exclusion, ...] = ()

    @property
    def imageless(self) -> str:
        """Which pairs have no image, and why, for people; empty if there are none."""
        return "; ".join(f"{one.size} in {one.region} is not tried: {one.reason}" for one in self.without_image)

    @property
    def cheapest(self) -> float | None:
        """The lowest price of the sizes, offered now or not; ``None`` if none is known."""
        return min((price for price in self.prices.values() if price is not None), default=None)


def offering_of(terms: Terms, listed: Iterable[Size]) -> Offering:
    """Return what can be tried, by the sizes that the API lists now.

    Args:
        terms: What is asked for.
        listed: The sizes of the API.
    """
    sizes = {size.slug: size for size in listed}
    offers, excluded, without_image = list[Offer](), list[Exclusion](), list[Exclusion]()
    for slug in terms.sizes:
        found = _offers_of_size(terms, slug, sizes.get(slug))
        if not found:
            excluded.append(Exclusion(size=slug, region=None, reason=_why_none(terms, sizes.get(slug))))
        for offer in found:
            if reason := _too_expensive(terms, offer):
                excluded.append(Exclusion(size=slug, region=offer.region, reason=reason))
            elif reason := _without_image(terms, offer):
                excluded.append(Exclusion(size=slug, region=offer.region, reason=reason))
                without_image.append(excluded[-1])
            else:
                offers.append(offer)
    return Offering(
        offers=tuple(_in_order(terms, offers)),
        excluded=tuple(excluded),
        prices={slug: sizes[slug].price_hourly if slug in sizes else None for slug in terms.sizes},
        unknown_regions=_unknown_regions(terms, sizes.values()),
        without_image=tuple(without_image),
    )


def _unknown_regions(terms: Terms, sizes: Iterable[Size]) -> tuple[str, ...]:
    """Return the given regions that no size is listed in: they do not exist, since each region has some size."""
    known = {region for size in sizes for region in size.regions} | {region for _, region in terms.contract}
    return tuple(region for region in terms.regions or () if region not in known)


def _offers_of_size(terms: Terms, slug: str, size: Size | None) -> list[Offer]:
    """Return the offers of one size, in the order of its regions."""
    listed = size.regions if size is not None and size.available is not False else ()
    by_contract = [region for one, region in terms.contract if one == slug]
    known = dict.fromkeys([*listed, *by_contract])
    regions = known if terms.regions is None else [one for one in terms.regions if one in known]
    return [
        Offer(
            size=slug,
            region=region,
            price_hourly=size.price_hourly if size is not None else None,
            gpus=size.gpu_info.count if size is not None and size.gpu_info is not None else None,
            is_contract=region not in listed,
            listed=size,
        )
        for region in regions
    ]


def _why_none(terms: Terms, size: Size | None) -> str:
    """Return why a size has no offer."""
    if size is None:
        return "the API does not list the size"
    if size.available is False:
        return "the API lists the size as not available"
    if not size.regions:
        return "the API lists no region for it now: it is sold out"
    return f"the API lists it only in {', '.join(size.regions)}" if terms.regions is not None else "no region"


def _too_expensive(terms: Terms, offer: Offer) -> str:
    """Return why the limit of money excludes an offer; empty if it does not."""
    if terms.max_hourly is None:
        return ""
    if offer.price_hourly is None:
        return "its price is not known, so max_hourly cannot hold"
    if offer.price_hourly > terms.max_hourly:
        return f"${offer.price_hourly:,.2f} an hour is more than max_hourly"
    return ""


def _without_image(terms: Terms, offer: Offer) -> str:
    """Return why no image can be chosen for an offer; empty if one can, or is given."""
    if terms.image != AUTO:
        return ""
    if offer.listed is None:
        return "image='auto' cannot choose, since the API does not list the size: pass an image"
    try:
        image_for(offer.listed)
    except ValueError as error:
        return str(error)
    return ""


def image_of(terms: Terms, offer: Offer) -> int | str:
    """Return the image for a create of an offer that is tried."""
    return image_for(offer.listed) if terms.image == AUTO and offer.listed is not None else terms.image


def _in_order(terms: Terms, offers: list[Offer]) -> list[Offer]:
    """Return the offers in the order in which they are tried. They come in the order of sizes, then of regions."""
    if terms.prefer == "price":
        return sorted(offers, key=lambda one: float("inf") if one.price_hourly is None else one.price_hourly)
    if terms.prefer == "region":
        regions = terms.regions or tuple(dict.fromkeys(one.region for one in offers))
        return sorted(offers, key=lambda one: regions.index(one.region))
    return offers
