"""Firewalls: their rules, what they protect, how changes reach the Droplets, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec

pytestmark = pytest.mark.once

TAG = "training"
SSH = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"]}}
# As the API writes it.
ALLOWED = {**SSH, "action": "allow"}
OUT = {"protocol": "icmp", "destinations": {"addresses": ["::/0"]}}


@pytest.fixture
def desk() -> Desk:
    return Desk(DropletSpec(tags=(TAG,)), DropletSpec(), DropletSpec(gpu=False, tags=(TAG, "web")))


def made(desk: Desk, **settings: Any) -> dict[str, Any]:
    reply = desk.ask("POST", "/v2/firewalls", {"name": "training", "inbound_rules": [SSH], **settings})
    assert reply.status == 202, reply.data
    firewall: dict[str, Any] = reply.data["firewall"]
    return firewall


def read(desk: Desk, firewall: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/v2/firewalls/{firewall['id']}").data["firewall"]
    return found


def changed(desk: Desk, firewall: dict[str, Any], method: str, part: str, body: Any) -> Any:
    return desk.ask(method, f"/v2/firewalls/{firewall['id']}/{part}", body)


# How a change reaches the Droplets.


def test_status_is_waiting_until_the_droplets_have_the_change(desk: Desk) -> None:
    firewall = made(desk, droplet_ids=[FIRST + 1], tags=[TAG])
    assert firewall["status"] == "waiting"
    assert [one["droplet_id"] for one in firewall["pending_changes"]] == [FIRST, FIRST + 1, FIRST + 2]
    desk.clock.advance(60)
    assert (read(desk, firewall)["status"], read(desk, firewall)["pending_changes"]) == ("succeeded", [])


def test_droplet_that_loses_its_protection_is_shown_as_removed(desk: Desk) -> None:
    firewall = made(desk, droplet_ids=[FIRST, FIRST + 1])
    desk.clock.advance(60)
    assert changed(desk, firewall, "DELETE", "droplets", {"droplet_ids": [str(FIRST)]}).status == 204
    pending = {one["droplet_id"]: one["removing"] for one in read(desk, firewall)["pending_changes"]}
    assert pending == {FIRST: True, FIRST + 1: False}


def test_earlier_change_does_not_end_the_wait_for_a_later_one(desk: Desk) -> None:
    firewall = made(desk, droplet_ids=[FIRST])
    desk.clock.advance(4)
    changed(desk, firewall, "POST", "droplets", {"droplet_ids": [FIRST + 1]})
    desk.clock.advance(2)
    assert read(desk, firewall)["status"] == "waiting"
    desk.clock.advance(4)
    assert read(desk, firewall)["status"] == "succeeded"


def test_firewall_without_droplets_waits_for_none(desk: Desk) -> None:
    assert made(desk)["status"] == "succeeded"


def test_firewall_forgets_a_droplet_that_is_gone(desk: Desk) -> None:
    firewall = made(desk, droplet_ids=[FIRST, FIRST + 1])
    desk.account.remove(FIRST)
    left = read(desk, firewall)
    assert left["droplet_ids"] == [FIRST + 1]
    assert [one["droplet_id"] for one in left["pending_changes"]] == [FIRST + 1]


def test_firewalls_of_a_droplet_name_it_or_its_tag(desk: Desk) -> None:
    made(desk, name="by-id", droplet_ids=[FIRST + 1])
    made(desk, name="by-tag", tags=["web"])
    shown = {
        droplet_id: [one["name"] for one in desk.get(f"/v2/droplets/{droplet_id}/firewalls").data["firewalls"]]
        for droplet_id in (FIRST, FIRST + 1, FIRST + 2)
    }
    assert shown == {FIRST: [], FIRST + 1: ["by-id"], FIRST + 2: ["by-tag"]}


# Rules.


def test_rule_is_written_with_what_it_names_only(desk: Desk) -> None:
    sources = {"addresses": ["10.0.0.0/8"], "droplet_ids": [FIRST], "tags": [TAG], "kubernetes_ids": []}
    firewall = made(desk, inbound_rules=[{**SSH, "sources": sources}], outbound_rules=[OUT])
    assert firewall["inbound_rules"] == [
        {**ALLOWED, "sources": {"addresses": ["10.0.0.0/8"], "droplet_ids": [FIRST], "tags": [TAG]}}
    ]
    assert firewall["outbound_rules"] == [{**OUT, "ports": "0", "action": "allow"}]


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ({"ports": 22, "protocol": "TCP"}, {}),
        ({"ports": "all"}, {"ports": "0"}),
        ({"sources": {}}, {"sources": {}}),
        ({"action": "deny"}, {"action": "deny"}),
    ],
)
def test_rule_is_written_in_the_form_of_the_api(desk: Desk, sent: dict[str, Any], written: dict[str, Any]) -> None:
    assert made(desk, inbound_rules=[{**SSH, **sent}])["inbound_rules"] == [{**ALLOWED, **written}]


def test_rule_is_kept_once_when_it_is_added_again(desk: Desk) -> None:
    firewall = made(desk)
    assert changed(desk, firewall, "POST", "rules", {"inbound_rules": [SSH], "outbound_rules": [OUT]}).status == 204
    assert read(desk, firewall)["inbound_rules"] == [ALLOWED]
    assert len(read(desk, firewall)["outbound_rules"]) == 1


def test_rule_that_is_not_there_is_removed_without_a_refusal(desk: Desk) -> None:
    firewall = made(desk)
    other = {**SSH, "ports": "80"}
    assert changed(desk, firewall, "DELETE", "rules", {"inbound_rules": [other]}).status == 204
    assert read(desk, firewall)["inbound_rules"] == [ALLOWED]


def test_last_rule_cannot_be_removed(desk: Desk) -> None:
    firewall = made(desk)
    assert changed(desk, firewall, "DELETE", "rules", {"inbound_rules": [SSH]}).status == 422


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**SSH, "sources": [{"addresses": ["10.0.0.0/8"]}]}, "You specified an invalid type for one of the sources."),
        ({**SSH, "sources": {"addresses": [""]}}, "invalid address"),
        ({**SSH, "sources": {"addresses": ["10.0.0.0/33"]}}, "invalid address"),
        ({**SSH, "sources": None}, "You must specify at least one source or destination."),
        ({**SSH, "ports": ""}, "You must specify a positive value for ports."),
        ({"protocol": "tcp", "sources": SSH["sources"]}, "You must specify a positive value for ports."),
        ({**SSH, "ports": "any"}, "you must specify a valid range for ports"),
        ({**SSH, "ports": "9000-8000"}, "you must specify a valid range for ports"),
        ({**SSH, "ports": "65536"}, "you must specify a valid range for ports"),
        ({**SSH, "protocol": "gre"}, "you specified an invalid protocol"),
        ({**SSH, "sources": {"droplet_ids": [1]}}, "droplet does not exist"),
        ({**SSH, "sources": {"tags": ["nowhere"]}}, "tag nowhere does not exist"),
        ({**SSH, "sources": {"load_balancer_uids": ["lb"]}}, "load balancer does not exist"),
        ({**SSH, "sources": {"addresses": [f"10.0.{n >> 8}.{n & 255}" for n in range(1001)]}}, "at most 1000 sources"),
        ("tcp", "inbound_rules is missing or invalid."),
    ],
)
def test_rule_is_refused_with_its_reason(desk: Desk, rule: Any, message: str) -> None:
    reply = desk.ask("POST", "/v2/firewalls", {"name": "training", "inbound_rules": [rule]})
    assert reply.status == 422
    assert message in reply.message
    assert desk.get("/v2/firewalls").data["firewalls"] == []


# Whole firewalls.


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"name": "other"}, 422, "must have at least one rule"),
        ({"inbound_rules": [SSH]}, 422, "name is missing"),
        ({"name": "a b", "inbound_rules": [SSH]}, 422, "valid name"),
        ({"name": "training", "inbound_rules": [SSH]}, 409, "duplicate name"),
        ({"name": "other", "inbound_rules": [SSH], "droplet_ids": [1]}, 422, "droplet does not exist"),
        ({"name": "other", "inbound_rules": [SSH], "droplet_ids": ["x"]}, 422, "droplet_ids is missing or invalid."),
        ({"name": "other", "inbound_rules": [SSH], "tags": ["nowhere"]}, 422, "tag nowhere does not exist"),
        ({"name": "other", "inbound_rules": [SSH], "tags": [7]}, 422, "tags is missing or invalid."),
        (
            {"name": "other", "inbound_rules": [{**SSH, "ports": str(port)} for port in range(1, 52)]},
            422,
            "at most 50 rules",
        ),
    ],
)
def test_firewall_is_refused_with_its_reason(desk: Desk, body: Any, status: int, message: str) -> None:
    made(desk)
    reply = desk.ask("POST", "/v2/firewalls", body)
    assert (reply.status, message in reply.message) == (status, True), reply.data


def test_firewall_takes_ten_droplets_and_five_tags() -> None:
    desk = Desk(*[DropletSpec(tags=tuple(f"tag{n}" for n in range(6)))] * 11)
    firewall = made(desk, droplet_ids=[FIRST + n for n in range(10)], tags=[f"tag{n}" for n in range(5)])
    assert "at most 10 Droplets" in changed(desk, firewall, "POST", "droplets", {"droplet_ids": [FIRST + 10]}).message
    assert "at most 5 tags" in changed(desk, firewall, "POST", "tags", {"tags": ["tag5"]}).message


def test_update_resets_what_it_does_not_have(desk: Desk) -> None:
    firewall = made(desk, droplet_ids=[FIRST], tags=[TAG])
    body = {"name": "renamed", "outbound_rules": [OUT]}
    reply = desk.ask("PUT", f"/v2/firewalls/{firewall['id']}", body)
    assert reply.status == 200
    after = reply.data["firewall"]
    assert (after["name"], after["droplet_ids"], after["tags"], after["inbound_rules"]) == ("renamed", [], [], [])
    assert after["created_at"] == firewall["created_at"]


def test_update_may_keep_a_droplet_in_a_rule_when_it_is_gone(desk: Desk) -> None:
    rule = {**SSH, "sources": {"droplet_ids": [FIRST]}}
    firewall = made(desk, inbound_rules=[rule])
    desk.account.remove(FIRST)
    body = {"name": "renamed", "inbound_rules": [rule]}
    assert desk.ask("PUT", f"/v2/firewalls/{firewall['id']}", body).status == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("part", ["droplets", "tags", "rules"])
def test_parts_of_an_unknown_firewall_are_404_empty_bodies_422(desk: Desk, method: str, part: str) -> None:
    body = {"droplets": {"droplet_ids": [FIRST]}, "tags": {"tags": [TAG]}, "rules": {"inbound_rules": [SSH]}}[part]
    unknown = {"id": "00000000-0000-4000-8000-000000000000"}
    assert changed(desk, unknown, method, part, body).status == 404
    assert changed(desk, made(desk), method, part, {}).status == 422


@pytest.mark.parametrize(("scope", "hidden"), [("droplet:read", "droplet_ids"), ("tag:read", "tags")])
def test_field_is_hidden_when_the_token_lacks_its_scope(scope: str, hidden: str) -> None:
    scopes = {"firewall:create", "droplet:read", "tag:read"} - {scope}
    assert hidden not in made(Desk(scopes=scopes))
