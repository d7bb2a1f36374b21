"""The entry point of ``gpu-droplets``; also ``python -m gradient_async.cli``."""

from __future__ import annotations

# Everything else is imported where an interrupt is handled: Ctrl-C may come at once.
import sys

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
    from importlib import util

    if not all(util.find_spec(name) for name in _NEEDED):
        from gradient_async.install_command import install_command

        sys.stderr.write(f"gpu-droplets is an extra of this package. Install it: {install_command('cli')}\n")
        return 2
    from gradient_async.cli.application import run

    code = run(sys.argv[1:])
    # The result is shown. A repeated signal must change neither the exit status nor the output.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code in {130, 143}:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return code


if __name__ == "__main__":
    sys.exit(main())
