"""Which create a hunt sends next, whatever the API answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.errors import (
    APIConnectionError,
    CapacityError,
    DropletLimitError,
    GpuLimitError,
    ImageError,
    SizeNotInRegionError,
    SizeRetiredError,
    UnprocessableEntityError,
)
from gradient_async.fleet.create import lines
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.hunt import Hunt, Post
from gradient_async.fleet.create.offers import Offer
from gradient_async.fleet.create.records import CreationRecords
from gradient_async.fleet.create.terms import Terms
from gradient_async.http.request import Timestamp

pytestmark = pytest.mark.once

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
A, B = Offer(size="a", region="tor1", price_hourly=3.0), Offer(size="a", region="nyc2", price_hourly=3.0)
C = Offer(size="b", region="nyc2", price_hourly=1.5)


def terms(**changes: Any) -> Terms:
    return Terms(**{"count": 8, "min_count": 8, "name": "t-{n}", "sizes": ("a", "b"), **changes})


def refusal(kind: type[Exception]) -> Exception:
    if kind is APIConnectionError:
        return APIConnectionError("refused", method="POST", path="/v2/droplets")
    return kind("no", method="POST", path="/v2/droplets", status=422)  # type: ignore[call-arg]  # all take these


class Account:
    """A hunt, its records, and what it asks for."""

    def __init__(self, **changes: Any) -> None:
        self.terms = terms(**changes)
        self.records = CreationRecords(run=CreationRun(nonce="n0", name="t-{n}", call={}, began_at=NOON))
        self.hunt = Hunt(self.terms, self.records)
        self.ids = iter(range(1, 10_000))

    def post(self) -> Post | None:
        """Return the next create, recorded as sent."""
        post = self.hunt.next_post()
        if post is not None:
            self.names = self.records.next_names(post.count)
            self.hunt.sent(post)
            offer = post.offer
            line = lines.sending_line(
                self.names,
                size=offer.size,
                region=offer.region,
                price_hourly=offer.price_hourly,
                now=Timestamp(1.0, 1.0),
                boot=None,
            )
            self.records.apply(line)
        return post

    def answer(self, post: Post, answer: type[Exception] | int | None) -> None:
        """Answer it: with an error, with so many Droplets, or not at all."""
        if answer is None:
            self.records.apply(lines.names_line("unknown", self.names, "", 1.0))
            self.hunt.unresolved(post)
        elif isinstance(answer, int):
            for name in self.names[:answer]:
                self.records.apply(lines.droplet_line("created", name, next(self.ids), 1.0))
            if missing := self.names[answer:]:
                self.records.apply(lines.names_line("absent", missing, "", 1.0))
            self.hunt.accepted(post, min(answer, post.count))
        else:
            self.records.apply(lines.names_line("refused", self.names, "", 1.0))
            self.hunt.refused(post, refusal(answer))

    def play(self, offers: list[Offer], *answers: type[Exception] | int | None) -> list[tuple[Offer, int]]:
        """Play one round, and return what was asked for. Missing answers are refusals for capacity."""
        left = iter(answers)
        self.hunt.begin_round(offers)
        asked = []
        while (post := self.post()) is not None:
            asked.append((post.offer, post.count))
            self.answer(post, next(left, CapacityError))
        return asked


def test_all_are_asked_for_at_once_before_any_refusal() -> None:
    account = Account()
    assert account.play([A, B, C], APIConnectionError) == [(A, 8)]
    assert account.play([A, B, C], 8) == [(A, 8)]
    assert len(account.records.billable) == 8
    assert account.play([A, B, C]) == []


def test_one_after_the_other_is_asked_for_after_a_refusal() -> None:
    account = Account()
    assert account.play([A, B, C], CapacityError, SizeNotInRegionError) == [(A, 8), (B, 1), (C, 1)]
    assert account.play([A, B]) == [(A, 1), (B, 1)]
    assert account.play([A, B], 1, 1, 1, CapacityError, 1) == [*[(A, 1)] * 4, (B, 1), (B, 1)]
    assert len(account.records.billable) == 4


def test_twice_as_many_are_asked_for_while_many_are_needed() -> None:
    account = Account(count=32, min_count=32)
    assert account.play([A]) == [(A, 10)]
    assert account.play([A], 1, 2, 4, 8, 10, 1, 1) == [(A, 1), (A, 2), (A, 4), (A, 8), (A, 10), *[(A, 1)] * 3]


@pytest.mark.parametrize(
    ("changes", "beside", "has_place"),
    [
        ({}, A, True),
        ({"count": 1, "min_count": 1}, A, False),
        ({"same_region": True}, B, False),
        ({"same_size": True}, B, True),
        ({"same_size": True}, C, False),
        ({"max_hourly": 6.0}, A, True),
        ({"max_hourly": 5.0}, A, False),
    ],
)
def test_late_droplet_is_taken_if_it_fits(changes: dict[str, Any], beside: Offer, *, has_place: bool) -> None:
    account = Account(**{"count": 2, "min_count": 2, **changes})
    late, other = "t-1-n0", "t-2-n0"
    for name, offer in ((late, A), (other, beside)):
        account.records.apply(
            lines.sending_line(
                [name], size=offer.size, region=offer.region, price_hourly=3.0, now=Timestamp(1.0, 1.0), boot=None
            )
        )
    assert account.hunt.has_place_for(account.records.names[late])
    account.records.apply(lines.names_line("absent", [late], "", 1.0))
    assert account.hunt.has_place_for(account.records.names[late]) == has_place


def test_more_than_ten_are_split() -> None:
    assert Account(count=23, min_count=23).play([A], 10, 10, 3) == [(A, 10), (A, 10), (A, 3)]


def test_offer_is_left_when_it_places_a_part() -> None:
    account = Account()
    assert account.play([A, B], 3, 5) == [(A, 8), (B, 5)]
    assert account.records.in_state("absent")
    assert len({one.name for one in account.records.names.values()}) == 13


def test_size_is_dropped_when_it_is_retired() -> None:
    account = Account()
    assert account.play([A, B, C], SizeRetiredError) == [(A, 8), (C, 8)]
    assert account.play([A, B, C]) == [(C, 1)]
    assert not account.hunt.is_hopeless
    account.play([C], SizeRetiredError)
    assert account.hunt.is_hopeless


@pytest.mark.parametrize("kind", [GpuLimitError, DropletLimitError])
def test_hunt_stops_at_a_limit_when_fewer_are_not_enough(kind: type[Exception]) -> None:
    account = Account()
    assert account.play([A, B], kind) == [(A, 8)]
    assert isinstance(account.hunt.error, kind)
    assert account.hunt.stopped_by.startswith("a limit of the account is reached")
    assert account.play([A, B]) == []


def test_fewer_are_asked_for_at_a_limit_when_they_are_enough() -> None:
    account = Account(min_count=3)
    # The limit allows five.
    asked = account.play([A, B, C], GpuLimitError, 3, GpuLimitError, 1)
    assert asked == [(A, 8), (B, 3), (B, 3), (C, 1), (C, 1)]
    assert account.hunt.needed == 1
    assert account.play([A], 1) == [(A, 1)]
    assert (len(account.records.billable), account.hunt.needed) == (5, 0)


def test_ask_is_halved_at_a_limit_once_enough_are_held() -> None:
    account = Account(count=40, min_count=5)
    asked = account.play([A, B, C], 10, GpuLimitError, GpuLimitError, 2, GpuLimitError)
    assert asked == [(A, 10), (A, 10), (B, 5), (C, 2), (C, 2)]
    assert account.play([A], 1, 1) == [(A, 1)]


@pytest.mark.parametrize("kind", [ImageError, UnprocessableEntityError])
def test_hunt_stops_when_a_create_can_never_succeed(kind: type[Exception]) -> None:
    account = Account()
    assert account.play([A, B], kind) == [(A, 8)]
    assert type(account.hunt.error) is kind


def test_unknown_refusal_is_no_capacity_when_that_is_wanted() -> None:
    account = Account(retries_unknown_refusals=True)
    assert account.play([A, B], UnprocessableEntityError, UnprocessableEntityError) == [(A, 8), (B, 1)]
    assert account.hunt.stopped_by == ""
    assert account.play([A, B], ImageError) == [(A, 1)]
    assert type(account.hunt.error) is ImageError


def test_round_ends_when_the_api_cannot_be_reached() -> None:
    account = Account()
    assert account.play([A, B], APIConnectionError) == [(A, 8)]
    assert account.hunt.stopped_by == ""
    assert account.play([A, B], 8) == [(A, 8)]


def test_unresolved_names_count_until_they_are_settled() -> None:
    account = Account()
    assert account.play([A, B], None) == [(A, 8)]
    assert account.hunt.needed == 0
    account.records.apply(lines.names_line("absent", account.names, "", 2.0))
    assert account.hunt.needed == 8
    assert account.play([B], 8) == [(B, 8)]
    assert not {*account.names} & {one.name for one in account.records.in_state("absent")}


@pytest.mark.parametrize("kept", ["same_region", "same_size"])
def test_first_droplet_decides_when_all_must_be_together(kept: str) -> None:
    account = Account(count=12, min_count=12, **{kept: True})
    expected = [(A, 10), (A, 2)] if kept == "same_region" else [(A, 10), (A, 2), (B, 2)]
    assert account.play([A, B, C], 10, CapacityError, CapacityError) == expected
    other = B if kept == "same_size" else A
    assert account.play([C, B, A], 2) == [(other, 2)]


def test_money_bounds_what_is_asked_for() -> None:
    account = Account(max_hourly=10.0)
    free = Offer(size="b", region="x", price_hourly=None)
    assert account.play([A, free, C], 3, CapacityError) == [(A, 3)]
    assert account.records.hourly == 9.0
    assert account.hunt.needed == 5
    account.hunt.begin_round([A], cheapest=1.5)
    assert (account.hunt.needed, account.hunt.is_out_of_money) == (0, True)
    account.records.apply(lines.droplet_line("lost", account.names[0], 1, 2.0))
    assert account.hunt.needed == 6


def test_hunt_has_no_result_before_its_first_round() -> None:
    hunt = Account().hunt
    assert (hunt.rounds, hunt.is_blind, hunt.has_failed, hunt.is_out_of_money) == (0, False, False, False)
    assert (hunt.stopped_by, hunt.error, hunt.passing_error, hunt.next_post()) == ("", None, None, None)


def test_round_forgets_what_ended_the_last_one() -> None:
    account = Account()
    account.play([A], APIConnectionError)
    ended_by = account.hunt.passing_error
    assert isinstance(ended_by, APIConnectionError)
    account.hunt.is_blind = True
    account.hunt.begin_round([A])
    assert (account.hunt.rounds, account.hunt.is_blind, account.hunt.passing_error) == (2, False, None)


def test_results_of_each_offer_are_counted() -> None:
    account = Account()
    account.play([A, B, C], 3, CapacityError, None)
    account.play([A, B, C], None, CapacityError, SizeNotInRegionError)
    counted = [(one.offer, one.posts, one.accepted, one.refusals) for one in account.hunt.counters.values()]
    assert counted == [
        (A, 2, 3, {"unknown": 1}),
        (B, 2, 0, {"CapacityError": 2}),
        (C, 2, 0, {"unknown": 1, "SizeNotInRegionError": 1}),
    ]
    assert [one.last_message for one in account.hunt.counters.values()] == ["", "no", "no"]


def test_offer_is_asked_for_one_after_it_placed_a_part() -> None:
    account = Account()
    account.play([A], 3)
    assert account.play([A], 1, 2, 2) == [(A, 1), (A, 2), (A, 2)]


def test_last_ten_are_asked_for_one_by_one_after_a_refusal() -> None:
    account = Account(count=11, min_count=11)
    account.play([A])
    assert account.play([A], 1) == [(A, 1), (A, 1)]


def test_first_reason_of_a_stop_stays() -> None:
    hunt, first = Account().hunt, ValueError("first")
    hunt.fail("a probe is wrong", first)
    hunt.stop("the deadline is over", ValueError("second"))
    assert (hunt.stopped_by, hunt.error, hunt.has_failed, hunt.needed) == ("a probe is wrong", first, True, 0)


@pytest.mark.parametrize(
    ("min_count", "held", "asked_next"),
    [
        pytest.param(7, 0, 7, id="one fewer than asked for is just enough"),
        pytest.param(5, 3, 2, id="so many as are missing"),
        pytest.param(4, 3, 1, id="the last one that is missing"),
        pytest.param(3, 3, 2, id="half, since enough are held"),
    ],
)
def test_ask_at_a_limit_is_what_is_missing(min_count: int, held: int, asked_next: int) -> None:
    account = Account(count=8, min_count=min_count)
    if held:
        account.play([A], held)
        account.hunt._asks.clear()
    [_, (offer, count)] = account.play([A, B], GpuLimitError)
    assert (offer, count) == (B, asked_next)


def test_hunt_stops_at_a_limit_that_is_reached_exactly() -> None:
    account = Account(min_count=3)
    assert account.play([A, B], 7, GpuLimitError) == [(A, 8), (B, 1)]
    assert account.hunt.stopped_by == "a limit of the account is reached: no"


def test_droplets_without_a_price_cost_no_money() -> None:
    free = Offer(size="a", region="tor1", price_hourly=0.0)
    assert Account(max_hourly=1.0).play([free], 8) == [(free, 8)]


offers = st.lists(
    st.builds(
        Offer,
        size=st.sampled_from("abc"),
        region=st.sampled_from("xyz"),
        price_hourly=st.none() | st.sampled_from([0.0, 0.76, 1.57, 3.39, 23.92]),
    ),
    unique_by=lambda one: (one.size, one.region),
    max_size=9,
)
answers = st.one_of(
    st.sampled_from([CapacityError, SizeNotInRegionError, SizeRetiredError, APIConnectionError]),
    st.sampled_from([GpuLimitError, DropletLimitError, ImageError]),
    st.none(),
    st.integers(0, 10),
)


@given(data=st.data())
def test_hunt_never_exceeds_its_terms(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 25))
    account = Account(
        count=count,
        min_count=data.draw(st.integers(1, count)),
        max_hourly=data.draw(st.none() | st.floats(0.5, 100)),
        same_region=data.draw(st.booleans()),
        same_size=data.draw(st.booleans()),
    )
    for _ in range(data.draw(st.integers(1, 4))):
        account.hunt.begin_round(data.draw(offers))
        refused: set[Offer] = set()
        while (post := account.post()) is not None:
            billable = account.records.billable
            assert 1 <= post.count <= 10
            assert post.offer not in refused, "an offer is asked once a round unless it succeeds"
            assert len(billable) <= count
            if account.terms.max_hourly is not None:
                assert account.records.hourly <= account.terms.max_hourly + 1e-3
            assert not account.terms.same_region or len({one.region for one in billable}) == 1
            assert not account.terms.same_size or len({one.size for one in billable}) == 1
            answer = data.draw(answers)
            if not isinstance(answer, int) or answer < post.count:
                refused.add(post.offer)
            account.answer(post, answer)
        assert len({one.droplet_id for one in account.records.in_state("created")}) <= count
