"""`python -m gradient_async.emulator`: serve an emulated account until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from gradient_async.emulator import Emulator, RateLimits
from gradient_async.emulator.fitting import fitting_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.emulator import RecordedRequest

MAX_PORT = 65_535
# The client's default: how long a lost action may take to show in a list.
_SETTLE_SECONDS = 5.0

_GREETING = """\
{count} GPU Droplets at {base_url}, ids {first} to {last}{tagged}.
A minute of the account's time takes {minute:g} s. Requests are {limited}. Ctrl-C stops it.
{pacing}
    export GRADIENT_BASE_URL={base_url}
    export DIGITALOCEAN_ACCESS_TOKEN={token}

    curl -X POST -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -H "Content-Type: application/json" \\
      -d '{{"type":"reboot"}}' $GRADIENT_BASE_URL/v2/droplets/{first}/actions
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit status."""
    options = _parser().parse_args(arguments)
    specs = [fitting_spec(options.fit, options.tag)] * options.droplets
    emulator = Emulator(
        specs,
        time_scale=options.time_scale,
        limits=None if options.no_limits else RateLimits(),
        token=options.token,
        host=options.host,
        port=options.port,
    )
    try:
        asyncio.run(_serve(emulator, options))
    except OSError as error:
        if options.debug:
            raise
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}\n")
        return 1
    except KeyboardInterrupt:  # where signal handlers cannot be installed in the event loop
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gradient_async.emulator",
        description="A DigitalOcean account in memory, served over HTTP, to try Droplet actions on.",
    )
    parser.add_argument("--droplets", type=_count, default=3, metavar="N", help="how many GPU Droplets (default 3)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8787, help="port to listen on; 0 takes a free one (default 8787)")
    parser.add_argument(
        "--time-scale", type=_scale, default=1.0, metavar="X", help="run the account's time X times as fast"
    )
    parser.add_argument("--tag", action="append", default=[], help="tag of every Droplet; can be repeated")
    parser.add_argument("--token", help="the token to let in (default: a new one)")
    parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
    parser.add_argument(
        "--for", dest="fit", metavar="VERB", help="Droplets in a state in which this verb makes sense, such as power-on"
    )
    parser.add_argument("--debug", action="store_true", help="write a line for each request, and tracebacks")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to {MAX_PORT:,}")
    return int(text)


def _scale(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no positive number")


async def _serve(emulator: Emulator, options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    if options.debug:
        emulator.requests.on_done = _write_request
    async with emulator:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        sys.stdout.write(_greeting(emulator, options))
        sys.stdout.flush()
        await stopped.wait()


def _write_request(request: RecordedRequest) -> None:
    """Write what was asked, and what was answered; never a header, where a token stands."""
    fault = f" ({request.fault})" if request.fault else ""
    answer = "not answered" if request.status is None else str(request.status)
    sys.stderr.write(f"{request.method} {ascii(request.target)[1:-1]} {answer}{fault}\n")
    sys.stderr.flush()


def pacing_hint(scale: float, *, is_limited: bool) -> str:
    """How a client is paced by this account's limits, where they are not those of the API; empty otherwise. Pure."""
    if not is_limited:
        return "\nA client paces its requests all the same, unless it is made with rate_budget=None.\n"
    if scale == 1:
        return ""
    limits = RateLimits()
    spans = ((limits.burst, limits.burst_seconds), (limits.hourly, limits.hourly_seconds))
    windows = ", ".join(f"({limit}, {seconds / scale:.6g})" for limit, seconds in spans)
    return (
        f"\nThe limits' windows are {scale:g} times as fast too, and a client does not know it. Pace it by them with\n"
        f"\n    AsyncGradientAI(rate_budget=RateBudget([{windows}]), settle_seconds={_SETTLE_SECONDS / scale:.6g})\n"
        "\nor use gpu-droplets VERB --emulated N, which does so by itself.\n"
    )


def _greeting(emulator: Emulator, options: argparse.Namespace) -> str:
    ids = list(emulator.account.droplets)
    return _GREETING.format(
        count=len(ids),
        base_url=emulator.base_url,
        token=emulator.token,
        first=ids[0],
        last=ids[-1],
        tagged=f", tagged {', '.join(options.tag)}" if options.tag else "",
        minute=emulator.clock.wall_seconds(60),
        pacing=pacing_hint(options.time_scale, is_limited=not options.no_limits),
        limited="not limited" if options.no_limits else "limited as by the API",
    )


if __name__ == "__main__":
    sys.exit(main())
