"""The command to type next, after a run that creates or destroys Droplets."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gradient_async.cli.interruption import account_words, has_hidden_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.options import AccountOptions
    from gradient_async.cli.screen import Screen

_NAME = "gpu-droplets"


def say_next(screen: Screen, what: str, words: Sequence[str], account: AccountOptions) -> None:
    """Show the command to type next. An emulated account ends with the command, so there is none for it.

    Args:
        screen: Shows it.
        what: What it does, such as ``"to resume"``.
        words: Its words after the name of the program.
        account: The account.
    """
    if account.emulated is not None:
        return
    screen.say(f"{what}: {shlex.join([_NAME, *words, *account_words(account)])}")
    if has_hidden_credentials(account):
        screen.say("the user and the password of --proxy are left out above: add them")
