"""Every request about reserved IPs that changes something or waits, and a visit to the emulator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator_visits import Visitor

IP: Final = "45.55.96.47"
DROPLET_ID: Final = 3164444
PROJECT: Final = "746c6152-2fa2-11ed-92d3-27aaa54e4988"
_PLACES: Final = ({"droplet_id": DROPLET_ID}, {"region": "nyc3"}, {"region": "nyc3", "project_id": PROJECT})
_ACTIONS: Final = ({"type": "assign", "droplet_id": DROPLET_ID}, {"type": "unassign"})


def reserved_ip_calls() -> Iterator[dict[str, Any]]:
    """Return the arguments of ``Call`` for each method, under both names."""
    for group, name, operations, actions in (
        ("reserved_ips", "reserved_ip", "reservedIPs", "reservedIPsActions"),
        ("gpu_droplets.floating_ips", "floating_ip", "floatingIPs", "floatingIPsAction"),
    ):
        for body in _PLACES:
            yield {
                "method": f"{group}.create",
                "arguments": body,
                "operations": (f"{operations}_create",),
                "bodies": (body,),
            }
        yield {"method": f"{group}.delete", "arguments": {name: IP}, "operations": (f"{operations}_delete",)}
        for body in _ACTIONS:
            yield {
                "method": f"{group}.actions.create",
                "arguments": {name: IP, **body},
                "operations": (f"{actions}_post",),
                "bodies": (body,),
            }
        # Both names share the look-ups and the polls.
        yield {
            "method": f"{group}.actions.wait",
            "arguments": {"action": 36804636, name: IP, "timeout": 5.0, "poll_interval": 0.01},
            "operations": ("reservedIPsActions_get",),
            "changes": {"reservedIPsActions_get": [_completed]},
        }


def _completed(body: Any) -> None:
    body["action"]["status"] = "completed"


async def visit_reserved_ips(visitor: Visitor, droplet_id: int) -> None:
    """Visit all operations on reserved IPs, under both names."""
    for plural in ("reserved_ips", "floating_ips"):
        project = (await visitor.ask("GET", "/v2/projects/default")).data or {}
        place = {"region": "tor1", "project_id": (project.get("project") or {"id": PROJECT})["id"]}
        made = await visitor.ask("POST", f"/v2/{plural}", place)
        await visitor.ask("POST", f"/v2/{plural}", {"region": "tor1", "project_id": PROJECT})
        one = f"/v2/{plural}/{((made.data or {}).get(plural[:-1]) or {'ip': IP})['ip']}"
        await visitor.ask("POST", f"/v2/{plural}", {"region": "atlantis"})
        await visitor.ask("POST", f"{one}/actions", {"type": "unassign"})
        for body in ({"type": "assign", "droplet_id": droplet_id}, {"type": "unassign"}):
            started = await visitor.ask("POST", f"{one}/actions", body)
            action_id = ((started.data or {}).get("action") or {"id": 1})["id"]
            for path in (one, f"/v2/{plural}", f"{one}/actions?per_page=1", f"{one}/actions/{action_id}"):
                await visitor.ask("GET", path)
            await visitor.ask("DELETE", one)
            await visitor.pass_time()
            await visitor.ask("GET", one)
        await visitor.ask("DELETE", one)
        await visitor.ask("DELETE", one)
        for_droplet = await visitor.ask("POST", f"/v2/{plural}", {"droplet_id": droplet_id})
        await visitor.pass_time()
        address = ((for_droplet.data or {}).get(plural[:-1]) or {"ip": IP})["ip"]
        await visitor.ask("DELETE", f"/v2/{plural}/{address}")
