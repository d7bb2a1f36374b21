"""The benchmarks run, with whatever peers there are: a scenario over the wire, and one without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(scenario: str, *arguments: str) -> str:
    command = [sys.executable, str(BENCHMARKS / scenario), "--rounds", "2", "--seconds", "0.02", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=True).stdout


def test_fan_out_gives_a_ratio_against_bare_aiohttp(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    printed = run("fan_out.py", "--only", "ours,aiohttp", "--json", str(file))
    ratios = re.findall(r"gradient_async / bare aiohttp \+ json +[\d.]+ \([\d.]+.[\d.]+\) +≥ 0\.80", printed)
    assert len(ratios) == 2
    for table in json.loads(file.read_text()):
        assert table["ratios"][0]["median"] > 0


def test_decode_gives_a_ratio_for_each_body_without_peers() -> None:
    printed = run("decode.py", "--only", "ours,json")
    assert len(re.findall(r"gradient_async / json\.loads, no types +[\d.]+ \(", printed)) == 3


def test_functions_that_are_measured_alone_run() -> None:
    command = [sys.executable, "-m", "pytest", "-q", str(BENCHMARKS / "micro")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert ended.returncode == 0, ended.stdout


def test_table_of_the_promises_is_what_the_script_prints() -> None:
    """The page's first column, which is this SDK's, is what a run of the same faults gives."""
    page = (BENCHMARKS.parent / "docs" / "promises.md").read_text(encoding="utf-8")
    shown = page.split("<!-- promises -->\n")[1].split("<!-- end promises -->")[0].splitlines()
    command = [sys.executable, str(BENCHMARKS / "promises.py"), "--only-ours", "--faster", "20"]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=150, check=True).stdout.splitlines()
    assert len(printed) > 5
    assert [row.split("|")[:3] for row in shown] == [row.split("|")[:3] for row in printed]
