"""Firewalls: created, read, changed and deleted; each request is executed once, and checked before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import (
    ConflictError,
    FirewallRuleTarget,
    InboundRule,
    NotFoundError,
    OutboundRule,
    RequestOutcomeUnknownError,
)
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

FIRST = 3164444
TAG = "training"
ID = "bb4b2611-3d72-467b-8602-280330ecd65c"
EVERYWHERE = FirewallRuleTarget(addresses=("0.0.0.0/0", "::/0"))
SSH = InboundRule(protocol="tcp", ports="22", sources=EVERYWHERE)
SSH_DICT: Any = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0", "::/0"]}}
OUT = OutboundRule(protocol="icmp", ports="0", destinations=FirewallRuleTarget(tags=(TAG,)))
OUT_DICT: Any = {"protocol": "icmp", "destinations": {"tags": [TAG]}}
LOST = {"reset": RESET, "close": CLOSE, "hang": HANG, "500": reply(500), "504": html(504)}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(tags=(TAG,)), DropletSpec()], limits=None) as emulator:
        yield emulator


async def test_firewall_is_created_read_listed_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls

    made = (
        await flavour.call(
            firewalls.create,
            name="training",
            inbound_rules=[SSH],
            outbound_rules=[OUT_DICT],
            droplet_ids=[FIRST + 1],
            tags=[TAG],
        )
    ).firewall
    assert (made.name, made.status) == ("training", "waiting")
    assert made.inbound_rules == (SSH,)
    assert made.outbound_rules == (OUT,)
    assert (made.droplet_ids, made.tags) == ((FIRST + 1,), (TAG,))
    assert [change.droplet_id for change in made.pending_changes] == [FIRST, FIRST + 1]

    emulator.clock.advance(60)
    read = (await flavour.call(firewalls.retrieve, made.id)).firewall
    assert (read.status, read.pending_changes) == ("succeeded", ())
    assert await flavour.items(firewalls.list_all()) == [read]

    assert await flavour.call(firewalls.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(firewalls.retrieve, made.id)
    raw = await flavour.call(firewalls.with_raw_response.list)
    assert raw.parse().firewalls == ()


async def test_firewall_is_created_when_it_is_given_as_one_value(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    made = (await flavour.call(firewalls.create, body={"name": "one", "inbound_rules": [SSH_DICT]})).firewall
    assert made.inbound_rules == (SSH,)
    with pytest.raises(ConflictError, match="duplicate name"):
        await flavour.call(firewalls.create, body=made)


@pytest.mark.parametrize("lost", LOST)
async def test_firewall_is_not_created_twice_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, lost: str
) -> None:
    wire.script("POST", LOST[lost], reply(202, {"firewall": {"id": ID}}))
    firewalls = flavour.client(wire, timeout=0.3).gpu_droplets.firewalls
    with pytest.raises(RequestOutcomeUnknownError, match="POST /v2/firewalls may or may not have been executed"):
        await flavour.call(firewalls.create, name="training", inbound_rules=[SSH])
    assert len(wire.requests) == 1


@pytest.mark.parametrize("lost", LOST)
async def test_firewall_is_deleted_when_it_is_gone_after_a_lost_answer(
    flavour: Flavour, wire: WireServer, lost: str
) -> None:
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    firewalls = flavour.client(wire, timeout=0.3).gpu_droplets.firewalls
    assert await flavour.call(firewalls.delete, ID) is None
    assert [request.path for request in wire.requests] == [f"/v2/firewalls/{ID}"] * 2


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({}, "name: missing"),
        ({"name": "x y", "inbound_rules": [SSH]}, "name: expected at least two of the characters"),
        ({"name": "training"}, "inbound_rules, outbound_rules: expected at least one rule"),
        ({"name": "training", "inbound_rules": []}, "inbound_rules, outbound_rules: expected at least one rule"),
        ({"name": "training", "inbound_rules": SSH_DICT}, "inbound_rules: expected a list"),
        ({"name": "training", "inbound_rules": [OUT]}, r"inbound_rules\[0\]: expected a InboundRule or a dict"),
        (
            {"name": "training", "inbound_rules": [SSH, {**SSH_DICT, "ports": "70000"}]},
            r"inbound_rules\[1\].ports: expected a port such as '22', a range such as '8000-9000', or '0'",
        ),
        ({"name": "training", "inbound_rules": [{**SSH_DICT, "ports": "all"}]}, r"inbound_rules\[0\].ports: expected"),
        ({"name": "training", "inbound_rules": [{**SSH_DICT, "ports": "0-80"}]}, r"inbound_rules\[0\].ports: expected"),
        ({"name": "training", "inbound_rules": [{**SSH_DICT, "ports": "9-8"}]}, r"inbound_rules\[0\].ports: expected"),
        (
            {"name": "training", "inbound_rules": [{**SSH_DICT, "ports": 22}]},
            r"inbound_rules\[0\].ports: expected a str",
        ),
        (
            {"name": "training", "inbound_rules": [{"protocol": "udp", "sources": {"tags": ["a"]}}]},
            r"inbound_rules\[0\]: ports is missing; a udp rule needs a port",
        ),
        (
            {"name": "training", "outbound_rules": [SSH_DICT]},
            r"outbound_rules\[0\].sources: unknown field. Allowed are protocol, ports, destinations",
        ),
        (
            {"name": "training", "inbound_rules": [InboundRule(protocol="tcp", ports="22")]},
            r"inbound_rules\[0\].sources: expected at least one of addresses",
        ),
        (
            {"name": "training", "inbound_rules": [{**SSH_DICT, "sources": {"addresses": ["10.0.0.0/40"]}}]},
            r"inbound_rules\[0\].sources.addresses\[0\]: expected an address or a network",
        ),
        (
            {"name": "training", "inbound_rules": [{**SSH_DICT, "sources": {"droplet_ids": ["1"]}}]},
            r"inbound_rules\[0\].sources.droplet_ids\[0\]: expected an int",
        ),
        ({"name": "training", "inbound_rules": [SSH], "tags": "training"}, "tags: expected a list"),
        ({"name": "training", "body": {"name": "training"}}, "body: not allowed together with name"),
        ({"body": [SSH]}, "body: expected a Firewall or a dict of its fields, got list"),
    ],
)
async def test_nothing_is_sent_when_a_new_firewall_is_impossible(
    flavour: Flavour, wire: WireServer, arguments: dict[str, Any], fault: str
) -> None:
    firewalls = flavour.client(wire).gpu_droplets.firewalls
    with pytest.raises((TypeError, ValueError), match=fault):
        await flavour.call(firewalls.create, **arguments)
    assert wire.requests == []


async def test_empty_lists_of_a_rule_are_not_sent(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(202, {"firewall": {"id": ID}}))
    await flavour.call(flavour.client(wire).gpu_droplets.firewalls.create, name="training", inbound_rules=[SSH])
    assert wire.requests[0].json == {"name": "training", "inbound_rules": [SSH_DICT]}
