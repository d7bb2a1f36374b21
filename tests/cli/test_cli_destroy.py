"""destroy: names and prices before, the result of each Droplet after, and nothing else in between."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST, Command, Terminal
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

SPECS = [
    DropletSpec(name="small", tags=("t",)),
    DropletSpec(name="big", size="gpu-h100x8-640gb", tags=("t",)),
    DropletSpec(name="cpu", gpu=False, tags=("t",)),
    DropletSpec(name="neighbour"),
]
BIG = FIRST + 1


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    with Emulator(SPECS, limits=None, time_scale=600) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def names(emulator: Emulator) -> list[str]:
    return sorted(droplet.name for droplet in emulator.account.droplets.values())


def deletes(emulator: Emulator) -> int:
    return sum(request.method == "DELETE" for request in emulator.requests)


def test_droplets_are_destroyed_and_no_others(typed: Typed, emulator: Emulator) -> None:
    code, output, errors = typed("destroy", "small", BIG, "--yes")
    assert code == 0, errors
    assert names(emulator) == ["cpu", "neighbour"]
    head, *rows = [line.split() for line in output.splitlines()]
    assert head[:4] == ["DROPLET", "NAME", "STATUS", "$/HOUR"]
    assert [row[:4] for row in rows] == [
        [str(FIRST), "small", "destroyed", "3.39"],
        [str(BIG), "big", "destroyed", "23.92"],
    ]
    assert "destroy of 2 Droplets: 2 destroyed; $27.31 an hour less" in errors


def test_report_is_whole_when_it_is_for_programs(typed: Typed, emulator: Emulator) -> None:
    code, output, _ = typed("destroy", "--tag", "t", "--gpus-only", "--yes", "-o", "json")
    report = json.loads(output)
    assert (code, report["counts"]["destroyed"], report["stopped_hourly"]) == (0, 2, 27.31)
    assert names(emulator) == ["cpu", "neighbour"]
    code, output, _ = typed("destroy", "cpu", "--yes", "-o", "jsonl")
    assert (code, json.loads(output)["status"]) == (0, "destroyed")


def test_id_that_no_droplet_has_is_seen_and_no_failure(typed: Typed, emulator: Emulator) -> None:
    code, output, errors = typed("destroy", FIRST, 7, "--yes")
    assert code == 0, errors
    assert [line.split()[0] for line in output.splitlines()[1:]] == [str(FIRST), "7"]
    assert "not found" in output.splitlines()[2]
    assert "destroy of 2 Droplets: 1 destroyed, 1 not found; $3.39 an hour less" in errors
    assert "warning: no Droplet of this account has the id 7, or not any more\n" in errors
    assert names(emulator) == ["big", "cpu", "neighbour"]


def test_dry_run_shows_names_and_price_and_destroys_nothing(typed: Typed, emulator: Emulator) -> None:
    code, output, _ = typed("destroy", "--tag", "t", "--dry-run")
    assert code == 0
    assert "destroy 3 Droplets with the tag 't' (" in output
    assert f"  DELETE /v2/droplets/{BIG}\n" in output
    assert "  price      $27." in output
    code, output, _ = typed("destroy", "small", "--with-resources", "--dry-run", "-o", "json")
    shown = json.loads(output)
    assert shown["requests"][0]["path"] == f"/v2/droplets/{FIRST}/destroy_with_associated_resources/selective"
    assert (shown["dry_run"], shown["price_hourly"], shown["droplets"][0]["name"]) == (True, 3.39, "small")
    assert deletes(emulator) == 0


def test_dry_run_names_what_stays_and_what_it_costs(typed: Typed, emulator: Emulator) -> None:
    with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client:
        volume = client.gpu_droplets.volumes.create(name="data", region="tor1", size_gigabytes=100).volume
        attach = client.gpu_droplets.volumes.actions.initiate_by_id(volume.id, type="attach", droplet_id=FIRST)
        client.actions.wait(attach.action, poll_interval=0.02)
        address = client.reserved_ips.create(droplet_id=FIRST).reserved_ip.ip
        for action in client.reserved_ips.actions.list_all(address):
            client.reserved_ips.actions.wait(action, poll_interval=0.02)
    code, output, errors = typed("destroy", "--tag", "t", "--dry-run")
    assert code == 0, errors
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert f"stays: volume {volume.id} (data), $10.00 a month" in lines
    assert any(line.startswith("stays: reserved IP ") and address in line for line in lines), output
    _, output, _ = typed("destroy", "small", "--with", "volumes", "--dry-run", "-o", "json")
    found = {one["kind"]: one for one in json.loads(output)["resources"]}
    assert (found["volumes"]["stays"], found["volumes"]["id"]) == (False, volume.id)
    assert (found["reserved_ips"]["stays"], found["reserved_ips"]["droplet_id"]) == (True, FIRST)
    assert deletes(emulator) == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "no Droplets are given: pass ids, names"),
        ([FIRST, "--tag", "t"], "Droplets, --tag and --journal: more than one is given"),
        (["--journal", "none.journal", "--yes"], "none.journal: there is no such journal"),
        (["small", "smll"], "no Droplet has the name 'smll'"),
        (["--tag", "none", "--yes"], "no Droplet has the tag 'none'"),
        (["--tag", "t", "--confirm-count", 2, "--yes"], "--confirm-count: expected 2 Droplets, and there are 3"),
        ([FIRST, "--gpus-only", "--yes"], "--gpus-only: allowed only with --tag"),
        ([FIRST, "--timeout", "soon", "--yes"], "--timeout: expected seconds"),
        ([FIRST, "--with", "volume", "--yes"], "--with: expected some of volumes, snapshots, volume_snapshots, res"),
        (
            ["small", "big"],
            f"destroy 2 Droplets ({FIRST} small, {BIG} big): the Droplets and their disks are lost, and $27.31 an hour",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_nothing_is_destroyed_when_it_is_not_clear(
    typed: Typed, emulator: Emulator, words: list[object], expected: str
) -> None:
    code, output, errors = typed("destroy", *words)
    assert (code, output) == (2, "")
    assert expected in errors
    assert deletes(emulator) == 0


def test_exit_status_says_when_a_droplet_is_left(typed: Typed, emulator: Emulator) -> None:
    emulator.faults.add(faults.ServerError(route="DELETE /v2/droplets/{droplet_id}", rate=1.0))
    code, output, errors = typed("destroy", "small", "--yes", "--timeout", "0.5s")
    assert code == 1
    assert f"{FIRST}  small  " in output
    assert "$3.39 an hour may still be billed" in errors
    assert "small" in names(emulator)


def test_exit_status_says_when_the_token_may_not(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1, limits=None, scopes={"droplet:read", "sizes:read", "regions:read"}) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        code, output, _ = typed("destroy", FIRST, "--yes")
        assert code == 3
        assert "failed" in output
        assert len(emulator.account.droplets) == 1


@pytest.mark.usefixtures("emulator")
def test_snapshot_is_taken_before(typed: Typed) -> None:
    code, output, errors = typed("destroy", "small", "--snapshot", "--yes", "-o", "json")
    assert code == 0, errors
    (outcome,) = json.loads(output)["outcomes"]
    assert outcome["snapshot_id"] is not None
    assert "still billed: snapshot" in errors


def test_command_works_on_an_emulated_account(typed: Typed) -> None:
    code, _, errors = typed("destroy", "--tag", "any", "--emulated", 3, "--time-scale", 600, "--yes")
    assert (code, errors.splitlines()[-1]) == (0, "destroy of 3 Droplets: 3 destroyed; $10.17 an hour less")


posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of POSIX")


@posix
@pytest.mark.parametrize(("answer", "code", "left"), [("n\r", 1, 2), ("y\r", 0, 1)])
def test_question_shows_names_count_and_price(command: Command, answer: str, code: int, left: int) -> None:
    with Emulator(SPECS[:2], limits=None, time_scale=600) as emulator:
        command.on(emulator)
        terminal = Terminal(command, "destroy", "big")
        terminal.read_until("Continue? [y/N] ")
        text = " ".join(terminal.text.split())
        assert f"destroy 1 Droplet ({BIG} big): the Droplets and their disks are lost, and $23.92 an hour stops" in text
        assert deletes(emulator) == 0
        terminal.type(answer)
        assert terminal.ended() == code
        assert len(emulator.account.droplets) == left


@posix
def test_report_and_hint_are_shown_when_it_is_interrupted(command: Command) -> None:
    with Emulator(SPECS[:2], limits=None, time_scale=1, durations={"destroy": 60.0}) as emulator:
        command.on(emulator)
        process = command.started("destroy", "small", "big", "--yes", "-o", "json")
        while deletes(emulator) < 2:
            pass
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert json.loads(output)["counts"]["unknown"] == 2
    assert f"to destroy the rest: gpu-droplets destroy {FIRST} {BIG}\n".encode() in errors
    assert errors.endswith(b"interrupted: nothing more is sent\n")
