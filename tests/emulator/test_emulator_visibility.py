"""The views of the account: what each shows, from when, and with which chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from emulator_desk import FIRST, Desk, public_key

from gradient_async.emulator import Behaviour, DropletSpec, Event, Lag, Outcome, StatusLag, Visibility
from gradient_async.emulator.keys import KeyStore

if TYPE_CHECKING:
    from gradient_async.emulator.visibility import ResourceTable

NEW = DropletSpec(status="new", tags=("t",), name="gpu-new")


def listed(desk: Desk, query: str) -> list[int]:
    return [droplet["id"] for droplet in desk.get(f"/v2/droplets?{query}").data["droplets"]]


def test_restart_within_the_lag_ends_on() -> None:
    desk = Desk(faults=(StatusLag(100, type="power_off"),))
    desk.act("power_off")
    desk.clock.advance(3)
    assert desk.account.droplets[FIRST].status == "off"
    assert desk.status_of() == "active"
    assert desk.act("power_cycle").status == 201
    desk.clock.advance(1000)
    assert (desk.account.droplets[FIRST].status, desk.status_of()) == ("active", "active")


def test_late_state_never_replaces_a_later_one() -> None:
    desk = Desk(faults=(StatusLag(100, type="power_off"),))
    desk.act("power_off")
    desk.clock.advance(3)
    desk.act("power_cycle")
    seen = set()
    for _ in range(200):
        desk.clock.advance(1)
        seen.add(desk.status_of())
    assert seen == {"active"}


@pytest.mark.parametrize(
    ("view", "query"), [("list", "type=gpus"), ("tag", "tag_name=t"), ("name", "type=gpus&name=gpu-new")]
)
def test_new_droplet_is_missing_from_the_view_that_lags(view: str, query: str) -> None:
    desk = Desk(NEW, visibility=Visibility(**{view: 20.0}))
    others = {"type=gpus", "tag_name=t", "type=gpus&name=gpu-new"} - {query}
    assert desk.get(f"/v2/droplets/{FIRST}").status == 200
    assert listed(desk, query) == []
    assert all(listed(desk, other) == [FIRST] for other in others)
    desk.clock.advance(20)
    assert listed(desk, query) == [FIRST]


def test_new_droplet_is_404_when_reads_lag() -> None:
    desk = Desk(NEW, visibility=Visibility(get=20.0))
    for path in (f"/v2/droplets/{FIRST}", f"/v2/droplets/{FIRST}/actions", f"/v2/droplets/{FIRST}/snapshots"):
        assert desk.get(path).status == 404
    assert listed(desk, "type=gpus") == [FIRST]
    desk.clock.advance(20)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 200


def test_old_droplet_is_shown_when_every_view_lags() -> None:
    desk = Desk(visibility=Visibility(get=20, list=20, tag=20, name=20, status=20))
    assert desk.get(f"/v2/droplets/{FIRST}").status == 200
    assert listed(desk, "type=gpus") == [FIRST]


def test_droplet_that_is_gone_is_still_listed_when_lists_lag() -> None:
    desk = Desk(DropletSpec(), visibility=Visibility(list=60.0))
    desk.account.destroy(FIRST)
    desk.clock.advance(30)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 404
    assert listed(desk, "type=gpus") == [FIRST]
    desk.clock.advance(40)
    assert listed(desk, "type=gpus") == []


def test_bulk_action_misses_a_new_tag_when_tags_lag() -> None:
    desk = Desk(NEW, visibility=Visibility(tag=100.0), durations={"create": 1})
    desk.clock.advance(50)
    assert desk.act_by_tag("t", "power_off").data == {"actions": []}
    desk.clock.advance(60)
    assert len(desk.act_by_tag("t", "power_off").data["actions"]) == 1


def test_young_action_is_missing_from_lists_only_when_lists_lag() -> None:
    desk = Desk(visibility=Visibility(list=5.0))
    action_id = desk.act("reboot").data["action"]["id"]
    assert desk.get(f"/v2/actions/{action_id}").status == 200
    assert [action["type"] for action in desk.get("/v2/actions").data["actions"]] == ["create"]
    desk.clock.advance(5)
    assert [action["type"] for action in desk.get("/v2/actions").data["actions"]] == ["reboot", "create"]


def test_status_lags_everywhere_when_set_for_the_account() -> None:
    desk = Desk(visibility=Visibility(status=30.0))
    desk.act("power_off")
    desk.clock.advance(3)
    assert desk.account.droplets[FIRST].status == "off"
    assert desk.status_of() == "active"
    assert "currently on" in desk.act("resize", size="gpu-h100x8-640gb").message
    desk.clock.advance(30)
    assert desk.status_of() == "off"
    assert desk.act("resize", size="gpu-h100x8-640gb").status == 201


def test_reads_flap_when_the_lag_has_a_chance() -> None:
    desk = Desk(visibility=Visibility(get=Lag(1000.0, chance=0.3)))
    desk.act("power_off")
    desk.clock.advance(3)
    statuses = [desk.status_of() for _ in range(300)]
    assert 50 < statuses.count("active") < 140
    desk.clock.advance(1000)
    assert desk.status_of() == "off"


def test_create_does_not_know_a_young_key_when_keys_lag() -> None:
    desk = Desk(visibility=Visibility(keys=45.0))
    keys = desk.account.part(KeyStore)
    made = desk.ask("POST", "/v2/account/keys", {"name": "k", "public_key": public_key("k")}).data["ssh_key"]
    assert desk.get(f"/v2/account/keys/{made['id']}").status == 200
    assert keys.find(made["id"], "keys") is None
    desk.clock.advance(45)
    assert keys.find(made["fingerprint"], "keys") is not None


def test_lag_is_refused_when_it_is_out_of_range() -> None:
    with pytest.raises(ValueError, match="seconds"):
        Visibility(list=-1.0)
    with pytest.raises(ValueError, match="chance"):
        Lag(1.0, chance=1.5)


def test_history_is_forgotten_when_nothing_shows_it_any_more() -> None:
    desk = Desk(visibility=Visibility(list=5.0))
    table: ResourceTable[int, str] = desk.account.new_table()
    table.put(1, "one")
    desk.clock.advance(20)
    assert list(table.all_shown()) == ["one"]
    assert not table.has_lag()


# Events on any resource.


def test_new_droplet_becomes_active_when_its_create_ends() -> None:
    desk = Desk(DropletSpec(status="new"))
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["status"], droplet["locked"], droplet["networks"]["v4"]) == ("new", True, [])
    assert desk.act("reboot").message == "Droplet already has a pending event."
    desk.clock.advance(32)
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["status"], droplet["locked"], len(droplet["networks"]["v4"])) == ("active", False, 2)
    (action,) = desk.account.actions_of(FIRST)
    assert (action.type, action.status) == ("create", "completed")


def test_address_arrives_later_when_set() -> None:
    desk = Desk(DropletSpec(status="new"), behaviour=Behaviour(address_lag=10.0))
    desk.clock.advance(41)
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["status"], droplet["networks"]["v4"]) == ("active", [])
    desk.clock.advance(1)
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["networks"]["v4"]


def test_droplet_vanishes_when_its_placement_fails() -> None:
    desk = Desk()
    droplet = desk.account.add(NEW, outcome=Outcome(errored=True))
    assert desk.get(f"/v2/droplets/{droplet.id}").status == 200
    desk.clock.advance(3)
    assert desk.get(f"/v2/droplets/{droplet.id}").status == 404
    assert desk.account.actions_of(droplet.id)[0].status == "errored"
    assert desk.act_by_tag("t", "power_off").data == {"actions": []}


def test_event_on_another_resource_blocks_what_it_names() -> None:
    desk = Desk()
    done: list[str] = []
    volume = ("volume", "506f78a4-e098-11e5-ad9f-000f53306ae1")
    action = desk.account.begin(
        Event(
            type="attach_volume",
            resource=volume,
            region="tor1",
            duration=7,
            effect=lambda: done.append("attached"),
            blocks=[volume, ("droplet", FIRST)],
        )
    )
    assert desk.act("reboot").message == "Droplet already has a pending event."
    shown = desk.get(f"/v2/actions/{action.id}").data["action"]
    assert (shown["type"], shown["resource_type"], shown["resource_id"]) == ("attach_volume", "volume", None)
    assert action.droplet_id is None
    assert desk.get(f"/v2/droplets/{FIRST}/actions/{action.id}").status == 404
    assert done == []
    desk.clock.advance(7)
    assert desk.act("reboot").status == 201
    assert done == ["attached"]
    assert desk.account.actions_on(volume)[0].status == "completed"
    assert desk.account.pending_on(volume) is None


def test_failed_event_has_its_own_effect() -> None:
    desk = Desk()
    done: list[str] = []
    desk.account.begin(
        Event(
            type="assign_ip",
            resource=("reserved_ip", "45.55.96.47"),
            region="tor1",
            duration=7,
            effect=lambda: done.append("assigned"),
            failure=lambda: done.append("failed"),
            outcome=Outcome(errored=True),
        )
    )
    desk.clock.advance(3)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 200
    assert done == ["failed"]


def test_effect_has_its_time_when_no_call_comes_in_between() -> None:
    desk = Desk()
    seen: list[float] = []

    def chain() -> None:
        with desk.account.settled() as now:
            seen.append(now)
        if len(seen) < 3:
            desk.account.after(10, chain)

    desk.account.after(10, chain)
    desk.clock.advance(1000)
    assert desk.get("/v2/actions").status == 200
    assert seen == [10, 20, 30]


def test_part_of_the_account_is_made_once() -> None:
    account = Desk().account
    assert account.part(KeyStore) is account.part(KeyStore)
