"""Switches for new Droplets: lost placements, late tags, volumes that stay attached, prices that change."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk, Reply, public_key

from gradient_async.emulator import (
    PUBLIC_CATALOGUE,
    Behaviour,
    CutOff,
    DropAfter,
    DropBefore,
    DropletSpec,
    EmptyBody,
    Emulator,
    Fault,
    HTMLError,
    PlacementLost,
    Prices,
    ServerError,
    Slow,
)
from gradient_async.emulator.option_values import OptionError, fault_in, prices_in
from gradient_async.emulator.options import EmulatorOptions

pytestmark = pytest.mark.once

SIZE = "gpu-h100x1-80gb"
ATTACHED = "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting."


def create(desk: Desk, *names: str, **changes: Any) -> Reply:
    body = {"names": names or ["new"], "size": SIZE, "image": "gpu-h100x1-base", "region": "tor1", **changes}
    return desk.ask("POST", "/v2/droplets", body)


def listed(desk: Desk, query: str = "type=gpus") -> list[str]:
    return [one["name"] for one in desk.get(f"/v2/droplets?{query}").data["droplets"]]


def price_of(desk: Desk) -> float:
    return float(next(one["price_hourly"] for one in desk.get("/v2/sizes").data["sizes"] if one["slug"] == SIZE))


@pytest.mark.parametrize(("fault", "left"), [(PlacementLost(20), []), (PlacementLost(20, 2), ["a"])])
def test_place_is_lost_some_time_after_the_create(fault: PlacementLost, left: list[str]) -> None:
    desk = Desk(DropletSpec(name="old"), faults=(fault,))
    made = create(desk, "a", "b", "c")
    assert (made.status, len(made.data["links"]["actions"])) == (202, 3)
    desk.clock.advance(19)
    assert listed(desk) == ["old", "a", "b", "c"]
    desk.clock.advance(1)
    assert listed(desk) == ["old", *left]
    desk.clock.advance(20)
    statuses = [desk.get(f"/v2/actions/{one['id']}").data["action"]["status"] for one in made.data["links"]["actions"]]
    assert statuses == ["completed"] * len(left) + ["errored"] * (3 - len(left))
    assert desk.get(f"/v2/droplets/{made.data['droplets'][2]['id']}").status == 404


def test_placement_fault_leaves_other_actions_alone() -> None:
    desk = Desk(faults=(PlacementLost(),))
    assert desk.run("reboot")["status"] == "completed"
    assert fault_in("PlacementLost:20,rate=0.1") == PlacementLost(20, rate=0.1)


def test_names_without_room_are_lost_when_it_is_set() -> None:
    desk = Desk(capacity={(SIZE, "tor1"): 2}, behaviour=Behaviour(partial_creates="lost"))
    assert len(create(desk, "a", "b", "c").data["droplets"]) == 3
    desk.clock.advance(60)
    assert listed(desk)[1:] == ["a", "b"]
    assert create(desk, "d", "e").status == 422


def test_tags_are_shown_from_active_on_when_it_is_set() -> None:
    for behaviour, names in ((Behaviour(), ["new"]), (Behaviour(tags_shown="when_active"), [])):
        desk = Desk(behaviour=behaviour)
        made = create(desk, tags=["a"]).data["droplets"][0]
        assert (made["tags"], listed(desk, "tag_name=a")) == (["a"] * len(names), names)
        desk.clock.advance(60)
        assert desk.get(f"/v2/droplets/{made['id']}").data["droplet"]["tags"] == ["a"]
        assert listed(desk, "tag_name=a") == ["new"]


def test_deletion_by_tag_leaves_a_droplet_whose_tags_are_late() -> None:
    desk = Desk(DropletSpec(tags=["a"]), behaviour=Behaviour(tags_shown="when_active"))
    create(desk, tags=["a"])
    assert desk.ask("DELETE", "/v2/droplets?tag_name=a").status == 204
    desk.clock.advance(60)
    assert listed(desk) == ["new"]


def test_repeated_key_is_accepted_when_it_is_set() -> None:
    desk = Desk(behaviour=Behaviour(repeated_keys="accepted"))
    body = {"name": "a", "public_key": public_key("a")}
    first, second = (desk.ask("POST", "/v2/account/keys", body) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.data["ssh_key"] == second.data["ssh_key"]
    assert len(desk.get("/v2/account/keys").data["ssh_keys"]) == 1


@pytest.mark.parametrize(
    ("kind", "status", "id"), [("conflict", 409, "conflict"), ("illegal_action", 422, "Illegal Action")]
)
def test_volumes_are_held_after_the_droplet_is_gone(kind: Any, status: int, id: str) -> None:
    desk = Desk(behaviour=Behaviour(volumes_held=40, attached_volume=kind))
    volume = desk.ask("POST", "/v2/volumes", {"name": "data", "region": "tor1", "size_gigabytes": 10}).data["volume"]
    desk.ask("POST", f"/v2/volumes/{volume['id']}/actions", {"type": "attach", "droplet_id": FIRST})
    desk.clock.advance(60)
    desk.account.remove(FIRST)
    desk.clock.advance(39)
    refused = desk.ask("DELETE", f"/v2/volumes/{volume['id']}")
    assert (refused.status, refused.data["id"], refused.message) == (status, id, ATTACHED)
    desk.clock.advance(1)
    assert desk.ask("DELETE", f"/v2/volumes/{volume['id']}").status == 204


def test_price_changes_at_its_second_for_all_droplets() -> None:
    desk = Desk()
    prices = desk.account.part(Prices)
    prices.set_all({SIZE: {60: 4.41, 120: 5.0}})
    seen: list[tuple[float, float]] = []
    for _ in range(3):
        droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
        seen.append((price_of(desk), droplet["size"]["price_hourly"]))
        desk.clock.advance(60)
    assert seen == [(3.39, 3.39), (4.41, 4.41), (5.0, 5.0)]
    prices.set(SIZE, 1.0)
    assert price_of(desk) == 1.0


def test_price_of_droplets_stays_when_it_is_set() -> None:
    desk = Desk(behaviour=Behaviour(price_changes="new_droplets"))
    desk.account.part(Prices).set(SIZE, 4.41)
    made = create(desk).data["droplets"][0]
    old = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (old["size"]["price_hourly"], made["size"]["price_hourly"], price_of(desk)) == (3.39, 4.41, 4.41)


def test_costs_follow_the_price() -> None:
    desk = Desk(DropletSpec(status="new"))
    desk.account.part(Prices).set(SIZE, 10.0, after=3600)
    desk.clock.advance(7200)
    assert desk.get("/v2/customers/my/balance").data["month_to_date_usage"] == "13.39"


@pytest.mark.parametrize(
    ("size", "dollars", "after"),
    [("gpu-none", 1.0, 0.0), (SIZE, -1.0, 0.0), (SIZE, 1.0, -1.0), (SIZE, float("inf"), 0.0)],
)
def test_price_is_refused_when_it_makes_no_sense(size: str, dollars: float, after: float) -> None:
    with pytest.raises(ValueError, match=size):
        Desk().account.part(Prices).set(size, dollars, after=after)


def test_price_that_comes_later_is_dropped_with_its_size() -> None:
    desk = Desk()
    desk.account.part(Prices).set(SIZE, 4.41, after=60)
    desk.account.catalogue = PUBLIC_CATALOGUE.without_sizes(SIZE)
    desk.clock.advance(60)
    assert create(desk).message == "This size is unavailable"


def test_emulator_and_command_line_take_prices() -> None:
    texts = (f"{SIZE}=4.41", f"{SIZE}=5@600", "gpu-h100x8-640gb=30@60.5")
    assert prices_in(texts) == {SIZE: {0: 4.41, 600: 5.0}, "gpu-h100x8-640gb": {60.5: 30.0}}
    for emulator in (Emulator(prices=prices_in(texts)), EmulatorOptions(price=texts).emulator()):
        emulator.clock.advance(600)
        emulator.account.settle()
        size = emulator.account.catalogue.size(SIZE)
        assert size is not None
        assert size.price_hourly == 5.0


@pytest.mark.parametrize("text", ["x", f"{SIZE}=", f"{SIZE}=1@x", "gpu-none=1", f"{SIZE}=-1"])
def test_command_line_names_the_price_that_makes_no_sense(text: str) -> None:
    with pytest.raises(OptionError, match="--price: "):
        EmulatorOptions(price=(text,)).emulator()


def test_events_follow_a_create_when_they_are_set() -> None:
    desk = Desk(behaviour=Behaviour(metadata_event_rate=1.0))
    [droplet] = create(desk).data["droplets"]
    desk.clock.advance(33)
    assert desk.act("reboot", droplet["id"]).message == "Droplet already has a pending event."
    desk.clock.advance(2)
    assert desk.act("reboot", droplet["id"]).status == 201


def test_plain_list_has_gpu_droplets_when_it_is_set() -> None:
    specs = DropletSpec(name="gpu"), DropletSpec(name="cpu", gpu=False)
    for behaviour, names in ((Behaviour(), ["cpu"]), (Behaviour(plain_lists_include_gpus=True), ["gpu", "cpu"])):
        desk = Desk(*specs, behaviour=behaviour)
        assert listed(desk, "per_page=9") == names
        assert (listed(desk), listed(desk, "type=droplets")) == (["gpu"], ["cpu"])


def test_key_may_be_the_text_of_its_id() -> None:
    desk = Desk()
    key = desk.ask("POST", "/v2/account/keys", {"name": "a", "public_key": public_key("a")}).data["ssh_key"]
    assert create(desk, ssh_keys=[str(key["id"])]).status == 202
    assert create(desk, ssh_keys=["17"]).message == "17 are invalid key identifiers for Droplet creation."


def test_backups_are_destroyed_together_with_the_droplet() -> None:
    desk = Desk(DropletSpec(backups=True))
    desk.run("snapshot", name="golden")
    [backup] = desk.get(f"/v2/droplets/{FIRST}/backups").data["backups"]
    desk.account.remove(FIRST)
    assert desk.get(f"/v2/images/{backup['id']}").status == 404
    assert [one["name"] for one in desk.get("/v2/snapshots").data["snapshots"]] == ["golden"]


CREATE = "POST", "/v2/droplets", {"name": "new", "size": SIZE, "image": "gpu-h100x1-base", "region": "tor1"}
DELETES: dict[str, tuple[str, str, Any]] = {
    "one": ("DELETE", f"/v2/droplets/{FIRST}", None),
    "by tag": ("DELETE", "/v2/droplets?tag_name=a", None),
    "with resources": ("DELETE", f"/v2/droplets/{FIRST}/destroy_with_associated_resources/dangerous", None),
}
LOST: dict[str, tuple[Fault, bool]] = {
    "before": (DropBefore(route="* /v2/droplets*"), False),
    "after": (DropAfter(route="* /v2/droplets*"), True),
    "cut": (CutOff(route="* /v2/droplets*"), True),
    "empty": (EmptyBody(route="* /v2/droplets*"), True),
    "5xx before": (ServerError(500, route="* /v2/droplets*"), False),
    "5xx after": (ServerError(500, executed=True, route="* /v2/droplets*"), True),
    "page after": (HTMLError(504, executed=True, route="* /v2/droplets*"), True),
    "late": (Slow(0.001, executed="after", route="* /v2/droplets*"), True),
}


@pytest.mark.parametrize("place", LOST)
@pytest.mark.parametrize("request_of", ["create", *DELETES])
def test_answer_is_lost_in_every_place(place: str, request_of: str) -> None:
    fault, is_done = LOST[place]
    desk = Desk(DropletSpec(tags=["a"]), faults=(fault,))
    method, target, body = CREATE if request_of == "create" else DELETES[request_of]
    desk.ask(method, target, body, headers={"x-dangerous": "true"})
    desk.clock.advance(60)
    change = 1 if request_of == "create" else -1
    assert len(desk.account.droplets) == 1 + (change if is_done else 0)
