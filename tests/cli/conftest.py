from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from command import Command, kept_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with its own environment."""
    return Command(str(tmp_path))


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """The command in this process: returns exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    for name in (
        "DIGITALOCEAN_ACCESS_TOKEN",
        "DIGITALOCEAN_TOKEN",
        "GRADIENT_BASE_URL",
        "DIGITALOCEAN_CONTEXT",
        "XDG_CONFIG_HOME",
        "NO_COLOR",
    ):
        monkeypatch.delenv(name, raising=False)

    def run(*words: object) -> tuple[int, str, str]:
        from gradient_async.cli.application import run

        with monkeypatch.context() as streams, kept_log():
            streams.setattr(sys, "stdout", sys.stdout)
            streams.setattr(sys, "stderr", sys.stderr)
            code = run([str(word) for word in words])
        return code, *capsys.readouterr()

    return run
