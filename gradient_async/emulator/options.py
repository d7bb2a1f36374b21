"""The options of `python -m gradient_async.emulator` and `gpu-droplets emulate`, and the emulator they describe."""

from __future__ import annotations

import math
import ssl
from typing import TYPE_CHECKING, Literal

import attrs

from gradient_async.emulator.fitting import fitting_spec, is_verb
from gradient_async.emulator.limits import RateLimits
from gradient_async.emulator.option_values import (
    FAULT_NAMES,
    VIEWS,
    OptionError,
    behaviour_in,
    capacity_in,
    durations_in,
    fault_in,
    prices_in,
    tokens_in,
    visibility_in,
)
from gradient_async.emulator.public_catalogue import PUBLIC_CATALOGUE
from gradient_async.emulator.server import Emulator

if TYPE_CHECKING:
    from typing import Any

    from gradient_async.emulator.catalogue import Catalogue
    from gradient_async.emulator.droplets import DropletSpec, DropletStatus

MAX_PORT = 65_535
MAX_DROPLETS = 100_000


def _option(default: Any, help: str, *, metavar: str | None = None, name: str | None = None) -> Any:  # noqa: ANN401 - as attrs.field
    """Return a field that is an option. Its default name is the field's."""
    return attrs.field(default=default, metadata={"help": help, "metavar": metavar, "name": name})


@attrs.frozen(kw_only=True)
class EmulatorOptions:
    """The options of an emulated account on a command line. Each field is one option, with its `help`."""

    droplets: int = _option(3, "Number of GPU Droplets.", metavar="N")
    cpu_droplets: int = _option(0, "Number of Droplets without GPUs.", metavar="N")
    tag: tuple[str, ...] = _option((), "Tag of all Droplets; can be repeated.", metavar="TAG")
    status: Literal["active", "off", "new", "archive"] | None = _option(
        None, "Status of all Droplets: active, off, new (becomes active) or archive.", metavar="STATUS"
    )
    for_verb: str | None = _option(
        None,
        "Start the Droplets in a state that fits this verb, such as power-on.",
        metavar="VERB",
        name="--for",
    )
    used_gigabytes: float | None = _option(
        None, "Used disk of each Droplet in GB. A snapshot or resize takes about a minute per GB.", metavar="N"
    )
    host: str = _option("127.0.0.1", "Address to listen on.")
    port: int = _option(8787, "Port to listen on; 0 for any free port.")
    tls_cert: str | None = _option(None, "Serve HTTPS with the certificate in this PEM file.", metavar="FILE")
    tls_key: str | None = _option(None, "The certificate's key, if it is not in the same file.", metavar="FILE")
    token: tuple[str, ...] = _option(
        (),
        "An accepted token; can be repeated. Its scopes can follow, as in TOKEN=droplet:read,tag:read; the default "
        "is those of --scope. The default token is a new one.",
        metavar="TOKEN",
    )
    scope: tuple[str, ...] = _option(
        (), "A scope of the tokens, such as droplet:read; can be repeated. The default is all scopes.", metavar="SCOPE"
    )
    limits: bool = _option(True, "Limit requests as the API does, or not at all.")
    time_scale: float = _option(1.0, "Speed of the account's clock; 1 is real time.", metavar="X")
    fault: tuple[str, ...] = _option(
        (),
        "A fault, such as ErroredAction, StatusLag:10 or DropAfter:times=1,rate=0.5; can be repeated. "
        f"The faults are {', '.join(FAULT_NAMES)}.",
        metavar="FAULT",
    )
    lag: tuple[str, ...] = _option(
        (),
        f"Seconds that a view lags behind, such as list=20, or status=5@0.5 with a chance of 0.5; can be "
        f"repeated. The views are {', '.join(VIEWS)}.",
        metavar="VIEW=SECONDS",
    )
    duration: tuple[str, ...] = _option(
        (), "Seconds that an action takes, such as snapshot=3600; can be repeated.", metavar="TYPE=SECONDS"
    )
    behaviour: tuple[str, ...] = _option(
        (),
        "A behaviour where the evidence conflicts, such as locked=always; can be repeated.",
        metavar="NAME=VALUE",
    )
    sold_out: tuple[str, ...] = _option((), "A size that is sold out; can be repeated.", metavar="SIZE")
    capacity: tuple[str, ...] = _option(
        (),
        "Room for new Droplets of a size in a region, such as gpu-h100x8-640gb:nyc2=4, or gpu-*:*=20/60 for as many as "
        "the quotas allow in 20 s of every 60 s, or gpu-*:*=1@20/60 for one; can be repeated, and a later one goes "
        "before earlier ones.",
        metavar="SIZE:REGION=ROOM",
    )
    price: tuple[str, ...] = _option(
        (),
        "Price of a size in dollars an hour, such as gpu-h100x1-80gb=4.41, or 4.41@600 from the 600th second; can be "
        "repeated.",
        metavar="SIZE=DOLLARS",
    )
    droplet_limit: int | None = _option(None, "Maximum number of Droplets.", metavar="N")
    gpu_limit: int | None = _option(None, "Maximum number of GPUs of all Droplets.", metavar="N")
    ssh_port: int | None = _option(
        None, "Port at which each Droplet answers with an SSH banner, on a loopback address; 0 for any free port."
    )
    ssh_delay: float = _option(0.0, "Seconds from the address of a new Droplet to the banner.", metavar="SECONDS")
    ssh_silence: float = _option(
        0.0, "Seconds before the banner for which the SSH port takes connections only.", metavar="SECONDS"
    )
    clock_skew: float = _option(0.0, "Seconds that the account's clock is ahead.", metavar="SECONDS")
    seed: int = _option(0, "Seed of ids and chances, for repeatable runs.", metavar="N")
    debug: bool = _option(False, "Write a line for each request, and the traceback of an error.")

    @property
    def rate_limits(self) -> RateLimits | None:
        """The rate windows of each token."""
        return RateLimits() if self.limits else None

    def emulator(self) -> Emulator:
        """Return the emulator that the options describe.

        Raises:
            OptionError: An option is invalid.
        """
        self._check()
        scopes = frozenset(self.scope) or None
        tokens = tokens_in(self.token, scopes, self.rate_limits)
        first = tokens[0] if tokens else None
        emulator = Emulator(
            self._specs(),
            time_scale=self.time_scale,
            faults=[fault_in(text) for text in self.fault],
            durations=durations_in(self.duration),
            limits=self.rate_limits,
            scopes=first.scopes if first else scopes,
            behaviour=behaviour_in(self.behaviour),
            visibility=visibility_in(self.lag),
            catalogue=self._catalogue(),
            droplet_limit=self.droplet_limit,
            gpu_limit=self.gpu_limit,
            ssh_port=self.ssh_port,
            ssh_delay=self.ssh_delay,
            ssh_silence=self.ssh_silence,
            clock_skew=self.clock_skew,
            token=first.value if first else None,
            tokens=tokens[1:],
            tls=self._tls(),
            host=self.host,
            port=self.port,
            seed=self.seed,
        )
        rooms, prices = capacity_in(self.capacity), prices_in(self.price)
        try:
            emulator.capacity.set_all(rooms)
        except ValueError as error:
            raise OptionError(f"--capacity: {error}") from None
        try:
            emulator.prices.set_all(prices)
        except ValueError as error:
            raise OptionError(f"--price: {error}") from None
        return emulator

    def _check(self) -> None:
        if not 0 <= self.port <= MAX_PORT:
            raise OptionError(f"--port: expected 0 to {MAX_PORT:,}, got {self.port}")
        if self.cpu_droplets < 0:
            raise OptionError(f"--cpu-droplets: expected at least 0, got {self.cpu_droplets}")
        if self.droplets < 0:
            raise OptionError(f"--droplets: expected at least 0, got {self.droplets}")
        for name, count in (("--droplets", self.droplets), ("--cpu-droplets", self.cpu_droplets)):
            if count > MAX_DROPLETS:
                raise OptionError(f"{name}: expected up to {MAX_DROPLETS:,}, got {count}")
        if self.for_verb is not None and not is_verb(self.for_verb):
            raise OptionError(f"--for: there is no verb {self.for_verb!r}. Allowed are the verbs such as power-on")
        if not 0 < self.time_scale < math.inf:
            raise OptionError(f"--time-scale: expected a number above 0, got {self.time_scale:g}")
        if self.used_gigabytes is not None and not 0 <= self.used_gigabytes < math.inf:
            raise OptionError(f"--used-gigabytes: expected at least 0, got {self.used_gigabytes:g}")
        for name, limit in (("--droplet-limit", self.droplet_limit), ("--gpu-limit", self.gpu_limit)):
            if limit is not None and limit < 0:
                raise OptionError(f"{name}: expected at least 0, got {limit}")
        if self.ssh_port is not None and not 0 <= self.ssh_port <= MAX_PORT:
            raise OptionError(f"--ssh-port: expected 0 to {MAX_PORT:,}, got {self.ssh_port}")
        for name, seconds in (("--ssh-delay", self.ssh_delay), ("--ssh-silence", self.ssh_silence)):
            if not 0 <= seconds < math.inf:
                raise OptionError(f"{name}: expected seconds from 0, got {seconds:g}")
        if self.tls_key is not None and self.tls_cert is None:
            raise OptionError("--tls-key: not allowed without --tls-cert")

    def _specs(self) -> list[DropletSpec]:
        spec = attrs.evolve(fitting_spec(self.for_verb, self.tag), used_gigabytes=self.used_gigabytes)
        status: DropletStatus = self.status or spec.status
        gpu, cpu = attrs.evolve(spec, status=status), attrs.evolve(spec, status=status, gpu=False)
        return [*[gpu] * self.droplets, *[cpu] * self.cpu_droplets]

    def _catalogue(self) -> Catalogue:
        catalogue = PUBLIC_CATALOGUE
        for slug in self.sold_out:
            try:
                catalogue = catalogue.sold_out(slug)
            except ValueError as error:
                raise OptionError(f"--sold-out: {error}") from None
        return catalogue

    def _tls(self) -> ssl.SSLContext | None:
        if self.tls_cert is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.tls_cert, self.tls_key, password=_no_password)
        except (OSError, ValueError) as error:
            given = self.tls_cert if self.tls_key is None else f"{self.tls_cert} and {self.tls_key}"
            reason = getattr(error, "strerror", None) or str(error)
            raise OptionError(f"--tls-cert: {given} cannot be used as a certificate and its key: {reason}") from None
        return context


def _no_password() -> str:
    raise ValueError("the key needs a password; give one without")


def option_name(field: attrs.Attribute[object]) -> str:
    """Return the name of a field's option, with its dashes."""
    given = field.metadata["name"]
    return given if isinstance(given, str) else f"--{field.name.replace('_', '-')}"
