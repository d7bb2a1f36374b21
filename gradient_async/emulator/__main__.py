"""`python -m gradient_async.emulator`: serve an emulated account until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, get_args, get_type_hints

import attrs

from gradient_async.emulator.limits import RateLimits
from gradient_async.emulator.option_values import OptionError
from gradient_async.emulator.options import EmulatorOptions, option_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gradient_async.emulator import Emulator, RecordedRequest

# The client's default: how long a lost action may take to show in a list.
_SETTLE_SECONDS = 5.0

_GREETING = """\
{droplets} at {base_url}{ids}{tagged}.
A minute of the account's time takes {minute:g} s. Requests are {limited}. Ctrl-C stops it.{ssh}
{pacing}
    export GRADIENT_BASE_URL={base_url}
    export DIGITALOCEAN_ACCESS_TOKEN={token}

    curl {example}
"""
_REBOOT = """\
-X POST -H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" -H "Content-Type: application/json" \\
      -d '{"type":"reboot"}' $GRADIENT_BASE_URL/v2/droplets/"""
_SIZES = '-H "Authorization: Bearer $DIGITALOCEAN_ACCESS_TOKEN" $GRADIENT_BASE_URL/v2/sizes'


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status."""
    parser = _parser()
    given: dict[str, Any] = vars(parser.parse_args(arguments))
    for name, value in given.items():
        given[name] = tuple(value) if isinstance(value, list) else value
    options = EmulatorOptions(**given)
    try:
        return serve(options)
    except OptionError as error:
        parser.error(str(error))


def serve(options: EmulatorOptions) -> int:
    """Serve the account of the options until SIGINT or SIGTERM, and return the exit status.

    Raises:
        OptionError: An option is invalid.
    """
    emulator = options.emulator()
    try:
        asyncio.run(_serve(emulator, options))
    except OSError as error:
        if options.debug:
            raise
        sys.stderr.write(f"error: cannot listen on {options.host}:{options.port}: {error.strerror or error}\n")
        return 1
    except KeyboardInterrupt:  # where signal handlers cannot be installed in the event loop
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gradient_async.emulator",
        description="A DigitalOcean account in memory, served over HTTP, to try programs on.",
    )
    hints = get_type_hints(EmulatorOptions)
    for field in attrs.fields(EmulatorOptions):
        name, help_text = option_name(field), field.metadata["help"].replace("%", "%%")
        if isinstance(field.default, bool):
            action = argparse.BooleanOptionalAction if field.default else "store_true"
            parser.add_argument(name, dest=field.name, action=action, default=field.default, help=help_text)
            continue
        kinds = get_args(hints[field.name]) or (hints[field.name],)
        is_repeatable, kind = isinstance(field.default, tuple), next((one for one in (int, float) if one in kinds), str)
        usual = "" if field.default in (None, ()) else f" (default {field.default})"
        choices = _choices(hints[field.name])
        parser.add_argument(
            name,
            dest=field.name,
            action="append" if is_repeatable else "store",
            type=kind,
            choices=choices,
            default=[] if is_repeatable else field.default,
            metavar=field.metadata["metavar"] or field.name.upper(),
            help=help_text.rstrip(".") + usual,
        )
    return parser


def _choices(hint: object) -> Sequence[str] | None:
    """Return the words of a `Literal`, or of one in a union."""
    words = [word for part in (hint, *get_args(hint)) for word in get_args(part) if isinstance(word, str)]
    return list(dict.fromkeys(words)) or None


async def _serve(emulator: Emulator, options: EmulatorOptions) -> None:
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
    """Write the request and the status of its answer. Never write a header, which may contain a token."""
    fault = f" ({request.fault})" if request.fault else ""
    answer = "not answered" if request.status is None else str(request.status)
    sys.stderr.write(f"{request.method} {ascii(request.target)[1:-1]} {answer}{fault}\n")
    sys.stderr.flush()


def pacing_hint(scale: float, *, is_limited: bool) -> str:
    """Return how to pace a client by this account's limits, if they differ from the API's; else "". Pure."""
    if not is_limited:
        return "\nA client still paces its requests, unless it is made with rate_budget=None.\n"
    if scale == 1:
        return ""
    limits = RateLimits()
    spans = ((limits.burst, limits.burst_seconds), (limits.hourly, limits.hourly_seconds))
    windows = ", ".join(f"({limit}, {seconds / scale:.6g})" for limit, seconds in spans)
    return (
        f"\nThe limits' windows are {scale:g} times as fast too, and a client does not know it. Pace it by them with\n"
        f"\n    AsyncGradientAI(rate_budget=RateBudget([{windows}]), settle_seconds={_SETTLE_SECONDS / scale:.6g})\n"
        "\nor use gpu-droplets VERB --emulated N, which does so.\n"
    )


def _greeting(emulator: Emulator, options: EmulatorOptions) -> str:
    ids = list(emulator.account.droplets)
    kinds = ((options.droplets, "GPU Droplets"), (options.cpu_droplets, "CPU Droplets"))
    return _GREETING.format(
        droplets=" and ".join(f"{count} {kind}" for count, kind in kinds if count) or "An account without Droplets",
        base_url=emulator.base_url,
        token=emulator.token,
        ids=f", ids {ids[0]} to {ids[-1]}" if ids else "",
        example=f"{_REBOOT}{ids[0]}/actions" if ids else _SIZES,
        tagged=f", tagged {', '.join(options.tag)}" if options.tag and ids else "",
        minute=emulator.clock.wall_seconds(60),
        ssh=f"\nEach Droplet answers with an SSH banner on port {emulator.ssh_port}." if emulator.ssh_port else "",
        pacing=pacing_hint(options.time_scale, is_limited=options.limits),
        limited="limited as by the API" if options.limits else "not limited",
    )


if __name__ == "__main__":
    sys.exit(main())
