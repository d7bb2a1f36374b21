"""Droplets are waited for until they are ready: active, with an address, with SSH, or as a probe says."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import HANG, Reply, WireRequest, WireServer, reply

from gradient_async import (
    Droplet,
    DropletGoneError,
    DropletWaitTimeoutError,
    PlacementLostError,
    UnhealthyDropletError,
)
from gradient_async.emulator import DropletSpec, Emulator, ErroredAction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
NOT_FOUND = reply(404, {"id": "not_found", "message": "gone"})
QUICK: dict[str, Any] = {"timeout": 20.0, "poll_interval": 0.01}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    specs = [DropletSpec(status="new"), DropletSpec(), DropletSpec(status="new"), DropletSpec(gpu=False, status="new")]
    async with Emulator(specs, time_scale=200, limits=None) as emulator:
        yield emulator


def droplet(id: int = FIRST, *, status: str = "active", address: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return a Droplet as the API shows it."""
    v4 = [{"ip_address": address, "type": "public"}] if address else []
    return {"id": id, "name": "trainer", "status": status, "networks": {"v4": v4, "v6": []}, **changes}


class OneOfTwo:
    """A probe that asks one function the first time, and another one from then on."""

    def __init__(self, first: Callable[[Droplet], bool], then: Callable[[Droplet], bool]) -> None:
        self._next = [first]
        self._then = then

    def __call__(self, one: Droplet) -> bool:
        return (self._next.pop() if self._next else self._then)(one)


def shown(*droplets: dict[str, Any]) -> Callable[[WireRequest], Reply]:
    """Return each Droplet in turn, alone or as the only one of a list; the last one repeats."""
    left = list(droplets)

    def answer(_: WireRequest) -> Reply:
        one = left.pop(0) if len(left) > 1 else left[0]
        return reply(200, {"droplet": one})

    return answer


async def test_one_droplet_is_returned_fresh_when_it_is_active(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets

    ready = await flavour.call(droplets.wait, FIRST, **QUICK)

    assert (ready.id, ready.status) == (FIRST, "active")
    given = Droplet(id=FIRST, name="old name", status="new")
    assert (await flavour.call(droplets.wait, given, **QUICK)).name != "old name"


async def test_several_are_a_tuple_in_their_order(flavour: Flavour, emulator: Emulator) -> None:
    droplets = flavour.client(emulator).gpu_droplets
    ids = [FIRST + 3, FIRST + 1, FIRST, FIRST + 2]

    ready = await flavour.call(droplets.wait, iter(ids), until="address", **QUICK)

    assert [one.id for one in ready] == ids
    assert all(one.is_active and one.public_ip and one.private_ip for one in ready)
    assert await flavour.call(droplets.wait, [], **QUICK) == ()


async def test_ssh_is_waited_for_when_the_port_answers_late(flavour: Flavour, wire: WireServer) -> None:
    lines = [b"", b"HTTP/1.1 200 SSH-\r\n", b"Welcome.\r\nSSH-2.0-OpenSSH_9.6\r\n"]

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(lines.pop(0))
        writer.close()

    wire.script("GET", shown(droplet(status="new"), droplet(), droplet(address="127.0.0.1")))
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        droplets = flavour.client(wire).gpu_droplets
        ready = await flavour.call(droplets.wait, FIRST, until="ssh", ssh_port=port, **QUICK)

    assert ready.public_ip == "127.0.0.1"
    assert lines == []


async def test_probes_are_asked_in_order_until_they_say_yes(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", shown(droplet()))
    asked: list[str] = []

    def blocking(one: Droplet) -> bool:
        asked.append(f"blocking {one.name}")
        if len(asked) == 1:
            raise ConnectionError
        return True

    async def awaited(one: Droplet) -> bool:
        asked.append(f"awaited {one.name}")
        return len(asked) == 4

    droplets = flavour.client(wire).gpu_droplets
    await flavour.call(droplets.wait, FIRST, until=["active", blocking, awaited], **QUICK)

    assert asked == ["blocking trainer"] * 2 + ["awaited trainer"] * 2


async def test_probe_is_asked_again_while_no_poll_is_answered(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"droplet": droplet()}), HANG)
    asked: list[int] = []

    def yes_at_last(one: Droplet) -> bool:
        asked.append(one.id)
        return len(asked) == 3

    droplets = flavour.client(wire, timeout=30.0).gpu_droplets
    await flavour.call(droplets.wait, FIRST, until=yes_at_last, **QUICK)

    assert asked == [FIRST] * 3


@pytest.mark.parametrize("error", [TypeError("wrong"), UnhealthyDropletError("broken", droplet_id=FIRST)])
async def test_wait_ends_at_once_when_a_probe_is_wrong(flavour: Flavour, wire: WireServer, error: Exception) -> None:
    wire.script("GET", shown(droplet()))

    def probe(_: Droplet) -> bool:
        raise error

    with pytest.raises(type(error), match=str(error)):
        await flavour.call(flavour.client(wire).gpu_droplets.wait, [FIRST], until=probe, **QUICK)
    with pytest.raises(TypeError, match=r"probe <lambda> must return True or False, got 1"):
        await flavour.call(flavour.client(wire).gpu_droplets.wait, FIRST, until=lambda _: 1, **QUICK)


async def test_time_out_names_stage_state_and_cause(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", shown(droplet(address=None)))
    droplets = flavour.client(wire).gpu_droplets

    text = "did not reach 'address'; its status is 'active', and it has no public address"
    with pytest.raises(DropletWaitTimeoutError, match=text) as info:
        await flavour.call(droplets.wait, FIRST, until="ssh", timeout=0.2, poll_interval=0.01)
    assert (info.value.stage, info.value.droplet_id, info.value.droplet.is_active) == ("address", FIRST, True)
    assert 0.19 < info.value.seconds < 10

    def broken(_: Droplet) -> bool:
        raise ConnectionError("refused")

    with pytest.raises(DropletWaitTimeoutError, match=r"'broken'.*raised ConnectionError\('refused'\)") as info:
        await flavour.call(droplets.wait, FIRST, until=broken, timeout=0.2, poll_interval=0.01)
    assert isinstance(info.value.__cause__, ConnectionError)


async def test_time_out_says_what_is_known_when_nothing_was_read(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(503, {"id": "down", "message": "down"}))
    droplets = flavour.client(wire, max_retries=0).gpu_droplets
    with pytest.raises(DropletWaitTimeoutError, match=r"could not be read\. The last poll failed: 503") as info:
        await flavour.call(droplets.wait, FIRST, timeout=0.2, poll_interval=0.01)
    assert "billed" not in str(info.value)
    assert (info.value.droplet, info.value.droplets) == (None, ())


async def test_errors_of_several_are_reported_together(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", NOT_FOUND)
    wire.script("GET /v2/actions", reply(200, {"actions": []}))
    wire.script(
        "GET /v2/droplets", reply(200, {"droplets": [droplet(FIRST + number, status="new") for number in range(3)]})
    )
    droplets = flavour.client(wire, create_settle_seconds=8.0).gpu_droplets
    with pytest.raises(DropletWaitTimeoutError, match=r"Of 4 Droplets, 4 are not ready: see \.errors") as info:
        await flavour.call(droplets.wait, range(FIRST, FIRST + 4), timeout=0.2, poll_interval=0.01)
    assert [one.id for one in info.value.droplets] == [FIRST, FIRST + 1, FIRST + 2]
    assert [one.droplet_id for one in info.value.errors] == [FIRST + 1, FIRST + 2, FIRST + 3]


async def test_wrong_probe_ends_the_wait_for_the_others(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", shown(droplet()))

    def probe(_: Droplet) -> bool:
        raise NameError("typo")

    def never(_: Droplet) -> bool:
        return False

    wait = flavour.client(wire).gpu_droplets.wait
    with pytest.raises(NameError, match="typo"):
        await flavour.call(wait, [FIRST, FIRST], until=OneOfTwo(probe, never), timeout=30, poll_interval=0.01)


async def test_vanished_droplet_is_reported_before_a_time_out(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/actions", reply(200, {"actions": []}))
    wire.script(f"GET /v2/droplets/{FIRST}", shown(droplet(status="new")))
    wire.script("GET", NOT_FOUND)
    wait = flavour.client(wire).gpu_droplets.wait
    with pytest.raises(DropletGoneError, match="3164445") as info:
        await flavour.call(wait, [FIRST, FIRST + 1], timeout=0.8, poll_interval=0.01)
    assert [type(one) for one in info.value.errors] == [DropletWaitTimeoutError]


async def test_droplet_that_vanishes_is_gone(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/actions", reply(200, {"actions": []}))
    wire.script("GET", reply(200, {"droplet": droplet(status="new")}), NOT_FOUND)

    with pytest.raises(DropletGoneError, match=r"Droplet 3164444 \(trainer\) does not exist any more") as info:
        await flavour.call(flavour.client(wire).gpu_droplets.wait, FIRST, **QUICK)

    assert (info.value.stage, info.value.droplet.status, info.value.status) == ("active", "new", 404)


async def test_new_droplet_that_is_not_readable_yet_is_given_time(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/actions", reply(200, {"actions": []}))
    wire.script("GET", NOT_FOUND, NOT_FOUND, NOT_FOUND, reply(200, {"droplet": droplet()}))
    droplets = flavour.client(wire, create_settle_seconds=8.0).gpu_droplets

    assert (await flavour.call(droplets.wait, FIRST, **QUICK)).is_active

    wire.script("GET", NOT_FOUND)
    with pytest.raises(DropletGoneError, match="did not appear"):
        await flavour.call(flavour.client(wire, create_settle_seconds=0.4).gpu_droplets.wait, FIRST, **QUICK)


async def test_placement_is_lost_when_the_create_action_errors(flavour: Flavour) -> None:
    fault = ErroredAction(route="POST /v2/droplets")
    async with Emulator(droplets=2, time_scale=60, limits=None, faults=[fault]) as emulator:
        droplets = flavour.client(emulator).gpu_droplets
        made = await flavour.call(droplets.create, name="a", size="gpu-h100x1-80gb", image="gpu-h100x1-base")
        waited = [FIRST, made.droplet, FIRST + 1]

        with pytest.raises(PlacementLostError) as info:
            await flavour.call(droplets.wait, waited, **QUICK)

    assert (info.value.droplet_id, info.value.action.is_errored) == (made.droplet.id, True)
    assert [one.id for one in info.value.droplets] == [FIRST, made.droplet.id, FIRST + 1]


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        ({"until": "shh"}, ValueError, "until: expected 'active', 'address', 'ssh', got 'shh'."),
        ({"until": []}, ValueError, "until: expected at least one stage"),
        ({"until": 7}, TypeError, "until: expected 'active', 'address', 'ssh', a callable of a Droplet"),
        ({"timeout": 0}, ValueError, "timeout: expected a finite number"),
        ({"ssh_port": 0}, ValueError, "ssh_port"),
        ({"address": "ipv6"}, ValueError, "address: expected one of 'public', 'private'"),
        ({"droplets": "a"}, TypeError, "droplets: expected an int"),
        ({"extra_body": {}}, TypeError, "extra_body: unknown parameter"),
    ],
)
async def test_nothing_is_sent_when_an_argument_is_wrong(
    flavour: Flavour, wire: WireServer, wrong: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        await flavour.call(flavour.client(wire).gpu_droplets.wait, **{"droplets": FIRST, **wrong})
    assert wire.requests == []


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one loopback address only")
async def test_each_droplet_is_ready_when_its_own_ssh_answers(flavour: Flavour) -> None:
    specs = [DropletSpec(status="new")] * 4
    async with Emulator(specs, time_scale=60, limits=None, ssh_port=0, ssh_delay=12, ssh_silence=6) as emulator:
        droplets = flavour.client(emulator).gpu_droplets
        ids = range(FIRST, FIRST + 4)
        began = emulator.clock.now()

        ready = await flavour.call(droplets.wait, ids, until="ssh", ssh_port=emulator.ssh_port, **QUICK)

        assert [one.id for one in ready] == list(ids)
        assert emulator.clock.now() - began >= 12
