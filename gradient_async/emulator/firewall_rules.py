"""The rules of firewalls: read from requests, and written as the API writes them. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import JSONObject, as_number, as_object, without_nulls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Direction = Literal["inbound_rules", "outbound_rules"]

#: The key of a rule's target, by the direction of its traffic.
TARGETS: Mapping[Direction, str] = {"inbound_rules": "sources", "outbound_rules": "destinations"}

MAX_RULES = 50  # docs.digitalocean.com/products/networking/firewalls/details/limits, as the next two
MAX_TARGETS = 1000
_PROTOCOLS = ("tcp", "udp", "icmp")
_ALL_PORTS = "0"
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_MAX_PORT = 65_535

# Seen for sources that are a list (trmcnvn/DigitalOcean.API#59).
_BAD_TARGET = refusals.unprocessable("You specified an invalid type for one of the sources.")
_BAD_ADDRESS = refusals.unprocessable("invalid address")  # digitalocean/terraform-provider-digitalocean#33
# Seen for missing and empty ports (digitalocean/terraform-provider-digitalocean#39, digitalocean/doctl#247).
_NO_PORTS = refusals.unprocessable("You must specify a positive value for ports.")
_BAD_PORTS = refusals.unprocessable("you must specify a valid range for ports")  # patoroco/doorkeeper#17
_BAD_PROTOCOL = refusals.unprocessable("you specified an invalid protocol")  # telleztec/aiform, probes/transcripts
_NO_TARGET = refusals.unprocessable("You must specify at least one source or destination.")  # guess
_TOO_MANY_TARGETS = refusals.unprocessable(f"A rule can have at most {MAX_TARGETS} sources or destinations.")  # guess

Parsed = TypeVar("Parsed", int, str)


@attrs.frozen(kw_only=True)
class Target:
    """Sources or destinations of a rule."""

    addresses: tuple[str, ...] = ()
    droplet_ids: tuple[int, ...] = ()
    kubernetes_ids: tuple[str, ...] = ()
    load_balancer_uids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of its entries."""
        return sum(len(entries) for entries in attrs.astuple(self, recurse=False))


@attrs.frozen(kw_only=True)
class Rule:
    """A rule for allowed traffic. The API writes the ports of ICMP as `"0"`.

    Args:
        protocol: `"tcp"`, `"udp"` or `"icmp"`.
        ports: A port, a range, or `"0"` for all.
        target: Its sources or destinations. Without any it matches nothing; the API takes such a rule.
        action: `"allow"`, or `"deny"`. The API writes and takes it; its documentation has no such field
            (telleztec/aiform, probes/transcripts/digitalocean_firewall).
    """

    protocol: str
    ports: str
    target: Target
    action: str = "allow"


def rules_in(fields: Mapping[str, object], direction: Direction) -> Sequence[Rule] | Refusal:
    """Return the rules of one direction in a request's body, or a refusal."""
    items = fields.get(direction, [])
    if not isinstance(items, list):
        return refusals.missing_field(direction)
    rules: list[Rule] = []
    for item in cast("list[object]", items):
        given = as_object(item)
        rule = refusals.missing_field(direction) if given is None else _rule_in(without_nulls(given), direction)
        if isinstance(rule, Refusal):
            return rule
        rules.append(rule)
    return list(dict.fromkeys(rules))  # guess: a rule is kept once


def written(rule: Rule, direction: Direction) -> JSONObject:
    """Return a rule as the API writes it. Its target has only the given fields."""
    named = {name: list(entries) for name, entries in attrs.asdict(rule.target, recurse=False).items() if entries}
    return {"protocol": rule.protocol, "ports": rule.ports, "action": rule.action, TARGETS[direction]: named}


def entries_in(fields: Mapping[str, object], name: str, kind: type[Parsed]) -> tuple[Parsed, ...] | None:
    """Return the entries of a list in a body, each once; None if it is no list of such entries."""
    items = fields.get(name, [])
    if not isinstance(items, list):
        return None
    entries = [as_number(one) if kind is int else one for one in cast("list[object]", items)]
    if any(not isinstance(one, kind) or isinstance(one, bool) for one in entries):
        return None
    return tuple(dict.fromkeys(cast("list[Parsed]", entries)))


def _rule_in(given: JSONObject, direction: Direction) -> Rule | Refusal:
    protocol = str(given.get("protocol")).lower()
    if protocol not in _PROTOCOLS:
        return _BAD_PROTOCOL
    ports = _ports_in(given, protocol)
    target = _target_in(given.get(TARGETS[direction]))
    if isinstance(ports, Refusal):
        return ports
    action = "deny" if given.get("action") == "deny" else "allow"
    if isinstance(target, Refusal):
        return target
    return Rule(protocol=protocol, ports=ports, target=target, action=action)


def _ports_in(given: JSONObject, protocol: str) -> str | Refusal:
    if protocol == "icmp":
        return _ALL_PORTS
    ports = given.get("ports")
    if isinstance(ports, int) and not isinstance(ports, bool):
        ports = str(ports)  # the API writes a number as a text (telleztec/aiform), and "all" as "0"
    if not isinstance(ports, str) or not ports:
        return _NO_PORTS
    ports = _ALL_PORTS if ports.lower() == "all" else ports
    found = _PORTS.fullmatch(ports)
    if found is None:
        return _BAD_PORTS
    first, last = int(found[1]), int(found[2] or found[1])
    is_range = 1 <= first <= last <= _MAX_PORT
    return ports if is_range or ports == _ALL_PORTS else _BAD_PORTS


def _target_in(given: object) -> Target | Refusal:
    if given is None:
        return _NO_TARGET
    fields = as_object(given)
    if fields is None:
        return _BAD_TARGET
    fields = without_nulls(fields)
    addresses, droplet_ids = entries_in(fields, "addresses", str), entries_in(fields, "droplet_ids", int)
    clusters, balancers = entries_in(fields, "kubernetes_ids", str), entries_in(fields, "load_balancer_uids", str)
    tags = entries_in(fields, "tags", str)
    if addresses is None or droplet_ids is None or clusters is None or balancers is None or tags is None:
        return _BAD_TARGET
    if not all(map(_is_address, addresses)):
        return _BAD_ADDRESS
    target = Target(
        addresses=addresses,
        droplet_ids=droplet_ids,
        kubernetes_ids=clusters,
        load_balancer_uids=balancers,
        tags=tags,
    )
    return _TOO_MANY_TARGETS if target.size > MAX_TARGETS else target


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
