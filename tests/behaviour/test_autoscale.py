"""Autoscale pools: created, watched, changed and deleted; the truth is reported when answers are lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, WireServer, reply, stamp

from gradient_async import (
    AutoscalePool,
    AutoscalePoolDropletTemplate,
    AutoscalePoolDynamicConfig,
    AutoscalePoolStaticConfig,
    CreateOutcomeUnknownError,
    NotFoundError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropAfter, DropBefore, Emulator, Visibility
from gradient_async.emulator.autoscale import AutoscalePools
from gradient_async.emulator.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

POOL_ID = "0d3db13e-a604-4944-9827-7ec2642d32ac"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
TEMPLATE: dict[str, Any] = {
    "region": "tor1",
    "size": "gpu-h100x1-80gb",
    "image": "gpu-h100x1-base",
    "ssh_keys": [512189],
    "tags": ["serving"],
}
CREATE = "POST /v2/droplets/autoscale"
FIXED = {"target_number_instances": 2}
GONE = reply(404, {"id": "not_found", "message": "The resource you were accessing could not be found."})


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=0, time_scale=1) as emulator:
        yield emulator


async def create(flavour: Flavour, client: Any, **settings: Any) -> Any:
    keys = client.gpu_droplets.account.keys
    if not (await flavour.call(keys.list)).ssh_keys:
        await flavour.call(keys.create, name="laptop", public_key=PUBLIC_KEY)
    given = {"name": "inference", "config": FIXED, "droplet_template": TEMPLATE, **settings}
    return (await flavour.call(client.gpu_droplets.autoscale.create, **given)).autoscale_pool


async def test_pool_makes_its_droplets(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    pools = client.gpu_droplets.autoscale

    made = await create(flavour, client)
    assert (made.name, made.status, made.active_resources_count) == ("inference", "active", 0)
    assert made.config == AutoscalePoolStaticConfig(target_number_instances=2)
    assert made.droplet_template.ssh_keys == ("512189",)
    assert made.droplet_template == AutoscalePoolDropletTemplate(**TEMPLATE)
    emulator.clock.advance(600)
    grown = (await flavour.call(pools.retrieve, made.id)).autoscale_pool
    assert grown.active_resources_count == 2
    members = await flavour.items(pools.list_all_members(made.id))
    assert [(one.status, one.health_status) for one in members] == [("active", "healthy")] * 2
    tagged = await flavour.items(client.gpu_droplets.list_all(tag_name="serving"))
    assert {one.id for one in tagged} == {one.droplet_id for one in members}
    (event,) = await flavour.items(pools.list_all_history(made.id))
    assert (event.reason, event.status) == ("CONFIGURATION_CHANGE", "success")
    assert (event.current_instance_count, event.desired_instance_count) == (0, 2)
    assert [one.id for one in await flavour.items(pools.list_all(name="inference"))] == [made.id]
    assert (await flavour.call(pools.list, name="other")).autoscale_pools == ()


async def test_pool_grows_and_shrinks_with_its_load(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    pools = client.gpu_droplets.autoscale
    config = AutoscalePoolDynamicConfig(
        min_instances=1, max_instances=4, target_cpu_utilization=0.5, cooldown_minutes=5
    )
    made = await create(flavour, client, config=config, droplet_template=AutoscalePoolDropletTemplate(**TEMPLATE))
    assert made.config == config
    load = emulator.account.part(AutoscalePools).set_load

    emulator.clock.advance(600)
    load(made.id, cpu=1.0)
    emulator.clock.advance(600)
    grown = (await flavour.call(pools.retrieve, made.id)).autoscale_pool
    assert (grown.active_resources_count, grown.current_utilization.cpu) == (2, 0.5)
    load(made.id)
    emulator.clock.advance(900)
    events = (await flavour.call(pools.list_history, made.id)).history
    assert [one.reason for one in events] == ["SCALE_DOWN", "SCALE_UP", "CONFIGURATION_CHANGE"]
    assert len(emulator.account.droplets) == 1


async def test_settings_that_are_passed_again_stay_the_same(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    update = client.gpu_droplets.autoscale.update
    made = await create(flavour, client)

    settings = made.settings(config={"target_number_instances": 1})
    changed = (await flavour.call(update, made.id, **settings)).autoscale_pool
    assert changed.config == AutoscalePoolStaticConfig(target_number_instances=1)
    assert changed.droplet_template == made.droplet_template
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(update, made.id, **made.settings(name="other"))


@pytest.mark.parametrize("is_dangerous", [False, True])
async def test_droplets_stay_unless_they_are_to_be_destroyed(
    flavour: Flavour, emulator: Emulator, is_dangerous: bool
) -> None:
    client = flavour.client(emulator)
    pools = client.gpu_droplets.autoscale
    made = await create(flavour, client)
    emulator.clock.advance(600)

    if is_dangerous:
        assert await flavour.call(pools.delete_dangerous, made.id, x_dangerous=True) is None
    else:
        assert await flavour.call(pools.delete, made.id) is None
    assert (await flavour.call(pools.retrieve, made.id)).autoscale_pool.status == "deleting"
    emulator.clock.advance(600)
    with pytest.raises(NotFoundError):
        await flavour.call(pools.retrieve, made.id)
    assert len(emulator.account.droplets) == (0 if is_dangerous else 2)


async def test_pool_is_refused_when_the_api_does_not_know_its_parts(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    for change in ({"size": "gpu-none"}, {"image": "none"}, {"ssh_keys": ["7"]}):
        with pytest.raises(UnprocessableEntityError):
            await create(flavour, client, droplet_template={**TEMPLATE, **change})
    assert (await flavour.call(client.gpu_droplets.autoscale.list)).autoscale_pools == ()


async def create_on(flavour: Flavour, wire: WireServer, **settings: Any) -> Any:
    given = {"name": "inference", "config": FIXED, "droplet_template": TEMPLATE, **settings}
    return await flavour.call(flavour.client(wire).gpu_droplets.autoscale.create, **given)


@pytest.mark.parametrize("lag", [0.0, 0.8])
async def test_pool_is_adopted_when_the_answer_is_lost(flavour: Flavour, lag: float) -> None:
    late, lost = Visibility(list=lag, name=lag), DropAfter(route=CREATE, times=1)
    async with Emulator(droplets=0, faults=[lost], visibility=late) as emulator:
        emulator.account.part(KeyStore).add("laptop", PUBLIC_KEY)
        pools = flavour.client(emulator, settle_seconds=0.2, create_settle_seconds=6.0).gpu_droplets.autoscale
        made = await flavour.call(pools.create, name="inference", config=FIXED, droplet_template=TEMPLATE)
        assert made.is_adopted
        assert [one.id for one in await flavour.items(pools.list_all())] == [made.autoscale_pool.id]
        assert sum(one.method == "POST" for one in emulator.requests) == 1


@pytest.mark.parametrize("is_executed", [False, True])
async def test_no_second_pool_is_created_when_no_list_shows_it(flavour: Flavour, is_executed: bool) -> None:
    never, lost = Visibility(list=1e6, name=1e6), DropAfter if is_executed else DropBefore
    async with Emulator(droplets=0, faults=[lost(route=CREATE, times=1)], visibility=never) as emulator:
        emulator.account.part(KeyStore).add("laptop", PUBLIC_KEY)
        pools = flavour.client(emulator).gpu_droplets.autoscale
        with pytest.raises(CreateOutcomeUnknownError, match="the lists of autoscale pools do not show it") as caught:
            await flavour.call(pools.create, name="inference", config=FIXED, droplet_template=TEMPLATE)
        assert caught.value.names == ("inference",)
        assert sum(one.method == "POST" for one in emulator.requests) == 1


async def test_no_pool_is_adopted_when_two_may_be_the_result(flavour: Flavour, wire: WireServer) -> None:
    two = [{"id": one, "name": "inference", "created_at": stamp()} for one in (POOL_ID, POOL_ID[::-1])]
    wire.script("POST", RESET)
    wire.script("GET", lambda _: reply(200, {"autoscale_pools": two, "links": {}, "meta": {"total": 2}}))
    with pytest.raises(CreateOutcomeUnknownError) as caught:
        await create_on(flavour, wire)
    assert {one.id for one in caught.value.candidates} == {one["id"] for one in two}
    assert len(wire.sent("POST")) == 1


async def test_pool_of_that_name_is_not_adopted_when_it_is_older(flavour: Flavour) -> None:
    lost = DropBefore(route=CREATE, times=1, skip=1)
    async with Emulator(droplets=0, faults=[lost]) as emulator:
        emulator.account.part(KeyStore).add("laptop", PUBLIC_KEY)
        pools = flavour.client(emulator).gpu_droplets.autoscale
        given = {"name": "inference", "config": FIXED, "droplet_template": TEMPLATE}
        first = await flavour.call(pools.create, **given)
        emulator.clock.advance(3600)
        with pytest.raises(CreateOutcomeUnknownError):
            await flavour.call(pools.create, **given)
        assert [one.id for one in await flavour.items(pools.list_all())] == [first.autoscale_pool.id]


async def test_update_is_sent_again_when_the_answer_is_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("PUT", RESET, reply(200, {"autoscale_pool": {"id": POOL_ID}}))
    update = flavour.client(wire).gpu_droplets.autoscale.update
    pool = (await flavour.call(update, POOL_ID, name="a", config=FIXED, droplet_template=TEMPLATE)).autoscale_pool
    assert pool.id == POOL_ID
    assert [request.path for request in wire.requests] == [f"/v2/droplets/autoscale/{POOL_ID}"] * 2


async def test_pool_is_deleted_when_it_is_gone_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, GONE)
    assert await flavour.call(flavour.client(wire).gpu_droplets.autoscale.delete, POOL_ID) is None
    assert len(wire.requests) == 2


async def test_droplets_are_destroyed_once_when_the_answer_is_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(202))
    pools = flavour.client(wire).gpu_droplets.autoscale
    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed"):
        await flavour.call(pools.delete_dangerous, POOL_ID, x_dangerous=True)
    (request,) = wire.requests
    assert request.headers["x-dangerous"] == "true"


def test_pool_is_one_line_and_its_script_is_in_none() -> None:
    template = AutoscalePoolDropletTemplate(**TEMPLATE, user_data="#!/bin/sh\nexport HF_TOKEN=hf_secret")
    pool = AutoscalePool(id=POOL_ID, name="p", status="active", active_resources_count=2, droplet_template=template)
    assert repr(pool) == f"AutoscalePool(id='{POOL_ID}', name='p', status='active', 2 active)"
    assert "hf_secret" not in repr(template)


async def test_ids_are_sent_as_text(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(202, {"autoscale_pool": {"id": POOL_ID}}))
    await create_on(flavour, wire, droplet_template={**TEMPLATE, "image": 7, "ssh_keys": (512189, "3b:16")})
    template = json.loads(wire.requests[0].body)["droplet_template"]
    assert (template["image"], template["ssh_keys"]) == ("7", ["512189", "3b:16"])


async def test_pool_is_read_when_the_token_sees_no_keys(flavour: Flavour, wire: WireServer) -> None:
    template = {"region": "tor1", "size": "s", "image": "i"}
    wire.script("GET", reply(200, {"autoscale_pool": {"id": POOL_ID, "droplet_template": template}}))
    pool = (await flavour.call(flavour.client(wire).gpu_droplets.autoscale.retrieve, POOL_ID)).autoscale_pool
    assert pool.droplet_template.ssh_keys is None


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"config": {}}, TypeError, "^config.target_number_instances: missing"),
        ({"config": {"min_instances": 1}}, TypeError, "^config.max_instances: missing"),
        ({"config": {"min_instances": 3, "max_instances": 2}}, ValueError, "^config: min_instances, max_instances: "),
        ({"config": {"target_number_instances": 0}}, ValueError, "^config.target_number_instances: expected a number"),
        (
            {"config": {"min_instances": 1, "max_instances": 2, "target_cpu_utilization": 80}},
            ValueError,
            "^config.target_cpu_utilization: expected a number from 0.05 to 1, got 80",
        ),
        (
            {"config": {"min_instances": 1, "max_instances": 2, "cooldown_minutes": 1}},
            ValueError,
            "^config.cooldown_minutes: expected a number from 5 to 20",
        ),
        ({"droplet_template": {"region": "tor1"}}, TypeError, "^droplet_template.image, droplet_template.size, dro"),
        (
            {"droplet_template": {**TEMPLATE, "ssh_keys": None}},
            TypeError,
            "^droplet_template.ssh_keys: missing; required are image, region, size, ssh_keys",
        ),
        (
            {"droplet_template": {**TEMPLATE, "ssh_keys": []}},
            ValueError,
            "^droplet_template.ssh_keys: expected at least 1 items, got 0",
        ),
        (
            {"droplet_template": {**TEMPLATE, "tags": ["a b"]}},
            ValueError,
            r"^droplet_template.tags\[0\]: expected at most 255",
        ),
        ({"droplet_template": {**TEMPLATE, "image": 0}}, ValueError, "^droplet_template.image: expected an id of at"),
        ({"droplet_template": {**TEMPLATE, "monitoring": True}}, TypeError, "^droplet_template.monitoring: unknown"),
        (
            {"droplet_template": {**TEMPLATE, "user_data": "x" * 70_000}},
            ValueError,
            "^droplet_template.user_data: expected at most 64 KiB, got 70000 bytes",
        ),
        (
            {"droplet_template": {**TEMPLATE, "ipv6": True, "public_networking": False}},
            ValueError,
            "^droplet_template: ipv6: the API does not take it",
        ),
        ({"name": ""}, ValueError, "^name: expected text such as"),
    ],
)
async def test_nothing_is_sent_when_a_setting_is_impossible(
    flavour: Flavour, wire: WireServer, settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await create_on(flavour, wire, **settings)
    assert wire.requests == []


async def test_nothing_is_destroyed_without_a_clear_yes(flavour: Flavour, wire: WireServer) -> None:
    pools = flavour.client(wire).gpu_droplets.autoscale
    with pytest.raises(ValueError, match="x_dangerous: expected True"):
        await flavour.call(pools.delete_dangerous, POOL_ID, x_dangerous=False)
    with pytest.raises(TypeError, match="x_dangerous"):
        await flavour.call(pools.delete_dangerous, POOL_ID, x_dangerous="true")
    assert wire.requests == []
