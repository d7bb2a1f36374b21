"""Which pairs of size and region a creation run tries, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.fleet.create.offers import image_of, offering_of
from gradient_async.fleet.create.terms import Terms
from gradient_async.models.size import GPUInfo, Size

pytestmark = pytest.mark.once

SIZES = ("a", "b", "c")
REGIONS = ("tor1", "nyc2", "atl1", "ams3")


def size(slug: str, *regions: str, price: float | None = 1.0, available: bool | None = True) -> Size:
    return Size(slug=slug, regions=regions, price_hourly=price, available=available, gpu_info=GPUInfo(count=8))


def terms(**changes: Any) -> Terms:
    return Terms(**{"count": 4, "min_count": 4, "name": "t-{n}", "sizes": ("a", "b"), "image": "x", **changes})


def pairs(wanted: Terms, *listed: Size) -> list[tuple[str, str]]:
    return [(one.size, one.region) for one in offering_of(wanted, listed).offers]


LISTED = (size("a", "tor1", "nyc2", price=3.0), size("b", "nyc2", "atl1", price=2.0), size("c", "tor1"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "a tor1, a nyc2, b nyc2, b atl1"),
        ({"sizes": ("b", "a")}, "b nyc2, b atl1, a tor1, a nyc2"),
        ({"regions": ("nyc2", "tor1")}, "a nyc2, a tor1, b nyc2"),
        ({"prefer": "region"}, "a tor1, a nyc2, b nyc2, b atl1"),
        ({"prefer": "region", "regions": ("atl1", "nyc2", "tor1")}, "b atl1, a nyc2, b nyc2, a tor1"),
        ({"prefer": "price"}, "b nyc2, b atl1, a tor1, a nyc2"),
        ({"max_hourly": 2.5}, "b nyc2, b atl1"),
        ({"contract": (("a", "atl1"),)}, "a tor1, a nyc2, a atl1, b nyc2, b atl1"),
        ({"contract": (("a", "atl1"),), "regions": ("tor1",)}, "a tor1"),
        ({"contract": (("c", "nyc2"),)}, "a tor1, a nyc2, b nyc2, b atl1"),
    ],
)
def test_offers_come_in_the_order_that_is_preferred(changes: dict[str, Any], expected: str) -> None:
    assert ", ".join(map(" ".join, pairs(terms(**changes), *LISTED))) == expected


@pytest.mark.parametrize(
    ("listed", "changes", "reason"),
    [
        ([], {}, "the API does not list the size"),
        ([size("a")], {}, "the API lists no region for it now: it is sold out"),
        ([size("a", "tor1", available=False)], {}, "the API lists the size as not available"),
        ([size("a", "tor1")], {"regions": ("nyc2",)}, "the API lists it only in tor1"),
        ([size("a", "tor1", price=9.5)], {"max_hourly": 9.0}, "$9.50 an hour is more than max_hourly"),
        ([size("a", "tor1", price=None)], {"max_hourly": 9.0}, "its price is not known, so max_hourly cannot hold"),
    ],
)
def test_reason_is_given_when_a_size_is_not_tried(listed: list[Size], changes: dict[str, Any], reason: str) -> None:
    offering = offering_of(terms(sizes=("a",), **changes), listed)
    assert offering.offers == ()
    assert [one.reason for one in offering.excluded] == [reason]


def test_contract_pair_has_no_price_when_its_size_is_not_listed() -> None:
    [offer] = offering_of(terms(sizes=("z",), contract=(("z", "tor1"),)), []).offers
    assert (offer.is_contract, offer.price_hourly, offer.gpus) == (True, None, None)


def test_size_is_not_tried_when_no_image_is_known_for_it() -> None:
    [excluded] = offering_of(terms(sizes=("a",), image="auto"), [size("a", "tor1")]).excluded
    assert excluded.reason.startswith("image: 'auto' knows images for AMD")


def test_contract_pair_needs_an_image_when_size_is_unlisted() -> None:
    offering = offering_of(terms(sizes=("z",), contract=(("z", "tor1"),), image="auto"), [])
    assert offering.offers == ()
    [excluded] = offering.excluded
    assert excluded.reason.endswith("pass an image")


def test_size_without_an_image_is_named_beside_the_others() -> None:
    known = GPUInfo(count=1, model="nvidia_h100")
    listed = [size("a", "tor1"), Size(slug="b", regions=("nyc2",), gpu_info=known)]
    wanted = terms(sizes=("a", "b", "z"), image="auto")
    offering = offering_of(wanted, listed)
    assert offering.without_image == offering.excluded[:1]
    assert offering.imageless.startswith("a in tor1 is not tried: image: 'auto' knows images for AMD")
    [offer] = offering.offers
    assert image_of(wanted, offer) == "gpu-h100x1-base"
    assert image_of(terms(), offer) == "x"


@pytest.mark.parametrize(
    ("prices", "cheapest"), [((3.0, None, 2.0), 2.0), ((None, 2.0, 3.0), 2.0), ((None, None, None), None)]
)
def test_cheapest_is_the_lowest_price_that_is_known(
    prices: tuple[float | None, float | None, float | None], cheapest: float | None
) -> None:
    listed = [size(slug, price=price) for slug, price in zip(SIZES, prices, strict=True)]
    assert offering_of(terms(sizes=SIZES), listed).cheapest == cheapest


@pytest.mark.parametrize(
    ("regions", "contract", "unknown"),
    [
        (None, (), ()),
        (("tor1", "moon1", "mars1"), (), ("moon1", "mars1")),
        (("tor1", "moon1"), (("a", "moon1"),), ()),
    ],
)
def test_regions_that_no_size_is_in_are_named(regions: Any, contract: Any, unknown: tuple[str, ...]) -> None:
    assert offering_of(terms(regions=regions, contract=contract), LISTED).unknown_regions == unknown


def test_price_may_be_as_high_as_the_limit() -> None:
    assert pairs(terms(sizes=("a",), max_hourly=3.0), LISTED[0]) == [("a", "tor1"), ("a", "nyc2")]


@pytest.mark.parametrize(("gpu_info", "gpus"), [(GPUInfo(count=8), 8), (None, None)])
def test_offer_has_the_facts_of_its_listed_size(gpu_info: GPUInfo | None, gpus: int | None) -> None:
    listed = Size(slug="a", regions=("tor1",), price_hourly=3.0, gpu_info=gpu_info)
    [offer] = offering_of(terms(sizes=("a",)), [listed]).offers
    assert (offer.gpus, offer.price_hourly, offer.is_contract, offer.listed) == (gpus, 3.0, False, listed)


some_sizes = st.lists(
    st.builds(
        lambda slug, regions, price, available: size(slug, *regions, price=price, available=available),
        st.sampled_from(SIZES),
        st.lists(st.sampled_from(REGIONS), unique=True),
        st.none() | st.floats(0, 50),
        st.none() | st.booleans(),
    ),
    unique_by=lambda one: one.slug,
)
some_terms = st.builds(
    terms,
    sizes=st.lists(st.sampled_from(SIZES), min_size=1, unique=True).map(tuple),
    regions=st.none() | st.lists(st.sampled_from(REGIONS), min_size=1, unique=True).map(tuple),
    prefer=st.sampled_from(["size", "region", "price"]),
    max_hourly=st.none() | st.floats(0.1, 50),
    contract=st.lists(st.tuples(st.sampled_from(SIZES), st.sampled_from(REGIONS)), unique=True).map(tuple),
)


@given(wanted=some_terms, listed=some_sizes)
def test_offers_are_listed_or_by_contract_and_each_comes_once(wanted: Terms, listed: list[Size]) -> None:
    by_slug = {one.slug: one for one in listed}
    offering = offering_of(wanted, listed)
    found = [(one.size, one.region) for one in offering.offers]
    assert len({*found}) == len(found)
    for offer in offering.offers:
        shown = by_slug.get(offer.size)
        is_listed = shown is not None and offer.region in shown.regions and shown.available is not False
        assert is_listed or (offer.size, offer.region) in wanted.contract
        assert offer.size in wanted.sizes
        assert wanted.regions is None or offer.region in wanted.regions
        if wanted.max_hourly is not None:
            assert offer.price_hourly is not None
            assert offer.price_hourly <= wanted.max_hourly
    tried_or_told = {one.size for one in offering.offers} | {one.size for one in offering.excluded}
    assert tried_or_told == {*wanted.sizes}
    if wanted.prefer == "price":
        prices = [float("inf") if one.price_hourly is None else one.price_hourly for one in offering.offers]
        assert prices == sorted(prices)
