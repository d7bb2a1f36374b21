"""The conditions and effects of each action type, through the JSON of requests and answers."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import (
    Behaviour,
    DropletSpec,
    Emulator,
    ErroredAction,
    RefusedError,
    ShutdownIgnored,
    StatusLag,
)
from gradient_async.emulator.droplet_rules import BULK_TYPES, RULES
from gradient_async.emulator.schedule import Schedule

ON = DropletSpec()
OFF = DropletSpec(status="off")
BACKED_UP = DropletSpec(backups=True)
CPU_OFF = DropletSpec(gpu=False, size="s-1vcpu-2gb", status="off")

PENDING = "Droplet already has a pending event."
TURN_OFF_FIRST = "Droplet is currently on. Please power it off to run this event."
BAD_NAME = "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)"

LEGAL: list[tuple[DropletSpec, str, dict[str, Any]]] = [
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"plan": "weekly", "weekday": "WED", "hour": 8}}),
    (DropletSpec(kernel=1), "change_kernel", {"kernel": 7515}),
    (BACKED_UP, "disable_backups", {}),
    (ON, "enable_backups", {"backup_policy": {"plan": "daily", "weekday": "", "hour": 4}}),
    (ON, "enable_ipv6", {}),
    (ON, "enable_private_networking", {}),
    (ON, "password_reset", {}),
    (ON, "power_cycle", {}),
    (ON, "power_off", {}),
    (OFF, "power_on", {}),
    (ON, "reboot", {}),
    (ON, "rebuild", {"image": "ubuntu-24-04-x64"}),
    (ON, "rename", {"name": "node-1.example.com"}),
    (OFF, "resize", {"size": "gpu-h100x8-640gb", "disk": True}),
    (BACKED_UP, "restore", {"image": 190_000_000}),
    (ON, "shutdown", {}),
    (ON, "snapshot", {"name": "nightly"}),
]

REFUSED: list[tuple[DropletSpec, str, dict[str, Any], str]] = [
    (ON, "rebot", {}, "The action type is not valid."),
    (OFF, "power_off", {}, "Droplet is already powered off."),
    (OFF, "reboot", {}, "Droplet is currently off. Please power it on to run this event."),
    (OFF, "power_cycle", {}, "Droplet is currently off. Please power it on to run this event."),
    (ON, "resize", {"size": "gpu-h100x8-640gb"}, TURN_OFF_FIRST),
    (OFF, "resize", {}, "size is missing or invalid."),
    (OFF, "resize", {"size": "gpu-h100x8-640gb", "disk": "yes"}, "disk is missing or invalid."),
    (OFF, "resize", {"size": "gpu-none"}, "This size is unavailable"),
    (OFF, "resize", {"size": "s-4vcpu-8gb"}, "This size is unavailable"),
    (OFF, "resize", {"size": "gpu-h200x8-1128gb"}, "Size is not available in this region."),
    (OFF, "resize", {"size": "gpu-h100x1-80gb"}, "The droplet is already set to this size."),
    (OFF, "resize", {"size": "gpu-l40sx1-48gb"}, "This size is not available because it has a smaller disk."),
    (
        CPU_OFF,
        "resize",
        {"size": "s-1vcpu-1gb", "disk": False},
        "This size is not available because it has a smaller disk.",
    ),
    (ON, "rename", {}, "name is missing or invalid."),
    (ON, "rename", {"name": ""}, BAD_NAME),
    (ON, "rename", {"name": "not_a_hostname"}, BAD_NAME),
    (ON, "rename", {"name": "a" * 256}, BAD_NAME),
    (ON, "rename", {"name": "name\n"}, BAD_NAME),
    (ON, "snapshot", {}, "name is missing or invalid."),
    (ON, "rebuild", {}, "image is missing or invalid."),
    (ON, "rebuild", {"image": True}, "image is missing or invalid."),
    (ON, "rebuild", {"image": 12}, "The image you specified is not available for this Droplet."),
    (ON, "restore", {"image": "ubuntu-24-04-x64"}, "image is missing or invalid."),
    (ON, "restore", {"image": 166407044}, "The image you specified is not available for this Droplet."),
    (ON, "change_kernel", {"kernel": 7515}, "The kernel of this Droplet is managed internally."),
    (ON, "change_kernel", {"kernel": "new"}, "kernel is missing or invalid."),
    (DropletSpec(ipv6=True), "enable_ipv6", {}, "IPv6 is already enabled on this Droplet."),
    (BACKED_UP, "enable_backups", {}, "Backups have already been enabled on this Droplet."),
    (ON, "disable_backups", {}, "Backups have already been disabled on this Droplet."),
    (ON, "change_backup_policy", {"backup_policy": {"plan": "daily"}}, "Backups are not enabled on this Droplet."),
    (BACKED_UP, "change_backup_policy", {}, "backup_policy is missing or invalid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"plan": 7}}, "The backup policy is not valid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"hour": 3}}, "The backup policy is not valid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"hour": True}}, "The backup policy is not valid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"weekday": "Monday"}}, "The backup policy is not valid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": {"weekday": ["MON"]}}, "The backup policy is not valid."),
    (BACKED_UP, "change_backup_policy", {"backup_policy": "daily"}, "The backup policy is not valid."),
]


@pytest.mark.parametrize(("spec", "type", "parameters"), LEGAL, ids=[case[1] for case in LEGAL])
def test_action_completes_when_the_droplet_may_take_it(
    spec: DropletSpec, type: str, parameters: dict[str, Any]
) -> None:
    action = Desk(spec).run(type, **parameters)
    assert (action["status"], action["type"], action["resource_id"]) == ("completed", type, FIRST)


def test_table_of_legal_actions_is_complete() -> None:
    assert {case[1] for case in LEGAL} == set(RULES)


@pytest.mark.parametrize(("spec", "type", "parameters", "message"), REFUSED)
def test_impossible_action_is_refused_with_its_text(
    spec: DropletSpec, type: str, parameters: dict[str, Any], message: str
) -> None:
    desk = Desk(spec)
    before = desk.account.actions
    reply = desk.act(type, **parameters)
    assert (reply.status, reply.data["id"], reply.message) == (422, "unprocessable_entity", message)
    assert desk.account.actions == before


@pytest.mark.parametrize("type", sorted(RULES))
def test_any_action_is_refused_when_another_is_in_progress(type: str) -> None:
    desk = Desk()
    desk.account.start(FIRST, "reboot")
    assert desk.act(type).message == PENDING


def test_next_action_is_accepted_when_the_first_has_ended() -> None:
    desk = Desk(durations={"reboot": 20.0})
    desk.act("reboot")
    desk.clock.advance(19.9)
    assert desk.act("reboot").status == 422
    desk.clock.advance(0.1)
    assert desk.act("reboot").status == 201


@pytest.mark.parametrize(
    ("spec", "type", "status"),
    [
        (ON, "power_off", "off"),
        (ON, "shutdown", "off"),
        (OFF, "power_on", "active"),
        (ON, "reboot", "active"),
        (ON, "power_cycle", "active"),
        (OFF, "shutdown", "off"),
        (OFF, "password_reset", "active"),
        (ON, "snapshot", "active"),
        (OFF, "snapshot", "off"),
    ],
)
def test_power_state_follows_when_the_action_completes(spec: DropletSpec, type: str, status: str) -> None:
    desk = Desk(spec)
    desk.run(type, **({"name": "s"} if type == "snapshot" else {}))
    assert desk.status_of() == status


def test_power_state_stays_when_the_action_is_in_progress() -> None:
    desk = Desk()
    desk.act("power_off")
    desk.clock.advance(2.9)
    assert desk.status_of() == "active"
    desk.clock.advance(0.1)
    assert desk.status_of() == "off"


def test_disk_stays_when_resized_without_it() -> None:
    desk = Desk(DropletSpec(gpu=False, status="off"))
    desk.run("resize", size="s-2vcpu-4gb")
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["size_slug"], droplet["memory"], droplet["vcpus"], droplet["disk"]) == ("s-2vcpu-4gb", 4096, 2, 25)
    assert droplet["status"] == "off"
    assert desk.act("resize", size="s-1vcpu-1gb").status == 201


def test_resize_cannot_be_undone_when_the_disk_grew() -> None:
    desk = Desk(DropletSpec(gpu=False, status="off"))
    desk.run("resize", size="s-2vcpu-4gb", disk=True)
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["disk"] == 80
    assert "smaller disk" in desk.act("resize", size="s-1vcpu-1gb").message


def test_disk_can_follow_later_when_the_size_is_already_set() -> None:
    desk = Desk(DropletSpec(gpu=False, status="off"))
    desk.run("resize", size="s-2vcpu-4gb")
    desk.run("resize", size="s-2vcpu-4gb", disk=True)
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["disk"] == 80


def test_completed_snapshot_is_found_by_its_actions_start() -> None:
    desk = Desk(scale=60.0)
    desk.clock.advance(1234.5)
    action = desk.run("snapshot", name="nightly")
    (snapshot,) = desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"]
    assert snapshot["created_at"] == action["started_at"]
    assert (snapshot["name"], snapshot["type"]) == ("nightly", "snapshot")
    assert desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["snapshot_ids"] == [snapshot["id"]]


def test_no_snapshot_appears_when_its_action_errored() -> None:
    desk = Desk(faults=(ErroredAction(),))
    assert desk.run("snapshot", name="nightly")["status"] == "errored"
    assert desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"] == []


def test_droplet_can_be_rebuilt_from_its_own_snapshot() -> None:
    desk = Desk()
    desk.run("snapshot", name="nightly")
    image_id = desk.get(f"/v2/droplets/{FIRST}/snapshots").data["snapshots"][0]["id"]
    assert "image you specified" in desk.act("restore", image=image_id).message
    desk.run("rebuild", image=image_id)
    image = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["image"]
    assert (image["id"], image["slug"], image["type"], image["public"]) == (image_id, None, "snapshot", False)


def test_features_follow_when_backups_and_ipv6_are_switched() -> None:
    desk = Desk()
    desk.run("enable_backups", backup_policy={"plan": "weekly", "weekday": "SUN", "hour": 8})
    desk.run("enable_ipv6")
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert {"backups", "ipv6"} <= set(droplet["features"])
    assert droplet["next_backup_window"]["start"].endswith("T08:00:00Z")
    assert droplet["next_backup_window"]["end"].endswith("T12:00:00Z")
    assert droplet["networks"]["v6"][0]["netmask"] == 64
    desk.run("disable_backups")
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert "backups" not in droplet["features"]
    assert droplet["next_backup_window"] is None


def test_name_and_kernel_follow_when_changed() -> None:
    desk = Desk(DropletSpec(kernel=1))
    desk.run("rename", name="node-2")
    desk.run("change_kernel", kernel=7515)
    droplet = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (droplet["name"], droplet["kernel"]["id"]) == ("node-2", 7515)


@pytest.mark.parametrize(
    ("behaviour", "spec", "type", "parameters", "status"),
    [
        (Behaviour(shutdown_when_off="refused"), OFF, "shutdown", {}, 422),
        (Behaviour(power_on_when_on="refused"), ON, "power_on", {}, 422),
        (Behaviour(power_on_when_on="refused"), OFF, "power_on", {}, 201),
        (Behaviour(), ON, "power_on", {}, 201),
        (Behaviour(strict_ipv6=True), ON, "enable_ipv6", {}, 422),
        (Behaviour(strict_ipv6=True), OFF, "enable_ipv6", {}, 201),
        (Behaviour(snapshot_when_on="refused"), ON, "snapshot", {"name": "s"}, 422),
        (Behaviour(snapshot_when_on="refused"), OFF, "snapshot", {"name": "s"}, 201),
        (Behaviour(resize_when_on="accepted"), ON, "resize", {"size": "gpu-h100x8-640gb"}, 201),
    ],
)
def test_conflicting_evidence_is_read_the_other_way_when_set(
    behaviour: Behaviour, spec: DropletSpec, type: str, parameters: dict[str, Any], status: int
) -> None:
    assert Desk(spec, behaviour=behaviour).act(type, **parameters).status == status


def test_droplet_stays_on_when_the_guest_ignores_its_shutdown() -> None:
    desk = Desk(faults=(ShutdownIgnored(),))
    assert desk.run("shutdown")["status"] == "completed"
    assert desk.status_of() == "active"
    desk.run("power_off")
    assert desk.status_of() == "off"


def test_status_changes_later_when_it_lags() -> None:
    desk = Desk(faults=(StatusLag(30),))
    action_id = desk.act("power_off").data["action"]["id"]
    desk.clock.advance(3)
    assert desk.get(f"/v2/actions/{action_id}").data["action"]["status"] == "completed"
    assert desk.status_of() == "active"
    assert desk.act("resize", size="gpu-h100x8-640gb").message == TURN_OFF_FIRST
    desk.clock.advance(30)
    assert desk.status_of() == "off"


def test_status_changes_first_when_the_lag_is_negative() -> None:
    desk = Desk(faults=(StatusLag(-1),))
    desk.act("power_off")
    desk.clock.advance(2)
    assert desk.status_of() == "off"
    assert desk.act("power_on").message == PENDING


def test_errored_action_changes_nothing_and_takes_its_time() -> None:
    desk = Desk(faults=(ErroredAction(after=7, type="power_off", times=1),))
    action_id = desk.act("power_off").data["action"]["id"]
    desk.clock.advance(6.9)
    assert desk.get(f"/v2/actions/{action_id}").data["action"]["status"] == "in-progress"
    desk.clock.advance(0.1)
    action = desk.get(f"/v2/actions/{action_id}").data["action"]
    assert action["status"] == "errored"
    assert action["completed_at"] is not None
    assert desk.status_of() == "active"
    assert desk.run("power_off")["status"] == "completed"


def test_action_errors_after_three_seconds_when_no_time_is_given() -> None:
    desk = Desk(faults=(ErroredAction(),))
    desk.act("snapshot", name="s")
    desk.clock.advance(2.9)
    assert desk.account.actions_of(FIRST)[0].status == "in-progress"
    desk.clock.advance(0.1)
    assert desk.account.actions_of(FIRST)[0].status == "errored"


def fleet(**options: Any) -> Desk:
    return Desk(
        DropletSpec(tags=("training", "Case")),
        DropletSpec(tags=("training",)),
        DropletSpec(tags=("other",)),
        DropletSpec(tags=("training",), status="off"),
        **options,
    )


@pytest.mark.parametrize("type", sorted(BULK_TYPES))
def test_bulk_type_is_accepted_when_the_api_documents_it(type: str) -> None:
    reply = fleet().act_by_tag("training", type, name="s")
    assert reply.status == 201
    assert isinstance(reply.data["actions"], list)


def test_bulk_enables_private_networking() -> None:
    desk = fleet()
    actions = desk.act_by_tag("training", "enable_private_networking").data["actions"]
    assert [action["type"] for action in actions] == ["enable_private_networking"] * 3
    desk.clock.advance(3600)
    assert "private_networking" in desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["features"]


def test_bulk_acts_on_those_that_can_when_others_cannot() -> None:
    desk = fleet()
    desk.account.start(FIRST, "reboot")
    actions = desk.act_by_tag("training", "power_off").data["actions"]
    assert [action["resource_id"] for action in actions] == [FIRST + 1]


def test_bulk_is_refused_whole_when_set() -> None:
    desk = fleet(behaviour=Behaviour(bulk_refusals="refused"))
    assert desk.act_by_tag("training", "power_off").message == "Droplet is already powered off."
    assert desk.account.actions_of(FIRST, "power_off") == ()


@pytest.mark.parametrize(
    ("tag", "type", "message"),
    [
        ("training", "reboot", "The action type is not available by tag."),
        ("training", "rebot", "The action type is not valid."),
        ("training", "snapshot", "name is missing or invalid."),
        ("", "power_off", "tag_name is required."),
    ],
)
def test_bulk_is_refused_when_it_makes_no_sense(tag: str, type: str, message: str) -> None:
    reply = fleet().act_by_tag(tag, type)
    assert (reply.status, reply.message) == (422, message)


@pytest.mark.parametrize("tag", ["nobody", "case"])
def test_bulk_answers_an_empty_list_when_no_droplet_has_the_tag(tag: str) -> None:
    reply = fleet().act_by_tag(tag, "power_off")
    assert (reply.status, reply.data) == (201, {"actions": []})


def test_bulk_answers_a_single_action_when_one_droplet_matches() -> None:
    desk = fleet(behaviour=Behaviour(bulk_envelope="action"))
    assert desk.act_by_tag("Case", "power_off").data["action"]["resource_id"] == FIRST
    assert len(desk.act_by_tag("training", "snapshot", name="s").data["actions"]) == 2


def test_foreign_action_blocks_and_is_listed() -> None:
    desk = Desk()
    foreign = desk.account.start(FIRST, "snapshot", name="another-program")
    assert desk.act("reboot").message == PENDING
    assert desk.get(f"/v2/droplets/{FIRST}/actions").data["actions"][0]["id"] == foreign.id


def test_account_raises_when_it_cannot_start_what_a_test_asks() -> None:
    desk = Desk(behaviour=Behaviour(power_on_when_on="refused"))
    with pytest.raises(RefusedError, match="already powered on"):
        desk.account.start(FIRST, "power_on")
    with pytest.raises(RefusedError, match="could not be found"):
        desk.account.destroy(1)


def test_droplet_is_gone_and_its_actions_stay_when_destroyed() -> None:
    desk = fleet()
    action = desk.account.destroy(FIRST)
    assert desk.act("reboot").message == PENDING
    desk.clock.advance(60)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 404
    assert desk.act("reboot").status == 404
    assert desk.get(f"/v2/droplets/{FIRST}/actions").status == 404
    assert desk.get(f"/v2/actions/{action.id}").data["action"]["status"] == "completed"
    assert FIRST not in {
        action["resource_id"] for action in desk.act_by_tag("training", "snapshot", name="s").data["actions"]
    }


def test_destroying_wins_when_another_event_is_in_progress() -> None:
    desk = Desk(faults=(StatusLag(100),))
    desk.act("power_off")
    desk.account.destroy(FIRST)
    desk.clock.advance(1000)
    assert desk.get(f"/v2/droplets/{FIRST}").status == 404
    assert {action.status for action in desk.account.actions.values()} == {"completed"}


def test_droplet_stays_blocked_while_it_is_destroyed() -> None:
    desk = Desk(durations={"power_off": 3, "destroy": 10})
    desk.act("power_off")
    desk.account.destroy(FIRST)
    desk.clock.advance(5)
    assert desk.act("power_on").message == PENDING


def test_happenings_keep_their_order_when_they_fall_due_together() -> None:
    schedule, done = Schedule(), list[int]()
    for number in range(20):
        schedule.add(5.0, partial(done.append, number))
    schedule.add(4.0, partial(done.append, 99))
    assert list(schedule.due(3.9)) == []
    for _, effect in schedule.due(5.0):
        effect()
    assert done == [99, *range(20)]


def test_internal_event_blocks_for_some_time_when_set() -> None:
    desk = Desk(behaviour=Behaviour(metadata_event_rate=1.0), durations={"reboot": 20, "droplet_metadata_create": 5})
    desk.act("reboot")
    desk.clock.advance(20)
    assert desk.act("reboot").message == PENDING
    assert [a["type"] for a in desk.get(f"/v2/droplets/{FIRST}/actions").data["actions"]] == [
        "droplet_metadata_create",
        "reboot",
        "create",
    ]
    desk.clock.advance(5)
    assert desk.act("reboot").status == 201


def test_internal_event_follows_at_once_after_an_idle_hour() -> None:
    desk = Desk(behaviour=Behaviour(metadata_event_rate=1.0), durations={"reboot": 20, "droplet_metadata_create": 5})
    desk.act("reboot")
    desk.clock.advance(3600)
    event = desk.account.actions_of(FIRST, "droplet_metadata_create")[0]
    assert (event.status, event.started, event.completed) == ("completed", 20, 25)
    assert desk.act("reboot").status == 201


def test_unknown_duration_is_refused_when_misspelt() -> None:
    with pytest.raises(ValueError, match="rebot"):
        Desk(durations={"rebot": 1.0})


def test_spec_is_refused_when_its_tags_are_one_text() -> None:
    with pytest.raises(TypeError, match="training"):
        DropletSpec(tags="training")


def test_emulator_is_refused_when_its_droplets_are_negative() -> None:
    with pytest.raises(ValueError, match="-1"):
        Emulator(droplets=-1)


@pytest.mark.parametrize(
    "wrong", [{"size": "gpu-none"}, {"size": "s-1vcpu-1gb"}, {"gpu": False, "size": "gpu-l40sx1-48gb"}]
)
def test_spec_is_refused_when_its_size_does_not_fit(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="size"):
        DropletSpec(**wrong)
