"""Creates: their refusals and texts, and the Droplets that are accepted."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk, Reply, public_key

from gradient_async.emulator import PUBLIC_CATALOGUE, Behaviour, DropletSpec, ErroredAction, Visibility
from gradient_async.emulator.droplet_creation import DropletCreation
from gradient_async.emulator.droplets import default_vpc_id
from gradient_async.emulator.refusals import NOT_FOUND

pytestmark = pytest.mark.once

BODY: dict[str, Any] = {"name": "new", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64", "region": "nyc3"}
GPU: dict[str, Any] = {**BODY, "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base", "region": "tor1"}


def create(desk: Desk, **changes: Any) -> Reply:
    body = {**BODY, **changes}
    return desk.ask("POST", "/v2/droplets", {name: value for name, value in body.items() if value is not None})


def test_droplet_becomes_active_and_gets_its_address_later() -> None:
    desk = Desk(behaviour=Behaviour(address_lag=20.0))
    made = create(desk, monitoring=True, tags=["a", "b"])
    assert made.status == 202
    droplet, link = made.data["droplet"], made.data["links"]["actions"][0]
    assert (droplet["status"], droplet["networks"]) == ("new", {"v4": [], "v6": []})
    assert {"monitoring", "droplet_agent"} <= set(droplet["features"])
    assert link["href"] == f"https://api.digitalocean.com/v2/actions/{link['id']}"
    assert desk.act("reboot", droplet["id"]).message == "Droplet already has a pending event."
    desk.clock.advance(32)
    shown = desk.get(f"/v2/droplets/{droplet['id']}").data["droplet"]
    assert (shown["status"], shown["networks"]["v4"]) == ("active", [])
    desk.clock.advance(20)
    assert len(desk.get(f"/v2/droplets/{droplet['id']}").data["droplet"]["networks"]["v4"]) == 2
    assert desk.get("/v2/tags/b").data["tag"]["resources"]["droplets"]["count"] == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"size": "gpu-b300x1-288gb-spot"}, "This size is unavailable"),
        ({"image": "no-image"}, "You specified an invalid image for Droplet creation."),
        ({"image": 17}, "You specified an invalid image for Droplet creation."),
        ({"region": "atl1"}, "Size is not available in this region."),
        ({"region": "mars1"}, "Size is not available in this region."),
        ({"ssh_keys": [17]}, "17 are invalid key identifiers for Droplet creation."),
        ({"name": "not a host"}, "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"),
        ({"name": None}, "name is missing or invalid."),
        ({"names": ["a"]}, "name and names can not be combined."),
        ({"name": None, "names": ["a"] * 11}, "You can create at most 10 Droplets at a time."),
        ({"size": None}, "size is missing or invalid."),
        ({"tags": ["x y"]}, "A tag has characters that are not allowed."),
        ({"user_data": "x" * 65_537}, "user_data must not be larger than 64 KiB."),
        ({"ipv6": True, "public_networking": False}, "ipv6 needs public_networking."),
        ({"backup_policy": {"hour": 3}}, "The backup policy is not valid."),
        ({"backups": "yes"}, "backups is missing or invalid."),
    ],
)
def test_create_is_refused_in_the_words_of_the_api(changes: dict[str, Any], text: str) -> None:
    desk = Desk()
    reply = create(desk, **changes)
    assert (reply.status, reply.message) == (422, text)
    assert list(desk.account.droplets) == [FIRST]


@pytest.mark.parametrize(("text", "is_on"), [("true", True), ("False", False)])
def test_flags_may_be_texts_as_some_clients_send_them(text: str, is_on: bool) -> None:
    desk = Desk()
    droplet = create(desk, backups=text, ipv6=text, virtio=text).data["droplet"]
    desk.clock.advance(60)
    features = desk.get(f"/v2/droplets/{droplet['id']}").data["droplet"]["features"]
    assert {"backups", "ipv6"} & {*features} == ({"backups", "ipv6"} if is_on else set())


@pytest.mark.parametrize("slug", ["centos-stream-9-x64", "debian-12-x64", "rockylinux-9-x64"])
def test_droplet_is_made_from_any_usual_distribution(slug: str) -> None:
    image = create(Desk(), image=slug).data["droplet"]["image"]
    assert (image["slug"], image["public"]) == (slug, True)
    assert image["distribution"].split()[0].lower() in slug


def test_quotas_refuse_a_create() -> None:
    limited = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=3, gpu_limit=8)
    desk = Desk(DropletSpec(size="gpu-h100x8-640gb"), catalogue=limited)
    assert create(desk, **GPU).message == "creating this droplet will exceed your GPU limit"
    several = {"name": None, "names": ["a", "b", "c"]}
    assert create(desk, **several).message == "creating these droplets will exceed your droplet limit"
    partial = Desk(catalogue=limited, behaviour=Behaviour(partial_creates="accepted"))
    assert [one["name"] for one in create(partial, **several).data["droplets"]] == ["a", "b"]


def test_region_may_be_a_beginning_or_missing() -> None:
    desk = Desk(catalogue=PUBLIC_CATALOGUE.sold_out("s-1vcpu-1gb", ["nyc1"]))
    regions = [create(desk, region=region).data["droplet"]["region"]["slug"] for region in ("nyc", None, "fra1")]
    assert regions == ["nyc3", "ams3", "fra1"]


def test_refusal_names_regions_with_room_when_it_is_set() -> None:
    desk = Desk(behaviour=Behaviour(names_available_regions=True))
    reply = create(desk, **{**GPU, "region": "atl1"})
    assert reply.data["error_attributes"] == {"available_regions": ["tor1", "ams3", "nyc2"]}


def test_key_is_unknown_until_creates_see_it() -> None:
    desk = Desk(visibility=Visibility(keys=45.0))
    key = desk.ask("POST", "/v2/account/keys", {"name": "a", "public_key": public_key("a")}).data["ssh_key"]
    for identifier in (key["id"], key["fingerprint"]):
        text = f"{identifier} are invalid key identifiers for Droplet creation."
        assert create(desk, ssh_keys=[identifier]).message == text
    desk.clock.advance(45)
    assert create(desk, ssh_keys=[key["id"], key["fingerprint"]]).status == 202


def test_snapshot_makes_droplets_where_it_is_and_where_it_fits() -> None:
    desk = Desk(DropletSpec(gpu=False, size="s-2vcpu-4gb"))
    desk.run("snapshot", name="golden")
    [snapshot] = desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"]
    made = create(desk, image=snapshot["id"], size="s-2vcpu-4gb")
    assert made.data["droplet"]["image"]["name"] == "golden"
    assert create(desk, image=snapshot["id"]).message == "The image is too large for the disk of this size."
    elsewhere = create(desk, image=snapshot["id"], size="s-2vcpu-4gb", region="fra1")
    assert elsewhere.message == "The image you selected is not available in this region."


def test_placement_is_lost_when_the_create_errs() -> None:
    desk = Desk(faults=(ErroredAction(route="POST /v2/droplets", after=3.0),))
    droplet = create(desk).data["droplet"]
    desk.clock.advance(3)
    assert desk.get(f"/v2/droplets/{droplet['id']}").status == 404


def test_droplet_is_in_the_vpc_that_it_was_made_in() -> None:
    desk = Desk()
    vpc = desk.ask("POST", "/v2/vpcs", {"name": "own", "region": "nyc3"}).data["vpc"]
    assert create(desk, vpc_uuid=vpc["id"]).data["droplet"]["vpc_uuid"] == vpc["id"]
    assert create(desk).data["droplet"]["vpc_uuid"] == default_vpc_id("nyc3")
    assert create(desk, vpc_uuid="5a4981aa-9653-4bd1-bef5-d6bff52042e4").status == 404
    elsewhere = create(desk, vpc_uuid=vpc["id"], region="fra1")
    assert elsewhere.message == "The VPC is not in the region of the Droplet."


def test_other_groups_check_and_follow_a_create() -> None:
    desk = Desk()
    creation = desk.account.part(DropletCreation)
    followed: list[str] = []
    creation.check_with(lambda asked, region: NOT_FOUND if (asked.vpc_uuid, region) == ("x", "nyc3") else None)
    creation.follow_with(lambda droplet, asked: followed.append(f"{droplet.name} {asked.tags}"))
    assert create(desk, vpc_uuid="x").status == 404
    assert create(desk, tags=["v"]).status == 202
    assert followed == ["new ['v']"]


def test_deletion_ends_at_the_end_of_its_action() -> None:
    desk = Desk(DropletSpec(tags=("a",)), DropletSpec(tags=("a",)), DropletSpec())
    assert desk.ask("DELETE", f"/v2/droplets/{FIRST + 2}").status == 204
    assert desk.ask("DELETE", f"/v2/droplets/{FIRST + 2}").status == 204
    assert desk.get(f"/v2/droplets/{FIRST + 2}").status == 200
    assert desk.ask("DELETE", "/v2/droplets?tag_name=a").status == 204
    assert desk.ask("DELETE", "/v2/droplets").status == 422
    desk.clock.advance(10)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 404
    assert not desk.account.droplets
    assert len(desk.account.actions_of(FIRST + 2, "destroy")) == 1


def test_deletion_is_refused_for_a_busy_droplet_when_it_is_set() -> None:
    desk = Desk(behaviour=Behaviour(destroy_when_busy="refused"))
    desk.act("reboot")
    assert desk.ask("DELETE", f"/v2/droplets/{FIRST}").message == "Droplet already has a pending event."
    assert Desk().ask("DELETE", f"/v2/droplets/{FIRST}").status == 204


def test_kernels_and_neighbours_of_a_droplet() -> None:
    desk = Desk(*[DropletSpec(gpu=False, kernel=991)] * 6)
    assert desk.get(f"/v2/droplets/{FIRST}/kernels").data["kernels"][0]["id"] == 991
    near = {one["id"] for one in desk.get(f"/v2/droplets/{FIRST}/neighbors").data["droplets"]}
    assert near
    assert FIRST not in near
    for other in near:
        assert FIRST in {one["id"] for one in desk.get(f"/v2/droplets/{other}/neighbors").data["droplets"]}
