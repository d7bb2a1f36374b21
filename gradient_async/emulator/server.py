"""The emulator: an account, served over HTTP."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING

import attrs

from gradient_async.emulator.account import Account
from gradient_async.emulator.app import App
from gradient_async.emulator.capacity import Capacity
from gradient_async.emulator.clock import Clock
from gradient_async.emulator.droplets import DropletSpec
from gradient_async.emulator.fault_plan import FaultPlan
from gradient_async.emulator.gateway import Gateway
from gradient_async.emulator.limits import RateLimits
from gradient_async.emulator.listener import Listener
from gradient_async.emulator.prices import Prices
from gradient_async.emulator.profiles import Behaviour
from gradient_async.emulator.public_catalogue import PUBLIC_CATALOGUE
from gradient_async.emulator.request_log import RequestLog
from gradient_async.emulator.serving import Serving
from gradient_async.emulator.ssh_ports import SSHPorts, SSHTimes
from gradient_async.emulator.tokens import Token
from gradient_async.emulator.visibility import Visibility

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Mapping, Sequence

    from gradient_async.emulator.capacity import Room
    from gradient_async.emulator.catalogue import Catalogue
    from gradient_async.emulator.selection import Fault


class Emulator(Serving):
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
        times = SSHTimes(delay=ssh_delay, silence=ssh_silence)
        super().__init__(
            partial(Listener, self._app, host, port, keepalive_timeout, tls),
            None if ssh_port is None else SSHPorts(self.account, ssh_port, times),
        )


def _specs(droplets: int | Sequence[DropletSpec]) -> Sequence[DropletSpec]:
    if not isinstance(droplets, int):
        return droplets
    if droplets < 0:
        raise ValueError(f"droplets must not be negative: {droplets}")
    return [DropletSpec()] * droplets
