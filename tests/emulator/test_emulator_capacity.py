"""Capacity: how many Droplets of a size a region takes, and what the lists show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from emulator_desk import FIRST, Desk, Reply

from gradient_async.emulator import PUBLIC_CATALOGUE, Behaviour, DropletSpec, Emulator, Opening
from gradient_async.emulator.option_values import OptionError, capacity_in
from gradient_async.emulator.options import EmulatorOptions

if TYPE_CHECKING:
    from gradient_async.emulator.capacity import Room

pytestmark = pytest.mark.once

SIZE = "gpu-h100x1-80gb"
NO_ROOM = "Size is not available in this region."
CATALOGUE = PUBLIC_CATALOGUE.limited(gpus=100)


def desk_with(rooms: dict[tuple[str, str], Room], **options: Any) -> Desk:
    return Desk(DropletSpec(region="tor1"), catalogue=CATALOGUE, capacity=rooms, **options)


def create(desk: Desk, *names: str, region: str | None = "nyc2", size: str = SIZE) -> Reply:
    body: dict[str, Any] = {"names": names or ["new"], "size": size, "image": "gpu-h100x1-base"}
    return desk.ask("POST", "/v2/droplets", {**body, **({"region": region} if region else {})})


def regions_of(desk: Desk, size: str = SIZE) -> list[str]:
    return next(one["regions"] for one in desk.get("/v2/sizes").data["sizes"] if one["slug"] == size)


def opened(desk: Desk, seconds: int, region: str = "nyc2") -> list[int]:
    """Return the seconds at which there is room."""
    found: list[int] = []
    for second in range(seconds):
        if desk.capacity.free(SIZE, region) != 0:
            found.append(second)
        desk.clock.advance(1)
    return found


def test_region_takes_as_many_droplets_as_it_has_room_for() -> None:
    desk = desk_with({(SIZE, "nyc2"): 2})
    assert [create(desk).status for _ in range(3)] == [202, 202, 422]
    assert create(desk).message == NO_ROOM
    assert create(desk, region="ams3").status == 202


def test_several_names_are_refused_when_room_is_for_some() -> None:
    desk = desk_with({(SIZE, "nyc2"): 2})
    assert create(desk, "a", "b", "c").message == NO_ROOM
    assert desk.capacity.free(SIZE, "nyc2") == 2
    partial = desk_with({(SIZE, "nyc2"): 2}, behaviour=Behaviour(partial_creates="accepted"))
    assert [one["name"] for one in create(partial, "a", "b", "c").data["droplets"]] == ["a", "b"]


def test_droplet_gives_its_room_back_when_it_is_gone() -> None:
    desk = desk_with({(SIZE, "nyc2"): 1})
    [droplet] = create(desk).data["droplets"]
    assert desk.ask("DELETE", f"/v2/droplets/{droplet['id']}").status == 204
    assert create(desk).status == 422
    desk.clock.advance(60)
    assert create(desk).status == 202


def test_droplet_from_the_start_takes_no_room() -> None:
    desk = desk_with({(SIZE, "tor1"): 1})
    desk.account.remove(FIRST)
    assert desk.capacity.free(SIZE, "tor1") == 1


def test_size_loses_a_region_without_room() -> None:
    desk = desk_with({(SIZE, "nyc2"): 1, (SIZE, "ams3"): 0})
    assert regions_of(desk) == ["tor1", "nyc2"]
    create(desk)
    assert regions_of(desk) == ["tor1"]
    region = next(one for one in desk.get("/v2/regions").data["regions"] if one["slug"] == "nyc2")
    assert SIZE not in region["sizes"]
    desk.capacity.set(SIZE, "*", 0)
    [size] = [one for one in desk.get("/v2/sizes").data["sizes"] if one["slug"] == SIZE]
    assert (size["available"], size["regions"]) == (True, [])


def test_size_keeps_its_regions_when_they_are_fixed() -> None:
    desk = desk_with({("gpu-*", "*"): 0}, behaviour=Behaviour(size_regions="fixed"))
    assert regions_of(desk) == ["tor1", "ams3", "nyc2"]
    assert create(desk).message == NO_ROOM


def test_create_without_a_region_finds_the_one_with_room() -> None:
    desk = desk_with({(SIZE, "*"): 0, (SIZE, "nyc2"): 1})
    assert create(desk, region=None).data["droplets"][0]["region"]["slug"] == "nyc2"


def test_resize_is_refused_when_the_region_is_full() -> None:
    desk = Desk(DropletSpec(region="tor1", status="off"), capacity={("gpu-h100x8-640gb", "tor1"): 0})
    assert desk.act("resize", size="gpu-h100x8-640gb", disk=False).message == NO_ROOM


def test_later_rule_goes_before_earlier_ones() -> None:
    desk = desk_with({(SIZE, "nyc2"): 1, ("gpu-*", "*"): 0})
    assert create(desk).status == 422
    desk.capacity.set(SIZE, "nyc2", 1)
    assert [create(desk).status for _ in range(2)] == [202, 422]
    desk.capacity.set(SIZE, "nyc2", 1)
    assert [create(desk).status for _ in range(2)] == [202, 422]
    desk.capacity.set("*", "*", None)
    assert [create(desk).status for _ in range(2)] == [202, 202]


def test_rule_adds_a_region_that_the_size_does_not_have() -> None:
    desk = desk_with({(SIZE, "atl1"): 1})
    assert regions_of(desk) == ["tor1", "ams3", "nyc2", "atl1"]
    assert create(desk, region="atl1").status == 202


def test_opening_comes_and_goes_at_its_second() -> None:
    desk = desk_with({(SIZE, "nyc2"): Opening(2, 10, at=3)})
    assert opened(desk, 25) == [3, 4, 13, 14, 23, 24]
    assert regions_of(desk) == ["tor1", "ams3"]
    desk.clock.advance(8)
    assert regions_of(desk) == ["tor1", "ams3", "nyc2"]


def test_opening_is_drawn_once_a_period_from_the_seed() -> None:
    rooms: dict[tuple[str, str], Room] = {(SIZE, "*"): Opening(20, 60)}
    seconds = opened(desk_with(rooms), 600)
    assert seconds == opened(desk_with(rooms), 600)
    assert seconds != opened(desk_with(rooms), 600, "tor1")
    assert [len([one for one in seconds if one // 60 == turn]) for turn in range(10)] == [20] * 10
    assert len({next(one for one in seconds if one // 60 == turn) % 60 for turn in range(10)}) > 5


def test_each_opening_takes_its_count_anew() -> None:
    desk = desk_with({(SIZE, "nyc2"): Opening(10, 20, at=0, count=1)})
    assert [create(desk).status for _ in range(2)] == [202, 422]
    desk.clock.advance(20)
    assert [create(desk).status for _ in range(2)] == [202, 422]


@pytest.mark.parametrize(
    ("size", "region", "room", "text"),
    [
        ("gpu-none", "nyc2", 1, "size 'gpu-none' is not in the catalogue"),
        (SIZE, "mars1", 1, "region 'mars1' is not in the catalogue"),
        (SIZE, "nyc2", -1, "must not be negative: -1"),
    ],
)
def test_rule_is_refused_when_it_makes_no_sense(size: str, region: str, room: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        desk_with({}).capacity.set(size, region, room)


@pytest.mark.parametrize(
    ("seconds", "every", "options"), [(0, 60, {}), (20, 10, {}), (20, 60, {"at": 41}), (20, 60, {"count": -1})]
)
def test_opening_is_refused_when_it_does_not_fit(seconds: float, every: float, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|>"):
        Opening(seconds, every, **options)


def test_emulator_takes_capacity_and_limits() -> None:
    emulator = Emulator(0, capacity={(SIZE, "nyc2"): 4}, droplet_limit=3, gpu_limit=64)
    assert emulator.capacity.free(SIZE, "nyc2") == 4
    assert (emulator.account.catalogue.droplet_limit, emulator.account.catalogue.gpu_limit) == (3, 64)
    with pytest.raises(ValueError, match="gpu_limit must not be negative"):
        Emulator(0, gpu_limit=-1)


def test_command_line_takes_capacity() -> None:
    texts = ("gpu-*:*=0", f"{SIZE}:nyc2=4", f"{SIZE}:atl1=20/60", f"{SIZE}:tor1=2@20/60")
    assert capacity_in(texts) == {
        ("gpu-*", "*"): 0,
        (SIZE, "nyc2"): 4,
        (SIZE, "atl1"): Opening(20, 60),
        (SIZE, "tor1"): Opening(20, 60, count=2),
    }
    emulator = EmulatorOptions(capacity=texts, gpu_limit=64).emulator()
    assert emulator.capacity.free(SIZE, "nyc2") == 4


@pytest.mark.parametrize(
    "text", ["x", "x:y", "x=4", f"{SIZE}:nyc2=many", f"{SIZE}:nyc2=20/10", f"{SIZE}:nyc2=-1", "a:b=1"]
)
def test_command_line_names_the_capacity_that_makes_no_sense(text: str) -> None:
    with pytest.raises(OptionError, match="--capacity: "):
        EmulatorOptions(capacity=(text,)).emulator()
