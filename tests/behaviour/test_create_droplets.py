"""Droplets: created alone and together, read, and destroyed; alone, by tag, and with their resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import LOST
from wire_server import RESET, WireServer, reply

from gradient_async import (
    BackupPolicy,
    ConflictError,
    NotFoundError,
    PlacementLostError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropletSpec, Emulator, ErroredAction
from gradient_async.emulator.associated_resources import AssociatedResources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
BODY: dict[str, Any] = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb", "region": "tor1"}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(name="old", tags=("old",), backups=True)], limits=None) as emulator:
        yield emulator


async def test_droplet_is_created_read_and_destroyed(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    droplets = client.gpu_droplets

    answer = await flavour.call(droplets.create, **BODY, name="trainer-01", tags=["training"], ipv6=True)
    assert (answer.droplet.name, answer.droplet.status, answer.droplet.networks.v4) == ("trainer-01", "new", ())
    assert not answer.is_adopted
    emulator.clock.advance(60)
    action = (await flavour.call(client.actions.retrieve, answer.links.actions[0].id)).action
    assert (action.type, action.resource_id, action.is_completed) == ("create", answer.droplet.id, True)
    droplet = (await flavour.call(droplets.retrieve, answer.droplet.id)).droplet
    assert droplet.is_active
    assert droplet.tags == ("training",)
    assert {one.type for one in droplet.networks.v4} == {"public", "private"}

    assert await flavour.call(droplets.delete, droplet.id) is None
    emulator.clock.advance(60)
    with pytest.raises(NotFoundError):
        await flavour.call(droplets.delete, droplet.id)
    assert [one.name for one in await flavour.items(droplets.list_all())] == ["old"]


async def test_several_droplets_are_created_and_destroyed_by_tag(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets
    policy = BackupPolicy(plan="weekly", weekday="SUN", hour=4)
    answer = await flavour.call(
        droplets.create, **BODY, names=["a", "b"], tags=["new"], backups=True, backup_policy=policy
    )
    assert [one.name for one in answer.droplets] == ["a", "b"]
    assert len(answer.links.actions) == 2
    record = (await flavour.call(droplets.backups.retrieve_policy, answer.droplets[0].id)).policy
    assert record.backup_enabled
    assert (record.backup_policy.plan, record.backup_policy.weekday, record.backup_policy.hour) == ("weekly", "SUN", 4)
    records = await flavour.items(droplets.backups.list_all_policies())
    assert [one.droplet_id for one in records] == [FIRST, *(one.id for one in answer.droplets)]

    assert await flavour.call(droplets.delete_by_tag, tag_name="new") is None
    emulator.clock.advance(60)
    assert [one.name for one in await flavour.items(droplets.list_all())] == ["old"]


async def test_lists_below_a_droplet_are_read(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets
    await flavour.call(droplets.actions.initiate, FIRST, type="snapshot", name="nightly")
    emulator.clock.advance(600)
    assert [one.name for one in await flavour.items(droplets.list_all_snapshots(FIRST))] == ["nightly"]
    assert [one.type for one in await flavour.items(droplets.backups.list_all(FIRST))] == ["backup"]
    assert await flavour.items(droplets.list_all_kernels(FIRST)) == []
    assert await flavour.items(droplets.list_all_firewalls(FIRST)) == []
    assert (await flavour.call(droplets.list_neighbors, FIRST)).droplets == ()
    plans = (await flavour.call(droplets.backups.list_supported_policies)).supported_policies
    assert {plan.name: plan.retention_period_days for plan in plans} == {"weekly": 28, "daily": 7}


async def test_resources_are_destroyed_with_their_droplet(flavour: Flavour, emulator: Emulator) -> None:
    group = flavour.client(emulator).gpu_droplets.destroy_with_associated_resources
    emulator.account.start(FIRST, "snapshot", name="nightly")
    emulator.clock.advance(600)
    [snapshot] = (await flavour.call(group.list, FIRST)).snapshots
    stuck = emulator.account.part(AssociatedResources).stuck
    stuck[snapshot.id] = "The snapshot is in use."

    assert await flavour.call(group.delete_selective, FIRST, snapshots=[snapshot.id]) is None
    with pytest.raises(ConflictError, match="a destroy is already in progress"):
        await flavour.call(group.retry, FIRST)
    emulator.clock.advance(60)
    status = await flavour.call(group.check_status, FIRST)
    assert (status.failures, status.resources.snapshots[0].error_message) == (1, "The snapshot is in use.")
    assert status.droplet.destroyed_at is not None

    stuck.clear()
    assert await flavour.call(group.retry, FIRST) is None
    emulator.clock.advance(60)
    status = await flavour.call(group.check_status, FIRST)
    assert (status.failures, status.resources.snapshots[0].destroyed_at) == (
        0,
        status.resources.snapshots[0].destroyed_at,
    )
    assert status.resources.snapshots[0].destroyed_at is not None
    assert not emulator.account.droplets


async def test_droplet_is_destroyed_with_everything_when_meant(flavour: Flavour, emulator: Emulator) -> None:
    group = flavour.client(emulator).gpu_droplets.destroy_with_associated_resources
    with pytest.raises(ValueError, match="x_dangerous: expected True"):
        await flavour.call(group.delete_dangerous, FIRST, x_dangerous=False)
    assert await flavour.call(group.delete_dangerous, FIRST, x_dangerous=True) is None
    emulator.clock.advance(60)
    assert not emulator.account.droplets
    with pytest.raises(NotFoundError):
        await flavour.call(group.delete_dangerous, FIRST, x_dangerous=True)


NOT_REPEATED: dict[str, dict[str, Any]] = {
    "delete_by_tag": {"tag_name": "a"},
    "destroy_with_associated_resources.delete_dangerous": {"droplet_id": 1, "x_dangerous": True},
    "destroy_with_associated_resources.delete_selective": {"droplet_id": 1, "volumes": ["x"]},
    "destroy_with_associated_resources.retry": {"droplet_id": 1},
}


@pytest.mark.parametrize("lost", ["reset", "500"])
@pytest.mark.parametrize("method", NOT_REPEATED)
async def test_destruction_is_not_repeated_when_its_answer_is_lost(
    method: str, lost: str, flavour: Flavour, wire: WireServer
) -> None:
    for verb in ("POST", "DELETE"):
        wire.script(verb, LOST[lost]({}), reply(202))
    *groups, name = method.split(".")
    target = flavour.client(wire).gpu_droplets
    for group in groups:
        target = getattr(target, group)
    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed"):
        await flavour.call(getattr(target, name), **NOT_REPEATED[method])
    assert len(wire.requests) == 1


async def test_droplet_counts_as_destroyed_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(404, {"id": "not_found", "message": "gone"}))
    assert await flavour.call(flavour.client(wire).gpu_droplets.delete, FIRST) is None
    assert [request.path for request in wire.requests] == [f"/v2/droplets/{FIRST}"] * 2


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({}, ValueError, "name or names: pass one of the two"),
        ({"name": "a", "names": ["b"]}, ValueError, "name or names: pass one of the two"),
        ({"name": "a_b"}, ValueError, "name: expected at most 255"),
        ({"names": ["a", "b c"]}, ValueError, r"names\[1\]: expected at most 255"),
        ({"name": "a", "size": None}, TypeError, "size: missing"),
        ({"name": "a", "image": True}, TypeError, "image: expected an id or a slug"),
        ({"name": "a", "ssh_keys": [0]}, ValueError, r"ssh_keys\[0\]: expected a number at least 1, got 0"),
        ({"name": "a", "ssh_keys": ["3b:16", -1]}, ValueError, r"ssh_keys\[1\]: expected a number at least 1, got -1"),
        ({"name": "a", "image": "\ud800"}, ValueError, "^image: expected text without lone surrogates"),
        ({"name": "a", "user_data": "\ud800"}, ValueError, "^user_data: expected text without lone surrogates"),
        ({"name": "a", "tags": ["x y"]}, ValueError, r"tags\[0\]: expected at most 255"),
        ({"name": "a", "user_data": "x" * 65_537}, ValueError, "user_data: expected at most 64 KiB, got 65537 bytes"),
        ({"name": "a", "backup_policy": {"hour": 4}}, TypeError, "backup_policy.plan: missing"),
        ({"name": "a", "backup_policy": {"plan": "daily", "day": 1}}, TypeError, "backup_policy.day: unknown field"),
        ({"name": "a", "backup_policy": {"plan": "daily", "hour": 3}}, ValueError, "backup_policy.hour: expected one"),
        ({"name": "a", "ipv6": True, "public_networking": False}, ValueError, "ipv6: the API does not take it"),
    ],
)
async def test_nothing_is_sent_when_create_has_a_wrong_argument(
    given: dict[str, Any], error: type[Exception], text: str, flavour: Flavour, wire: WireServer
) -> None:
    with pytest.raises(error, match=text):
        await flavour.call(flavour.client(wire).gpu_droplets.create, **{**BODY, **given})
    assert wire.requests == []


async def test_create_is_refused_when_the_image_does_not_exist(flavour: Flavour, emulator: Emulator) -> None:
    create = flavour.client(emulator).gpu_droplets.create
    with pytest.raises(UnprocessableEntityError, match="You specified an invalid image"):
        await flavour.call(create, **{**BODY, "image": 17}, name="a")
    assert len(emulator.account.droplets) == 1


async def test_placement_is_lost_when_the_create_errs(flavour: Flavour) -> None:
    fault = ErroredAction(route="POST /v2/droplets", after=3.0)
    async with Emulator([DropletSpec(name="old")], limits=None, faults=[fault]) as emulator:
        client = flavour.client(emulator)
        droplet = (await flavour.call(client.gpu_droplets.create, **BODY, name="a")).droplet
        emulator.clock.advance(3)
        with pytest.raises(PlacementLostError, match="found no place for it") as caught:
            await flavour.call(client.gpu_droplets.retrieve, droplet.id)
        assert (caught.value.action.type, caught.value.action.resource_id) == ("create", droplet.id)
        assert isinstance(caught.value, NotFoundError)


async def test_404_stays_plain_when_a_droplet_was_destroyed(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    droplet = (await flavour.call(client.gpu_droplets.create, **BODY, name="a")).droplet
    emulator.clock.advance(60)
    await flavour.call(client.gpu_droplets.delete, droplet.id)
    emulator.clock.advance(60)
    requests = len(emulator.requests)
    for droplet_id in (droplet.id, 99):
        with pytest.raises(NotFoundError) as caught:
            await flavour.call(client.gpu_droplets.retrieve, droplet_id)
        assert type(caught.value) is NotFoundError
    # Only for a Droplet of its own does the client look for the reason.
    assert len(emulator.requests) == requests + 3


async def test_weekday_is_sent_when_a_daily_plan_has_it(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets
    policy = {"hour": 0, "plan": "daily", "weekday": "SUN"}
    answer = await flavour.call(droplets.create, **BODY, name="a", backups=True, backup_policy=policy)
    emulator.clock.advance(60)
    initiate = droplets.actions.initiate
    await flavour.call(initiate, answer.droplet.id, type="change_backup_policy", backup_policy=policy)
    assert emulator.requests[-1].body["backup_policy"] == policy
    record = (await flavour.call(droplets.backups.retrieve_policy, answer.droplet.id)).policy
    assert (record.backup_policy.plan, record.backup_policy.hour) == ("daily", 0)


async def test_answer_with_one_droplet_is_a_list_when_names_were_asked(flavour: Flavour, wire: WireServer) -> None:
    droplet = {"id": 7, "name": "a", "status": "new"}
    wire.script("POST", reply(202, {"droplet": droplet, "links": {}}))
    answer = await flavour.call(flavour.client(wire).gpu_droplets.create, **BODY, names=["a", "b"])
    assert ([one.id for one in answer.droplets], answer.missing) == ([7], ("b",))
