"""SSH ports of Droplets: real sockets on loopback addresses, which only answer with a banner."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.addresses import private_address, public_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.actions import Action
    from gradient_async.emulator.droplets import Droplet

_BANNER = b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n"
_ROUND_SECONDS = 0.02
# The pause between two rounds, as a multiple of a round's time: with many Droplets, requests keep most of the time.
_REST = 5.0
# An address that no Droplet has, to check whether the port can be used.
_SPARE_ADDRESS = "127.128.0.1"
#: Actions that boot the operating system (guess for all but the power actions).
_BOOTS = frozenset({"create", "power_on", "power_cycle", "reboot", "rebuild", "restore", "password_reset"})
#: Actions during which nothing answers (guess).
_DOWN_DURING = _BOOTS | {"power_off", "shutdown", "destroy"}


@attrs.frozen(kw_only=True)
class SSHTimes:
    """The times until SSH answers on a Droplet that boots.

    Args:
        delay: Virtual seconds from the address of a new Droplet, or the end of a boot, until the banner.
        silence: Virtual seconds before that in which the port accepts connections, and sends nothing.
    """

    delay: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    silence: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))


def speaks_at(droplet: Droplet, actions: Sequence[Action], times: SSHTimes, address_lag: float) -> float | None:
    """Return the virtual second from which SSH answers on a Droplet. Pure.

    It is None while the Droplet is off, boots or has no address.

    Args:
        droplet: The Droplet.
        actions: Its actions, newest first.
        times: The times until SSH answers.
        address_lag: Virtual seconds from the end of a `create` until the addresses.
    """
    if not (droplet.is_on and droplet.has_address):
        return None
    if any(action.type in _DOWN_DURING and not action.is_finished for action in actions):
        return None
    boot = next((action for action in actions if action.type in _BOOTS and action.status == "completed"), None)
    if boot is None or boot.completed is None:
        return droplet.created
    return boot.completed + times.delay + (address_lag if boot.type == "create" else 0.0)


class _Connection(asyncio.Protocol):
    """A connection to a port. It gets the banner as soon as the port sends one."""

    def __init__(self, port: _Port) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server makes nothing else
        self._transport = transport
        if self._port.is_closed:  # it was accepted just before
            self.abort()
            return
        self._port.connections.add(self)
        if self._port.speaks:
            self.greet()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._port.connections.discard(self)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - the protocol's signature
        """End the connection after the client's first data: there is no key exchange."""
        if self._port.speaks and self._transport is not None:
            self._transport.close()

    def greet(self) -> None:
        """Send the banner."""
        if self._transport is not None:
            self._transport.write(_BANNER)

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()


class _Port:
    """The listening sockets of one Droplet."""

    def __init__(self, addresses: Sequence[str], port: int) -> None:
        self.connections: set[_Connection] = set()
        self.speaks = False
        self.is_closed = False
        self._addresses = addresses
        self._port = port
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), self._addresses, self._port)

    def speak(self) -> None:
        """Send the banner on all connections, and on each new one."""
        if not self.speaks:
            self.speaks = True
            for connection in self.connections:
                connection.greet()

    async def close(self) -> None:
        self.is_closed = True
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        if self._server is not None:
            await self._server.wait_closed()


class SSHPorts:
    """The SSH ports of an account's Droplets, from `start` to `stop`. They follow the account's time.

    Each Droplet has its port on its own addresses, which must be loopback ones (`Behaviour.addresses`). Linux and
    Windows have them; macOS has 127.0.0.1 alone, and does not start.

    Args:
        account: The account.
        port: The port, the same on all addresses; 0 takes a free one.
        times: When SSH answers.
    """

    def __init__(self, account: Account, port: int, times: SSHTimes) -> None:
        self._account = account
        self._times = times
        self._wanted = port
        self._ports: dict[int, _Port] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Start to follow the Droplets, and return the port.

        Raises:
            OSError: The port cannot be used.
        """
        try:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((_SPARE_ADDRESS, self._wanted))
                port: int = probe.getsockname()[1]
        except OSError as error:
            raise OSError(error.errno, f"{error.strerror} (SSH port {self._wanted} of {_SPARE_ADDRESS})") from error
        await self._follow(port)
        self._task = asyncio.create_task(self._follow_always(port), name="gradient-emulator-ssh")
        return port

    async def stop(self) -> None:
        """Close every port and connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for port in self._ports.values():
            await port.close()
        self._ports.clear()

    async def _follow_always(self, port: int) -> None:
        took = 0.0
        while True:
            await asyncio.sleep(max(_ROUND_SECONDS, _REST * took))
            began = time.monotonic()
            await self._follow(port)
            took = time.monotonic() - began

    async def _follow(self, port: int) -> None:
        """Open and close ports according to the present Droplets."""
        openings, now = self._moments()
        for droplet_id in [one for one in self._ports if one not in openings]:
            await self._ports.pop(droplet_id).close()
        for droplet_id, (addresses, opens_at) in openings.items():
            if droplet_id not in self._ports:
                opened = _Port(addresses, port)
                try:
                    await opened.open()
                except OSError:  # another program has the port on this address: try again in the next round
                    continue
                self._ports[droplet_id] = opened
            if opens_at <= now:
                self._ports[droplet_id].speak()

    def _moments(self) -> tuple[Mapping[int, tuple[Sequence[str], float]], float]:
        """Return the Droplets whose port is open, with their addresses and the second from which SSH answers."""
        account, found = self._account, dict[int, tuple[Sequence[str], float]]()
        kind, lag = account.behaviour.addresses, account.behaviour.address_lag
        with account.settled() as now:
            for droplet in account.droplets.values():
                opens_at = speaks_at(droplet, account.actions_of(droplet.id), self._times, lag)
                if opens_at is not None and opens_at - self._times.silence <= now:
                    public = [public_address(droplet.id, kind)] if droplet.has_public_network else []
                    found[droplet.id] = [*public, private_address(droplet.id, kind)], opens_at
        return found, now
