"""`python -m gradient_async.emulator`: serve an emulated account until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from gradient_async.emulator import DropletSpec, Emulator, RateLimits

if TYPE_CHECKING:
    from collections.abc import Sequence

_GREETING = """\
{count} GPU Droplets at {base_url}, ids {first} to {last}{tagged}.
A minute of the account's time takes {minute:g} s. Requests are {limited}. Ctrl-C stops it.

    export GRADIENT_BASE_URL={base_url}
    export DIGITALOCEAN_ACCESS_TOKEN={token}

    curl -X POST -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -H "Content-Type: application/json" \\
      -d '{{"type":"reboot"}}' $GRADIENT_BASE_URL/v2/droplets/{first}/actions
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit status."""
    options = _parser().parse_args(arguments)
    specs = [DropletSpec(tags=options.tag)] * options.droplets
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
    parser.add_argument("--port", type=int, default=8787, help="port to listen on; 0 takes a free one (default 8787)")
    parser.add_argument(
        "--time-scale", type=_scale, default=1.0, metavar="X", help="run the account's time X times as fast"
    )
    parser.add_argument("--tag", action="append", default=[], help="tag of every Droplet; can be repeated")
    parser.add_argument("--token", help="the token to let in (default: a new one)")
    parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _scale(text: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no positive number")


async def _serve(emulator: Emulator, options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    async with emulator:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        sys.stdout.write(_greeting(emulator, options))
        sys.stdout.flush()
        await stopped.wait()


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
        limited="not limited" if options.no_limits else "limited as by the API",
    )


if __name__ == "__main__":
    sys.exit(main())
