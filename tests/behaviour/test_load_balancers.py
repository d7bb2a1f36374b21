"""Load balancers: created, read, changed and deleted; the truth is reported when answers are lost."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from wire_server import RESET, WireServer, reply

from gradient_async import (
    AutoscaleMember,
    Domains,
    ForwardingRule,
    GlbSettings,
    LbFirewall,
    LoadBalancer,
    LoadBalancerBusyError,
    LoadBalancerHealthCheck,
    NotFoundError,
    Region,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

LB_ID = "4de7ac8b-495b-4884-9a69-1050c6793cd6"
RULE: dict[str, Any] = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}
GONE = reply(404, {"id": "not_found", "message": "The resource you were accessing could not be found."})


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    specs = [DropletSpec(tags=("serving",)), DropletSpec(tags=("serving",)), DropletSpec()]
    async with Emulator(specs, time_scale=60) as emulator:
        yield emulator


async def active(flavour: Flavour, emulator: Emulator, client: Any, **settings: Any) -> Any:
    """Return a load balancer that takes changes."""
    made = await create(flavour, client, **settings)
    emulator.clock.advance(4000)
    return (await flavour.call(client.gpu_droplets.load_balancers.retrieve, made.id)).load_balancer


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
    assert made.firewall == LbFirewall(deny=["cidr:1.2.0.0/16"])


async def test_droplets_come_and_go_with_their_tag(flavour: Flavour, emulator: Emulator) -> None:
    made = await create(flavour, flavour.client(emulator), tag="serving")
    assert (made.tag, made.droplet_ids) == ("serving", (3164444, 3164445))


async def test_every_other_setting_is_reset_when_one_is_updated(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    balancers = client.gpu_droplets.load_balancers
    made = await active(
        flavour, emulator, client, droplet_ids=[3164444], redirect_http_to_https=True, health_check={"path": "/health"}
    )

    bare = {"name": "renamed", "region": "tor1", "forwarding_rules": made.forwarding_rules}
    reset = (await flavour.call(balancers.update, made.id, **bare)).load_balancer
    assert (reset.name, reset.droplet_ids) == ("renamed", ())
    assert (reset.redirect_http_to_https, reset.health_check.path) == (False, "/")


@pytest.mark.parametrize("members", [{"droplet_ids": [3164444]}, {"tag": "serving"}])
async def test_only_changes_differ_when_other_settings_are_passed_too(
    flavour: Flavour, emulator: Emulator, members: dict[str, Any]
) -> None:
    client = flavour.client(emulator)
    made = await active(
        flavour,
        emulator,
        client,
        **members,
        size_unit=2,
        redirect_http_to_https=True,
        sticky_sessions={"type": "cookies", "cookie_name": "lb", "cookie_ttl_seconds": 300},
        firewall={"deny": ["cidr:1.2.0.0/16"]},
        network_stack="DUALSTACK",
    )
    update = client.gpu_droplets.load_balancers.update

    changed = (await flavour.call(update, made.id, **made.settings(enable_proxy_protocol=True))).load_balancer
    assert changed == attrs.evolve(made, enable_proxy_protocol=True)
    by_id = (await flavour.call(update, made.id, **changed.settings(droplet_ids=[3164446]))).load_balancer
    assert by_id == attrs.evolve(changed, droplet_ids=(3164446,), tag="")
    by_tag = (await flavour.call(update, made.id, **by_id.settings(tag="serving"))).load_balancer
    assert by_tag == attrs.evolve(changed, droplet_ids=(3164444, 3164445), tag="serving")


def test_load_balancer_is_one_line() -> None:
    shown = LoadBalancer(id=LB_ID, name="lb", status="active", ip="198.19.0.1", droplet_ids=(1, 2))
    assert repr(shown) == f"LoadBalancer(id='{LB_ID}', name='lb', status='active', ip='198.19.0.1', 2 Droplets)"


def test_settings_hold_what_an_update_takes() -> None:
    shown = {
        "name": "lb",
        "size_unit": 0,
        "size": "lb-small",
        "http_idle_timeout_seconds": 0,
        "forwarding_rules": (ForwardingRule(**RULE),),
        "droplet_ids": (1, 2),
        "tag": "",
        "region": Region(slug="nyc2"),
        "glb_settings": GlbSettings(target_port=0),
        "enable_proxy_protocol": False,
        "project_id": None,
    }
    given = {"name": "lb", "size": "lb-small", "droplet_ids": (1, 2), "region": "nyc2", "enable_proxy_protocol": False}
    settings = LoadBalancer(id=LB_ID, **shown).settings()
    assert settings == {**given, "forwarding_rules": shown["forwarding_rules"]}
    everywhere = LoadBalancer(id=LB_ID, **{**shown, "type": "GLOBAL", "domains": (Domains(name="a.com"),)}).settings()
    assert {"domains", "glb_settings"} <= everywhere.keys()
    resized = LoadBalancer(id=LB_ID, **shown).settings(size_unit=3)
    assert ("size" in resized, resized["size_unit"]) == (False, 3)


async def test_droplets_are_added_and_removed(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    droplets = client.gpu_droplets.load_balancers.droplets
    made = await active(flavour, emulator, client, droplet_ids=[3164444])

    assert await flavour.call(droplets.add, made.id, droplet_ids=[3164444, 3164445, 3164446]) is None
    assert await flavour.call(droplets.remove, made.id, droplet_ids=[3164444]) is None
    emulator.account.remove(3164446)
    left = (await flavour.call(client.gpu_droplets.load_balancers.retrieve, made.id)).load_balancer
    assert left.droplet_ids == (3164445,)


async def test_rules_are_added_and_removed(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    rules = client.gpu_droplets.load_balancers.forwarding_rules
    made = await active(flavour, emulator, client)

    added = ForwardingRule(entry_protocol="tcp", entry_port=22, target_protocol="tcp", target_port=22)
    assert await flavour.call(rules.add, made.id, forwarding_rules=[added]) is None
    assert await flavour.call(rules.remove, made.id, forwarding_rules=made.forwarding_rules) is None
    left = (await flavour.call(client.gpu_droplets.load_balancers.retrieve, made.id)).load_balancer
    assert [(rule.entry_protocol, rule.entry_port) for rule in left.forwarding_rules] == [("tcp", 22)]
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(rules.remove, made.id, forwarding_rules=left.forwarding_rules)


async def test_change_is_refused_as_busy_when_the_load_balancer_is_new(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    made = await create(flavour, client)
    with pytest.raises(LoadBalancerBusyError, match="takes one change at a time") as caught:
        await flavour.call(client.gpu_droplets.load_balancers.droplets.add, made.id, droplet_ids=[3164444])
    assert caught.value.status == 403
    assert "token" not in str(caught.value)


async def test_cache_is_emptied_only_of_a_global_one(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    delete_cache = client.gpu_droplets.load_balancers.delete_cache
    regional = await create(flavour, client)
    everywhere = await create(
        flavour, client, name="everywhere", region=None, type="GLOBAL", target_load_balancer_ids=[regional.id]
    )
    assert everywhere.region is None
    assert await flavour.call(delete_cache, everywhere.id) is None
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(delete_cache, regional.id)


async def test_name_is_refused_when_the_account_has_it(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    await create(flavour, client)
    with pytest.raises(UnprocessableEntityError, match="name is not unique"):
        await create(flavour, client)


async def test_deletion_is_done_when_it_is_gone_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, GONE)
    assert await flavour.call(flavour.client(wire).gpu_droplets.load_balancers.delete, LB_ID) is None
    assert [request.path for request in wire.requests] == [f"/v2/load_balancers/{LB_ID}"] * 2


REPEATED = {
    "update": ("PUT", "update", {"forwarding_rules": [RULE]}, reply(200, {"load_balancer": {"id": LB_ID}})),
    "add droplets": ("POST", "droplets.add", {"droplet_ids": [3164444]}, reply(204)),
    "remove droplets": ("DELETE", "droplets.remove", {"droplet_ids": [3164444]}, reply(204)),
    "remove rules": ("DELETE", "forwarding_rules.remove", {"forwarding_rules": [RULE]}, reply(204)),
    "delete cache": ("DELETE", "delete_cache", {}, reply(204)),
}


@pytest.mark.parametrize("name", REPEATED)
async def test_change_is_sent_again_when_a_second_time_does_no_more(
    flavour: Flavour, wire: WireServer, name: str
) -> None:
    verb, method, arguments, done = REPEATED[name]
    wire.script(verb, RESET, done)
    balancers = flavour.client(wire).gpu_droplets.load_balancers
    await flavour.call(attrgetter(method)(balancers), LB_ID, **arguments)
    assert [request.method for request in wire.requests] == [verb] * 2
    assert [json.loads(request.body or b"{}") for request in wire.requests] == [arguments] * 2


@pytest.mark.parametrize("name", ["remove droplets", "remove rules"])
async def test_removal_is_done_when_nothing_is_there_after_a_loss(
    flavour: Flavour, wire: WireServer, name: str
) -> None:
    verb, method, arguments, _ = REPEATED[name]
    wire.script(verb, RESET, GONE)
    balancers = flavour.client(wire).gpu_droplets.load_balancers
    assert await flavour.call(attrgetter(method)(balancers), LB_ID, **arguments) is None


async def test_cache_is_not_called_empty_when_nothing_is_there(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, GONE)
    with pytest.raises(NotFoundError):
        await flavour.call(flavour.client(wire).gpu_droplets.load_balancers.delete_cache, LB_ID)


async def test_rules_are_not_added_twice_when_the_answer_is_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, reply(204))
    rules = flavour.client(wire).gpu_droplets.load_balancers.forwarding_rules
    with pytest.raises(RequestOutcomeUnknownError, match="may or may not have been executed"):
        await flavour.call(rules.add, LB_ID, forwarding_rules=[RULE])
    assert len(wire.requests) == 1


async def test_error_names_the_lost_attempt_when_it_may_keep_it_busy(flavour: Flavour, wire: WireServer) -> None:
    busy = {"id": "forbidden", "message": "Load Balancer can't be updated while it processes previous actions"}
    wire.script("PUT", RESET, reply(403, busy))
    update = flavour.client(wire).gpu_droplets.load_balancers.update
    with pytest.raises(LoadBalancerBusyError, match="An earlier attempt was not answered and may have been") as caught:
        await flavour.call(update, LB_ID, forwarding_rules=[RULE])
    assert [attempt.outcome for attempt in caught.value.attempts] == ["unknown", "rejected"]


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


async def test_error_says_what_to_pass_in_place_of_an_object(flavour: Flavour, wire: WireServer) -> None:
    balancers = flavour.client(wire).gpu_droplets.load_balancers
    with pytest.raises(TypeError, match=r"lb_id: expected a UUID .* got LoadBalancer; pass its .id"):
        await flavour.call(balancers.retrieve, LoadBalancer(id=LB_ID))
    with pytest.raises(
        TypeError, match=r"droplet_ids\[0\]: expected an int, got AutoscaleMember .*; pass its .droplet_id"
    ):
        await flavour.call(balancers.droplets.add, LB_ID, droplet_ids=[AutoscaleMember(droplet_id=3164444)])
    assert wire.requests == []
