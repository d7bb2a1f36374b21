"""The emulator: an account, and the server for it."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Self

import attrs
from aiohttp import web

from gradient_async.emulator.account import Account
from gradient_async.emulator.app import App
from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.clock import Clock
from gradient_async.emulator.droplets import DropletSpec
from gradient_async.emulator.fault_plan import FaultPlan
from gradient_async.emulator.gateway import Gateway
from gradient_async.emulator.limits import RateLimits
from gradient_async.emulator.prices import Prices
from gradient_async.emulator.profiles import Behaviour
from gradient_async.emulator.public_catalogue import PUBLIC_CATALOGUE
from gradient_async.emulator.request_log import RequestLog
from gradient_async.emulator.ssh_ports import SSHPorts, SSHTimes
from gradient_async.emulator.tokens import Token
from gradient_async.emulator.visibility import Visibility

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Mapping, Sequence
    from types import TracebackType

    from gradient_async.emulator.capacity import Room
    from gradient_async.emulator.catalogue import Catalogue
    from gradient_async.emulator.selection import Fault

_BACKLOG = 1024
_GRACE_SECONDS = 0.5


class Listener:
    """A listening socket and the connections made to it, from `start` to `stop`.

    Args:
        app: Answers the requests.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        keepalive_timeout: Seconds after which an idle connection is closed.
        tls: Serve HTTPS with this context.
    """

    def __init__(
        self, app: App, host: str, port: int, keepalive_timeout: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._tls = tls
        self._server = web.Server(app, handler_cancellation=True, access_log=None, keepalive_timeout=keepalive_timeout)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_GRACE_SECONDS)

    async def start(self) -> str:
        """Start to listen, and return the base URL."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=_BACKLOG, ssl_context=self._tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening, cancel pending answers, and close every connection."""
        transports = [connection.transport for connection in self._server.connections]
        self._app.cancel()
        await self._runner.cleanup()
        for transport in transports:
            # A client that does not read would keep a closing connection open for ever.
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)


class Emulator:
    """A DigitalOcean account in memory, served over HTTP or HTTPS on the loopback interface.

    `async with Emulator(...)` serves from the running event loop, `with Emulator(...)` from a thread of its
    own. Either may be entered once. The log of requests can be read while it runs and afterwards.

    Example:
        >>> async with Emulator(droplets=3, time_scale=60) as emulator:
        ...     client = AsyncGradientAI(emulator.token, base_url=emulator.base_url)

    Args:
        droplets: Number of the account's GPU Droplets, or a spec for each. Their ids count up from 3164444.
        time_scale: Seconds of the account's time in one real second. Durations and rate windows follow the
            account's time; every timestamp on the wire is wall time, see `Clock`.
        faults: Its faults from the start.
        durations: Seconds of the account's time by action type, in place of the usual ones. A snapshot and a resize
            usually take about a minute for each gigabyte in use; a number given here holds for every Droplet.
        limits: The token's rate windows; None switches them off.
        scopes: The token's scopes, such as `{"droplet:read", "actions:read"}`; None is all of them.
        behaviour: Its behaviour where evidence about the real API conflicts or is missing.
        visibility: The lag of what requests see behind the real state.
        catalogue: The sizes, regions, images and quotas of the account; None is the public catalogue.
        capacity: Room for new Droplets by pair of size and region: their number, or an `Opening`; a slug may be a
            pattern such as `gpu-*`. A later rule goes before earlier ones. `capacity.set` changes it while it runs.
        droplet_limit: Maximum number of Droplets, in place of the catalogue's limit.
        gpu_limit: Maximum number of GPUs of all Droplets, in place of the catalogue's limit.
        prices: Future prices: US dollars an hour by size, and by the second of the account's time at which each
            begins. `prices.set` changes one while it runs.
        ssh_port: Port at which each Droplet answers with an SSH banner, on a loopback address of its own; 0 takes a
            free one, None has none. There is no login behind it. macOS has no such addresses.
        ssh_delay: Seconds of the account's time from the address of a new Droplet, or the end of a boot, to the banner.
        ssh_silence: Seconds before the banner in which the port accepts connections, and sends nothing.
        clock_skew: Seconds by which the server's clock is ahead of this machine's (negative: behind).
        keepalive_timeout: Real seconds after which an idle connection is closed.
        token: The accepted token; None makes a new one.
        tokens: More tokens, each with scopes and rate windows of its own.
        tls: Serve HTTPS with this context; None is HTTP.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        seed: Makes ids and chances repeatable.

    Raises:
        ValueError: An argument is out of range.
    """

    def __init__(
        self,
        droplets: int | Sequence[DropletSpec] = 1,
        *,
        time_scale: float = 1.0,
        faults: Sequence[Fault] = (),
        durations: Mapping[str, float] | None = None,
        limits: RateLimits | None = RateLimits(),  # noqa: B008 - a frozen value
        scopes: Collection[str] | None = None,
        behaviour: Behaviour = Behaviour(),  # noqa: B008 - a frozen value
        visibility: Visibility = Visibility(),  # noqa: B008 - a frozen value
        catalogue: Catalogue | None = None,
        capacity: Mapping[tuple[str, str], Room] | None = None,
        droplet_limit: int | None = None,
        gpu_limit: int | None = None,
        prices: Mapping[str, Mapping[float, float]] | None = None,
        ssh_port: int | None = None,
        ssh_delay: float = 0.0,
        ssh_silence: float = 0.0,
        clock_skew: float = 0.0,
        keepalive_timeout: float = 75.0,
        token: str | None = None,
        tokens: Sequence[Token] = (),
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
    ) -> None:
        self.token: str = token or f"dop_v1_{secrets.token_hex(32)}"
        self.clock: Clock = Clock(start=time.time(), scale=time_scale, skew=clock_skew)
        self.account: Account = Account(
            clock=self.clock,
            behaviour=behaviour if ssh_port is None else attrs.evolve(behaviour, addresses="loopback"),
            durations=durations,
            seed=seed,
            visibility=visibility,
            catalogue=(catalogue or PUBLIC_CATALOGUE).limited(droplets=droplet_limit, gpus=gpu_limit),
        )
        self.capacity: Capacity = self.account.part(Capacity)
        self.capacity.set_all(capacity or {})
        self.prices: Prices = self.account.part(Prices)
        self.prices.set_all(prices or {})
        self.faults: FaultPlan = FaultPlan(faults, seed=seed)
        self.requests: RequestLog = RequestLog()
        for spec in _specs(droplets):
            self.account.add(spec)
        known = [Token(value=self.token, scopes=scopes, limits=limits), *tokens]
        gateway = Gateway(self.account, tokens=known, faults=self.faults, seed=seed)
        self._app = App(gateway, self.requests)
        self._listen = partial(Listener, self._app, host, port, keepalive_timeout, tls)
        times = SSHTimes(delay=ssh_delay, silence=ssh_silence)
        self._ssh: SSHPorts | None = None if ssh_port is None else SSHPorts(self.account, ssh_port, times)
        self._ssh_port: int | None = None
        self._listener: Listener | None = None
        self._base_url: str | None = None
        self._is_spent = False
        self._thread: threading.Thread | None = None
        self._stop_serving: Callable[[], object] | None = None

    @property
    def base_url(self) -> str:
        """The base URL, such as ``http://127.0.0.1:40123``.

        Raises:
            RuntimeError: It is not running.
        """
        if self._base_url is None:
            raise RuntimeError(f"the emulator {'has been closed' if self._is_spent else 'has not been started'}")
        return self._base_url

    @property
    def ssh_port(self) -> int | None:
        """The port at which Droplets answer with an SSH banner, None if they do not or it is not running."""
        return self._ssh_port

    def __repr__(self) -> str:
        return f"<Emulator at {self._base_url or 'no address'}>"

    async def __aenter__(self) -> Self:
        self._claim()
        listener = self._listen()
        self._base_url = await listener.start()
        self._listener = listener
        if self._ssh is not None:
            try:
                self._ssh_port = await self._ssh.start()
            except BaseException:
                await self.__aexit__(None, None, None)
                raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._base_url = self._ssh_port = None
        if self._ssh is not None:
            await self._ssh.stop()
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None

    def __enter__(self) -> Self:
        # Not anyio's start_blocking_portal: entered and never left, it keeps the interpreter, and forked
        # children, from exiting. A daemon thread of our own does not.
        started: Future[Callable[[], object]] = Future()
        thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="gradient-emulator", daemon=True
        )
        thread.start()
        failure = started.exception()
        if failure is not None:
            thread.join()
            raise failure
        self._thread, self._stop_serving = thread, started.result()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is not None and self._stop_serving is not None:
            self._stop_serving()
            self._thread.join()

    def _claim(self) -> None:
        if self._is_spent:
            raise RuntimeError("an Emulator serves once; make a new one")
        self._is_spent = True

    async def _serve(self, started: Future[Callable[[], object]]) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self.__aenter__()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            started.set_exception(error)
            return
        started.set_result(partial(loop.call_soon_threadsafe, stopped.set))
        try:
            await stopped.wait()
        finally:
            await self.__aexit__(None, None, None)


def _specs(droplets: int | Sequence[DropletSpec]) -> Sequence[DropletSpec]:
    if not isinstance(droplets, int):
        return droplets
    if droplets < 0:
        raise ValueError(f"droplets must not be negative: {droplets}")
    return [DropletSpec()] * droplets
