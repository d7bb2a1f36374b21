"""Every answer of the emulator against the official specification. Wanted deviations have a reason."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import aiohttp
import attrs
import pytest
from autoscale_calls import visit_autoscale_pools
from calls import BULK_PARAMETERS, PARAMETERS
from emulator_visits import Visitor
from load_balancer_calls import visit_load_balancers
from place_calls import visit_projects_and_vpcs
from reserved_ip_calls import visit_reserved_ips
from volume_calls import visit_custom_images, visit_volumes

from gradient_async.emulator import Behaviour, DropletSpec, Emulator, RateLimits, faults
from gradient_async.emulator.handlers import ROUTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from specification import Specification

    from gradient_async.emulator import Fault

pytestmark = pytest.mark.once

FIRST = 3164444
TAG = "training"
NO_UUID = "00000000-0000-4000-8000-000000000000"
SPECS = (
    DropletSpec(tags=(TAG,), backups=True, ipv6=True),
    DropletSpec(tags=(TAG,), size="gpu-h100x8-640gb"),
    DropletSpec(gpu=False, kernel=991, tags=("web",)),
    DropletSpec(status="off"),
    DropletSpec(status="new"),
    DropletSpec(gpu=False, status="archive"),
)

# The state that an action type needs.
FITTING: Mapping[str, Mapping[str, Any]] = {
    "power_on": {"status": "off"},
    "resize": {"status": "off"},
    "disable_backups": {"backups": True},
    "change_backup_policy": {"backups": True},
    "restore": {"backups": True},
    "change_kernel": {"gpu": False, "kernel": 991},
}

# Settings whose answers the specification does not allow, and the reasons for them.
DEVIATING_BEHAVIOURS: Mapping[tuple[str, object], str] = {
    ("region_form", "string"): "answers had a bare slug until 2015; clients that kept working read both",
    ("region_form", "null"): "the specification does not make it nullable; shipped clients are prepared for null",
    ("bulk_envelope", "action"): "seen once in production (digitalocean/api-v2#164)",
}

# Faults whose answers follow the specification.
CONFORMANT_FAULTS: Mapping[str, Fault] = {
    "TooManyRequests": faults.TooManyRequests("burst", retry_after=1),
    "ServerError": faults.ServerError(503),
    "ErroredAction": faults.ErroredAction(after=1.0),
    "PlacementLost": faults.PlacementLost(),
    "ShutdownIgnored": faults.ShutdownIgnored(),
    "StatusLag": faults.StatusLag(100.0),
    "CompletedAtNull": faults.CompletedAtNull(route="*"),
    "Slow": faults.Slow(0.001),
}
# Faults whose answers the specification does not allow, or that have none.
DEVIATING_FAULTS: Mapping[str, tuple[Fault, str]] = {
    "DropBefore": (faults.DropBefore(), "no answer"),
    "DropAfter": (faults.DropAfter("close"), "no answer"),
    "CutOff": (faults.CutOff(), "half an answer"),
    "MalformedJSON": (faults.MalformedJSON(), "no JSON"),
    "EmptyBody": (faults.EmptyBody(), "no JSON"),
    "HTMLError": (faults.HTMLError(502), "a page of the network in front of the API, seen in 2022"),
    "UnknownStatus": (faults.UnknownStatus(instead_of=None), "statuses are an open vocabulary"),
    "RegionAs": (faults.RegionAs("string"), "answers had a bare slug until 2015"),
    "UnknownFields": (faults.UnknownFields(), "new fields appear in answers before any specification lists them"),
}
FAMILIES = {"Fault", "ActionFault", "AnswerFault", "BodyFault"}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def visit(specification: Specification, session: aiohttp.ClientSession) -> Callable[[Emulator], Visitor]:
    return lambda emulator: Visitor(emulator, specification, session)


async def tour(visitor: Visitor) -> None:
    """Visit every operation, before and after its actions have ended, with pages and without."""
    acted = [
        await visitor.act(FIRST, "shutdown"),
        await visitor.act(FIRST + 1, "snapshot", name="before"),
        await visitor.act_by_tag(TAG, "power_off"),
        await visitor.act_by_tag("web", "shutdown"),
        await visitor.act(FIRST + 3, "shutdown"),
    ]
    started = [reply.data["action"]["id"] for reply in acted if reply.status == 201 and "action" in (reply.data or {})]
    for _ in ("before", "after"):
        for droplet, action_id in zip(range(FIRST, FIRST + len(SPECS)), [*started, *[1] * len(SPECS)], strict=False):
            await visitor.read_own(droplet, action_id)
        await visitor.read_lists()
        for query in ("per_page=1&page=2", "per_page=200", f"tag_name={TAG}&per_page=1", "type=gpus&per_page=2&page=9"):
            await visitor.ask("GET", f"/v2/droplets?{query}")
        for query in ("per_page=1", "per_page=1&page=2", "per_page=1&page=999", "per_page=500"):
            await visitor.ask("GET", f"/v2/actions?{query}")
            await visitor.ask("GET", f"/v2/droplets/{FIRST}/actions?{query}")
        await visitor.pass_time()
    await visit_paths_without_values(visitor)
    await visit_own_resources(visitor)
    await visit_firewalls(visitor)
    await visit_new_droplets(visitor)
    await visit_places(visitor)
    await visit_reserved_ips(visitor, FIRST)
    await visit_projects_and_vpcs(visitor)
    await visit_load_balancers(visitor, TAG)
    await visit_autoscale_pools(visitor)
    await visit_volumes(visitor)
    await visit_custom_images(visitor)


async def visit_paths_without_values(visitor: Visitor) -> None:
    """Visit all lists and single resources whose path needs no value. Other routes are visited by name."""
    for path in sorted(route.template for route in ROUTES if route.method == "GET" and "{" not in route.template):
        await visitor.ask("GET", path)


async def visit_own_resources(visitor: Visitor) -> None:
    """Visit all operations on keys and images."""
    key = {"name": "laptop", "public_key": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="}
    made = await visitor.ask("POST", "/v2/account/keys", key)
    identifier = ((made.data or {}).get("ssh_key") or {"fingerprint": "1"})["fingerprint"]
    await visitor.ask("POST", "/v2/account/keys", key)
    for method, path, body in (
        ("GET", "/v2/account/keys", None),
        ("GET", f"/v2/account/keys/{identifier}", None),
        ("PUT", f"/v2/account/keys/{identifier}", {"name": "renamed"}),
        ("DELETE", f"/v2/account/keys/{identifier}", None),
        ("PUT", "/v2/images/190000000", {"name": "renamed", "description": "An image."}),
        ("GET", "/v2/images/190000000", None),
        ("DELETE", "/v2/images/190000000", None),
        ("DELETE", "/v2/images/190000000", None),
        ("GET", "/v2/domains", None),
    ):
        await visitor.ask(method, path, body)


async def visit_firewalls(visitor: Visitor) -> None:
    """Visit all operations on firewalls, before and after their Droplets have the changes."""
    rule = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["18.0.0.0/8"], "tags": [TAG]}}
    firewall = {"name": "training", "inbound_rules": [rule], "droplet_ids": [FIRST], "tags": [TAG]}
    made = await visitor.ask("POST", "/v2/firewalls", firewall)
    one = f"/v2/firewalls/{((made.data or {}).get('firewall') or {'id': NO_UUID})['id']}"
    await visitor.ask("POST", "/v2/firewalls", firewall)
    for method, path, body in (
        ("GET", "/v2/firewalls", None),
        ("GET", one, None),
        ("PUT", one, {**firewall, "name": "renamed"}),
        *((method, f"{one}/droplets", {"droplet_ids": [FIRST + 1]}) for method in ("POST", "DELETE")),
        *((method, f"{one}/tags", {"tags": ["web"]}) for method in ("POST", "DELETE")),
        *((method, f"{one}/rules", {"inbound_rules": [{**rule, "ports": "80"}]}) for method in ("POST", "DELETE")),
    ):
        await visitor.ask(method, path, body)
    await visitor.pass_time()
    await visitor.ask("GET", "/v2/firewalls?per_page=1")
    await visitor.ask("DELETE", one)
    await visitor.ask("DELETE", one)


async def visit_new_droplets(visitor: Visitor) -> None:
    """Create Droplets in all ways, read what hangs on them, and destroy them in all ways."""
    key = await visitor.ask("POST", "/v2/account/keys", {"name": "new", "public_key": "ssh-rsa AAAAB3NzaC1yc2FBBB=="})
    keys = [key.data["ssh_key"]["id"]] if key.data and "ssh_key" in key.data else []
    body = {"size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64", "region": "nyc", "tags": ["new"], "ssh_keys": keys}
    await visitor.ask("POST", "/v2/droplets", {**body, "name": "alone", "backups": True, "ipv6": True})
    made = await visitor.ask(
        "POST", "/v2/droplets", {**body, "names": ["a", "b", "c", "d"], "public_networking": False}
    )
    ids = [droplet["id"] for droplet in (made.data or {}).get("droplets", ())]
    await visitor.pass_time()
    for droplet_id in (FIRST, FIRST + 2, *ids[:1]):
        for part in ("backups", "backups/policy", "firewalls", "kernels", "neighbors", "snapshots"):
            await visitor.ask("GET", f"/v2/droplets/{droplet_id}/{part}")
    for part in ("policies?per_page=2", "supported_policies"):
        await visitor.ask("GET", f"/v2/droplets/backups/{part}")
    for droplet_id, part in zip(
        [*ids, 1], ("selective", "selective", "dangerous", "dangerous", "dangerous"), strict=False
    ):
        below = f"/v2/droplets/{droplet_id}/destroy_with_associated_resources"
        await visitor.ask("GET", below)
        await visitor.ask("DELETE", f"{below}/{part}", headers={"X-Dangerous": "true"} if droplet_id in ids[:3] else {})
        await visitor.ask("POST", f"{below}/retry")
        await visitor.pass_time()
        await visitor.ask("GET", f"{below}/status")
        await visitor.ask("POST", f"{below}/retry")
    await visitor.ask("DELETE", "/v2/droplets?tag_name=new")
    await visitor.ask("DELETE", f"/v2/droplets/{FIRST + 3}")
    await visitor.ask("DELETE", "/v2/droplets/1")
    await visitor.pass_time()


async def visit_places(visitor: Visitor) -> None:
    """Visit all operations on tags and costs."""
    tagged = {"resources": [{"resource_id": str(FIRST), "resource_type": "droplet"}]}
    for method, path, body in (
        ("POST", "/v2/tags", {"name": "env:prod"}),
        ("POST", "/v2/tags", {"name": "two words"}),
        ("GET", "/v2/tags?per_page=2", None),
        ("POST", "/v2/tags/env:prod/resources", tagged),
        ("GET", "/v2/tags/env:prod", None),
        ("DELETE", "/v2/tags/env:prod/resources", tagged),
        ("GET", "/v2/tags/env:prod", None),
        ("DELETE", "/v2/tags/env:prod", None),
        ("DELETE", "/v2/tags/env:prod", None),
        ("GET", "/v2/customers/my/balance", None),
        ("GET", "/v2/customers/my/billing_history", None),
    ):
        await visitor.ask(method, path, body)


@pytest.mark.parametrize("type", PARAMETERS)
async def test_answers_conform_when_an_action_runs_to_its_end(
    type: str, visit: Callable[[Emulator], Visitor], specification: Specification
) -> None:
    specs = [DropletSpec(**FITTING.get(type, {}))] * len(PARAMETERS[type])
    async with Emulator(specs, limits=None) as emulator:
        visitor = visit(emulator)
        for droplet_id, parameters in zip(count(FIRST), PARAMETERS[type]):
            droplet = (await visitor.ask("GET", f"/v2/droplets/{droplet_id}")).data["droplet"]
            own = {"image": droplet["backup_ids"][0]} if type == "restore" else {}
            reply = await visitor.act(droplet_id, type, **{**parameters, **_existing(parameters), **own})
            assert reply.status == 201, reply.data
            action = reply.data["action"]
            assert (action["type"], action["status"], action["resource_id"]) == (type, "in-progress", droplet_id)
            assert action.keys() == specification.fields("action")
            await visitor.read(droplet_id, action["id"])
            await visitor.pass_time()
            await visitor.read(droplet_id, action["id"])
            ended = (await visitor.ask("GET", f"/v2/actions/{action['id']}")).data["action"]
            assert ended["status"] == "completed"
        assert visitor.faults == []


def _existing(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return ids of the emulator's own catalogue in place of invented ones."""
    return {"image": "gpu-h100x1-base"} if "image" in parameters else {}


@pytest.mark.parametrize("type", BULK_PARAMETERS)
async def test_answers_conform_when_an_action_is_started_by_tag(
    type: str, visit: Callable[[Emulator], Visitor]
) -> None:
    fitting = FITTING.get(type, {})
    async with Emulator([DropletSpec(tags=(TAG,), **fitting)] * 2, limits=None) as emulator:
        visitor = visit(emulator)
        reply = await visitor.act_by_tag(TAG, type, **BULK_PARAMETERS[type][0])
        assert reply.status == 201, reply.data
        assert [action["type"] for action in reply.data["actions"]] == [type] * 2
        assert (await visitor.act_by_tag("nobody", type, **BULK_PARAMETERS[type][0])).data == {"actions": []}
        assert visitor.faults == []


async def test_every_route_is_visited_when_the_tour_is_made(
    visit: Callable[[Emulator], Visitor], specification: Specification
) -> None:
    async with Emulator(SPECS, limits=None) as emulator:
        visitor = visit(emulator)
        await tour(visitor)
        assert visitor.faults == []
        served = {(route.method, route.template) for route in ROUTES}
        operations = {one.id: one for one in specification.operations.values()}
        visited = {(operations[one].method, operations[one].template) for one, status in visitor.seen if status < 300}
        assert visited == served


async def test_droplet_has_every_field_of_the_specification(
    visit: Callable[[Emulator], Visitor], specification: Specification
) -> None:
    async with Emulator(SPECS) as emulator:
        visitor = visit(emulator)
        for droplet_id, spec in enumerate(SPECS, FIRST):
            droplet = (await visitor.ask("GET", f"/v2/droplets/{droplet_id}")).data["droplet"]
            assert droplet.keys() == specification.fields("droplet") - (set() if spec.gpu else {"gpu_info"})
            assert droplet["image"].keys() == specification.fields("image")
            assert droplet["region"].keys() == specification.fields("region")
            assert droplet["size"].keys() >= specification.fields("size") - {"gpu_info"}
        assert visitor.faults == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v2/droplets/1", None, 404),
        ("GET", "/v2/droplets/null", None, 404),
        ("GET", "/v2/droplets/1/actions", None, 404),
        ("GET", "/v2/droplets/1/snapshots", None, 404),
        ("GET", f"/v2/droplets/{FIRST}/actions/1", None, 404),
        ("GET", "/v2/actions/1", None, 404),
        ("GET", "/v2/nothing", None, 404),
        ("GET", "/", None, 404),
        ("POST", "/v2/droplets/1/actions", {"type": "reboot"}, 404),
        ("DELETE", "/v2/actions", None, 405),
        ("PUT", f"/v2/droplets/{FIRST}/actions", {"type": "reboot"}, 405),
        ("GET", "/v2/actions?page=0", None, 400),
        ("GET", "/v2/droplets?per_page=many", None, 400),
        ("POST", f"/v2/droplets/{FIRST}/actions", "{", 400),
        ("POST", f"/v2/droplets/{FIRST}/actions", None, 400),
        ("POST", f"/v2/droplets/{FIRST}/actions", [], 400),
        ("POST", f"/v2/droplets/{FIRST}/actions", {}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "rebot"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "resize"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "resize", "size": "gpu-h100x8-640gb"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "rename", "name": "not a host"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "rebuild", "image": "nothing"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "restore", "image": 1}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "change_kernel", "kernel": 1}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "enable_backups"}, 422),
        ("POST", f"/v2/droplets/{FIRST}/actions", {"type": "enable_ipv6"}, 422),
        ("POST", f"/v2/droplets/{FIRST + 3}/actions", {"type": "power_off"}, 422),
        ("POST", f"/v2/droplets/actions?tag_name={TAG}", {"type": "reboot"}, 422),
        ("POST", "/v2/droplets/actions", {"type": "power_off"}, 422),
        ("GET", f"/v2/droplets?tag_name={TAG}&type=gpus", None, 422),
        ("GET", "/v2/droplets?type=cpus", None, 422),
        ("POST", "/v2/droplets", {"name": "a", "image": "none", "size": "s-1vcpu-1gb"}, 422),
        ("POST", "/v2/droplets", {"name": "a", "image": "ubuntu-24-04-x64", "size": "none"}, 422),
        ("POST", "/v2/droplets", {"image": "ubuntu-24-04-x64", "size": "s-1vcpu-1gb"}, 422),
        ("DELETE", "/v2/droplets/1", None, 404),
        ("DELETE", "/v2/droplets?tag_name=", None, 422),
    ],
)
async def test_refusal_conforms_when_a_request_cannot_be_met(
    method: str, path: str, body: Any, status: int, visit: Callable[[Emulator], Visitor]
) -> None:
    async with Emulator(SPECS) as emulator:
        visitor = visit(emulator)
        text = body if isinstance(body, str) else None
        reply = await visitor.ask(method, path, None if text else body, text=text)
        assert (reply.status, reply.faults) == (status, [])


async def test_refusals_conform_when_busy_or_unauthorized(
    visit: Callable[[Emulator], Visitor],
) -> None:
    async with Emulator(SPECS) as emulator:
        visitor = visit(emulator)
        replies = [
            await visitor.act(FIRST, "reboot"),
            await visitor.act(FIRST, "reboot"),
            await visitor.ask("GET", "/v2/actions", token="dop_v1_other"),
            await visitor.ask("POST", "/v2/droplets/1/actions", {"type": "reboot"}, token="dop_v1_other"),
        ]
        assert [reply.status for reply in replies] == [201, 422, 401, 401]
        assert visitor.faults == []


@pytest.mark.parametrize("limits", [RateLimits(burst=1), RateLimits(hourly=1)], ids=["burst", "hourly"])
async def test_429_conforms_when_a_window_is_full(limits: RateLimits, visit: Callable[[Emulator], Visitor]) -> None:
    async with Emulator(limits=limits) as emulator:
        visitor = visit(emulator)
        replies = [await visitor.ask("GET", "/v2/actions"), await visitor.act(FIRST, "reboot")]
        assert [reply.status for reply in replies] == [200, 429]
        assert visitor.faults == []


@pytest.mark.parametrize(
    "fault",
    [
        faults.TooManyRequests("burst"),
        faults.TooManyRequests("hourly"),
        *(faults.ServerError(status) for status in (400, 401, 403, 404, 409, 422, 500, 503)),
    ],
    ids=lambda fault: f"{fault.name}-{getattr(fault, 'status', None) or fault.kind}",
)
async def test_error_conforms_when_a_fault_makes_it_on_any_route(
    fault: Fault, visit: Callable[[Emulator], Visitor]
) -> None:
    async with Emulator(SPECS, faults=[fault]) as emulator:
        visitor = visit(emulator)
        await visitor.act(FIRST, "reboot")
        await visitor.act_by_tag(TAG, "power_off")
        await visitor.read(FIRST, 1)
        assert visitor.faults == []
        assert {status for _, status in visitor.seen} == {getattr(fault, "status", 429)}


def alternatives() -> list[tuple[str, object]]:
    """Return every setting of the behaviour that is not the default. A new kind of setting fails here."""
    hints, usual = get_type_hints(Behaviour), Behaviour()
    found: list[tuple[str, object]] = []
    for field in attrs.fields(Behaviour):
        given = getattr(usual, field.name)
        if isinstance(given, bool):
            found.append((field.name, not given))
        elif isinstance(given, float):
            found.append((field.name, 1.0))
        elif field.name == "link_base":
            found.append((field.name, "https://api.digitalocean.com"))
        else:
            choices = get_args(hints[field.name])
            assert given in choices, f"what else can {field.name} be?"
            found += [(field.name, choice) for choice in choices if choice != given]
    return found


@pytest.mark.parametrize(("name", "value"), alternatives())
async def test_answers_conform_or_are_listed_when_a_behaviour_is_set(
    name: str, value: Any, visit: Callable[[Emulator], Visitor]
) -> None:
    async with Emulator(SPECS, behaviour=Behaviour(**{name: value}), limits=None) as emulator:
        visitor = visit(emulator)
        await tour(visitor)
        assert bool(visitor.faults) is ((name, value) in DEVIATING_BEHAVIOURS), visitor.faults[:5]


def test_deviations_are_settings_that_exist_when_listed() -> None:
    assert set(DEVIATING_BEHAVIOURS) <= set(alternatives())
    known = {name for name in faults.__all__ if isinstance(getattr(faults, name), type)} - FAMILIES
    assert CONFORMANT_FAULTS.keys() | DEVIATING_FAULTS.keys() == known
    assert not CONFORMANT_FAULTS.keys() & DEVIATING_FAULTS.keys()


@pytest.mark.parametrize("name", CONFORMANT_FAULTS)
async def test_answers_conform_when_a_fault_only_changes_what_happens(
    name: str, visit: Callable[[Emulator], Visitor]
) -> None:
    async with Emulator(SPECS, faults=[CONFORMANT_FAULTS[name]], limits=None) as emulator:
        visitor = visit(emulator)
        await tour(visitor)
        assert visitor.faults == []
        assert any(request.fault == name for request in emulator.requests)


@pytest.mark.parametrize("name", DEVIATING_FAULTS)
async def test_answers_deviate_when_a_fault_breaks_them(name: str, visit: Callable[[Emulator], Visitor]) -> None:
    fault, reason = DEVIATING_FAULTS[name]
    async with Emulator(SPECS, faults=[fault], limits=None) as emulator:
        reply = await visit(emulator).act(FIRST, "reboot")
        assert reply.faults, f"{name} conforms; it is listed as: {reason}"


async def test_fields_are_hidden_when_the_token_lacks_their_scopes(
    visit: Callable[[Emulator], Visitor], specification: Specification
) -> None:
    hidden = specification.scoped_fields("droplet")
    async with Emulator(SPECS, scopes={"droplet:read"}) as emulator:
        droplet = (await visit(emulator).ask("GET", f"/v2/droplets/{FIRST}")).data["droplet"]
        assert specification.fields("droplet") - droplet.keys() == hidden.keys()
    async with Emulator(SPECS, scopes={"droplet:read", *hidden.values()}) as emulator:
        reply = await visit(emulator).ask("GET", f"/v2/droplets/{FIRST}")
        assert reply.data["droplet"].keys() == specification.fields("droplet")
        assert reply.faults == []
