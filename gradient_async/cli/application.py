"""The application: from words to a command, and from its result to an exit status."""

from __future__ import annotations

import traceback
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from cyclopts import App, CycloptsError, Parameter

from gradient_async._version import VERSION
from gradient_async.cli import (
    failures,
    help_layout,
    kind_verbs,
    lifecycle,
    reads,
    services,
    unknown_words,
    verb_index,
    whole_numbers,
)
from gradient_async.cli.exit_codes import COMPLETED, FAILED, INTERRUPTED, USAGE, UsageError, code_of_error
from gradient_async.cli.ids import STANDARD_INPUT
from gradient_async.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.options import DebugOptions, ListOutputOptions, OutputOptions, TableOptions

_NAME: Final = "gpu-droplets"
# No line is longer than 79 characters, so that no terminal breaks it again.
_EPILOGUE: Final = """\
Droplets are ids or names, files of them (@FILE), standard input (-), or all
with a tag (--tag). Standard input can be the JSON output of this command. The
token comes from DIGITALOCEAN_ACCESS_TOKEN, --token-file, or doctl (--context).
To try a verb without a token, use --emulated N: an account with N Droplets.
Resources other than Droplets have verbs of their own: gpu-droplets sizes list.

These verbs cost money, lose data, or cut the power without a shutdown. They
ask for confirmation, or need --yes where there is no terminal: create,
destroy, reap, hibernate, wake, rebuild, restore, password-reset, power-cycle,
power-off --no-graceful, resize --disk, rename of several Droplets.

Exit status:

    0  every Droplet is completed, or the result was found
    1  a Droplet failed, is unknown, was skipped or only started; or you
       answered no; or the result could not be written
    2  invalid command line, or unusable journal; no action was sent
    3  the token is missing, invalid, or lacks a scope
  130  interrupted by Ctrl-C (143 by kill, or by the end of the terminal); the
       report so far is shown

Examples:

  gpu-droplets create --count 8 --size gpu-h100x1-80gb --emulated 0
  gpu-droplets list --emulated 3
  gpu-droplets reboot 3164444 3164445
  gpu-droplets reboot --tag training --journal reboot-$(date +%F).journal
  gpu-droplets resume reboot-2026-11-30.journal --report reboot.html
"""


class Command(Protocol):
    """The command behind a verb."""

    @property
    def display(self) -> OutputOptions | ListOutputOptions | TableOptions | DebugOptions:
        """Options of the output."""

    def run(self, screen: Screen) -> int:
        """Run the command, and return the exit status."""


@cache
def application() -> App:
    """Return the application with its verbs and their help."""
    app = App(
        _NAME,
        help="Create DigitalOcean GPU Droplets, act on them, and destroy them: once each, within the rate "
        "limits, with an outcome for each.",
        help_epilogue=_EPILOGUE,
        version=f"{_NAME} {VERSION}",
        help_format="plaintext",
        help_formatter=help_layout.HelpLayout(),
        default_parameter=Parameter(negative_iterable=(), converter=whole_numbers.converted),
    )
    reads.register(app)
    lifecycle.register(app)
    verb_index.register(app)
    kind_verbs.register(app)
    services.register(app)
    return app


def run(words: Sequence[str]) -> int:
    """Run the command that the words name, and return its exit status."""
    screen = Screen()
    try:
        code = _run(words, screen)
    finally:
        screen.leave_log()
    if screen.out.fault is not None:
        screen.failure(f"the result is incomplete: it could not be written: {screen.out.fault.strerror}")
        return code or FAILED
    return code


def _run(words: Sequence[str], screen: Screen) -> int:
    command: Command | None = None
    try:
        command = application()(
            [STANDARD_INPUT if word == "-" else word for word in words],
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
        if command is None:
            return COMPLETED
        screen.take_log(is_verbose=command.display.debug)
        return command.run(screen)
    except CycloptsError as error:
        screen.failure(unknown_words.line_of(error))
        return USAGE
    except UsageError as error:
        screen.failure(failures.usage_line(error))
        return USAGE
    except KeyboardInterrupt:
        screen.say("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - every error becomes one line
        if command is not None and command.display.debug:
            traceback.print_exc()
        screen.failure(failures.line_of(error))
        return code_of_error(error)
