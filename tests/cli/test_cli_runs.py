"""Whole runs of the command: exit status, output, and the state of the Droplets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from command import FIRST, SECONDS, acted, posts
from gradient_async.emulator import Behaviour, DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Command

pytestmark = pytest.mark.once

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")


def wait_until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def rows_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_reboot_writes_outcomes_to_stdout_and_all_else_to_stderr(command: Command) -> None:
    ended = command.in_own_process("reboot", FIRST, FIRST + 1, "--emulated", 3, "--output", "jsonl")
    rows = rows_in(ended.stdout)
    assert ended.returncode == 0, ended.stderr
    assert sorted(row["droplet_id"] for row in rows) == [FIRST, FIRST + 1]
    assert {row["status"] for row in rows} == {"completed"}
    assert ended.stderr.startswith("reboot of 2 Droplets in ")


def test_table_is_not_broken_into_lines_when_a_program_reads_it(command: Command) -> None:
    ended = command("reboot", FIRST, 7, "--emulated", 1)
    head, *lines = ended.stdout.splitlines()
    assert ended.returncode == 1
    assert head.split() == ["DROPLET", "STATUS", "ACTION", "TOOK", "REASON"]
    assert len(lines) == 2
    assert any("could not be found. (POST /v2/droplets/7/actions, request id " in line for line in lines)
    failure, summary = ended.stderr.splitlines()
    assert failure.startswith("failed  7  404 not_found")
    assert "1 completed, 1 failed" in summary
    assert "\x1b" not in ended.stdout + ended.stderr


def test_ids_come_from_files_and_from_what_list_writes(command: Command, tmp_path: Path) -> None:
    with Emulator([DropletSpec(tags=("t",))] * 4, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        listed = command("list", "--tag", "t", "-o", "jsonl").stdout.splitlines()
        (tmp_path / "ids.txt").write_text(f"# the last two\n{FIRST + 2}, {FIRST + 3}\n")
        ended = command.in_own_process("reboot", "@ids.txt", "-", given="\n".join(listed[:3]))
        assert ended.returncode == 0, ended.stderr
        assert acted(emulator) == dict.fromkeys(range(FIRST, FIRST + 4), 1)


def test_nothing_is_sent_when_the_token_is_refused(command: Command) -> None:
    with Emulator(2, limits=None) as emulator:
        command.on(emulator, token="dop_v1_wrong")
        ended = command("reboot", FIRST, FIRST + 1, "--debug")
        assert ended.returncode == 3
        assert ended.stdout == ""
        *_, line = ended.stderr.splitlines()
        assert line.startswith("error: 401 unauthorized: Unable to authenticate you. (GET /v2/droplets, request id ")
        assert line.endswith("--token-file, --context. It comes from DIGITALOCEAN_ACCESS_TOKEN")
        assert "Traceback" in ended.stderr
        assert "dop_v1_wrong" not in ended.stderr
        assert posts(emulator) == 0


def test_one_droplet_that_the_token_may_not_touch_is_refused(command: Command) -> None:
    with Emulator(1, limits=None, scopes={"droplet:read"}) as emulator:
        command.on(emulator)
        assert command("reboot", FIRST).returncode == 3


def test_run_begins_when_the_first_read_fails(command: Command) -> None:
    with Emulator(2, time_scale=600, limits=None, faults=[faults.ServerError(route="GET /v2/droplets")]) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, FIRST + 1)
        assert ended.returncode == 0, ended.stderr
        assert acted(emulator) == {FIRST: 1, FIRST + 1: 1}


def test_error_is_one_line_when_there_is_no_network(command: Command) -> None:
    ended = command("list", "--base-url", "http://127.0.0.1:9", DIGITALOCEAN_ACCESS_TOKEN="x")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: Cannot connect to host 127.0.0.1:9")
    assert line.endswith("Check the network, --base-url and --proxy")


@posix
def test_list_ends_quietly_when_its_reader_ends(command: Command) -> None:
    with Emulator(3000, limits=None) as emulator:
        command.on(emulator)
        process = command.started("list", "-o", "jsonl")
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == FIRST
        process.stdout.close()
        assert process.wait(SECONDS) == 0
        assert process.stderr.read() == b""
        process.stderr.close()
        assert len(emulator.requests) < 15, "it read on after its reader had ended"


@posix
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_run_continues_when_its_reader_ends(command: Command, closed: str) -> None:
    count = 6
    with Emulator(count, time_scale=100, limits=None) as emulator:
        command.on(emulator)
        ids = [FIRST - 1, *range(FIRST, FIRST + count)]
        process = command.started("reboot", *ids, "-o", "jsonl", "--max-concurrency", 3)
        assert process.stdout is not None
        assert process.stderr is not None
        streams = {"stdout": process.stdout, "stderr": process.stderr}
        streams[closed].readline()
        streams.pop(closed).close()
        (kept,) = streams.values()
        text = kept.read().decode()
        kept.close()
        assert process.wait(SECONDS) == 1
        assert acted(emulator) == dict.fromkeys(range(FIRST, FIRST + count), 1)
        assert "Broken" not in text
        assert "rror:" not in text
        # A run that takes 5 s says how far it is.
        lines = [line for line in text.splitlines() if " so far, " not in line]
        assert len(lines) == (2 if closed == "stdout" else count + 1)


@posix
@pytest.mark.parametrize(
    ("redirections", "code", "said"),
    [
        (">&-", 0, "reboot of 1 Droplet in "),
        ("2>&-", 0, ""),
        ("<&- >/dev/full", 1, "error: the result is incomplete: it could not be written: No space left on device"),
    ],
)
def test_run_continues_without_a_stream(command: Command, redirections: str, code: int, said: str) -> None:
    line = " ".join(command.line("reboot", FIRST, "--emulated", 1, "-o", "jsonl"))
    ended = subprocess.run(
        ["sh", "-c", f"{line} {redirections}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env=command.environment,
    )
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows how much a pipe holds")
def test_run_does_not_wait_for_a_slow_reader(command: Command) -> None:
    import fcntl

    with Emulator(30, time_scale=100, limits=None) as emulator:
        command.on(emulator)
        reader, writer = os.pipe()
        fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ: as much as ten outcomes
        words = ("reboot", *range(FIRST, FIRST + 30), "-o", "jsonl", "--max-concurrency", 15)
        process = command.started(*words, stdout=writer)
        os.close(writer)
        wait_until(lambda: len(acted(emulator)) == 30)
        with os.fdopen(reader) as lines:
            assert len(rows_in(lines.read())) == 30
        assert process.wait(SECONDS) == 0
        process.communicate()


def test_nothing_is_rebuilt_without_a_terminal_or_yes(command: Command) -> None:
    with Emulator(1, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        refused = command("rebuild", FIRST, "--image", "gpu-h100x1-base", given="yes\n")
        assert refused.returncode == 2
        assert "the data on the disk is lost. There is no terminal for a confirmation. Pass --yes" in refused.stderr
        assert posts(emulator) == 0
        agreed = command("rebuild", FIRST, "--image", "gpu-h100x1-base", "--yes")
        assert agreed.returncode == 0, agreed.stderr
        assert posts(emulator) == 1


def test_several_droplets_get_one_name_only_with_yes(command: Command) -> None:
    with Emulator(2, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        one = command("rename", FIRST, "--name", "trainer")
        assert (one.returncode, emulator.account.droplets[FIRST].name) == (0, "trainer")
        refused = command("rename", FIRST, FIRST + 1, "--name", "twin")
        assert (refused.returncode, emulator.account.droplets[FIRST].name) == (2, "trainer")
        assert "rename of 2 Droplets" in refused.stderr
        assert "all get this one name" in refused.stderr
        agreed = command("rename", FIRST, FIRST + 1, "--name", "twin", "--yes")
        assert agreed.returncode == 0
        assert {droplet.name for droplet in emulator.account.droplets.values()} == {"twin"}


@posix
@pytest.mark.usefixtures("hangup_is_not_ignored")
@pytest.mark.parametrize(("sent", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_run_reports_each_droplet_when_it_is_interrupted(command: Command, sent: signal.Signals, expected: int) -> None:
    with Emulator(20, time_scale=2, limits=None) as emulator:
        command.on(emulator)
        words = ("reboot", *range(FIRST, FIRST + 20), "-o", "jsonl", "--max-concurrency", 3, "--journal", "my journal")
        process = command.started(*words)
        wait_until(lambda: sum(acted(emulator).values()) == 3)
        time.sleep(0.1)  # the answers may be in the journal by then or not; both must work
        process.send_signal(sent)
        output, errors = process.communicate(timeout=SECONDS)
        statuses = Counter(row["status"] for row in rows_in(output.decode()))
        assert process.returncode == expected, errors.decode()
        assert statuses["started"] + statuses["unknown"] == 3
        assert statuses["skipped"] == 17
        assert sum(acted(emulator).values()) == 3
        assert b"interrupted: nothing more is sent. 0 of 20 Droplets completed, " in errors
        assert b", 17 not started\n" in errors
        assert errors.endswith(b"to resume: gpu-droplets resume 'my journal' --output jsonl\n")
        assert b"Traceback" not in errors


@posix
def test_killed_run_is_resumed_and_no_droplet_is_rebooted_twice(command: Command) -> None:
    count = 24
    with Emulator(count, time_scale=100, limits=None, faults=[faults.Slow(route="POST *", seconds=0.1)]) as emulator:
        command.on(emulator)
        process = command.started("reboot", *range(FIRST, FIRST + count), "--journal", "j", "--max-concurrency", 8)
        wait_until(lambda: posts(emulator) >= 12)
        process.kill()
        process.communicate()
        ended = command("resume", "j", "-o", "json", "--report", "run.svg")
        assert ended.returncode == 0, ended.stderr
        report = json.loads(ended.stdout)
        assert report["counts"]["completed"] == count
        assert acted(emulator) == dict.fromkeys(range(FIRST, FIRST + count), 1)
        assert "by an earlier run on the journal: " in ended.stderr


def test_names_stand_beside_ids_where_they_are_known(command: Command) -> None:
    droplets = [DropletSpec(name="a", tags=("t",)), DropletSpec(name="b")]
    behaviour = Behaviour(power_on_when_on="refused")
    with Emulator(droplets, time_scale=600, limits=None, behaviour=behaviour) as emulator:
        command.on(emulator)
        ended = command("reboot", "--tag", "t")
        assert [line.split()[:3] for line in ended.stdout.splitlines()] == [
            ["DROPLET", "NAME", "STATUS"],
            [str(FIRST), "a", "completed"],
        ]
        ended = command("reboot", "b", 7)
        assert [line.split()[:2] for line in ended.stdout.splitlines()[1:]] == [["7", "failed"], [str(FIRST + 1), "b"]]
        rows = json.loads(command("reboot", "b", "-o", "json").stdout)["outcomes"]
        assert [row["name"] for row in rows] == ["b"]
        (row,) = rows_in(command("reboot", "b", "-o", "jsonl").stdout)
        assert row["name"] == "b"
        ended = command("act", "power-on", "b")
        assert ended.stderr.startswith(f"failed  {FIRST + 1} (b)  422 ")


@posix
def test_interrupted_run_without_a_journal_says_how_to_wait(command: Command) -> None:
    with Emulator(2, time_scale=2, limits=None) as emulator:
        command.on(emulator)
        process = command.started("reboot", FIRST, FIRST + 1, "--base-url", emulator.base_url)
        wait_until(lambda: sum(acted(emulator).values()) == 2)
        time.sleep(0.5)  # until the answers are read
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        actions = sorted(action.id for action in emulator.account.actions.values() if action.by_request)
        assert process.returncode == 130
        assert b"0 of 2 Droplets completed, 2 actions started and still in progress\n" in errors
        *_, line = errors.decode().splitlines()
        words = line.removeprefix("to wait for the started actions: gpu-droplets ").split()
        assert sorted(map(int, words[1:3])) == actions
        ended = command(*words)
        assert ended.returncode == 0, ended.stderr


def test_only_problems_are_shown_when_that_is_wanted(command: Command) -> None:
    ended = command("reboot", FIRST, 7, "--emulated", 1, "--only-problems")
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["DROPLET", "7"]
    assert "1 completed, 1 failed" in ended.stderr
    for output in ("json", "jsonl"):
        ended = command("reboot", FIRST, 7, "--emulated", 1, "--only-problems", "--output", output)
        answer = json.loads(ended.stdout)
        assert [row["droplet_id"] for row in (answer["outcomes"] if output == "json" else [answer])] == [7]


def test_run_stops_at_its_limit_of_errors_and_says_so_once(command: Command) -> None:
    ended = command("reboot", *range(1, 9), "--emulated", 1, "--max-errors", 0, "--batch-size", 1)
    assert ended.returncode == 1
    assert ended.stdout.count("skipped") == 7
    warning, failure, summary, stopped = ended.stderr.splitlines()
    assert warning.startswith("warning: fleet run: nothing more is started")
    assert failure.startswith("failed  1  404")
    assert "0 completed, 1 failed, 7 skipped" in summary
    assert stopped == "stopped: more than 0 Droplets failed or are unknown (--max-errors)"


def test_resumed_run_has_new_limits_when_they_are_given(command: Command) -> None:
    droplets = range(FIRST, FIRST + 6)
    with Emulator(6, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        stopped = command("reboot", 1, *droplets, "--journal", "j", "--max-errors", 0, "--batch-size", 1)
        assert stopped.returncode == 1
        assert acted(emulator) == {}
        still = command("resume", "j")
        assert (still.returncode, acted(emulator)) == (1, {})
        ended = command("resume", "j", "-o", "json", "--max-errors", "50%", "--batch-size", 4, "--timeout", "60s")
        rows = {row["droplet_id"]: row for row in json.loads(ended.stdout)["outcomes"]}
        assert {row["status"] for one, row in rows.items() if one != 1} == {"completed"}
        assert (rows[1]["status"], rows[1]["error"]) == ("failed", "NotFoundError")
        assert max(row["batch"] for row in rows.values()) == 2
        assert acted(emulator) == dict.fromkeys(droplets, 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--max-errors", "many"), "--max-errors"),
        (("--max-concurrency", "0"), "--max-concurrency"),
        (("--batch-size", "0"), "--batch-size"),
        (("--timeout", "soon"), "--timeout"),
        (("--action-timeout", "0"), "--action-timeout"),
        (("--on-busy", "shout"), "--on-busy"),
        (("--max-errors", "9" * 5000), "--max-errors"),
    ],
)
def test_nothing_is_sent_when_a_resumed_run_gets_a_bad_limit(
    command: Command, given: tuple[str, str], said: str
) -> None:
    with Emulator(2, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        assert command("reboot", FIRST, "--journal", "j").returncode == 0
        sent = len(emulator.requests)
        ended = command("resume", "j", *given)
        assert (ended.returncode, len(emulator.requests)) == (2, sent)
        assert said in ended.stderr


def test_nothing_is_sent_when_a_limit_does_not_fit_a_tag_run(command: Command) -> None:
    specs = [DropletSpec(tags=("training",)) for _ in range(3)]
    with Emulator(specs, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        began = command("act", "power-off", "--tag", "training", "--by-tag", "--journal", "j", "--yes")
        assert began.returncode == 0, began.stderr
        sent = len(emulator.requests)
        ended = command("resume", "j", "--max-errors", "50%", "--yes")
        assert (ended.returncode, len(emulator.requests)) == (2, sent)
        assert ended.stderr.startswith("error: --max-errors: cannot hold beside --by-tag")


def test_picture_is_written_for_browsers(command: Command, tmp_path: Path) -> None:
    ended = command("reboot", FIRST, "--emulated", 1, "--report", "run.html")
    page = (tmp_path / "run.html").read_text()
    assert ended.returncode == 0, ended.stderr
    assert page.startswith("<!doctype html>")
    assert 'class="fleet-timeline"' in page
    assert "reboot of 1 Droplet in " in page
    assert "the picture of the run is in run.html" in ended.stderr


def test_run_exits_1_when_its_picture_cannot_be_written(command: Command, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with Emulator(1, time_scale=100, limits=None, faults=[faults.Slow(route="POST *", seconds=0.5)]) as emulator:
        command.on(emulator)
        process = command.started("reboot", FIRST, "--report", "folder/run.html", "-o", "json")
        wait_until(lambda: posts(emulator))
        (tmp_path / "folder").rmdir()
        output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert json.loads(output)["counts"]["completed"] == 1
    assert b"1 completed" in errors
    assert b"error: --report: folder/run.html cannot be written: No such file or directory" in errors


@posix
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("no/run.svg", "no/run.svg cannot be written: there is no folder no"),
        ("folder.svg", "folder.svg cannot be written: it is not a regular file"),
        ("pipe.svg", "pipe.svg cannot be written: it is not a regular file"),
        ("x" * 300 + ".svg", "cannot be written: File name too long"),
        ("run.png", "expected a file that ends in .html or .svg, got 'run.png'"),
    ],
)
def test_nothing_is_sent_when_the_picture_could_not_be_written(
    command: Command, tmp_path: Path, path: str, said: str
) -> None:
    (tmp_path / "folder.svg").mkdir()
    os.mkfifo(tmp_path / "pipe.svg")
    with Emulator(1, limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, "--report", path)
        assert (ended.returncode, len(emulator.requests)) == (2, 0)
        assert ended.stderr.startswith("error: --report: ")
        assert said in ended.stderr


def test_check_of_the_picture_leaves_files_as_they_are(tmp_path: Path) -> None:
    from gradient_async.cli import picture

    picture.check_path(tmp_path / "new.svg")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old.svg").write_text("old")
    picture.check_path(tmp_path / "old.svg")
    assert (tmp_path / "old.svg").read_text() == "old"


@posix
def test_emulator_is_served_until_it_is_interrupted(command: Command) -> None:
    process = command.started("emulate", "--droplets", 2, "--port", 0, "--tag", "a", "--tag", "b")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"2 GPU Droplets at http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, b""), output


@posix
def test_completion_is_a_script_that_the_shell_reads(command: Command) -> None:
    ended = command("completion", "bash")
    assert ended.returncode == 0, ended.stderr
    assert "power-off" in ended.stdout
    assert "--max-errors" in ended.stdout
    subprocess.run(["bash", "-n"], input=ended.stdout, text=True, check=True)


def test_exit_status_is_2_when_the_journal_is_finished(command: Command) -> None:
    with Emulator(2, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        assert command("power-cycle", FIRST, FIRST + 1, "--journal", "j", "--yes").returncode == 0
        sent = len(emulator.requests)
        for words in (
            ("power-cycle", FIRST, FIRST + 1, "--journal", "j"),
            ("power-cycle", FIRST, FIRST + 1, "--journal", "j", "--dry-run"),
            ("resume", "j"),
        ):
            ended = command(*words)
            assert (ended.returncode, ended.stdout) == (2, "")
            assert "j: this journal's run is finished: it ended " in ended.stderr
            assert " UTC with 2 completed" in ended.stderr
            assert "--if-finished report" in ended.stderr
        assert len(emulator.requests) == sent
        ended = command("resume", "j", "--if-finished", "report", "--yes", "-o", "json")
        assert (ended.returncode, json.loads(ended.stdout)["counts"]["completed"]) == (0, 2), ended.stderr
        assert posts(emulator) == 2


def test_resume_is_not_offered_when_nothing_is_left_to_do(command: Command) -> None:
    with Emulator(2, time_scale=600, limits=None, faults=[faults.ErroredAction(times=1)]) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, FIRST + 1, "--journal", "j")
        assert ended.returncode == 1
        assert "gpu-droplets resume" not in ended.stderr
        assert "this journal's run is finished" in command("resume", "j").stderr


def test_texts_are_said_once_and_as_they_are_typed(command: Command) -> None:
    with Emulator(1, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", 7, 8, "--batch-size", 1)
        assert "\nstopped: the only Droplet of batch 1 failed or is unknown; pass --max-errors" in ended.stderr
        assert command("reboot", FIRST, "--journal", "j").returncode == 0
        ended = command("reboot", FIRST, "--journal", "j", "--if-finished", "report")
        assert ended.stderr.count("nothing is left to do") == 1
        ended = command("reboot", "\x1b[31m")
        assert ended.stderr.startswith(r"error: '\x1b[31m' is neither")
