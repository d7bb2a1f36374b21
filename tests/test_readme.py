"""The README's code is run, against an emulated account, as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from code_blocks import blocks_of, run
from packaging.requirements import Requirement

from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
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


def test_async_example_reboots_and_waits_when_run_as_a_script(account: Emulator, tmp_path: Path) -> None:
    script = tmp_path / "reboot.py"
    script.write_text(BLOCKS[0].source, encoding="utf-8")
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=150, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "completed\n", "")
    assert reboots(account) == [3164444]
    assert all(action.status == "completed" for action in account.account.actions_of(3164444))


@pytest.mark.parametrize("number", range(4))
def test_example_is_a_script_as_it_stands(number: int) -> None:
    compile(BLOCKS[number].source, BLOCKS[number].place, "exec")  # no await outside a function


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


def test_command_that_gets_gpus_works_on_an_emulated_account(capsys: pytest.CaptureFixture[str]) -> None:
    from gradient_async.cli.application import run as run_words

    (line,) = re.findall(r"^gpu-droplets (create .*)$", TEXT, re.MULTILINE)
    # Without loopback addresses of its own for each Droplet, SSH cannot answer.
    words = line.replace("ssh", "address") if sys.platform == "darwin" else line
    assert run_words([*words.split(), "--emulated", "0", "--time-scale", "600", "--yes"]) == 0
    assert "create: 8 of 8 Droplets for $27.12 an hour" in capsys.readouterr().err


def test_emulator_example_holds() -> None:
    run(BLOCKS[3])


@pytest.mark.parametrize("name", ["run", "test"])
def test_readme_has_the_commands_that_ci_runs(name: str) -> None:
    block = re.search(rf"<!-- {name} -->\n```console\n(.+)\n```\n<!-- end -->", TEXT)
    assert block is not None
    assert "\n" not in block[1]


def test_install_lines_name_the_package_and_its_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "gradient-async"
    lines = re.findall(r"^pip install '(.+)'$", TEXT, re.MULTILINE)
    assert lines
    for line in lines:
        requirement = Requirement(line)
        assert requirement.name == project["name"]
        assert requirement.url is not None
        assert requirement.url.startswith("git+https://HOST/OWNER/")  # a placeholder that cannot be taken for a host
    for extras in re.findall(r"\[([a-z,]+)\](?: @|')", TEXT):
        assert set(extras.split(",")) <= set(project["optional-dependencies"])
    for extra in project["optional-dependencies"]:
        assert f"`{extra}`" in TEXT


def test_install_and_demo_come_before_what_is_for_maintainers() -> None:
    places = [TEXT.index(part) for part in ("pip install /path", "<!-- run -->", "```python", "<!-- test -->")]
    assert places == sorted(places)
    assert TEXT.index("## Work on it") < places[-1]


def test_readme_names_every_promise_and_what_was_not_tried() -> None:
    promises = TEXT.split("## What is promised")[1].split("\n## ")[0]
    assert re.findall(r"^\| (P\d+) \|", promises, re.MULTILINE) == [f"P{number}" for number in range(1, 12)]
    assert "Not tried against the real API" in promises


def test_links_of_the_readme_lead_to_files() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT) if "://" not in link]
    assert len(links) > 10
    for link in links:
        assert (ROOT / link).is_file(), link
