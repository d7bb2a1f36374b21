"""From words to a command, and from what became of it to an exit status."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final, Protocol

from cyclopts import App, CycloptsError, Parameter

from gradient_async._version import VERSION
from gradient_async.cli import failures, verbs
from gradient_async.cli.exit_codes import INTERRUPTED, USAGE, UsageError, code_of_error
from gradient_async.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.options import OutputOptions

_NAME: Final = "gpu-droplets"


class Command(Protocol):
    """What a verb stands for."""

    @property
    def display(self) -> OutputOptions:
        """What is written."""

    def run(self, screen: Screen) -> int:
        """Do it, and give the exit status."""


def application() -> App:
    """The verbs and their help."""
    app = App(
        _NAME,
        help="Act on DigitalOcean GPU Droplets: each once, within the rate limits, and told what became of it.",
        version=VERSION,
        help_format="plaintext",
        default_parameter=Parameter(negative_iterable=()),
    )
    verbs.register(app)
    return app


def run(words: Sequence[str]) -> int:
    """Run the command that the words stand for; gives its exit status."""
    screen = Screen()
    command: Command | None = None
    try:
        command = application()(
            ["@-" if word == "-" else word for word in words],
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
        return 0 if command is None else command.run(screen)
    except CycloptsError as error:
        screen.failure(failures.usage_line(error))
        return USAGE
    except UsageError as error:
        screen.failure(failures.usage_line(error))
        return USAGE
    except KeyboardInterrupt:
        screen.say("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, the person who typed the command gets one line
        if command is not None and command.display.debug:
            traceback.print_exc()
        screen.failure(failures.line_of(error))
        return code_of_error(error)
