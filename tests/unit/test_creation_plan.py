"""What a creation run would do: its prices, its text, and why it would not begin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradient_async import CreationPlan
from gradient_async.fleet.create.offers import Exclusion, Offer, Offering
from gradient_async.fleet.create.plan import objection_to, plan_of
from gradient_async.fleet.create.terms import Terms

pytestmark = pytest.mark.once

A = Offer(size="a", region="tor1", price_hourly=1.2345678, gpus=8)
B = Offer(size="b", region="nyc2", price_hourly=2.0, gpus=1)
UNKNOWN = Offer(size="z", region="nyc2", is_contract=True)


def terms(**changes: Any) -> Terms:
    return Terms(**{"count": 3, "min_count": 3, "name": "t-{n}", "sizes": ("a", "b"), "image": "x", **changes})


def plan(*candidates: Offer, **facts: Any) -> CreationPlan:
    usual: dict[str, Any] = {"count": 3, "min_count": 2, "excluded": (), "requests_per_round": 1_002}
    return CreationPlan(**{**usual, "candidates": candidates, **facts})


def test_text_names_what_is_tried_and_what_is_not() -> None:
    excluded = (
        Exclusion(size="c", region=None, reason="it is sold out"),
        Exclusion(size="d", region="tor1", reason="it is too expensive"),
    )
    found = plan(A, B, UNKNOWN, excluded=excluded, existing=1_234, objection="the VPC is elsewhere")
    assert str(found).splitlines() == [
        "create 3 Droplets (at least 2): $3.70 an hour if the first has capacity",
        "  1,234 exist already, or may exist, by the journal",
        "  cannot begin: the VPC is elsewhere",
        "  1. a in tor1, $1.23 an hour",
        "  2. b in nyc2, $2.00 an hour",
        "  3. z in nyc2, unknown price, by contract",
        "  not c: it is sold out",
        "  not d in tor1: it is too expensive",
        "  at most 1,002 requests a round, and one for each create that succeeds",
    ]
    assert "create 3 Droplets (at least 2): $3.70 an hour if the first has capacity" in found._repr_html_()
    assert str(plan(UNKNOWN)).splitlines() == [
        "create 3 Droplets (at least 2): an unknown price if the first has capacity",
        "  1. z in nyc2, unknown price, by contract",
        "  at most 1,002 requests a round, and one for each create that succeeds",
    ]


@pytest.mark.parametrize(
    ("candidates", "max_hourly", "hourly", "highest"),
    [
        ((A, B), None, 3.7037034, 6.0),
        ((B, A), None, 6.0, 6.0),
        ((A, B), 5.0, 3.7037034, 5.0),
        ((A, B), 7.0, 3.7037034, 6.0),
        ((A, UNKNOWN), 5.0, 3.7037034, 5.0),
        ((UNKNOWN, A), None, None, None),
        ((), 5.0, None, 5.0),
    ],
)
def test_prices_are_of_the_first_and_of_the_dearest(
    candidates: tuple[Offer, ...], max_hourly: float | None, hourly: float | None, highest: float | None
) -> None:
    found = plan(*candidates, max_hourly=max_hourly)
    assert (found.hourly, found.highest_hourly) == (hourly, highest)


def test_rows_and_json_have_each_candidate() -> None:
    found = plan(A, UNKNOWN, excluded=(Exclusion(size="c", region=None, reason="no"),))
    first = {
        "size": "a",
        "region": "tor1",
        "price_hourly": 1.2345678,
        "hourly": 3.7037,
        "gpus": 8,
        "is_contract": False,
    }
    other = {"size": "z", "region": "nyc2", "price_hourly": None, "hourly": None, "gpus": None, "is_contract": True}
    assert found.to_rows() == [first, other]
    written = json.loads(found.to_json())
    assert (written["candidates"], written["requests_per_round"]) == ([first, other], 1_002)
    assert written["excluded"] == [{"size": "c", "region": None, "reason": "no"}]
    # Five digits: the prices have three to five.
    assert plan(A, count=1).to_rows()[0]["hourly"] == 1.23457


def test_plan_counts_the_requests_of_a_round() -> None:
    offering = Offering(offers=(A, B), prices={"a": 1.0, "b": 2.0}, excluded=())
    found = plan_of(terms(min_count=2, max_hourly=9.0), offering, size_requests=5, existing=4)
    assert (found.requests_per_round, found.existing, found.candidates) == (7, 4, (A, B))
    assert (found.count, found.min_count, found.max_hourly, found.objection) == (3, 2, 9.0, "")


def unlisted(size: str) -> Exclusion:
    return Exclusion(size=size, region=None, reason="the API does not list the size")


def offering(*offers: Offer, prices: Any = None, unknown: tuple[str, ...] = (), **facts: Any) -> Offering:
    return Offering(offers=offers, prices=prices or {"a": 1.0}, unknown_regions=unknown, **facts)


@pytest.mark.parametrize(
    ("changes", "found", "objection"),
    [
        ({}, offering(A), ""),
        ({}, offering(excluded=(unlisted("a"),)), ""),
        ({}, offering(excluded=(unlisted("a"), unlisted("b"))), "the API lists no size 'a', 'b'. "),
        ({}, offering(A, excluded=(unlisted("a"), unlisted("b"))), ""),
        ({}, offering(excluded=(Exclusion(size="a", region=None, reason="it is sold out"), unlisted("b"))), ""),
        ({"regions": ("m", "n")}, offering(unknown=("m", "n")), "the API lists no size in 'm', 'n', with GPUs or "),
        ({"regions": ("m", "n")}, offering(unknown=("m",)), ""),
        ({"regions": ()}, offering(), ""),
        ({"max_hourly": 3.0}, offering(prices={"a": None}), "max_hourly cannot hold, since the API lists no price"),
        ({}, offering(prices={"a": None}), ""),
        ({"max_hourly": 3.0}, offering(), ""),
        ({"max_hourly": 0.3}, offering(prices={"a": 0.1}), ""),
        ({"max_hourly": 1.0, "min_count": 1}, offering(prices={"a": 1 + 1e-9}), ""),
        ({"max_hourly": 2.9}, offering(), "3 Droplets cost at least $3.00 an hour, and max_hourly is $2.90"),
        ({"max_hourly": 2.9, "min_count": 2}, offering(), ""),
        (
            {"max_hourly": 0.5, "min_count": 1},
            offering(),
            "a Droplet costs at least $1.00 an hour, and max_hourly is $0.50",
        ),
    ],
)
def test_run_is_objected_to_only_if_it_cannot_succeed(changes: dict[str, Any], found: Offering, objection: str) -> None:
    text = objection_to(terms(**changes), found)
    assert text.startswith(objection)
    assert bool(text) == bool(objection)
