"""Load balancers: created, read, changed and deleted; the truth is reported when answers are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, WireServer, reply

from gradient_async import (
    ForwardingRule,
    LoadBalancerHealthCheck,
    NotFoundError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

LB_ID = "4de7ac8b-495b-4884-9a69-1050c6793cd6"
RULE: dict[str, Any] = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}
GONE = reply(404, {"id": "not_found", "message": "The resource you were accessing could not be found."})


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    specs = [DropletSpec(tags=("serving",)), DropletSpec(tags=("serving",)), DropletSpec()]
    async with Emulator(specs, time_scale=60) as emulator:
        yield emulator


async def create(flavour: Flavour, client: Any, **settings: Any) -> Any:
    given = {"name": "inference", "region": "tor1", "forwarding_rules": [RULE], **settings}
    answer = await flavour.call(client.gpu_droplets.load_balancers.create, **given)
    return answer.load_balancer


async def test_load_balancer_is_created_read_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    balancers = client.gpu_droplets.load_balancers

    made = await create(flavour, client, droplet_ids=[3164444, 3164445])
    assert (made.name, made.status, made.is_active, made.droplet_ids) == ("inference", "new", False, (3164444, 3164445))
    assert not made.ip
    assert made.region.slug == "tor1"
    emulator.clock.advance(120)
    active = (await flavour.call(balancers.retrieve, made.id)).load_balancer
    assert active.is_active
    assert active.ip
    assert [one.id for one in await flavour.items(balancers.list_all())] == [made.id]

    assert await flavour.call(balancers.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(balancers.retrieve, made.id)
    raw = await flavour.call(balancers.with_raw_response.list)
    assert raw.parse().load_balancers == ()


async def test_parts_may_be_classes_and_dicts(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    made = await create(
        flavour,
        client,
        forwarding_rules=[ForwardingRule(**RULE), {**RULE, "entry_port": 81}],
        health_check=LoadBalancerHealthCheck(path="/health", port=8000),
        sticky_sessions={"type": "cookies", "cookie_name": "lb", "cookie_ttl_seconds": 300},
        firewall={"deny": ["cidr:1.2.0.0/16"]},
    )
    assert [(rule.entry_port, rule.target_port) for rule in made.forwarding_rules] == [(80, 8000), (81, 8000)]
    assert (made.health_check.path, made.health_check.port, made.health_check.protocol) == ("/health", 8000, "http")
    assert made.sticky_sessions.cookie_name == "lb"
    assert made.firewall.deny == ("cidr:1.2.0.0/16",)


async def test_droplets_come_and_go_with_their_tag(flavour: Flavour, emulator: Emulator) -> None:
    made = await create(flavour, flavour.client(emulator), tag="serving")
    assert (made.tag, made.droplet_ids) == ("serving", (3164444, 3164445))


async def test_name_is_refused_when_the_account_has_it(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    await create(flavour, client)
    with pytest.raises(UnprocessableEntityError, match="name is not unique"):
        await create(flavour, client)


async def test_load_balancer_is_not_created_twice_when_the_answer_is_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, reply(202, {"load_balancer": {"id": LB_ID}}))
    with pytest.raises(RequestOutcomeUnknownError, match="POST /v2/load_balancers may or may not have been executed"):
        await create(flavour, flavour.client(wire))
    assert len(wire.requests) == 1


async def test_load_balancer_is_deleted_when_it_is_gone_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, GONE)
    assert await flavour.call(flavour.client(wire).gpu_droplets.load_balancers.delete, LB_ID) is None
    assert [request.path for request in wire.requests] == [f"/v2/load_balancers/{LB_ID}"] * 2


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"droplet_ids": [1], "tag": "x"}, ValueError, "^droplet_ids, tag: expected only one of the two"),
        ({"forwarding_rules": []}, ValueError, "^forwarding_rules: expected at least 1 items, got 0"),
        (
            {"forwarding_rules": [RULE, {**RULE, "entry_port": 70_000}]},
            ValueError,
            r"^forwarding_rules\[1\].entry_port: expected a number from 1 to 65535, got 70000",
        ),
        (
            {"forwarding_rules": [{**RULE, "target_protocol": "udp"}]},
            ValueError,
            r"^forwarding_rules\[0\]: entry_protocol, target_protocol: udp goes only with udp, got 'http' and 'udp'",
        ),
        (
            {"forwarding_rules": [{"entry_port": 80}]},
            TypeError,
            r"^forwarding_rules\[0\].entry_protocol, .*: missing; required are entry_protocol, entry_port,",
        ),
        (
            {"health_check": {"intervall": 3}},
            TypeError,
            "^health_check.intervall: unknown field",
        ),
        ({"droplet_ids": ["3164444"]}, TypeError, r"^droplet_ids\[0\]: expected an int, got str '3164444'"),
        ({"size_unit": 101}, ValueError, "^size_unit: expected a number from 1 to 100, got 101"),
        ({"http_idle_timeout_seconds": 5}, ValueError, "^http_idle_timeout_seconds: expected a number from 30 to 600"),
        ({"glb_settings": {"cdn": {"is_enabled": 1}}}, TypeError, "^glb_settings.cdn.is_enabled: expected True or"),
        ({"name": ""}, ValueError, "^name: expected text such as 'example-lb-01'"),
    ],
)
async def test_nothing_is_sent_when_a_setting_is_impossible(
    flavour: Flavour, wire: WireServer, settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await create(flavour, flavour.client(wire), **settings)
    assert wire.requests == []
