"""create: the price before, the Droplets and the price after, and never one too many."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import attrs
import pytest

from command import Command, Terminal
from gradient_async import CreationOutcome, CreationReport, Droplet
from gradient_async.cli.create_session import code_of, outcome_row
from gradient_async.emulator import PUBLIC_CATALOGUE, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

SMALL, BIG = "gpu-h100x1-80gb", "gpu-h100x8-640gb"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop\n"


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    catalogue = PUBLIC_CATALOGUE.sold_out(BIG).sold_out(SMALL, ["ams3"])
    with Emulator(0, limits=None, time_scale=600, catalogue=catalogue, gpu_limit=8) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def creates(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def test_eight_droplets_are_ready_after_one_command(command: Command) -> None:
    line = ("create", "--count", 8, "--name", "train-{n}", "--size", SMALL, "--until", "ssh", "--emulated", 0)
    shown = command(*line, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "create 8 Droplets; nothing is sent (--dry-run)" in shown.stdout
    assert "  price      $27.12 an hour" in shown.stdout
    ended = command(*line, "--time-scale", 600, "--yes")
    assert ended.returncode == 0, ended.stderr
    head, *rows = [row.split() for row in ended.stdout.splitlines()]
    assert head == ["ID", "NAME", "STATUS", "SIZE", "REGION", "ADDRESS", "$/HOUR"]
    assert len({row[0] for row in rows}) == 8
    assert {(row[2], row[3], row[6]) for row in rows} == {("delivered", SMALL, "3.39")}
    assert all(row[5].startswith("127.") for row in rows)
    assert "create: 8 of 8 Droplets for $27.12 an hour (" in ended.stderr


def test_droplets_have_what_was_asked_for(typed: Typed, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "id.pub").write_text(KEY)
    (tmp_path / "boot.sh").write_text("#!/bin/sh\n")
    words = ["--name", "a-{n}", "--size", SMALL, "--region", "tor1", "--tag", "t,u", "--ssh-key", "./id.pub"]
    code, output, errors = typed("create", *words, "--user-data", "boot.sh", "--yes", "-o", "json")
    assert code == 0, errors
    (outcome,) = json.loads(output)["outcomes"]
    droplet = emulator.account.droplets[outcome["droplet_id"]]
    assert droplet.name.startswith("a-1-")
    assert (set(droplet.tags), droplet.region) == ({"t", "u"}, "tor1")
    assert f"to destroy them: gpu-droplets destroy {droplet.id}\n" in errors
    _, output, _ = typed("keys", "list", "-o", "name")
    assert output == "you@laptop\n"


def test_ladder_is_climbed_when_there_is_no_capacity(typed: Typed, emulator: Emulator) -> None:
    words = ("create", "--size", f"{BIG},{SMALL}", "--region", "ams3", "--region", "tor1", "--yes")
    code, output, errors = typed(*words, "-o", "id")
    assert code == 0, errors
    (droplet,) = emulator.account.droplets.values()
    assert output == f"{droplet.id}\n"
    assert (droplet.size.slug, droplet.region) == (SMALL, "tor1")
    assert f"1 refused of {SMALL} in ams3" in errors


def test_nothing_is_left_when_there_are_too_few(typed: Typed, emulator: Emulator) -> None:
    words = (
        "create",
        "--count",
        9,
        "--size",
        SMALL,
        "--region",
        "tor1",
        "--deadline",
        "5s",
        "--retry-every",
        "0.1s",
        "--yes",
    )
    code, _, errors = typed(*words)
    assert code == 1
    assert "GPU limit" in errors
    assert len(emulator.account.droplets) == 0
    code, output, errors = typed(*words, "--min-count", 8, "-o", "name")
    assert code == 0, errors
    assert len(output.split()) == len(emulator.account.droplets) == 8


def test_dry_run_shows_candidates_prices_and_keys(typed: Typed, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "id.pub").write_text(KEY)
    words = ("create", "--count", 2, "--size", f"{SMALL},gpu-h200x1-141gb,{BIG}", "--dry-run")
    code, output, _ = typed(*words)
    assert code == 0
    assert f"  1. {SMALL} in tor1, $3.39 an hour each\n" in output
    assert "  price      $6.78 an hour if the first has capacity, $6.88 an hour at most\n" in output
    assert f"  not {BIG}: the API lists no region for it now: it is sold out\n" in output
    assert "  ssh keys   none: the API mails a root password\n" in output
    code, output, _ = typed(*words, "--ssh-key", "id.pub", "-o", "json")
    plan = json.loads(output)
    assert (plan["dry_run"], plan["hourly"], plan["keys_to_register"]) == (True, 6.78, ["you@laptop"])
    assert creates(emulator) == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "--size: missing; gpu-droplets sizes --gpu --creatable lists the sizes"),
        (
            ["--size", "gpu-h100"],
            "the API lists no size 'gpu-h100'. gpu-droplets sizes --gpu lists the sizes; for one by",
        ),
        (["--size", SMALL, "--contract", "gpu-x"], "--contract: expected a size and a region, such as"),
        (["--size", SMALL, "--contract", "gpu-x:tor1"], "--contract: size 'gpu-x' is not one of"),
        (["--size", SMALL, "--region", "mars1"], "the API lists no size in 'mars1'"),
        (["--size", SMALL, "--name", "a"], "--name: expected text with {n} in it once"),
        (["--size", SMALL, "--count", 0], "--count: "),
        (["--size", SMALL, "--count", 2, "--min-count", 3], "--min-count: "),
        (["--size", SMALL, "--max-hourly", 3], "a Droplet costs at least $3.39 an hour, and --max-hourly is $3.00"),
        (
            ["--size", SMALL, "--until", "shh"],
            "--until: expected active, address, ssh, cloud-init, nvidia-smi, rocm-smi",
        ),
        (["--size", SMALL, "--until", "rocm-smi", "--ssh-user=-x"], "--ssh-user: expected a user's name"),
        (["--size", SMALL, "--until", "rocm-smi", "--ssh-option=-x"], "--ssh-option: expected texts such as 'Strict"),
        (["--size", SMALL, "--deadline", "soon"], "--deadline: expected seconds"),
        (["--size", SMALL, "--ttl", "99999999999h"], "--ttl: expected at most 10 years"),
        (["--size", SMALL, "--ssh-key", "none"], "there is no SSH key with the id or the name 'none'"),
        (["--size", SMALL, "--ssh-key", "./none.pub"], "--ssh-key: none.pub: No such file"),
        (["--size", SMALL, "--user-data", "none"], "--user-data: none: No such file"),
        (["--size", SMALL, "--tag", "a b"], "--tag: expected at most 255 of the characters"),
        (["--size", SMALL, "--journal", "no/such/folder"], "--journal: no/such/folder cannot be written"),
        (["--size", SMALL, "--emulated", -1], "--emulated: expected 0 to 100,000 Droplets"),
        (["--size", SMALL], "create 1 Droplet: $3.39 an hour. Tried: gpu-h100x1-80gb in tor1, then "),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_nothing_is_created_when_it_is_not_clear(
    typed: Typed, emulator: Emulator, words: list[object], expected: str
) -> None:
    code, output, errors = typed("create", *words)
    assert (code, output) == (2, ""), errors
    assert expected in errors
    assert creates(emulator) == 0


def test_journal_is_shown_and_refused_for_another_call(typed: Typed, emulator: Emulator) -> None:
    words = ("create", "--size", SMALL, "--region", "tor1", "--journal", "c.journal", "--yes")
    assert typed(*words)[0] == 0
    code, output, _ = typed("journal", "show", "c.journal")
    assert code == 0
    assert "run       create of 1 Droplet, gpu-{n}, with the nonce " in output
    assert f"  ready  {SMALL}  tor1    3.39" in output
    _, output, _ = typed("journal", "show", "c.journal", "-o", "json")
    assert [one["state"] for one in json.loads(output)["names"]] == ["ready"]
    code, _, errors = typed(*words)
    assert code == 2
    assert "this journal's run is over" in errors
    code, _, errors = typed(*words, "--count", 2)
    assert code == 2
    assert errors.startswith("error: c.journal: this journal is not this run's: its count is 1, and not 2.")
    code, _, errors = typed("resume", "c.journal")
    assert code == 2
    assert "type the same create command again, with --journal c.journal" in errors
    code, output, _ = typed(*words, "--if-finished", "report", "-o", "id")
    assert (code, output) == (0, f"{next(iter(emulator.account.droplets))}\n")


def test_droplets_with_a_ttl_are_reaped_after_it(typed: Typed, emulator: Emulator) -> None:
    words = ("create", "--size", SMALL, "--tag", "t", "--ttl", "1s", "--journal", "c.journal", "--yes", "-o", "id")
    code, first, errors = typed(*words)
    assert code == 0, errors
    (droplet,) = emulator.account.droplets.values()
    assert {tag.partition(":")[0] for tag in droplet.tags} == {"t", "gradient-lease", "gradient-lease-until"}
    # The run in the journal has the tags that it began with.
    assert typed(*words, "--if-finished", "report")[1] == first
    while typed("reap", "--older-than", 0, "--yes")[0] != 0 or emulator.account.droplets:
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="loopback addresses beside 127.0.0.1, and a shell script")
def test_droplet_is_ready_when_its_driver_answers_over_ssh(command: Command, tmp_path: Path) -> None:
    for name, script in (
        # The last word is what the Droplet's shell reads.
        ("ssh", 'echo "$@" >> ssh.log; for word; do :; done; eval "$word"'),
        ("nvidia-smi", "test -e ready || { touch ready; exit 9; }"),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    words = ("create", "--size", SMALL, "--until", "ssh,nvidia-smi", "--ssh-user", "ubuntu", "--emulated", 0, "--yes")
    ended = command(*words, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert ended.returncode == 0, ended.stderr
    tries = [line for line in (tmp_path / "ssh.log").read_text().splitlines() if line.startswith("-T ")]
    assert len(tries) == 2
    assert " -l ubuntu 127." in tries[0]


@pytest.mark.parametrize("word", ["again", "reap"])
def test_nothing_is_doubled_or_forgotten_when_it_is_killed(command: Command, word: str) -> None:
    words = ("create", "--count", 3, "--size", SMALL, "--region", "tor1", "--journal", "c.journal", "--yes")
    with Emulator(0, limits=None, time_scale=100, durations={"create": 200.0}) as emulator:
        command.on(emulator)
        process = command.started(*words)
        while len(emulator.account.droplets) < 3:
            pass
        process.kill()
        process.communicate()
        match word:
            case "again":
                ended = command(*words, "-o", "id")
                assert ended.stdout.split() == [str(one) for one in emulator.account.droplets]
            case "reap":
                ended = command("reap", "c.journal", "--confirm-count", 3, "--yes")
        assert ended.returncode == 0, ended.stderr
        assert len(emulator.account.droplets) == (3 if word == "again" else 0)


posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of POSIX")


@posix
@pytest.mark.parametrize(("answer", "code", "count"), [("n\r", 1, 0), ("y\r", 0, 2)])
def test_question_shows_the_price(command: Command, answer: str, code: int, count: int) -> None:
    with Emulator(0, limits=None, time_scale=600) as emulator:
        command.on(emulator)
        terminal = Terminal(command, "create", "--count", 2, "--size", SMALL, "--region", "tor1")
        terminal.read_until("Continue? [y/N] ")
        assert f"create 2 Droplets: $6.78 an hour. Tried: {SMALL} in tor1." in " ".join(terminal.text.split())
        assert creates(emulator) == 0
        terminal.type(answer)
        assert terminal.ended() == code
        assert len(emulator.account.droplets) == count


@pytest.mark.usefixtures("emulator")
def test_picture_of_the_run_is_written(typed: Typed, tmp_path: Path) -> None:
    code, _, errors = typed("create", "--size", SMALL, "--yes", "--report", "create.html")
    assert code == 0, errors
    assert "the picture of the run is in create.html\n" in errors
    assert "Creates: 1 accepted" in (tmp_path / "create.html").read_text()
    assert typed("create", "--size", SMALL, "--yes", "--report", "create.png")[0] == 2


@posix
@pytest.mark.usefixtures("hangup_is_not_ignored")
@pytest.mark.parametrize(("sent", "expected"), [(signal.SIGINT, 130), (signal.SIGHUP, 143)])
def test_nothing_is_left_when_it_is_interrupted(command: Command, sent: signal.Signals, expected: int) -> None:
    words = ("create", "--count", 3, "--size", SMALL, "--yes", "--journal", "create.journal", "-o", "json")
    with Emulator(0, limits=None, time_scale=100, durations={"create": 6000.0}) as emulator:
        command.on(emulator)
        process = command.started(*words)
        while len(emulator.account.droplets) < 3:
            pass
        process.send_signal(sent)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == expected, errors.decode()
        assert not emulator.account.droplets
    assert json.loads(output)["counts"]["destroyed"] == 3
    assert b"interrupted: what was created is destroyed. Ctrl-C again leaves at once\n" in errors
    assert errors.endswith(b"interrupted: nothing more is created\n")


def test_code_is_1_when_an_answer_stays_lost() -> None:
    reason = "look again with fleet.reap(journal) or gpu_droplets.list(name='t-1-5f')"
    lost = CreationOutcome(name="t-1-5f", droplet_id=None, status="unknown", size=SMALL, region="tor1", reason=reason)
    began_at = datetime(2026, 9, 1, tzinfo=UTC)
    enough = CreationReport(
        count=1,
        min_count=1,
        droplets=(Droplet(id=7, name="t-2-5f", status="active"),),
        outcomes=(),
        began_at=began_at,
        duration=1.0,
        requests=1,
    )
    assert [code_of(one) for one in (enough, attrs.evolve(enough, outcomes=(lost,)))] == [0, 1]
    assert outcome_row(lost, {})[-1] == "look again with gpu-droplets reap JOURNAL or gpu-droplets list --name t-1-5f"


@pytest.mark.usefixtures("emulator")
def test_words_are_those_of_the_command_when_there_is_no_place(typed: Typed) -> None:
    words = ("create", "--size", SMALL, "--region", "atl1")
    code, output, _ = typed(*words, "--dry-run")
    assert (code, "  price      nothing can be created now\n" in output) == (0, True)
    code, _, errors = typed(*words, "--yes")
    assert code == 1
    assert "stopped: one round found no more capacity; pass --deadline TIME to try again until then\n" in errors
