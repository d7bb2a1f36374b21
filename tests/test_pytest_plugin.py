"""The fixtures that the package brings, in a user's test suite."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

THEIR_TESTS = """
import pytest
from gradient_async import AsyncGradientAI
from gradient_async.emulator import Emulator
from gradient_sync import GradientAI


def test_sync(gradient_client: GradientAI, gradient_emulator: Emulator) -> None:
    response = gradient_client.gpu_droplets.actions.initiate(3164444, type="reboot")
    assert gradient_client.gpu_droplets.actions.wait(response.action, poll_interval=0.05).is_completed
    assert len(gradient_emulator.account.actions_of(3164444, "reboot")) == 1


@pytest.mark.gradient_emulator(droplets=5, time_scale=6000)
async def test_async(async_gradient_client: AsyncGradientAI) -> None:
    assert len([droplet async for droplet in async_gradient_client.gpu_droplets.list_all()]) == 5


@pytest.mark.gradient_emulator(5)
def test_mark_with_a_positional_argument(gradient_emulator: Emulator) -> None:
    raise AssertionError("not reached")
"""


def test_fixtures_serve_both_flavours_in_another_suite(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(THEIR_TESTS)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    command = [sys.executable, "-X", "dev", "-m", "pytest", "-q", "--strict-markers"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    assert "2 passed, 1 error" in ended.stdout, ended.stdout + ended.stderr
    assert "takes keyword arguments only, got (5,)" in ended.stdout


def test_fixtures_are_listed_with_what_they_are_when_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--fixtures", "-q"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    for name in ("gradient_emulator", "async_gradient_client", "gradient_client"):
        assert name in ended.stdout
