from __future__ import annotations

from typing import Any

import attrs
import pytest

from gradient_async.endpoints import account_keys, droplet_creation, firewalls, load_balancers
from gradient_async.http.create_rule import NOT_GIVEN, CreateRule, CreateTrace, Listing, Match, shown_by, trace_of
from gradient_async.http.endpoint import Endpoint, Resend
from gradient_async.models.droplet import Droplet
from gradient_async.models.page import Meta
from gradient_async.models.region import Region
from gradient_async.models.ssh_key import KeyListResponse, SSHKeys


@attrs.frozen(kw_only=True)
class Thing:
    id: str
    name: str | None = None
    region: Region | None = None


@attrs.frozen(kw_only=True)
class ThingList:
    things: tuple[Thing, ...] = ()
    meta: Meta = attrs.field(factory=Meta)


@attrs.frozen(kw_only=True)
class Made:
    thing: Thing | None = None
    things: tuple[Thing, ...] = ()


LIST: Endpoint[ThingList] = Endpoint(
    "things.list", "GET", "/v2/boxes/{box:id}/things", answer=ThingList, items="things", query=("name:text",)
)
RULE = CreateRule(
    title="thing",
    lists=(Listing(endpoint=LIST, query={}, filters=("name",), takes_path=True),),
    matches=(Match("name"), Match("region", "region.slug")),
    item="thing",
    several="names",
    items="things",
)
CREATE: Endpoint[Made] = Endpoint("things.create", "POST", "/v2/boxes/{box:id}/things", answer=Made, lookup=RULE)


def create(**body: Any) -> Any:
    return CREATE.request({}, 7, body=body)


def trace(**body: Any) -> Any:
    found = trace_of(create(**body))
    assert found is not None
    return found


@pytest.mark.parametrize("endpoint", [account_keys.CREATE, firewalls.CREATE, load_balancers.CREATE, CREATE])
def test_create_is_looked_up_when_its_endpoint_has_a_rule(endpoint: Endpoint[Any]) -> None:
    assert endpoint.resend is Resend.AFTER_LOOKUP
    assert endpoint.lookup is not None
    assert hasattr(endpoint.answer, endpoint.lookup.item)
    for listing in endpoint.lookup.lists:
        assert shown_by(listing.endpoint.answer) == (endpoint.lookup, listing)


def test_copy_of_a_rule_does_not_change_what_a_list_shows() -> None:
    assert attrs.evolve(RULE, title="copy").lists == RULE.lists
    assert shown_by(ThingList) == (RULE, RULE.lists[0])


def test_trace_has_the_values_of_each_thing() -> None:
    assert trace(name="a", region="tor1").wanted == (("a", "tor1"),)
    assert trace(name="a").wanted == (("a", NOT_GIVEN),)
    assert trace(names=["a", "b"], region="tor1").wanted == (("a", "tor1"), ("b", "tor1"))


def test_request_without_a_value_cannot_be_looked_up() -> None:
    assert trace(name="a").can_be_found
    assert not trace(size=3).can_be_found
    assert trace_of(create()._replace(body=None)) is None
    assert trace_of(LIST.request({}, 7)) is None


@pytest.mark.parametrize(
    ("thing", "is_shown"),
    [
        (Thing(id="1", name="a", region=Region(slug="tor1", name="Toronto 1")), True),
        (Thing(id="1", name="b", region=Region(slug="tor1", name="Toronto 1")), False),
        (Thing(id="1", name="a", region=Region(slug="nyc3", name="New York 3")), False),
        (Thing(id="1", name="a"), None),
        (Thing(id="1", name="b"), False),
    ],
)
def test_thing_is_compared_with_what_was_asked_for(thing: Thing, is_shown: bool | None) -> None:
    found = trace(name="a", region="tor1")
    assert found.is_shown_by(thing, found.wanted[0]) is is_shown


@pytest.mark.parametrize(
    ("asked", "shown", "is_shown"),
    [
        ("tor1", "tor1", True),
        ("TOR1", "tor1", True),
        ("tor1", "nyc3", False),
        ("tor1", None, True),
        (None, "tor1", True),
    ],
)
def test_region_of_a_droplet_counts_if_both_are_known(asked: str | None, shown: str | None, is_shown: bool) -> None:
    body = {"name": "a", "size": "s", "image": "i", **({"region": asked} if asked else {})}
    found = trace_of(droplet_creation.CREATE.request({}, body=body))
    assert found is not None
    region = Region(slug=shown) if shown else None
    droplet = Droplet(id=7, name="a", status="new", size_slug="s", region=region)
    assert found.is_shown_by(droplet, found.wanted[0]) is is_shown


def test_keys_are_the_same_with_different_comments() -> None:
    found = trace_of(account_keys.CREATE.request({}, body={"name": "a", "public_key": "ssh-rsa AAAA you@laptop"}))
    assert found is not None
    assert found.is_shown_by(SSHKeys(id=1, name="a", public_key="ssh-rsa AAAA"), found.wanted[0])
    assert found.is_shown_by(SSHKeys(id=1, name="a", public_key="ssh-rsa BBBB"), found.wanted[0]) is False


def test_traces_are_rivals_when_they_ask_for_the_same() -> None:
    assert trace(name="a").is_rival_of(trace(name="a", size=3))
    assert trace(names=["a", "b"]).is_rival_of(trace(name="b"))
    assert not trace(name="a").is_rival_of(trace(name="b"))
    assert not trace(name="a", region="tor1").is_rival_of(trace(name="a", region="nyc3"))
    # A request that names no region can have any.
    assert trace(name="a", region="tor1").is_rival_of(trace(name="a"))
    assert trace(name="a").is_rival_of(trace(name="a", region="tor1"))
    elsewhere = trace_of(CREATE.request({}, 8, body={"name": "a"}))
    assert elsewhere is not None
    assert not trace(name="a").is_rival_of(elsewhere)


def test_list_is_asked_with_the_filters_of_the_request() -> None:
    page = RULE.lists[0].page(create(name="a", size=3)._replace(timeout=2.0), 2, 200)
    assert (page.path, page.timeout) == ("/v2/boxes/7/things", 2.0)
    assert page.query == {"name": "a", "page": "2", "per_page": "200"}


def test_trace_names_what_was_asked_for() -> None:
    assert trace(names=["a", "b"], region="tor1").names == ("a", "b")
    assert trace(name="a").names == ("a",)
    assert trace(region="tor1").names == ()


@pytest.mark.parametrize(
    ("wanted", "can_be_found"),
    [
        ((("a", NOT_GIVEN),), True),
        (((NOT_GIVEN, "tor1"),), True),
        (((NOT_GIVEN, NOT_GIVEN),), False),
        ((("a", NOT_GIVEN), (NOT_GIVEN, NOT_GIVEN)), False),
        ((("a", NOT_GIVEN), ("b", "tor1")), True),
    ],
)
def test_each_thing_needs_a_value_to_be_found_by(wanted: Any, can_be_found: bool) -> None:
    assert CreateTrace(RULE, "/v2/boxes/7/things", wanted).can_be_found is can_be_found


@pytest.mark.parametrize(("slug", "is_shown"), [("tor1", True), ("nyc2", False), (None, None)])
def test_value_that_was_not_asked_for_decides_nothing(slug: str | None, is_shown: bool | None) -> None:
    thing = Thing(id="1", name="any", region=None if slug is None else Region(slug=slug))
    found = trace(region="tor1")
    assert found.is_shown_by(thing, found.wanted[0]) is is_shown


def test_things_are_found_in_an_answer() -> None:
    one, two = Thing(id="1"), Thing(id="2")
    assert RULE.things_in(Made(thing=one)) == (one,)
    assert RULE.things_in(Made(things=(one, two))) == (one, two)
    assert RULE.things_in(Made()) == ()
    assert account_keys.CREATE.lookup is not None
    assert account_keys.CREATE.lookup.things_in(KeyListResponse(ssh_keys=())) == ()
