"""Images, keys, sizes, regions and the account, and the catalogue that they come from."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from emulator_desk import FIRST, Desk, public_key

from gradient_async.emulator import PUBLIC_CATALOGUE, DropletSpec, Emulator, Region, ShutdownIgnored, Size
from gradient_async.emulator.placement import placement_refusal

OFF = DropletSpec(status="off")
BIG = "gpu-h100x8-640gb"


def snapshot_of(desk: Desk, name: str = "nightly") -> dict[str, Any]:
    desk.run("snapshot", name=name)
    snapshots: list[dict[str, Any]] = desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"]
    return snapshots[0]


# What a request may say.


@pytest.mark.parametrize(("disk", "status"), [("true", 201), ("False", 201), (True, 201), (None, 201), ("yes", 422)])
def test_disk_may_be_the_text_of_a_boolean(disk: Any, status: int) -> None:
    assert Desk(OFF).act("resize", size=BIG, disk=disk).status == status


def test_disk_grows_when_its_text_says_so() -> None:
    desk = Desk(OFF)
    desk.run("resize", size=BIG, disk="true")
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["disk"] == 2046


def test_unknown_and_null_fields_are_ignored() -> None:
    desk = Desk(DropletSpec(backups=True))
    policy = {"plan": "weekly", "weekday": None, "hour": None, "colour": "red"}
    assert desk.act("change_backup_policy", backup_policy=policy, size=None, mood=3).status == 201


@pytest.mark.parametrize("plan", ["hourly", "usage-based", "custom"])
def test_plan_of_backups_is_an_open_word(plan: str) -> None:
    desk = Desk()
    desk.run("enable_backups", backup_policy={"plan": plan, "hour": 4})
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["next_backup_window"]["start"].endswith("T04:00:00Z")


def test_next_backup_is_today_when_its_window_has_not_begun() -> None:
    # The clock stands at 14:13:20 UTC on 21 September 2026, a Monday.
    for hour, start in ((16, "2026-09-21T16:00:00Z"), (12, "2026-09-22T12:00:00Z")):
        desk = Desk()
        desk.act("enable_backups", backup_policy={"plan": "daily", "hour": hour})
        desk.clock.advance(10)
        assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["next_backup_window"]["start"] == start
    for weekday, day in (("MON", "21"), ("TUE", "22"), ("SUN", "27")):
        desk = Desk()
        desk.act("enable_backups", backup_policy={"plan": "weekly", "hour": 16, "weekday": weekday})
        desk.clock.advance(10)
        window = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["next_backup_window"]
        assert window["start"] == f"2026-09-{day}T16:00:00Z"


# Snapshots, and how long they take.


@pytest.mark.parametrize("used", [0.5, 3.0, 25.0])
@pytest.mark.parametrize(("type", "parameters"), [("snapshot", {"name": "s"}), ("resize", {"size": BIG})])
def test_duration_follows_the_disk_in_use(type: str, parameters: dict[str, Any], used: float) -> None:
    desk = Desk(*[DropletSpec(status="off", used_gigabytes=used)] * 40)
    for number in range(40):
        desk.act(type, FIRST + number, **parameters)
    minutes = [(action.due - action.started) / 60 for action in desk.account.actions.values() if action.type == type]
    assert all(0.8 * used < one < 1.25 * used for one in minutes)
    assert len(set(minutes)) == 40


def test_snapshot_has_the_size_that_its_duration_goes_by() -> None:
    desk = Desk(DropletSpec(used_gigabytes=12.5))
    assert snapshot_of(desk)["size_gigabytes"] == 12.5


def test_larger_disks_have_more_in_use_when_nothing_is_said() -> None:
    desk = Desk(DropletSpec(), DropletSpec(size=BIG))
    small, large = desk.account.droplets.values()
    assert small.used_gigabytes < large.used_gigabytes


def test_duration_is_the_same_everywhere_when_it_is_given() -> None:
    desk = Desk(DropletSpec(used_gigabytes=500), durations={"snapshot": 63})
    desk.act("snapshot", name="s")
    assert desk.account.actions_of(FIRST)[0].due == 63


def test_no_image_is_made_when_the_snapshot_is_ignored() -> None:
    desk = Desk(faults=(ShutdownIgnored(type="snapshot"),))
    assert desk.run("snapshot", name="s")["status"] == "completed"
    assert desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"] == []
    assert desk.get("/v2/images?private=true").data["images"] == []


# Images.


def test_id_of_an_image_is_never_used_again() -> None:
    desk = Desk()
    first = snapshot_of(desk)["id"]
    assert desk.ask("DELETE", f"/v2/images/{first}").status == 204
    assert desk.get(f"/v2/images/{first}").status == 404
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["snapshot_ids"] == []
    again = desk.ask("DELETE", f"/v2/images/{first}")
    assert (again.status, again.message) == (422, "Can not delete an already deleted image.")
    assert snapshot_of(desk)["id"] > first


@pytest.mark.parametrize("reference", ["gpu-h100x1-base", 166407044])
def test_image_is_found_by_its_id_and_its_slug(reference: Any) -> None:
    image = Desk().get(f"/v2/images/{reference}").data["image"]
    assert (image["id"], image["slug"], image["public"]) == (166407044, "gpu-h100x1-base", True)


@pytest.mark.parametrize("reference", ["gpu-nothing", 1])
def test_404_when_there_is_no_such_image(reference: Any) -> None:
    assert Desk().get(f"/v2/images/{reference}").status == 404


def test_public_image_cannot_be_changed_or_deleted() -> None:
    desk = Desk()
    assert desk.ask("DELETE", "/v2/images/166407044").status == 404
    assert desk.ask("PUT", "/v2/images/166407044", {"name": "mine"}).status == 404
    assert desk.ask("DELETE", "/v2/images/gpu-h100x1-base").status == 404


def test_images_are_chosen_by_the_documented_filters() -> None:
    desk = Desk(DropletSpec(backups=True))
    snapshot = snapshot_of(desk)
    everything = desk.get("/v2/images?per_page=200").data
    assert everything["meta"]["total"] == len(PUBLIC_CATALOGUE.images) + 2
    own = desk.get("/v2/images?private=true").data["images"]
    assert [(image["id"], image["type"]) for image in own] == [(190_000_000, "backup"), (snapshot["id"], "snapshot")]
    assert own[1]["created_at"] == snapshot["created_at"]
    public = desk.get("/v2/images?type=distribution").data["images"]
    assert {image["public"] for image in public} == {True}
    assert desk.get("/v2/images?type=application").data["images"] == []
    assert desk.get("/v2/images?tag_name=t").data["images"] == []
    assert desk.get("/v2/images?type=nothing").status == 422


def test_image_has_its_new_name_when_renamed() -> None:
    desk = Desk()
    image_id = snapshot_of(desk)["id"]
    changed = desk.ask("PUT", f"/v2/images/{image_id}", {"name": "base", "description": None, "distribution": "Ubuntu"})
    assert (changed.status, changed.data["image"]["name"]) == (200, "base")
    assert desk.get(f"/v2/images/{image_id}").data["image"]["name"] == "base"
    assert desk.ask("PUT", f"/v2/images/{image_id}", []).status == 400


# Keys.


def test_key_lives_from_registration_to_deletion() -> None:
    desk = Desk()
    made = desk.ask("POST", "/v2/account/keys", {"name": "laptop", "public_key": public_key("laptop")})
    assert made.status == 201
    key = made.data["ssh_key"]
    assert key["fingerprint"].count(":") == 15
    for identifier in (
        key["id"],
        key["fingerprint"],
        key["fingerprint"].replace(":", "%3A"),
        key["fingerprint"].upper(),
    ):
        assert desk.get(f"/v2/account/keys/{identifier}").data["ssh_key"] == key
    assert desk.get("/v2/account/keys").data["ssh_keys"] == [key]
    renamed = desk.ask("PUT", f"/v2/account/keys/{key['fingerprint']}", {"name": "desk"})
    assert renamed.data["ssh_key"] == {**key, "name": "desk"}
    assert desk.ask("DELETE", f"/v2/account/keys/{key['id']}").status == 204
    assert desk.ask("DELETE", f"/v2/account/keys/{key['id']}").status == 404
    assert desk.get("/v2/account/keys").data["ssh_keys"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"public_key": public_key("a")}, "name is missing or invalid."),
        ({"name": "a"}, "public_key is missing or invalid."),
        ({"name": "a", "public_key": "ssh-rsa"}, "Key invalid, make sure you are entering a valid public SSH key."),
        ({"name": "a", "public_key": "ssh-rsa !"}, "Key invalid, make sure you are entering a valid public SSH key."),
        ({"name": "a", "public_key": public_key("first")}, "SSH Key is already in use on your account"),
    ],
)
def test_key_is_refused_with_its_text(body: dict[str, str], message: str) -> None:
    desk = Desk()
    desk.ask("POST", "/v2/account/keys", {"name": "first", "public_key": public_key("first")})
    reply = desk.ask("POST", "/v2/account/keys", body)
    assert (reply.status, reply.message) == (422, message)


@pytest.mark.parametrize("body", [b"", b"[]", b"{"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/v2/account/keys"), ("PUT", "/v2/account/keys/512189")])
def test_400_when_the_body_of_a_key_is_no_object(method: str, path: str, body: bytes) -> None:
    desk = Desk()
    desk.ask("POST", "/v2/account/keys", {"name": "first", "public_key": public_key("first")})
    assert desk.ask(method, path, raw_body=body).status == 400


# The catalogue.


def sizes(desk: Desk) -> dict[str, dict[str, Any]]:
    return {size["slug"]: size for size in desk.get("/v2/sizes?per_page=200").data["sizes"]}


def test_size_is_available_and_nowhere_when_sold_out() -> None:
    desk = Desk(OFF, catalogue=PUBLIC_CATALOGUE.sold_out(BIG))
    assert (sizes(desk)[BIG]["available"], sizes(desk)[BIG]["regions"]) == (True, [])
    assert desk.act("resize", size=BIG).message == "Size is not available in this region."


def test_size_is_listed_where_it_is_sold_out_when_set() -> None:
    desk = Desk(OFF, catalogue=PUBLIC_CATALOGUE.sold_out(BIG, ["tor1"]))
    assert "tor1" in sizes(desk)[BIG]["regions"]
    assert desk.act("resize", size=BIG).message == "Size is not available in this region."


def test_size_can_sell_out_while_the_account_is_in_use() -> None:
    desk = Desk(OFF)
    region = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["region"]
    assert BIG in region["sizes"]
    desk.account.catalogue = desk.account.catalogue.sold_out(BIG)
    assert BIG not in desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["region"]["sizes"]
    with pytest.raises(ValueError, match="gpu-none"):
        desk.account.catalogue.sold_out("gpu-none")


def test_contract_size_is_hidden_and_can_be_used() -> None:
    hidden = Size(
        slug="gpu-contract",
        memory=8,
        vcpus=1,
        disk=720,
        transfer=1,
        price_hourly=1,
        regions=("tor1",),
        description="Contract",
        is_listed=False,
        gpu=PUBLIC_CATALOGUE.sizes[0].gpu,
    )
    desk = Desk(OFF, DropletSpec(size=hidden), catalogue=PUBLIC_CATALOGUE.with_sizes(hidden))
    assert "gpu-contract" not in sizes(desk)
    assert desk.get(f"/v2/droplets/{FIRST + 1}").data["droplet"]["size_slug"] == "gpu-contract"
    assert desk.act("resize", size="gpu-contract").status == 201
    assert "gpu-contract" not in sizes(Desk(catalogue=PUBLIC_CATALOGUE.with_sizes(hidden).unlisted(BIG)))
    with pytest.raises(ValueError, match="gpu-contract"):
        DropletSpec(gpu=False, size=hidden)


def test_regions_are_those_of_the_catalogue() -> None:
    regions = (Region(slug="xyz1", name="Elsewhere 1", is_available=False, features=("ipv6",)),)
    desk = Desk(catalogue=attrs.evolve(PUBLIC_CATALOGUE, regions=regions))
    (region,) = desk.get("/v2/regions").data["regions"]
    assert (region["slug"], region["name"], region["available"], region["features"]) == (
        "xyz1",
        "Elsewhere 1",
        False,
        ["ipv6"],
    )
    assert [one["slug"] for one in Desk().get("/v2/regions?per_page=3").data["regions"]] == ["ams3", "atl1", "fra1"]


def test_quotas_are_shown_as_far_as_the_token_may_see_them() -> None:
    catalogue = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=3, gpu_limit=1, volume_limit=7)
    account = Desk(catalogue=catalogue).get("/v2/account").data["account"]
    assert (account["droplet_limit"], account["volume_limit"]) == (3, 7)
    narrow = Desk(catalogue=catalogue, scopes={"account:read"}).get("/v2/account").data["account"]
    assert "droplet_limit" not in narrow
    assert "floating_ip_limit" not in narrow
    assert "volume_limit" not in narrow
    assert narrow["status"] == "active"


@pytest.mark.parametrize(
    ("slug", "region", "count", "message"),
    [
        ("gpu-h100x1-80gb", "tor1", 2, None),
        ("s-1vcpu-1gb", "nyc3", 3, None),
        ("gpu-h100x1-80gb", "tor1", 3, "creating these droplets will exceed your GPU limit"),
        ("gpu-h100x8-640gb", "tor1", 1, "creating this droplet will exceed your GPU limit"),
        ("s-1vcpu-1gb", "nyc3", 4, "creating these droplets will exceed your droplet limit"),
        ("gpu-h100x1-80gb", "fra1", 1, "Size is not available in this region."),
        ("gpu-4000adax1-20gb", "tor1", 1, "Size is not available in this region."),
        ("gpu-none", "tor1", 1, "This size is unavailable"),
    ],
)
def test_quotas_and_room_decide_about_more_droplets(slug: str, region: str, count: int, message: str | None) -> None:
    catalogue = attrs.evolve(PUBLIC_CATALOGUE.sold_out("gpu-4000adax1-20gb"), droplet_limit=5, gpu_limit=3)
    desk = Desk(DropletSpec(), DropletSpec(gpu=False), catalogue=catalogue)
    refusal = placement_refusal(catalogue, desk.account.droplets.values(), slug, region, count)
    assert (refusal.message if refusal else None) == message


def test_emulator_takes_a_catalogue() -> None:
    emulator = Emulator(catalogue=PUBLIC_CATALOGUE.without_sizes(BIG))
    assert emulator.account.catalogue.size(BIG) is None
