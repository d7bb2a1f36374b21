"""Calls of the methods of load balancers with their bodies, and visits of the emulator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator_visits import Visitor

LB_ID: Final = "4de7ac8b-495b-4884-9a69-1050c6793cd6"
RULE: Final[Mapping[str, Any]] = {
    "entry_protocol": "https",
    "entry_port": 443,
    "target_protocol": "http",
    "target_port": 8080,
    "certificate_id": "892071a0-bb95-49bc-8021-3afd67a210bf",
    "tls_passthrough": False,
}
# Every setting but the Droplets, which come by id or by tag.
SETTINGS: Final[Mapping[str, Any]] = {
    "name": "example-lb-01",
    "region": "nyc3",
    "forwarding_rules": [RULE],
    "health_check": {
        "protocol": "http",
        "port": 8080,
        "path": "/health",
        "check_interval_seconds": 10,
        "response_timeout_seconds": 5,
        "unhealthy_threshold": 3,
        "healthy_threshold": 5,
    },
    "sticky_sessions": {"type": "cookies", "cookie_name": "DO-LB", "cookie_ttl_seconds": 300},
    "firewall": {"allow": ["ip:1.2.3.4"], "deny": ["cidr:2.3.0.0/16"]},
    "size_unit": 3,
    "size": "lb-medium",
    "algorithm": "round_robin",
    "redirect_http_to_https": True,
    "enable_proxy_protocol": True,
    "enable_backend_keepalive": False,
    "http_idle_timeout_seconds": 90,
    "disable_lets_encrypt_dns_records": True,
    "network": "EXTERNAL",
    "network_stack": "DUALSTACK",
    "type": "REGIONAL",
    "domains": [{"name": "example.com", "is_managed": True, "certificate_id": RULE["certificate_id"]}],
    "glb_settings": {
        "target_protocol": "http",
        "target_port": 80,
        "cdn": {"is_enabled": True},
        "region_priorities": {"nyc1": 1, "fra1": 2},
        "failover_threshold": 50,
    },
    "target_load_balancer_ids": ["7dbf91fe-cbdb-48dc-8290-c3a181554905"],
    "tls_cipher_policy": "STRONG",
    "project_id": "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30",
    "vpc_uuid": "c33931f2-a26a-4e61-b85c-4e95a2ec431b",
}
_GROUP: Final = "gpu_droplets.load_balancers"


def load_balancer_calls() -> Iterator[Mapping[str, Any]]:
    """Return the arguments of each ``Call``: with Droplets by id, and by tag."""
    for members in ({"droplet_ids": [3164444, 3164445]}, {"tag": "prod:web"}):
        given = {**SETTINGS, **members}
        yield {
            "method": f"{_GROUP}.create",
            "arguments": given,
            "operations": ("loadBalancers_create",),
            "bodies": (given,),
            "note": ", ".join(members),
        }
        yield {
            "method": f"{_GROUP}.update",
            "arguments": {"lb_id": LB_ID, **given},
            "operations": ("loadBalancers_update",),
            "bodies": (given,),
            "note": ", ".join(members),
        }
    for method, operation, body in (
        ("delete", "delete", {}),
        ("delete_cache", "delete_cache", {}),
        ("droplets.add", "add_droplets", {"droplet_ids": [3164444]}),
        ("droplets.remove", "remove_droplets", {"droplet_ids": [3164444]}),
        ("forwarding_rules.add", "add_forwardingRules", {"forwarding_rules": [RULE]}),
        ("forwarding_rules.remove", "remove_forwardingRules", {"forwarding_rules": [RULE]}),
    ):
        yield {
            "method": f"{_GROUP}.{method}",
            "arguments": {"lb_id": LB_ID, **body},
            "operations": (f"loadBalancers_{operation}",),
            "bodies": (body,) if body else (),
        }


async def visit_load_balancers(visitor: Visitor, tag: str) -> None:
    """Visit all operations on load balancers, with Droplets by id, by tag, and without.

    Args:
        visitor: The client.
        tag: A tag of some Droplet.
    """
    rule = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 80}
    other = {**rule, "entry_port": 81}
    variants: list[dict[str, Any]] = [
        {"droplet_ids": [3164444]},
        {"tag": tag},
        {"network_stack": "DUALSTACK"},
        {"type": "GLOBAL", "domains": [{"name": "example.com"}]},
    ]
    bodies = [
        {"name": f"lb-{n}", "region": "tor1", "forwarding_rules": [rule], **one} for n, one in enumerate(variants)
    ]
    made = [await visitor.ask("POST", "/v2/load_balancers", body) for body in (*bodies, bodies[0])]
    paths = [f"/v2/load_balancers/{one.data['load_balancer']['id']}" for one in made if one.status == 202]
    for _ in ("new", "active"):
        await visitor.ask("GET", "/v2/load_balancers?per_page=2&page=2")
        for path, body in zip(paths, bodies, strict=False):
            await visitor.ask("GET", path)
            await visitor.ask("PUT", path, {**body, "enable_proxy_protocol": True})
            for part, change in (
                ("droplets", {"droplet_ids": [3164444]}),
                ("forwarding_rules", {"forwarding_rules": [other]}),
            ):
                await visitor.ask("POST", f"{path}/{part}", change)
                await visitor.ask("DELETE", f"{path}/{part}", change)
            await visitor.ask("DELETE", f"{path}/cache")
        await visitor.pass_time(600)
    for path in paths:
        await visitor.ask("DELETE", path)
        await visitor.ask("GET", path)
