"""What a look-up of a create has found, and pages that may show that something is absent."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from samples import NOON, response
from scripted_creates import shown, thing

from gradient_async import APIResponseValidationError
from gradient_async.endpoints import account_keys, droplet_creation, droplets
from gradient_async.http.raw_response import RawResponse
from gradient_async.waiting.found_things import Adopted, Found, created_at_of, described
from gradient_async.waiting.list_pages import page_of
from gradient_async.waiting.reconciliation import Verdict

if TYPE_CHECKING:
    from gradient_async.http.create_rule import CreateRule, Listing


def rule_of(lookup: CreateRule | None) -> CreateRule:
    assert lookup is not None
    return lookup


DROPLETS = rule_of(droplet_creation.CREATE.lookup)
LIST = DROPLETS.lists[0]


def found(number: int, body: object, listing: Listing | None = LIST) -> Found:
    page = response(200, json.dumps(body).encode(), {"x-request-id": f"page of {number}"})
    named = SimpleNamespace(id=number, name="a")
    return Found(thing=named, key=("Droplet", number), listing=listing, page=page, verdict=Verdict.RESULT)


def test_item_is_that_of_the_thing_in_its_page() -> None:
    body = shown(thing(1), thing(2))
    assert found(2, body).item(DROPLETS) == thing(2)
    assert found(1, body).item(DROPLETS) == thing(1)
    assert found(3, {"droplet": thing(3)}, None).item(DROPLETS) == thing(3)


@pytest.mark.parametrize(
    ("is_several", "body"), [(False, {"droplet": thing(1)}), (True, {"droplets": [thing(1), thing(2)]})]
)
def test_answer_has_the_form_of_the_create(is_several: bool, body: object) -> None:
    pages = [shown(thing(3), thing(1)), shown(thing(2))]
    things = tuple(found(number, page) for number, page in enumerate(pages, 1))
    answer = Adopted(found=things, rule=DROPLETS, is_several=is_several).as_response()
    assert json.loads(answer.body) == body
    assert answer.request_id == "page of 1"


def test_adopted_things_have_their_keys() -> None:
    adopted = Adopted(found=(found(1, {}), found(2, {})), rule=DROPLETS, is_several=True)
    assert [one.id for one in adopted.things] == [1, 2]  # type: ignore[attr-defined]  # see above
    assert adopted.keys == (("Droplet", 1), ("Droplet", 2))


@pytest.mark.parametrize(
    ("field", "value", "created_at"),
    [("created_at", NOON, NOON), ("created_at", "noon", None), ("created_at", None, None), ("", NOON, None)],
)
def test_time_of_creation_is_that_of_the_rules_field(field: str, value: object, created_at: object) -> None:
    rule = attrs.evolve(DROPLETS, created=field)
    assert created_at_of(SimpleNamespace(created_at=value), rule) == created_at
    assert created_at_of(SimpleNamespace(), rule) is None


def test_things_are_described_shortly() -> None:
    things = [SimpleNamespace(id=number, name=f"n{number}") for number in range(1, 12)]
    ten = ", ".join(f"{number} 'n{number}'" for number in range(1, 11))
    assert described(things[:2]) == "1 'n1', 2 'n2'"
    assert described(things[:10]) == ten
    assert described(things) == f"{ten}, …"
    assert described([SimpleNamespace(id=None, name="a"), SimpleNamespace(name=None, id=3)]) == "'a', 3 ''"


def page(body: object, endpoint: Any = droplets.LIST) -> RawResponse[Any]:
    return RawResponse(response(200, json.dumps(body).encode()), endpoint.request({}))


@pytest.mark.parametrize("body", [shown(), shown(thing(1), thing(2))])
def test_whole_page_is_returned(body: dict[str, Any]) -> None:
    assert len(page_of(page(body)).droplets) == len(body["droplets"])


@pytest.mark.parametrize(
    ("body", "reason", "place"),
    [
        ({"droplets": None}, "the list is null", "$.droplets"),
        ({"droplets": [None]}, "the item is null", "$.droplets[0]"),
        ({"droplets": [thing(1), None]}, "the item is null", "$.droplets[1]"),
    ],
)
def test_page_with_a_null_is_a_fault(body: dict[str, Any], reason: str, place: str) -> None:
    with pytest.raises(APIResponseValidationError, match=reason) as caught:
        page_of(page(body))
    assert caught.value.fault_path == place


def test_page_without_its_list_is_a_fault() -> None:
    with pytest.raises(APIResponseValidationError):
        page_of(page({"ssh_keys": []}))
    assert page_of(page({"ssh_keys": []}, account_keys.LIST)).ssh_keys == ()
