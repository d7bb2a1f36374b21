"""The application: from words to a command, and from its result to an exit status."""

from __future__ import annotations

import traceback
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from cyclopts import App, CycloptsError, Parameter

from gradient_async._version import VERSION
from gradient_async.cli import failures, help_layout, reads, services, unknown_words, verb_index
from gradient_async.cli.exit_codes import COMPLETED, FAILED, INTERRUPTED, USAGE, UsageError, code_of_error
from gradient_async.cli.ids import STANDARD_INPUT
from gradient_async.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.options import ListOutputOptions, OutputOptions

_NAME: Final = "gpu-droplets"
# No line is longer than 79 characters, so that no terminal breaks it again.
_EPILOGUE: Final = """\
Droplets are given by ids or names, by files with them (@FILE), by standard
input (-, which takes the JSON of this command too), or by --tag. The token
comes from DIGITALOCEAN_ACCESS_TOKEN, --token-file, or doctl (--context).
Without one, --emulated N tries anything out on N emulated Droplets.

Verbs that lose data, or take the power from a guest without asking it, ask
first: rebuild, restore, password-reset, power-cycle, power-off --no-graceful,
resize --disk. Without a terminal they do nothing unless --yes is given.

Exit status:

    0  every Droplet is completed, or what was asked for was found
    1  something failed, is unknown or was skipped, or the answer was no
    2  what was typed makes no sense, or the journal is no good; nothing was sent
    3  there is no token, the API does not let it in, or it lacks a permission
  130  interrupted by Ctrl-C (143 by kill); what was done until then is shown

Examples:

  gpu-droplets list --emulated 3
  gpu-droplets reboot 3164444 3164445
  gpu-droplets reboot --tag training --journal reboot-$(date +%F).journal
  gpu-droplets resume reboot-2026-11-30.journal --report reboot.html
"""


class Command(Protocol):
    """The command behind a verb."""

    @property
    def display(self) -> OutputOptions | ListOutputOptions:
        """Options of the output."""

    def run(self, screen: Screen) -> int:
        """Run the command, and return the exit status."""


@cache
def application() -> App:
    """Return the application with its verbs and their help."""
    app = App(
        _NAME,
        help="Run actions on DigitalOcean GPU Droplets: once each, within the rate limits, with an outcome for each.",
        help_epilogue=_EPILOGUE,
        version=f"{_NAME} {VERSION}",
        help_format="plaintext",
        help_formatter=help_layout.HelpLayout(),
        default_parameter=Parameter(negative_iterable=()),
    )
    reads.register(app)
    verb_index.register(app)
    services.register(app)
    return app


def run(words: Sequence[str]) -> int:
    """Run the command that the words name, and return its exit status."""
    screen = Screen()
    code = _run(words, screen)
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
