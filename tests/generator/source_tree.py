"""A copy of both packages, for tests that change them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
SINGLE_FILES = (
    "docs/api/async.md",
    "docs/api/models.md",
    "docs/api/sync.md",
    "tests/typing/resources_async.py",
    "tests/typing/resources_sync.py",
)
COMMAND = "python gradient_sync/_generate.py"


@frozen(kw_only=True)
class Ending:
    exit_code: int
    output: str
    errors: str


@frozen(kw_only=True)
class Tree:
    """A copy of both packages. Tests change it and generate it again."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file in one place. Fail if the place does not exist."""
        text = self.read(name)
        assert text.count(old) >= 1, f"{name} has no {old!r}"
        self.write(name, text.replace(old, new, 1))

    def generate(self, *arguments: str, python: str = sys.executable) -> Ending:
        ended = subprocess.run(
            [python, "-W", "error", "gradient_sync/_generate.py", *arguments],
            cwd=self.root,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return Ending(exit_code=ended.returncode, output=ended.stdout, errors=ended.stderr)

    def files(self) -> dict[str, bytes]:
        """Return every file of both packages, and the generated files outside them."""
        inside = {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for package in ("gradient_async", "gradient_sync")
            for path in sorted((self.root / package).rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
        return inside | {name: self.path(name).read_bytes() for name in SINGLE_FILES if self.path(name).exists()}

    def generated(self) -> list[str]:
        """Return the files with the generator's mark in their first line."""
        return [name for name, text in self.files().items() if text.startswith(b"# Generated from ")]
