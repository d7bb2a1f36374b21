"""Firewalls: created, read, changed and deleted; each request is executed once, and checked before it is sent."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from lost_answers import timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import (
    ConflictError,
    FirewallRuleTarget,
    InboundRule,
    NotFoundError,
    OutboundRule,
    RequestOutcomeUnknownError,
)
from gradient_async.emulator import DropAfter, DropBefore, DropletSpec, Emulator, Fault, ServerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
TAG = "training"
ID = "bb4b2611-3d72-467b-8602-280330ecd65c"
EVERYWHERE = FirewallRuleTarget(addresses=("0.0.0.0/0", "::/0"))
SSH = InboundRule(protocol="tcp", ports="22", sources=EVERYWHERE)
SSH_DICT: Any = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0", "::/0"]}}
WEB = InboundRule(protocol="tcp", ports="8000-9000", sources=FirewallRuleTarget(droplet_ids=(FIRST,)))
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
async def test_firewall_is_deleted_when_it_is_gone_after_a_lost_answer(
    flavour: Flavour, wire: WireServer, lost: str
) -> None:
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    firewalls = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.firewalls
    assert await flavour.call(firewalls.delete, ID) is None
    assert [request.path for request in wire.requests] == [f"/v2/firewalls/{ID}"] * 2


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"body": {"name": "-", "inbound_rules": [SSH]}}, "^body.name: expected at least two"),
        ({"droplet_ids": [7]}, "name: missing"),
        ({"name": "x y", "inbound_rules": [SSH]}, "name: expected at least two of the characters"),
        ({"name": "training", "inbound_rules": SSH_DICT}, "inbound_rules: expected a list"),
        ({"name": "training", "inbound_rules": [OUT]}, r"inbound_rules\[0\]: expected an InboundRule or a dict"),
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


async def made(flavour: Flavour, firewalls: Any, **settings: Any) -> Any:
    given = {"name": "training", "inbound_rules": [SSH], **settings}
    return (await flavour.call(firewalls.create, **given)).firewall


async def test_firewall_is_replaced_by_the_changed_one_that_was_read(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    before = await made(flavour, firewalls, droplet_ids=[FIRST])
    wanted = attrs.evolve(before, name="renamed", droplet_ids=[FIRST + 1], inbound_rules=[*before.inbound_rules, WEB])

    after = (await flavour.call(firewalls.update, before.id, firewall=wanted)).firewall

    assert (after.id, after.name, after.droplet_ids) == (before.id, "renamed", (FIRST + 1,))
    assert after.inbound_rules == (SSH, WEB)
    changes = [(change.droplet_id, change.removing) for change in after.pending_changes]
    assert changes == [(FIRST + 1, False), (FIRST, True)]
    emulator.clock.advance(60)
    assert (await flavour.call(firewalls.retrieve, before.id)).firewall.pending_changes == ()


@pytest.mark.parametrize("form", ["dict", "JSON"])
async def test_firewall_is_replaced_by_the_dict_of_one_that_was_read(
    flavour: Flavour, emulator: Emulator, form: str
) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    before = await made(flavour, firewalls, droplet_ids=[FIRST], outbound_rules=[OUT])
    raw = await flavour.call(firewalls.with_raw_response.retrieve, before.id)
    whole = attrs.asdict(before) if form == "dict" else json.loads(raw.body)["firewall"]
    after = (await flavour.call(firewalls.update, before.id, firewall={**whole, "name": "renamed"})).firewall
    assert (after.id, after.name, after.droplet_ids) == (before.id, "renamed", (FIRST,))
    assert (after.inbound_rules, after.outbound_rules) == (before.inbound_rules, before.outbound_rules)


async def test_firewall_loses_what_its_update_does_not_have(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    before = await made(flavour, firewalls, droplet_ids=[FIRST], tags=[TAG])
    after = (
        await flavour.call(firewalls.update, before.id, firewall={"name": "training", "outbound_rules": [OUT_DICT]})
    ).firewall
    assert (after.inbound_rules, after.outbound_rules, after.droplet_ids, after.tags) == ((), (OUT,), (), ())


async def test_droplets_tags_and_rules_are_added_and_removed(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    firewall = await made(flavour, firewalls)

    assert await flavour.call(firewalls.droplets.add, firewall.id, droplet_ids=[FIRST, FIRST + 1]) is None
    await flavour.call(firewalls.tags.add, firewall.id, tags=[TAG])
    await flavour.call(firewalls.rules.add, firewall.id, inbound_rules=[WEB], outbound_rules=[OUT_DICT])
    full = (await flavour.call(firewalls.retrieve, firewall.id)).firewall
    assert (full.droplet_ids, full.tags) == ((FIRST, FIRST + 1), (TAG,))
    assert (full.inbound_rules, full.outbound_rules) == ((SSH, WEB), (OUT,))

    await flavour.call(firewalls.droplets.remove, firewall.id, droplet_ids=[FIRST])
    await flavour.call(firewalls.tags.remove, firewall.id, tags=[TAG])
    await flavour.call(firewalls.rules.remove, firewall.id, inbound_rules=[WEB], outbound_rules=full.outbound_rules)
    left = (await flavour.call(firewalls.retrieve, firewall.id)).firewall
    assert (left.droplet_ids, left.tags, left.inbound_rules, left.outbound_rules) == ((FIRST + 1,), (), (SSH,), ())


MEMBERSHIPS: dict[str, dict[str, Any]] = {
    "droplets.add": {"droplet_ids": [FIRST]},
    "droplets.remove": {"droplet_ids": [FIRST]},
    "tags.add": {"tags": [TAG]},
    "tags.remove": {"tags": [TAG]},
    "rules.remove": {"inbound_rules": [SSH_DICT]},
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("method", MEMBERSHIPS)
async def test_membership_is_sent_again_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, method: str, lost: str
) -> None:
    verb = "POST" if method.endswith("add") else "DELETE"
    wire.script(verb, LOST[lost], reply(204))
    firewalls = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.firewalls
    assert await flavour.call(attrgetter(method)(firewalls), ID, **MEMBERSHIPS[method]) is None
    part = method.partition(".")[0]
    sent = [(request.method, request.path, request.json) for request in wire.requests]
    assert sent == [(verb, f"/v2/firewalls/{ID}/{part}", MEMBERSHIPS[method])] * 2


@pytest.mark.parametrize("lost", LOST)
async def test_update_is_sent_again_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    wire.script("PUT", LOST[lost], reply(200, {"firewall": {"id": ID, "name": "training"}}))
    firewalls = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.firewalls
    changed = await flavour.call(firewalls.update, ID, firewall={"name": "training", "inbound_rules": [SSH_DICT]})
    assert changed.firewall.name == "training"
    assert [request.json for request in wire.requests] == [{"name": "training", "inbound_rules": [SSH_DICT]}] * 2


@pytest.mark.parametrize("lost", LOST)
async def test_rules_are_not_added_twice_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    wire.script("POST", LOST[lost], reply(204))
    firewalls = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.firewalls
    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed"):
        await flavour.call(firewalls.rules.add, ID, inbound_rules=[SSH])
    assert len(wire.requests) == 1


@pytest.mark.parametrize("fault", [DropBefore(times=1), DropAfter(times=1), ServerError(500, times=1)])
async def test_firewall_has_each_change_once_when_answers_are_lost(
    flavour: Flavour, emulator: Emulator, fault: Fault
) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    firewall = await made(flavour, firewalls, droplet_ids=[FIRST], tags=[TAG], outbound_rules=[OUT])
    for method, arguments in (
        ("update", {"firewall": attrs.evolve(firewall, name="renamed")}),
        ("droplets.remove", {"droplet_ids": [FIRST]}),
        ("droplets.add", {"droplet_ids": [FIRST + 1]}),
        ("tags.remove", {"tags": [TAG]}),
        ("rules.remove", {"outbound_rules": [OUT]}),
    ):
        emulator.faults.add(fault)
        await flavour.call(attrgetter(method)(firewalls), firewall.id, **arguments)
        emulator.faults.clear()
    left = (await flavour.call(firewalls.retrieve, firewall.id)).firewall
    assert (left.name, left.droplet_ids, left.tags) == ("renamed", (FIRST + 1,), ())
    assert (left.inbound_rules, left.outbound_rules) == ((SSH,), ())
    emulator.faults.add(fault)
    assert await flavour.call(firewalls.delete, firewall.id) is None
    emulator.faults.clear()
    assert await flavour.items(firewalls.list_all()) == []


@pytest.mark.parametrize(
    ("method", "arguments", "fault"),
    [
        ("update", {"firewall": {"inbound_rules": [SSH]}}, "^firewall.name: missing"),
        ("update", {"firewall": {}}, "^firewall.name: missing"),
        (
            "update",
            {"firewall": {"name": "training", "inbound_rules": [{**SSH_DICT, "ports": 22}]}},
            r"^firewall\.inbound_rules\[0\]\.ports: expected",
        ),
        (
            "update",
            {"firewall": {"nam": "training", "inbound_rules": [SSH]}},
            "^firewall.nam: unknown field. Did you mean 'name'",
        ),
        ("update", {"firewall": "training"}, "firewall: expected a Firewall or a dict of its fields, got str"),
        ("droplets.add", {"droplet_ids": []}, "droplet_ids: expected at least 1 items, got 0"),
        ("droplets.add", {"droplet_ids": FIRST}, "droplet_ids: expected a list"),
        ("droplets.remove", {"droplet_ids": [0]}, r"droplet_ids\[0\]: expected an id of at least 1"),
        ("tags.add", {"tags": ["two words"]}, r"tags\[0\]: expected at most 255 of the characters"),
        ("tags.remove", {"tags": []}, "tags: expected at least 1 items"),
        ("rules.remove", {"outbound_rules": [SSH]}, r"outbound_rules\[0\]: expected an OutboundRule or a dict"),
    ],
)
async def test_nothing_is_sent_when_a_change_is_impossible(
    flavour: Flavour, wire: WireServer, method: str, arguments: dict[str, Any], fault: str
) -> None:
    firewalls = flavour.client(wire).gpu_droplets.firewalls
    with pytest.raises((TypeError, ValueError), match=fault):
        await flavour.call(attrgetter(method)(firewalls), ID, **arguments)
    assert wire.requests == []


@pytest.mark.parametrize("method", ["add", "remove"])
async def test_api_decides_when_a_change_of_rules_has_none(flavour: Flavour, wire: WireServer, method: str) -> None:
    wire.script("POST", reply(204))
    wire.script("DELETE", reply(204))
    rules = flavour.client(wire).gpu_droplets.firewalls.rules
    assert await flavour.call(getattr(rules, method), ID) is None
    assert [json.loads(request.body) for request in wire.requests] == [{}]


async def test_rule_stays_a_denial_when_its_firewall_is_updated(flavour: Flavour, emulator: Emulator) -> None:
    firewalls = flavour.client(emulator).gpu_droplets.firewalls
    denial = InboundRule(protocol="tcp", ports="23", sources=EVERYWHERE, action="deny")
    made = (await flavour.call(firewalls.create, name="training", inbound_rules=[SSH, denial])).firewall
    assert made.inbound_rules == (SSH, denial)
    assert denial != attrs.evolve(denial, action=None)
    renamed = attrs.evolve(made, name="other")
    changed = (await flavour.call(firewalls.update, made.id, firewall=renamed)).firewall
    assert changed.inbound_rules == (SSH, denial)
    assert [one.action for one in changed.inbound_rules] == ["allow", "deny"]


async def test_rule_is_refused_when_it_has_no_sources(flavour: Flavour, wire: WireServer) -> None:
    firewalls = flavour.client(wire).gpu_droplets.firewalls
    rule: Any = {"protocol": "tcp", "ports": "22"}
    with pytest.raises(TypeError, match=r"inbound_rules\[0\]\.sources: missing"):
        await flavour.call(firewalls.create, name="training", inbound_rules=[rule])
    assert wire.requests == []
