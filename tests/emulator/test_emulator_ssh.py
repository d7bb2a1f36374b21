"""SSH ports of Droplets: real sockets, which begin to answer some time after a Droplet has its address."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
from emulator_desk import FIRST, Desk, Visitor

from gradient_async.emulator import Behaviour, DropletSpec, Emulator, Outcome
from gradient_async.emulator.__main__ import _greeting, serve
from gradient_async.emulator.option_values import OptionError
from gradient_async.emulator.options import EmulatorOptions
from gradient_async.emulator.ssh_ports import SSHTimes, speaks_at

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "darwin", reason="macOS has one loopback address only"),
]

BODY = {"name": "new", "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base", "region": "tor1"}
REFUSED, SILENT, BANNER = "refused", "silent", "SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5"


async def heard(host: str, port: int) -> str:
    """Return the bytes that a port sends."""
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return REFUSED
    try:
        return (await asyncio.wait_for(reader.readline(), 0.1)).decode().rstrip()
    except TimeoutError:
        return SILENT
    finally:
        writer.close()


async def until_heard(wanted: str, host: str, port: int) -> None:
    async with asyncio.timeout(20):
        while await heard(host, port) != wanted:  # noqa: ASYNC110 - a port has no event
            await asyncio.sleep(0.02)


async def addresses(visitor: Visitor, droplet_id: int) -> list[str]:
    async with visitor.request("GET", f"/v2/droplets/{droplet_id}") as reply:
        return [one["ip_address"] for one in (await reply.json())["droplet"]["networks"]["v4"]]


async def test_droplets_from_the_start_answer_on_their_own_addresses(visit: Callable[[Emulator], Visitor]) -> None:
    async with Emulator(2, ssh_port=0, ssh_delay=60) as emulator:
        assert emulator.ssh_port
        found = [*await addresses(visit(emulator), FIRST), *await addresses(visit(emulator), FIRST + 1)]
        assert len(set(found)) == 4
        for host in found:
            await until_heard(BANNER, host, emulator.ssh_port)
        assert await heard("127.0.0.1", emulator.ssh_port) == REFUSED


async def test_new_droplet_answers_after_its_address(visit: Callable[[Emulator], Visitor]) -> None:
    late = Behaviour(address_lag=20)
    async with Emulator(0, behaviour=late, ssh_port=0, ssh_delay=140, ssh_silence=100) as emulator:
        visitor, port = visit(emulator), emulator.ssh_port or 0
        async with visitor.request("POST", "/v2/droplets", json=BODY) as reply:
            droplet_id = (await reply.json())["droplet"]["id"]
        emulator.clock.advance(40)
        assert await addresses(visitor, droplet_id) == []
        emulator.clock.advance(20)
        _, host = await addresses(visitor, droplet_id)
        await asyncio.sleep(0.1)
        assert await heard(host, port) == REFUSED
        emulator.clock.advance(40)
        await until_heard(SILENT, host, port)
        reader, writer = await asyncio.open_connection(host, port)
        emulator.clock.advance(100)
        assert (await asyncio.wait_for(reader.readline(), 20)).decode().rstrip() == BANNER
        writer.close()


async def test_port_is_closed_when_the_droplet_is_off_or_gone(visit: Callable[[Emulator], Visitor]) -> None:
    async with Emulator(2, ssh_port=0, ssh_delay=30) as emulator:
        port = emulator.ssh_port or 0
        hosts = [(await addresses(visit(emulator), FIRST + number))[1] for number in range(2)]
        reader, writer = await asyncio.open_connection(hosts[0], port)
        await reader.readline()
        emulator.account.start(FIRST, "power_off")
        emulator.account.remove(FIRST + 1)
        for host in hosts:
            await until_heard(REFUSED, host, port)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()


def test_ports_are_closed_together_with_the_emulator() -> None:
    with Emulator(1, ssh_port=0) as emulator:
        port = emulator.ssh_port or 0
        connection = socket.create_connection(("127.48.73.28", port), timeout=20)
        assert connection.recv(100).decode().rstrip() == BANNER
    assert emulator.ssh_port is None
    with connection:
        assert connection.recv(100) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.48.73.28", port), timeout=20)


def test_ssh_speaks_some_time_after_the_last_boot() -> None:
    desk = Desk(DropletSpec(status="new"), behaviour=Behaviour(address_lag=20))
    times = SSHTimes(delay=40)

    def speaks_at_second() -> float | None:
        droplet = desk.account.droplet(FIRST)
        assert droplet is not None
        return speaks_at(droplet, desk.account.actions_of(FIRST), times, 20)

    assert speaks_at_second() is None
    desk.clock.advance(32)
    assert speaks_at_second() is None
    desk.clock.advance(20)
    assert speaks_at_second() == 32 + 20 + 40
    desk.act("reboot")
    assert speaks_at_second() is None
    desk.clock.advance(20)
    assert speaks_at_second() == 72 + 40
    desk.account.start(FIRST, "reboot", outcome=Outcome(errored=True))
    desk.clock.advance(20)
    assert speaks_at_second() == 72 + 40
    desk.run("power_off")
    assert speaks_at_second() is None
    desk.act("power_on")
    desk.clock.advance(10)
    assert speaks_at_second() == desk.clock.now() + 40


def test_droplet_without_history_speaks_since_it_exists() -> None:
    desk = Desk(behaviour=Behaviour(history=False))
    droplet = desk.account.droplet(FIRST)
    assert droplet is not None
    assert speaks_at(droplet, (), SSHTimes(delay=40), 0) == droplet.created


def test_addresses_are_reserved_ones_without_ssh() -> None:
    desk = Desk()
    networks = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]["networks"]
    assert [one["ip_address"] for one in networks["v4"]] == ["10.118.73.28", "198.18.73.28"]


async def test_emulator_does_not_start_when_the_ssh_port_is_taken() -> None:
    with socket.create_server(("", 0)) as taken:
        emulator = Emulator(ssh_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="SSH port") as caught:
            await emulator.__aenter__()
        assert caught.value.errno == errno.EADDRINUSE
        with pytest.raises(RuntimeError, match="closed"):
            _ = emulator.base_url


def test_command_says_that_the_ssh_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("", 0)) as taken:
        assert serve(EmulatorOptions(port=0, ssh_port=taken.getsockname()[1])) == 1
    assert "SSH port" in capsys.readouterr().err


@pytest.mark.parametrize("options", [{"ssh_port": 65536}, {"ssh_delay": -1.0}, {"ssh_silence": float("inf")}])
def test_command_refuses_ssh_options_that_make_no_sense(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="--ssh-"):
        EmulatorOptions(**options).emulator()


def test_greeting_names_the_ssh_port_of_an_empty_account() -> None:
    options = EmulatorOptions(droplets=0, tag=("a",), port=0, ssh_port=0)
    with options.emulator() as emulator:
        text = _greeting(emulator, options)
        assert f"An account without Droplets at {emulator.base_url}.\n" in text
        assert f"on port {emulator.ssh_port}.\n" in text
        assert text.rstrip().endswith("$GRADIENT_BASE_URL/v2/sizes")
