"""Calls of the methods of autoscale pools with their bodies, and visits of the emulator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator_visits import Visitor

PUBLIC_KEY: Final = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCp"
POOL_ID: Final = "0d3db13e-a604-4944-9827-7ec2642d32ac"
TEMPLATE: Final[Mapping[str, Any]] = {
    "name": "example.com",
    "region": "nyc3",
    "size": "c-2",
    "image": "ubuntu-20-04-x64",
    "ssh_keys": ["3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"],
    "tags": ["env:prod", "web"],
    "ipv6": True,
    "public_networking": True,
    "vpc_uuid": "760e09ef-dc84-11e8-981e-3cfdfeaae000",
    "project_id": "746c6152-2fa2-11ed-92d3-27aaa54e4988",
    "user_data": "#cloud-config\nruncmd:\n  - touch /test.txt\n",
    "with_droplet_agent": True,
}
FIXED: Final[Mapping[str, Any]] = {"target_number_instances": 2}
BY_LOAD: Final[Mapping[str, Any]] = {
    "min_instances": 1,
    "max_instances": 5,
    "target_cpu_utilization": 0.5,
    "target_memory_utilization": 0.6,
    "cooldown_minutes": 10,
}
_GROUP: Final = "gpu_droplets.autoscale"


def autoscale_calls() -> Iterator[Mapping[str, Any]]:
    """Return the arguments of each ``Call`` that the declarations do not give."""
    for config in (FIXED, BY_LOAD):
        given = {"name": "my-autoscale-pool", "config": config, "droplet_template": TEMPLATE}
        for method, operation, more in (
            ("create", "autoscalepools_create", {}),
            ("update", "autoscalepools_update", {"autoscale_pool_id": POOL_ID}),
        ):
            yield {
                "method": f"{_GROUP}.{method}",
                "arguments": {**more, **given},
                "operations": (operation,),
                "bodies": (given,),
                "note": ", ".join(config),
            }
    one = {"autoscale_pool_id": POOL_ID}
    yield {"method": f"{_GROUP}.delete", "arguments": one, "operations": ("autoscalepools_delete",)}
    yield {
        "method": f"{_GROUP}.delete_dangerous",
        "arguments": {**one, "x_dangerous": True},
        "operations": ("autoscalepools_delete_dangerous",),
    }


async def visit_autoscale_pools(visitor: Visitor) -> None:
    """Visit all operations on pools: of a fixed size and by load, before, while and after they have Droplets."""
    key = await visitor.ask("POST", "/v2/account/keys", {"name": "pool", "public_key": PUBLIC_KEY})
    fingerprint = ((key.data or {}).get("ssh_key") or {"fingerprint": "none"})["fingerprint"]
    template = {"region": "nyc3", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64", "ssh_keys": [fingerprint]}
    bodies = [
        {"name": f"pool-{number}", "config": config, "droplet_template": template}
        for number, config in enumerate((FIXED, BY_LOAD, {}))
    ]
    made = [await visitor.ask("POST", "/v2/droplets/autoscale", body) for body in bodies]
    paths = [f"/v2/droplets/autoscale/{one.data['autoscale_pool']['id']}" for one in made if one.status == 202]
    for seconds in (10, 600, 600):
        await visitor.ask("GET", "/v2/droplets/autoscale?per_page=1&page=2&name=pool-0")
        for path, body in zip(paths, bodies, strict=False):
            for part in ("", "/members", "/history?per_page=1"):
                await visitor.ask("GET", f"{path}{part}")
            await visitor.ask("PUT", path, {**body, "config": {"target_number_instances": 1}})
        await visitor.pass_time(seconds)
    yes = {"X-Dangerous": "true"}
    for path, part, headers in zip(paths, ("", "/dangerous"), ({}, yes), strict=False):
        await visitor.ask("DELETE", f"{path}/dangerous")
        await visitor.ask("DELETE", f"{path}{part}", headers=headers)
        await visitor.ask("GET", f"{path}/members")
        await visitor.pass_time(600)
        await visitor.ask("GET", path)
