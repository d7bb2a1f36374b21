"""The entry point of ``gpu-droplets``; also ``python -m gradient_async.cli``."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

from gradient_async.cli.install_command import install_command

_NEEDED: Final = ("cyclopts", "rich", "yaml")


def main() -> int:
    """Run the command line of this process, and return its exit status."""
    if not all(find_spec(name) for name in _NEEDED):
        sys.stderr.write(f"gpu-droplets is an extra of this package. Install it: {install_command('cli')}\n")
        return 2
    try:
        from gradient_async.cli.application import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # before the application handles interrupts, or a second one while it does
        return 130


if __name__ == "__main__":
    sys.exit(main())
