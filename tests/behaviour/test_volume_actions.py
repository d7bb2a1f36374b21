"""Actions on volumes: started once even if the answer is lost, looked up by id and by name, and waited for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import LOST, REFUSED, SUCCESSES, timeout_for
from wire_server import RESET, WireServer, action, listed, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    APIError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropAfter, DropBefore, DropletSpec, Emulator, ServerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

VOLUME = "506f78a4-e098-11e5-ad9f-000f53306ae1"
DROPLET = 3164444
# A Droplet's id and kind prove nothing about a volume's action.
ON_DROPLETS = {"other-droplet"}


def on_volume(id: int, type: str = "attach_volume", **changes: Any) -> dict[str, object]:
    return action(id, type=type, resource_id=None, resource_type="volume", **changes)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(region="nyc3")] * 2, time_scale=1000) as emulator:
        yield emulator


async def new_volume(flavour: Flavour, client: Any, name: str = "data") -> Any:
    made = await flavour.call(client.gpu_droplets.volumes.create, name=name, region="nyc3", size_gigabytes=10)
    return made.volume


async def test_volume_is_attached_resized_and_detached(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    actions = client.gpu_droplets.volumes.actions
    volume = await new_volume(flavour, client)

    async def run(type: str, **fields: Any) -> str:
        begun = await flavour.call(actions.initiate_by_id, volume.id, type=type, **fields)
        assert not begun.is_adopted
        ended = await flavour.call(actions.wait, begun.action, volume_id=volume.id)
        assert (ended.id, ended.status, ended.resource_id) == (begun.action.id, "completed", None)
        return str(ended.type)

    assert await run("attach", droplet_id=DROPLET, tags=["training"]) == "attach_volume"
    assert (await flavour.call(client.gpu_droplets.retrieve, DROPLET)).droplet.volume_ids == (volume.id,)
    assert await run("resize", size_gigabytes=20, region="nyc3") == "resize"
    assert await run("detach", droplet_id=DROPLET) == "detach_volume"
    now = (await flavour.call(client.gpu_droplets.volumes.retrieve, volume.id)).volume
    assert (now.size_gigabytes, now.droplet_ids, now.tags) == (20, (), ("training",))

    shown = await flavour.items(actions.list_all(volume.id))
    assert [one.type for one in shown] == ["detach_volume", "resize", "attach_volume"]
    assert (await flavour.call(actions.retrieve, shown[0].id, volume_id=volume.id)).action == shown[0]


async def test_volume_is_attached_by_its_name(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    volume = await new_volume(flavour, client)
    named = {"volume_name": "data", "region": "nyc3", "droplet_id": DROPLET}
    actions = client.gpu_droplets.volumes.actions
    begun = await flavour.call(actions.initiate_by_name, type="attach", **named)
    await flavour.call(actions.wait, begun.action)
    assert (await flavour.call(client.gpu_droplets.volumes.retrieve, volume.id)).volume.droplet_ids == (DROPLET,)


@pytest.mark.parametrize("is_by_name", [False, True])
@pytest.mark.parametrize("fault", [DropBefore, DropAfter])
async def test_volume_is_attached_once_when_the_answer_is_lost(
    flavour: Flavour, emulator: Emulator, fault: Any, is_by_name: bool
) -> None:
    client = flavour.client(emulator, settle_seconds=0.3)
    volume, actions = await new_volume(flavour, client), client.gpu_droplets.volumes.actions
    path = "/v2/volumes/actions" if is_by_name else "/v2/volumes/{volume_id}/actions"
    emulator.faults.add(fault(route=f"POST {path}", times=1))
    if is_by_name:
        named = {"volume_name": "data", "region": "nyc3"}
        begun = await flavour.call(actions.initiate_by_name, type="attach", droplet_id=DROPLET, **named)
    else:
        begun = await flavour.call(actions.initiate_by_id, volume.id, type="attach", droplet_id=DROPLET)
    started = [one for one in emulator.account.actions.values() if one.type == "attach_volume"]
    assert [one.id for one in started] == [begun.action.id]
    assert begun.is_adopted is (fault is DropAfter)


async def test_every_action_runs_once_when_many_answers_are_lost(flavour: Flavour) -> None:
    """Volumes of several Droplets at once, under faults that execute the request and faults that do not."""
    route = "POST /v2/volumes/{volume_id}/actions"
    faults = [
        DropBefore(route=route, rate=0.15),
        DropAfter(route=route, rate=0.15),
        ServerError(500, executed=True, route=route, rate=0.15),
    ]
    specs = [DropletSpec(region="nyc3")] * 6
    async with Emulator(
        specs, limits=None, faults=faults, durations={"attach_volume": 0, "detach_volume": 0}
    ) as emulator:
        client = flavour.client(emulator, settle_seconds=0.3, max_retries=8)
        actions = client.gpu_droplets.volumes.actions
        volumes = [await new_volume(flavour, client, f"data-{number}") for number in range(6)]

        async def run(number: int, type: str) -> None:
            droplet_id = DROPLET + number
            begun = await flavour.call(actions.initiate_by_id, volumes[number].id, type=type, droplet_id=droplet_id)
            await flavour.call(actions.wait, begun.action, poll_interval=0.05)

        for name in ("attach", "detach", "attach"):
            await asyncio.gather(*(run(number, name) for number in range(6)))
        for number, volume in enumerate(volumes):
            began = [one.type for one in reversed(emulator.account.actions_on(("volume", volume.id)))]
            assert began == ["attach_volume", "detach_volume", "attach_volume"], number


@pytest.mark.parametrize("lost", sorted(LOST.keys() - ON_DROPLETS))
async def test_action_is_adopted_when_the_list_shows_it(flavour: Flavour, wire: WireServer, lost: str) -> None:
    body = {"action": on_volume(7)}
    wire.script("POST", LOST[lost](body))
    wire.script("GET", lambda _: listed([on_volume(7), on_volume(6, "detach_volume"), on_volume(5, age=90_000)]))
    actions = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.volumes.actions
    raw = await flavour.call(actions.with_raw_response.initiate_by_id, VOLUME, type="attach", droplet_id=DROPLET)
    assert (raw.parse().action.id, raw.parse().is_adopted) == (7, True)
    assert type(raw.parse()).__name__ == "ActionInitiateByIDResponse"
    assert len(wire.sent("POST")) == 1
    assert {one.path for one in wire.sent("GET")} == {f"/v2/volumes/{VOLUME}/actions"}


@pytest.mark.parametrize("lost", sorted(LOST.keys() - SUCCESSES))
async def test_action_is_sent_again_when_the_list_shows_none(flavour: Flavour, wire: WireServer, lost: str) -> None:
    body = {"action": on_volume(7)}
    wire.script("POST", LOST[lost](body), reply(202, body))
    wire.script("GET", listed([on_volume(6, "detach_volume"), on_volume(5, age=90_000)]))
    actions = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.volumes.actions
    begun = await flavour.call(actions.initiate_by_id, VOLUME, type="attach", droplet_id=DROPLET)
    assert (begun.action.id, begun.is_adopted) == (7, False)
    assert len(wire.sent("POST")) == 2


async def test_answer_is_read_as_in_the_examples_of_the_documentation(flavour: Flavour, wire: WireServer) -> None:
    """They have several kinds of resource; there is no example of a resize."""
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    for name, shown, fields in (
        ("detach", {"type": "detach_volume", "resource_type": "backend"}, {"droplet_id": DROPLET}),
        ("resize", {"type": "volume_resize", "resource_type": "droplet", "resource_id": 5}, {"size_gigabytes": 20}),
    ):
        wire.script("POST", reply(202, {"action": on_volume(7) | shown}))
        begun = await flavour.call(actions.initiate_by_id, VOLUME, type=name, **fields)
        assert (begun.action.type, begun.is_adopted) == (shown["type"], False)
    assert len(wire.requests) == 2


async def test_outcome_is_unknown_when_the_volume_cannot_be_found(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    for volumes, why in (
        ([], "a list shows 0 volumes with its name"),
        ([{"id": VOLUME}, {"id": VOLUME.replace("5", "6")}], "a list shows 2 volumes with its name"),
    ):
        wire.script("GET", reply(200, {"volumes": volumes}))
        with pytest.raises(ActionOutcomeUnknownError, match=why) as caught:
            await flavour.call(actions.initiate_by_name, volume_name="data", type="detach", droplet_id=DROPLET)
        assert (caught.value.droplet_id, caught.value.resource_id, caught.value.type) == (None, None, "detach")
    assert len(wire.sent("POST")) == 2
    assert {tuple(one.query.items()) for one in wire.sent("GET")} == {(("name", "data"),)}


async def test_name_in_extra_body_is_enough_as_in_the_retired_sdk(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator, settle_seconds=0.3)
    volume, actions = await new_volume(flavour, client), client.gpu_droplets.volumes.actions
    emulator.faults.add(DropAfter(route="POST /v2/volumes/actions", times=1))
    extra = {"volume_name": "data", "region": "nyc3"}
    begun = await flavour.call(
        actions.initiate_by_name, type="attach", droplet_id=DROPLET, page=1, per_page=1, extra_body=extra
    )
    assert begun.is_adopted
    await flavour.call(actions.wait, begun.action, volume_id=volume.id)
    assert (await flavour.call(client.gpu_droplets.volumes.retrieve, volume.id)).volume.droplet_ids == (DROPLET,)


async def test_outcome_is_unknown_when_the_volume_has_no_name(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    with pytest.raises(ActionOutcomeUnknownError, match="cannot be looked up"):
        await flavour.call(actions.initiate_by_name, type="attach", droplet_id=DROPLET)
    assert [one.method for one in wire.requests] == ["POST"]


async def test_outcome_names_the_volume_when_the_list_cannot_be_read(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", reply(403, {"id": "forbidden", "message": "no"}))
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    with pytest.raises(ActionOutcomeUnknownError, match=f"resize of volume {VOLUME} may or may not") as caught:
        await flavour.call(actions.initiate_by_id, VOLUME, type="resize", size_gigabytes=20)
    assert (caught.value.resource_id, caught.value.droplet_id) == (VOLUME, None)
    assert "the volume's actions cannot be read" in str(caught.value)


@pytest.mark.parametrize("refused", REFUSED)
async def test_refusal_is_raised_when_nothing_was_lost(flavour: Flavour, wire: WireServer, refused: str) -> None:
    wire.script("POST", REFUSED[refused]())
    actions = flavour.client(wire, max_retries=1).gpu_droplets.volumes.actions
    with pytest.raises(APIError) as caught:
        await flavour.call(actions.initiate_by_id, VOLUME, type="attach", droplet_id=DROPLET)
    assert isinstance(caught.value, RateLimitError) is (refused == "429")
    assert not wire.sent("GET")


async def test_refusal_after_a_lost_answer_is_looked_up(flavour: Flavour, wire: WireServer) -> None:
    attached = reply(422, {"id": "unprocessable_entity", "message": "This volume is already attached"})
    wire.script("POST", RESET, attached)
    wire.script("GET", listed([]))
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    with pytest.raises(UnprocessableEntityError, match="the volume's list of actions shows none"):
        await flavour.call(actions.initiate_by_id, VOLUME, type="attach", droplet_id=DROPLET)
    assert len(wire.sent("GET")) > 2


async def test_action_is_read_through_its_volume_with_few_scopes(flavour: Flavour) -> None:
    scopes = {"block_storage_action:create", "block_storage_action:read", "api:write", "block_storage:create"}
    async with Emulator([DropletSpec(region="nyc3")], scopes=scopes, time_scale=1000) as emulator:
        client = flavour.client(emulator)
        actions = client.gpu_droplets.volumes.actions
        volume = await new_volume(flavour, client)
        begun = await flavour.call(actions.initiate_by_id, volume.id, type="attach", droplet_id=DROPLET)
        ended = await flavour.call(actions.wait, begun.action.id, volume_id=volume.id)
        assert ended.is_completed
        with pytest.raises(PermissionDeniedError):
            await flavour.call(actions.wait, begun.action.id)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"type": "detach"}, "droplet_id: missing; type='detach' needs it"),
        ({"type": "resize"}, "size_gigabytes: missing; type='resize' needs it"),
        ({"type": "resize", "size_gigabytes": 20, "droplet_id": 1}, "droplet_id: not allowed with type='resize'"),
        ({"type": "detach", "droplet_id": 1, "tags": ["a"]}, "tags: not allowed with type='detach'"),
        ({"type": "attach", "droplet_id": 0}, "droplet_id: expected"),
        ({"type": "resize", "size_gigabytes": 16_385}, "size_gigabytes: expected a number from 1 to 16384"),
        ({"type": "format"}, "type: expected one of 'attach', 'detach', 'resize', got 'format'"),
    ],
)
async def test_nothing_is_sent_when_the_action_is_impossible(
    flavour: Flavour, wire: WireServer, arguments: dict[str, Any], fault: str
) -> None:
    actions = flavour.client(wire).gpu_droplets.volumes.actions
    with pytest.raises((TypeError, ValueError), match=fault):
        await flavour.call(actions.initiate_by_id, VOLUME, **arguments)
    with pytest.raises(ValueError, match="volume_id: expected a UUID"):
        await flavour.call(actions.initiate_by_id, "data", type="attach", droplet_id=1)
    assert not wire.requests
