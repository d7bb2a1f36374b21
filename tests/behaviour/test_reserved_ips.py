"""Reserved IPs and their actions, under both names. Each request is executed once."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from lost_answers import LOST as LOST_ACTIONS
from lost_answers import SUCCESSES, timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, action, html, listed, reply

from gradient_async import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    NotFoundError,
    PendingEventError,
    RequestOutcomeUnknownError,
    ReservedIP,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropAfter, DropBefore, DropletSpec, Emulator, ErroredAction, Fault, ServerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
REGION = "tor1"
IP = "45.55.96.47"
LOST = {"reset": RESET, "close": CLOSE, "hang": HANG, "500": reply(500), "504": html(504)}


@frozen
class Name:
    """One of the two names of reserved IPs."""

    one: str

    def group(self, client: Any) -> Any:
        return client.reserved_ips if self.one == "reserved_ip" else client.gpu_droplets.floating_ips

    def ip(self, answer: Any) -> Any:
        return getattr(answer, self.one)

    def ips(self, answer: Any) -> Any:
        return getattr(answer, f"{self.one}s")

    @property
    def path(self) -> str:
        return f"/v2/{self.one}s"


@pytest.fixture(params=["reserved_ip", "floating_ip"])
def name(request: pytest.FixtureRequest) -> Name:
    return Name(request.param)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(), DropletSpec()], limits=None, time_scale=1000) as emulator:
        yield emulator


@pytest.fixture
async def slow_emulator() -> AsyncIterator[Emulator]:
    async with Emulator(limits=None) as emulator:
        yield emulator


async def test_ip_is_reserved_read_listed_and_deleted(flavour: Flavour, emulator: Emulator, name: Name) -> None:
    group = name.group(flavour.client(emulator))

    answer = await flavour.call(group.create, region=REGION)
    made = name.ip(answer)
    assert (made.region.slug, made.droplet, made.locked) == (REGION, None, False)
    assert answer.links.actions == ()
    assert name.ip(await flavour.call(group.retrieve, made.ip)) == made
    assert [one.ip for one in await flavour.items(group.list_all())] == [made.ip]

    assert await flavour.call(group.delete, made.ip) is None
    with pytest.raises(NotFoundError):
        await flavour.call(group.retrieve, made.ip)
    raw = await flavour.call(group.with_raw_response.list)
    assert name.ips(raw.parse()) == ()


async def test_ip_is_made_for_a_droplet(flavour: Flavour, emulator: Emulator, name: Name) -> None:
    client = flavour.client(emulator)
    group = name.group(client)

    answer = await flavour.call(group.create, droplet_id=FIRST)
    made = name.ip(answer)
    assert [link.rel for link in answer.links.actions] == ["assign_ip"]
    assert [link.id for link in answer.links.droplets] == [FIRST]

    action = await flavour.call(
        group.actions.wait, answer.links.actions[0].id, poll_interval=0.02, **{name.one: made.ip}
    )
    assert (action.type, action.status) == ("assign_ip", "completed")
    read = name.ip(await flavour.call(group.retrieve, made.ip))
    assert (read.droplet.id, read.locked) == (FIRST, False)


async def test_ip_is_moved_and_taken_away(flavour: Flavour, emulator: Emulator, name: Name) -> None:
    client = flavour.client(emulator)
    group = name.group(client)
    made = name.ip(await flavour.call(group.create, region=REGION))
    path = {name.one: made.ip}

    owners = []
    for request in (
        {"type": "assign", "droplet_id": FIRST},
        {"type": "assign", "droplet_id": FIRST + 1},
        {"type": "unassign"},
    ):
        started = (await flavour.call(group.actions.create, made.ip, **request)).action
        assert (started.status, started.project_id) == ("in-progress", made.project_id)
        ended = await flavour.call(group.actions.wait, started, poll_interval=0.02, **path)
        assert ended.is_completed
        droplet = name.ip(await flavour.call(group.retrieve, made.ip)).droplet
        owners.append(droplet and droplet.id)
    assert owners == [FIRST, FIRST + 1, None]

    actions = await flavour.items(group.actions.list_all(made.ip))
    assert [action.type for action in actions] == ["unassign_ip", "assign_ip", "assign_ip", "reserve_ip"]
    page = await flavour.call(group.actions.list, made.ip, page=2, per_page=1)
    assert [action.id for action in page.actions] == [actions[1].id]
    one = (await flavour.call(group.actions.retrieve, actions[0].id, **path)).action
    assert one.type == "unassign_ip"


async def test_wait_reads_the_accounts_list_when_no_ip_is_given(
    flavour: Flavour, emulator: Emulator, name: Name
) -> None:
    group = name.group(flavour.client(emulator))
    made = name.ip(await flavour.call(group.create, region=REGION))
    started = (await flavour.call(group.actions.create, made.ip, type="assign", droplet_id=FIRST)).action
    assert (await flavour.call(group.actions.wait, started, poll_interval=0.02)).is_completed
    assert emulator.requests[-1].path == f"/v2/actions/{started.id}"


async def test_both_names_are_the_same_ips(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    floating = (await flavour.call(client.gpu_droplets.floating_ips.create, region=REGION)).floating_ip
    reserved = (await flavour.call(client.reserved_ips.retrieve, floating.ip)).reserved_ip
    assert (reserved.ip, reserved.project_id) == (floating.ip, floating.project_id)
    assert repr(floating) == f"FloatingIP(ip='{floating.ip}', region='{REGION}', droplet_id=None)"


async def test_refusals_are_distinguished(flavour: Flavour, slow_emulator: Emulator, name: Name) -> None:
    group = name.group(flavour.client(slow_emulator))
    made = name.ip(await flavour.call(group.create, region=REGION))
    with pytest.raises(UnprocessableEntityError, match="not assigned"):
        await flavour.call(group.actions.create, made.ip, type="unassign")
    await flavour.call(group.actions.create, made.ip, type="assign", droplet_id=FIRST)
    with pytest.raises(PendingEventError, match="floating IP already has a pending event"):
        await flavour.call(group.delete, made.ip)
    other = name.ip(await flavour.call(group.create, region=REGION))
    with pytest.raises(PendingEventError, match="Droplet already has a pending event"):
        await flavour.call(group.actions.create, other.ip, type="assign", droplet_id=FIRST)
    with pytest.raises(NotFoundError):
        await flavour.call(group.actions.create, "192.0.2.1", type="unassign")


# What follows a lost answer.


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("place", [{"region": REGION}, {"droplet_id": FIRST}])
async def test_ip_is_not_made_twice_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, name: Name, place: dict[str, Any], lost: str
) -> None:
    wire.script("POST", LOST[lost], reply(202, {name.one: {"ip": IP}}))
    group = name.group(flavour.client(wire, timeout=timeout_for(lost)))
    with pytest.raises(RequestOutcomeUnknownError, match=f"POST {name.path} may or may not have been executed"):
        await flavour.call(group.create, **place)
    assert [request.json for request in wire.requests] == [place]


@pytest.mark.parametrize("lost", LOST)
async def test_ip_is_deleted_when_it_is_gone_after_a_lost_answer(
    flavour: Flavour, wire: WireServer, name: Name, lost: str
) -> None:
    wire.script("DELETE", LOST[lost], reply(404, {"id": "not_found", "message": "gone"}))
    group = name.group(flavour.client(wire, timeout=timeout_for(lost)))
    assert await flavour.call(group.delete, IP) is None
    assert [request.path for request in wire.requests] == [f"{name.path}/{IP}"] * 2


@pytest.mark.parametrize("fault", [DropBefore(times=1), DropAfter(times=1), ServerError(500, times=1)])
@pytest.mark.parametrize("request_", [{"type": "assign", "droplet_id": FIRST}, {"type": "unassign"}])
async def test_action_is_started_once_when_the_answer_is_lost(
    flavour: Flavour, emulator: Emulator, name: Name, request_: dict[str, Any], fault: Fault
) -> None:
    group = name.group(flavour.client(emulator))
    made = name.ip(await flavour.call(group.create, region=REGION))
    path = {name.one: made.ip}
    if request_["type"] == "unassign":
        given = await flavour.call(group.actions.create, made.ip, type="assign", droplet_id=FIRST)
        await flavour.call(group.actions.wait, given.action, poll_interval=0.02, **path)
    emulator.faults.add(fault)
    response = await flavour.call(group.actions.create, made.ip, **request_)
    emulator.faults.clear()
    assert response.is_adopted is isinstance(fault, DropAfter)
    assert (await flavour.call(group.actions.wait, response.action, poll_interval=0.02, **path)).is_completed
    shown = f"{request_['type']}_ip"
    started = [action.id for action in await flavour.items(group.actions.list_all(made.ip)) if action.type == shown]
    assert started == [response.action.id]


def on_ip(id: int, type: str = "assign_ip", **changes: Any) -> dict[str, Any]:
    """Return an action on the IP. The id of its resource is the address as a number."""
    return action(id, type=type, resource_type="reserved_ip", resource_id=int(ip_address(IP)), **changes)


@pytest.mark.parametrize("lost", sorted(LOST_ACTIONS.keys() - {"other-droplet"}))
async def test_action_is_adopted_when_the_list_shows_it(
    flavour: Flavour, wire: WireServer, name: Name, lost: str
) -> None:
    wire.script("POST", LOST_ACTIONS[lost]({"action": on_ip(7)}))
    wire.script("GET", lambda _: listed([on_ip(7), on_ip(6, "unassign_ip"), on_ip(5, age=90_000)]))
    group = name.group(flavour.client(wire, timeout=timeout_for(lost)))
    response = await flavour.call(group.actions.create, IP, type="assign", droplet_id=FIRST)
    assert (response.action.id, response.is_adopted, type(response).__name__) == (7, True, "ActionCreateResponse")
    assert [request.path for request in wire.sent("POST")] == [f"{name.path}/{IP}/actions"]
    # Both names share the list.
    assert {request.path for request in wire.sent("GET")} == {f"/v2/reserved_ips/{IP}/actions"}


@pytest.mark.parametrize("lost", sorted(LOST_ACTIONS.keys() - {"other-droplet"}))
async def test_action_is_sent_again_unless_a_success_was_answered(
    flavour: Flavour, wire: WireServer, name: Name, lost: str
) -> None:
    wire.script("POST", LOST_ACTIONS[lost]({"action": on_ip(7)}), reply(201, {"action": on_ip(7)}))
    wire.script("GET", listed([on_ip(6, "unassign_ip"), on_ip(5, age=90_000)]))
    group = name.group(flavour.client(wire, timeout=timeout_for(lost)))
    if lost in SUCCESSES:
        with pytest.raises(ActionOutcomeUnknownError, match=f"assign of reserved IP {IP} may or may not") as caught:
            await flavour.call(group.actions.create, IP, type="assign", droplet_id=FIRST)
        assert (caught.value.resource_id, caught.value.droplet_id) == (IP, None)
    else:
        response = await flavour.call(group.actions.create, IP, type="assign", droplet_id=FIRST)
        assert (response.action.id, response.is_adopted) == (7, False)
    assert len(wire.sent("POST")) == (1 if lost in SUCCESSES else 2)


async def test_outcome_is_unknown_when_two_actions_may_be_the_result(
    flavour: Flavour, wire: WireServer, name: Name
) -> None:
    wire.script("POST", RESET)
    wire.script("GET", listed([on_ip(8), on_ip(7)]))
    group = name.group(flavour.client(wire))
    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await flavour.call(group.actions.create, IP, type="assign", droplet_id=FIRST)
    assert [one.id for one in caught.value.candidates] == [8, 7]
    assert len(wire.sent("POST")) == 1


async def test_failed_action_is_reported(flavour: Flavour, emulator: Emulator, name: Name) -> None:
    group = name.group(flavour.client(emulator))
    made = name.ip(await flavour.call(group.create, region=REGION))
    emulator.faults.add(ErroredAction())
    started = (await flavour.call(group.actions.create, made.ip, type="assign", droplet_id=FIRST)).action
    with pytest.raises(ActionFailedError, match="assign_ip"):
        await flavour.call(group.actions.wait, started, poll_interval=0.02, **{name.one: made.ip})
    assert name.ip(await flavour.call(group.retrieve, made.ip)).droplet is None


@pytest.mark.parametrize(
    ("method", "arguments", "fault"),
    [
        ("create", {}, "droplet_id, region: expected one of them"),
        ("create", {"droplet_id": FIRST, "region": REGION}, "droplet_id, region: expected one of them"),
        ("create", {"droplet_id": FIRST, "project_id": "x"}, "project_id: not allowed together with droplet_id"),
        ("create", {"droplet_id": "3164444"}, "droplet_id: expected an int"),
        ("create", {"region": " "}, "region: expected text such as 'tor1'"),
        ("retrieve", {"ip": "45.55.96"}, "expected an IP address"),
        ("retrieve", {"ip": "../droplets"}, "expected an IP address"),
        ("delete", {"ip": ""}, "Expected a non-empty value for `\\w+` but received ''$"),
        ("actions.create", {"ip": "", "type": "unassign"}, "Expected a non-empty value for `\\w+` but received ''$"),
        ("delete", {"ip": " "}, "expected text such as '45.55.96.47'"),
        ("actions.create", {"ip": IP, "type": "unassign", "droplet_id": 1}, "droplet_id: not allowed for type 'un"),
        ("actions.create", {"ip": 7, "type": "unassign"}, "expected a str"),
        ("retrieve", {"ip": ReservedIP(ip=IP)}, "expected an IP address, got ReservedIP; pass its .ip"),
        ("actions.create", {"ip": IP, "type": 7}, "type: expected a str such as 'assign'"),
        ("actions.list", {"ip": IP, "per_page": 0}, "per_page: expected an int from 1 to 200"),
        ("actions.wait", {"action": 7, "ip": "x"}, "expected an IP address"),
    ],
)
async def test_nothing_is_sent_when_an_argument_is_impossible(
    flavour: Flavour, wire: WireServer, name: Name, method: str, arguments: dict[str, Any], fault: str
) -> None:
    called = name.group(flavour.client(wire))
    for part in method.split("."):
        called = getattr(called, part)
    given = {name.one if key == "ip" else key: value for key, value in arguments.items()}
    with pytest.raises((TypeError, ValueError), match=fault) as caught:
        await flavour.call(called, **given)
    if "ip" in arguments and "IP address" in fault:
        assert str(caught.value).startswith(name.one)
    assert wire.requests == []
