"""The README's code is run, against an emulated account, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from code_blocks import blocks_of, run

from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parent.parent / "README.md"
BLOCKS = [block for block in blocks_of(README) if block.language == "python"]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator([DropletSpec(tags=["training"])] * 3, time_scale=600.0) as emulator:
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        yield emulator


def reboots(account: Emulator) -> list[int]:
    return [
        droplet_id
        for droplet_id in account.account.droplets
        for action in account.account.actions_of(droplet_id)
        if action.type == "reboot"
    ]


def test_every_block_of_the_readme_has_a_test() -> None:
    assert len(BLOCKS) == 4


def test_async_example_reboots_and_waits(account: Emulator) -> None:
    action = run(BLOCKS[0])["action"]
    assert action.is_completed  # type: ignore[attr-defined]  # an Action, out of the block's namespace
    assert reboots(account) == [3164444]


def test_sync_example_reboots(account: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    client = run(BLOCKS[1])["client"]
    client.close()  # type: ignore[attr-defined]  # a GradientAI, out of the block's namespace
    assert "type='reboot'" in capsys.readouterr().out
    assert reboots(account) == [3164444]


def test_fleet_example_reboots_each_once(
    account: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    run(BLOCKS[2])
    assert "3 completed" in capsys.readouterr().out
    assert sorted(reboots(account)) == [3164444, 3164445, 3164446]


def test_emulator_example_holds() -> None:
    run(BLOCKS[3])


@pytest.mark.parametrize("name", ["run", "test"])
def test_readme_has_the_commands_that_ci_runs(name: str) -> None:
    block = re.search(rf"<!-- {name} -->\n```console\n(.+)\n```\n<!-- end -->", README.read_text(encoding="utf-8"))
    assert block is not None
    assert "\n" not in block[1]
