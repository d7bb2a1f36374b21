"""The entry point of ``gpu-droplets``; also ``python -m gradient_async.cli``."""

from __future__ import annotations

# Everything else is imported where an interrupt is handled: Ctrl-C may come at once.
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NEEDED = ("cyclopts", "rich", "yaml")


def main() -> int:
    """Run the command line of this process, and return its exit status."""
    try:
        code = _run()
    except KeyboardInterrupt:  # before the application handles interrupts, or a second one while it does
        code = 130
    return code


def _run() -> int:
    import signal

    # If it is ignored, as under nohup, it stays so.
    is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_interruptible:
        signal.signal(signal.SIGINT, _leave_at_once)
    try:
        run = _loaded()
    finally:
        if is_interruptible:
            signal.signal(signal.SIGINT, signal.default_int_handler)
    if run is None:
        return 2
    code = run(sys.argv[1:])
    # The result is shown. A repeated signal must change neither the exit status nor the output.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code in {130, 143}:
        for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
            signal.signal(number, signal.SIG_IGN)
    return code


def _loaded() -> Callable[[Sequence[str]], int] | None:
    """Import the application, and return what runs it; ``None`` if a package is missing."""
    from importlib import util

    if not all(util.find_spec(name) for name in _NEEDED):
        from gradient_async.install_command import install_command

        sys.stderr.write(f"gpu-droplets is an extra of this package. Install it: {install_command('cli')}\n")
        return None
    from gradient_async.cli.application import application, run

    application()  # imports the verbs
    return run


def _leave_at_once(*_: object) -> None:
    """Handle Ctrl-C during imports.

    A ``KeyboardInterrupt`` in a callback of the import system is only shown, and the command runs on.
    """
    import os

    os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
