"""The question before something is lost, or begins to cost money."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gradient_async.cli import dangers
from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from gradient_async.cli.screen import Screen


def is_agreed(screen: Screen, warning: str) -> bool:
    """Show a warning, and ask for confirmation.

    Args:
        screen: Shows it.
        warning: One sentence or more, with its full stop.

    Raises:
        UsageError: There is no terminal for the question.
        KeyboardInterrupt: Ctrl-C was the answer.
    """
    if not screen.is_interactive:
        raise UsageError(f"{warning} There is no terminal for a confirmation. Pass --yes to continue without one")
    screen.say(warning)
    try:
        screen.error.write("Continue? [y/N] ")
        screen.error.flush()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        screen.say("")
        screen.say("nothing was sent")
        raise
    if dangers.is_yes(answer):
        return True
    screen.say("nothing was sent")
    return False
