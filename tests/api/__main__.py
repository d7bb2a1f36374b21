"""Compare the public surface with the pinned one: ``python tests/api``. To accept a change, add ``--accept``."""

from __future__ import annotations

import difflib
import sys

from public_surface import ACCEPT, PACKAGES, pinned_file, surface_of


def main(arguments: list[str]) -> int:
    """Run the command."""
    if arguments not in ([], ["--accept"]):
        print("usage: python tests/api [--accept]", file=sys.stderr)
        return 2
    is_same = True
    for package in PACKAGES:
        file = pinned_file(package)
        pinned = file.read_text(encoding="utf-8") if file.exists() else ""
        surface = surface_of(package)
        lines = difflib.unified_diff(pinned.splitlines(), surface.splitlines(), "pinned", "now", lineterm="", n=3)
        if changes := list(lines):
            is_same = False
            print(f"{package}:", *changes, sep="\n")
        if arguments:
            file.write_text(surface, encoding="utf-8")
    if is_same or arguments:
        return 0
    print(f"\nThe public surface has changed. If that is meant: {ACCEPT}, and a line in CHANGELOG.md.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
