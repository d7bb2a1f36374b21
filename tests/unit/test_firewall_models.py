"""Rules that a caller makes, and rules that an answer has."""

from __future__ import annotations

from gradient_async import Firewall, FirewallRuleTarget, InboundRule
from gradient_async.converter import structure

READ = structure(
    {
        "id": "bb4b2611-3d72-467b-8602-280330ecd65c",
        "inbound_rules": [{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["10.0.0.0/8"], "tags": ["a"]}}],
        "tags": ["a"],
    },
    Firewall,
)


def made(*addresses: str) -> InboundRule:
    sources = FirewallRuleTarget(addresses=list(addresses), tags=["a"])
    return InboundRule(protocol="tcp", ports="22", sources=sources)


def test_rule_equals_the_one_that_was_read_when_it_has_lists() -> None:
    assert made("10.0.0.0/8") in READ.inbound_rules
    assert made("10.0.0.1") not in READ.inbound_rules
    assert len({made("10.0.0.0/8"), *READ.inbound_rules, made("10.0.0.1")}) == 2


def test_firewall_equals_the_one_that_was_read_when_it_has_lists() -> None:
    assert Firewall(id=READ.id, inbound_rules=[made("10.0.0.0/8")], tags=["a"]) == READ
    assert Firewall(id=READ.id, inbound_rules=[made("10.0.0.0/8")], tags=["b"]) != READ


def test_firewall_is_shown_in_one_line_without_its_rules() -> None:
    assert repr(READ) == (
        "Firewall(id='bb4b2611-3d72-467b-8602-280330ecd65c', name=None, status=None, 1 inbound, 0 outbound rules, "
        "droplet_ids=[], tags=['a'])"
    )
