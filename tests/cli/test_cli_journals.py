"""``journal show`` and ``resume --dry-run``: they show the facts, and send nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from command import FIRST, posts
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from command import Command

pytestmark = pytest.mark.once


@pytest.fixture
def interrupted(command: Command) -> Iterator[Emulator]:
    """An account on which a run stopped at its first error, with its journal in ``j``."""
    with Emulator(3, time_scale=600, limits=None, faults=[faults.ErroredAction(times=1, skip=1)]) as emulator:
        command.on(emulator)
        words = ("--max-concurrency", 1, "--max-errors", 0, "--journal", "j", "--key-ttl", "1000h")
        assert command("reboot", FIRST, FIRST + 1, FIRST + 2, *words).returncode == 1
        yield emulator


def test_journal_is_shown_when_its_run_was_interrupted(command: Command, interrupted: Emulator) -> None:
    sent = len(interrupted.requests)
    ended = command("journal", "show", "j")
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[:2] == ["journal   j", "run       reboot of 3 Droplets"]
    assert lines[2].endswith("Z")
    assert "finished  no" in lines
    assert "droplets  1 completed, 1 failed, 1 not begun" in lines
    assert lines[6] == (
        "options   --on-busy wait, --max-concurrency 1, --max-errors 0, --health-timeout 30s, --health-retries 3, "
        "--health-interval 5s, --key-ttl 3600000s"
    )
    assert [line.split()[0] for line in lines[-3:]] == [str(FIRST), str(FIRST + 1), str(FIRST + 2)]
    assert [" ".join(line.split()[1:3]) for line in lines[-3:]] == ["reboot ended", "reboot ended", "not begun"]
    assert len(interrupted.requests) == sent


def test_journal_is_read_by_programs_when_it_is_json(command: Command, interrupted: Emulator) -> None:
    whole = json.loads(command("journal", "show", "j", "-o", "json").stdout)
    lines = [json.loads(line) for line in command("journal", "show", "j", "-o", "jsonl").stdout.splitlines()]
    assert whole["droplets"] == lines
    assert whole["is_finished"] is False
    assert [line["outcome"] for line in lines] == ["completed", "failed", None]
    assert {line["action_id"] for line in lines[:2]} <= set(interrupted.account.actions)


def test_nothing_is_sent_when_a_resumed_run_is_rehearsed(command: Command, interrupted: Emulator) -> None:
    sent = len(interrupted.requests)
    ended = command("resume", "j", "--dry-run")
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "1 of 3 left to do; nothing is sent (--dry-run)"
    assert lines[-1].split() == [str(FIRST + 2), "not", "begun", "send", "reboot"]
    rehearsed = json.loads(command("resume", "j", "--dry-run", "-o", "json").stdout)
    assert [one["droplet_id"] for one in rehearsed["droplets"]] == [FIRST + 2]
    assert len(interrupted.requests) == sent
    assert command("resume", "j").returncode == 1
    assert posts(interrupted) == 3
    ended = command("resume", "j", "--dry-run")
    assert (ended.returncode, ended.stdout) == (2, "")
    ended = command("resume", "j", "--dry-run", "--if-finished", "report")
    assert ended.stdout.splitlines()[0] == "0 of 3 left to do; nothing is sent (--dry-run)"


def test_no_token_is_needed_when_a_journal_is_only_read(command: Command, interrupted: Emulator) -> None:
    del interrupted
    for words in (("journal", "show", "j"), ("resume", "j", "--dry-run")):
        ended = command(*words, DIGITALOCEAN_ACCESS_TOKEN="")
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no journal"), (b"", "there is no journal"), (b"milk\n", "does not begin like the journal")],
)
def test_exit_status_is_2_when_there_is_no_journal_to_show(command: Command, content: bytes | None, said: str) -> None:
    if content is not None:
        (Path(command.folder) / "j").write_bytes(content)
    ended = command("journal", "show", "j")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


@pytest.mark.parametrize("targets", [("--tag", "t"), (FIRST, FIRST + 1, FIRST + 2)], ids=str)
def test_names_stand_beside_ids_when_a_run_is_resumed(command: Command, targets: tuple[object, ...]) -> None:
    specs = [DropletSpec(name=name, tags=("t",)) for name in "abc"]
    with Emulator(specs, time_scale=600, limits=None, faults=[faults.ErroredAction(times=1)]) as emulator:
        command.on(emulator)
        words = ("--max-concurrency", 1, "--max-errors", 0, "--journal", "j")
        assert command("reboot", *targets, *words).returncode == 1
        sent = len(emulator.requests)
        ended = command("resume", "j", "--max-errors", "100%", "-o", "jsonl")
        rows = [json.loads(line) for line in ended.stdout.splitlines()]
        assert sorted((row["droplet_id"], row["name"]) for row in rows) == [
            (FIRST, "a"),
            (FIRST + 1, "b"),
            (FIRST + 2, "c"),
        ]
        lists = [one for one in emulator.requests[sent:] if one.path == "/v2/droplets"]
        assert len(lists) == 1, "the names take no more than the check of the token"
