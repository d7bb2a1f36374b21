"""The rules for requests about load balancers, and the defaults. Pure.

Names, words, limits and defaults are those of the API's specification, unless a comment states otherwise. The texts are
guesses, except for those with a reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from gradient_async.emulator import refusals
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import JSONObject, as_object, without_nulls

#: kubernetes-sigs/cluster-api-provider-digitalocean#217
NAME_TAKEN = refusals.unprocessable("name is not unique")
#: digitalocean/openapi#1173, ansible-collections/community.digitalocean#185
BUSY = Refusal(403, "forbidden", "Load Balancer can't be updated while it processes previous actions")
BOTH_KINDS_OF_MEMBERS = refusals.unprocessable("droplet_ids and tag are mutually exclusive.")
HAS_TAG = refusals.unprocessable("Droplets can not be added to or removed from a load balancer with a tag.")
RULE_IN_USE = refusals.unprocessable("A forwarding rule with this entry port and protocol exists already.")
LAST_RULE = refusals.unprocessable("A load balancer needs at least one forwarding rule.")
NO_CACHE = refusals.unprocessable("Only a global load balancer has a cache.")
RESIZED_LATELY = refusals.unprocessable("A load balancer can be resized once per hour.")

#: Nodes of each size, by the text of the specification.
NODES: Mapping[str, int] = {"lb-small": 1, "lb-medium": 3, "lb-large": 6}
#: Fields that keep their value for good.
FIXED = ("region", "network", "network_stack", "type", "vpc_uuid")

# The examples of answers have these two thresholds; the schema has 3 and 5 instead.
_HEALTH_CHECK: JSONObject = {
    "protocol": "http",
    "port": 80,
    "path": "/",
    "check_interval_seconds": 10,
    "response_timeout_seconds": 5,
    "healthy_threshold": 5,
    "unhealthy_threshold": 3,
}
_DEFAULTS: JSONObject = {
    "algorithm": "round_robin",
    "redirect_http_to_https": False,
    "enable_proxy_protocol": False,
    "enable_backend_keepalive": False,
    "http_idle_timeout_seconds": 60,
    "disable_lets_encrypt_dns_records": False,
    "network": "EXTERNAL",
    "network_stack": "IPV4",
    "type": "REGIONAL",
    "tls_cipher_policy": "DEFAULT",
}
# Fields whose empty value is the same as none (guess): answers write `"tag": ""`, and clients send back what they read.
_EMPTY_IS_NONE = ("droplet_ids", "project_id", "tag", "vpc_uuid")
# What a load balancer has beside its settings.
_KEPT_APART = ("name", "tag", "project_id")
_PROTOCOLS = ("http", "https", "http2", "http3", "tcp", "udp")

Check = Callable[[object], bool]


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _number(minimum: int, maximum: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[object]", value))


def _part(checks: Mapping[str, Check], *required: str) -> Check:
    """Return a check of an object; fields that the API does not know are ignored."""

    def check(value: object) -> bool:
        fields = as_object(value)
        if fields is None:
            return False
        given = without_nulls(fields)
        known = all(checks[name](item) for name, item in given.items() if name in checks)
        return known and all(name in given for name in required)

    return check


_PORT = _number(1, 65535)
_RULE = _part(
    {
        "entry_protocol": _one_of(*_PROTOCOLS),
        "entry_port": _PORT,
        "target_protocol": _one_of(*(word for word in _PROTOCOLS if word != "http3")),
        "target_port": _PORT,
        "certificate_id": lambda value: isinstance(value, str),
        "tls_passthrough": _flag,
    },
    "entry_protocol",
    "entry_port",
    "target_protocol",
    "target_port",
)
_CHECKS: Mapping[str, Check] = {
    "name": _text,
    "region": _text,
    "tag": _text,
    "project_id": _text,
    "vpc_uuid": _text,
    "algorithm": _one_of("round_robin", "least_connections"),
    "size": _one_of(*NODES),
    "size_unit": _number(1, 100),
    "http_idle_timeout_seconds": _number(30, 600),
    "redirect_http_to_https": _flag,
    "enable_proxy_protocol": _flag,
    "enable_backend_keepalive": _flag,
    "disable_lets_encrypt_dns_records": _flag,
    "network": _one_of("EXTERNAL", "INTERNAL"),
    "network_stack": _one_of("IPV4", "DUALSTACK"),
    "type": _one_of("REGIONAL", "REGIONAL_NETWORK", "GLOBAL"),
    "tls_cipher_policy": _one_of("DEFAULT", "STRONG"),
    "health_check": _part({"protocol": _one_of("http", "https", "tcp"), "port": _PORT, "path": _text}),
    "sticky_sessions": _part({"type": _one_of("cookies", "none")}),
    "firewall": _part({"allow": _texts, "deny": _texts}),
    "glb_settings": _part({"target_protocol": _one_of("http", "https", "http2"), "target_port": _PORT}),
    "domains": lambda value: isinstance(value, list),
    "target_load_balancer_ids": _texts,
}


def without_empty(fields: JSONObject) -> JSONObject:
    """Return the fields of a body that have a value, those of its parts too."""
    given = {name: value for name, value in fields.items() if name not in _EMPTY_IS_NONE or value not in ("", [])}
    parts = {name: without_nulls(part) for name, value in given.items() if (part := as_object(value)) is not None}
    return {**given, **parts}


def settings_of(fields: JSONObject) -> JSONObject | Refusal:
    """Return the settings of a body, with the API's defaults for all others. Rules are in the form of answers.

    Args:
        fields: The body, as `without_empty` returns it. `droplet_ids` and `tag` are read elsewhere.
    """
    wrong = next((name for name, check in _CHECKS.items() if name in fields and not check(fields[name])), None)
    if wrong is not None:
        return refusals.missing_field(wrong)
    if "droplet_ids" in fields and "tag" in fields:
        return BOTH_KINDS_OF_MEMBERS
    # A global one has `glb_settings` instead (digitalocean/terraform-provider-digitalocean#1133).
    needs_rules = fields.get("type") != "GLOBAL" or fields.get("forwarding_rules")
    rules = rules_of(fields) if needs_rules else []
    if isinstance(rules, Refusal):
        return rules
    given = {name: value for name, value in fields.items() if name in _CHECKS and name not in _KEPT_APART}
    return {
        **_DEFAULTS,
        "firewall": {"deny": [], "allow": []},
        "sticky_sessions": {"type": "none"},
        **given,
        "size_unit": fields.get("size_unit", NODES[str(fields.get("size", "lb-small"))]),
        "health_check": _health_check_of(fields),
        "forwarding_rules": rules,
    }


def _health_check_of(fields: JSONObject) -> JSONObject:
    """Return the health check in a body, with the defaults.

    One by TCP has a path only if one was given: Terraform's provider would plan to remove any other one.
    """
    given = as_object(fields.get("health_check")) or {}
    defaults = {**_HEALTH_CHECK, **given}
    if given.get("protocol") == "tcp" and "path" not in given:
        del defaults["path"]
    return defaults


def rules_of(fields: JSONObject) -> list[JSONObject] | Refusal:
    """Return the forwarding rules in a body, each with all of its fields."""
    given = fields.get("forwarding_rules")
    if not isinstance(given, list) or not given or not all(_RULE(rule) for rule in cast("list[object]", given)):
        return refusals.missing_field("forwarding_rules")
    rules = [as_shown(rule) for rule in cast("list[JSONObject]", given)]
    if any((rule["entry_protocol"] == "udp") is not (rule["target_protocol"] == "udp") for rule in rules):
        return refusals.missing_field("target_protocol")
    entries = [entry_of(rule) for rule in rules]
    return rules if len(set(entries)) == len(entries) else RULE_IN_USE


def as_shown(rule: JSONObject) -> JSONObject:
    """Return a forwarding rule as answers show it."""
    return {"certificate_id": "", "tls_passthrough": False, **without_nulls(rule)}


def entry_of(rule: JSONObject) -> tuple[object, bool]:
    """Return the key that must be unique among rules: the port, for UDP and for all else separately (guess)."""
    return rule["entry_port"], rule["entry_protocol"] in ("udp", "http3")
