"""Whole runs of the command: exit status, and what is written where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from command import FIRST

if TYPE_CHECKING:
    from command import Command


def test_reboot_writes_outcomes_to_stdout_and_all_else_to_stderr(command: Command) -> None:
    ended = command("reboot", FIRST, FIRST + 1, "--emulated", 3, "--output", "jsonl")
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0, ended.stderr
    assert {row["droplet_id"] for row in rows} == {FIRST, FIRST + 1}
    assert {row["status"] for row in rows} == {"completed"}
    assert ended.stderr.startswith("reboot of 2 Droplets in ")
