"""Calls of the retired SDK that lack something, or have too much: they are sent, and the API refuses them."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, reply

from gradient_async import BadRequestError, NotFoundError, RequestOutcomeUnknownError, UnprocessableEntityError
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from flavours import Flavour
    from wire_server import WireServer

pytestmark = pytest.mark.once

ID = "506f78a4-e098-11e5-ad9f-000f53306ae1"
IP = "45.55.96.47"
FIREWALL = {"id": ID, "name": "training"}
# The method, its arguments, the request (method, path, query, body), and its answer.
SENT: dict[str, tuple[str, dict[str, Any], tuple[str, str, dict[str, str], Any], tuple[int, Any]]] = {
    "firewall without anything": (
        "firewalls.create",
        {},
        ("POST", "/v2/firewalls", {}, None),
        (202, {"firewall": FIREWALL}),
    ),
    "firewall without rules": (
        "firewalls.create",
        {"name": "training"},
        ("POST", "/v2/firewalls", {}, {"name": "training"}),
        (202, {"firewall": FIREWALL}),
    ),
    "firewall's name alone": (
        "firewalls.update",
        {"firewall_id": ID, "firewall": {"name": "training"}},
        ("PUT", f"/v2/firewalls/{ID}", {}, {"name": "training"}),
        (200, {"firewall": FIREWALL}),
    ),
    "image without anything": (
        "images.create",
        {},
        ("POST", "/v2/images", {}, None),
        (202, {"image": {"id": 7, "name": "base"}}),
    ),
    "image in extra_body": (
        "images.create",
        {"extra_body": {"name": "base"}},
        ("POST", "/v2/images", {}, {"name": "base"}),
        (202, {"image": {"id": 7, "name": "base"}}),
    ),
    "image zero": ("images.retrieve", {"image_id": 0}, ("GET", "/v2/images/0", {}, None), (200, {"image": {"id": 0}})),
    "blank description": (
        "images.update",
        {"image_id": 7, "description": " "},
        ("PUT", "/v2/images/7", {}, {"description": " "}),
        (200, {"image": {"id": 7}}),
    ),
    "empty description": (
        "images.update",
        {"image_id": 7, "description": ""},
        ("PUT", "/v2/images/7", {}, {"description": ""}),
        (200, {"image": {"id": 7}}),
    ),
    "conversion with a region": (
        "images.actions.create",
        {"image_id": 7, "type": "convert", "region": "tor1"},
        ("POST", "/v2/images/7/actions", {}, {"type": "convert", "region": "tor1"}),
        (201, {"action": {"id": 7, "status": "in-progress", "type": "convert"}}),
    ),
    "IP without a Droplet": (
        "floating_ips.actions.create",
        {"floating_ip": IP, "type": "assign"},
        ("POST", f"/v2/floating_ips/{IP}/actions", {}, {"type": "assign"}),
        (201, {"action": {"id": 7, "status": "in-progress", "type": "assign_ip"}}),
    ),
    "volume to no Droplet": (
        "volumes.actions.initiate_by_id",
        {"volume_id": ID, "type": "attach", "size_gigabytes": 100},
        ("POST", f"/v2/volumes/{ID}/actions", {}, {"type": "attach", "size_gigabytes": 100}),
        (202, {"action": {"id": 7, "status": "in-progress", "type": "attach_volume"}}),
    ),
    "volume without a name": ("volumes.delete_by_name", {}, ("DELETE", "/v2/volumes", {}, None), (204, b"")),
    "volume in extra_query": (
        "volumes.delete_by_name",
        {"extra_query": {"name": "data", "region": "nyc3"}},
        ("DELETE", "/v2/volumes", {"name": "data", "region": "nyc3"}, None),
        (204, b""),
    ),
}


@pytest.mark.parametrize("case", SENT)
async def test_call_is_sent_as_in_the_retired_sdk(flavour: Flavour, wire: WireServer, case: str) -> None:
    method, arguments, expected, answer = SENT[case]
    wire.script(expected[0], reply(*answer))
    await flavour.call(attrgetter(method)(flavour.client(wire).gpu_droplets), **arguments)

    [sent] = wire.requests
    assert (sent.method, sent.path, dict(sent.query)) == expected[:3]
    assert (sent.json if sent.body else None) == expected[3]


@pytest.mark.parametrize("case", [case for case in SENT if "extra_" not in case and "description" not in case])
async def test_refusal_is_the_emulators_answer(flavour: Flavour, case: str) -> None:
    method, arguments, *_ = SENT[case]
    async with Emulator(droplets=0) as emulator:
        groups = flavour.client(emulator).gpu_droplets
        with pytest.raises((BadRequestError, NotFoundError, UnprocessableEntityError)):
            await flavour.call(attrgetter(method)(groups), **arguments)


@pytest.mark.parametrize(
    ("arguments", "missing"), [({"name": "data"}, "region"), ({"region": "nyc3"}, "name")], ids=["name", "region"]
)
async def test_volume_is_not_deleted_by_half_its_name(
    flavour: Flavour, wire: WireServer, arguments: dict[str, Any], missing: str
) -> None:
    with pytest.raises(TypeError, match=f"^{missing}: missing"):
        await flavour.call(flavour.client(wire).gpu_droplets.volumes.delete_by_name, **arguments)
    assert wire.requests == []


@pytest.mark.parametrize("group", ["images", "firewalls"])
async def test_bare_create_is_not_repeated_when_its_answer_is_lost(
    flavour: Flavour, wire: WireServer, group: str
) -> None:
    wire.script("POST", RESET)
    with pytest.raises(RequestOutcomeUnknownError):
        await flavour.call(getattr(flavour.client(wire).gpu_droplets, group).create)
    assert len(wire.requests) == 1


async def test_list_is_filtered_here_when_a_name_comes_with_a_tag(flavour: Flavour) -> None:
    specs = [
        DropletSpec(name="one", tags=("ml",)),
        DropletSpec(name="two", tags=("ml",)),
        DropletSpec(name="One", tags=("ml",), gpu=False),
        DropletSpec(name="one"),
    ]
    async with Emulator(specs) as emulator:
        droplets = flavour.client(emulator).gpu_droplets
        found = await flavour.items(droplets.list_all(name="one", tag_name="ml"))
        assert sorted(one.name for one in found) == ["One", "one"]
        page = await flavour.call(droplets.list, name="one", tag_name="ml", type="gpus")
        assert [one.name for one in page.droplets] == ["one"]
        with pytest.raises(ValueError, match="name: expected text"):
            await flavour.call(droplets.list, name="", tag_name="ml")
