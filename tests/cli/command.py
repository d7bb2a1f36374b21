"""Runs ``gpu-droplets`` as an operator's shell would: a process of its own, with real pipes or a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 30.0
FIRST = 3164444


class Command:
    """The command.

    Args:
        folder: Where it runs, and where its user's files are.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        self.environment: dict[str, str] = {**kept, "HOME": folder, "COLUMNS": "80", "PYTHONWARNINGS": "error"}

    def __call__(
        self, *words: object, given: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end, without a terminal."""
        return subprocess.run(
            self.line(*words),
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            start_new_session=True,
        )

    def line(self, *words: object) -> list[str]:
        """What is executed."""
        return [sys.executable, "-X", "dev", "-m", "gradient_async.cli", *map(str, words)]
